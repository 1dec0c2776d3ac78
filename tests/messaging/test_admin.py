"""Staff's pages for senders and messages."""

import pytest
from django.contrib.auth.models import Permission, User
from django.core import mail
from django.urls import reverse

from messaging import dispatch
from messaging.errors import InDoubt, PermanentFailure
from messaging.models import Message, Sender
from tests.messaging.carriers import Scripted, fails_with

SMTP = {
    "name": "Shop",
    "from_name": "Café Aurora",
    "from_address": "hello@aurora.example",
    "is_active": "on",
    "host": "mail.aurora.example",
    "port": "587",
    "security": "starttls",
    "username": "aurora",
    "password": "correct horse battery staple",
}
ADD_SMTP = "/admin/messaging/sender/add/?carrier=smtp"


def change_page(row: Sender | Message) -> str:
    return reverse(f"admin:messaging_{row._meta.model_name}_change", args=[row.pk])


def may(*names: str) -> User:
    user = User.objects.create_user("staff", email="staff@aurora.example", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=names))
    return user


@pytest.fixture
def shop(admin_client) -> Sender:
    admin_client.post(ADD_SMTP, SMTP)
    return Sender.objects.get(name="Shop")


@pytest.fixture(autouse=True)
def _staff_can_be_written_to(admin_user) -> None:
    User.objects.filter(pk=admin_user.pk).update(email="boss@aurora.example")


# --- Senders --------------------------------------------------------------------------------------


def test_a_carrier_is_chosen_first(admin_client):
    page = admin_client.get("/admin/messaging/sender/add/")

    assert "?carrier=smtp" in page.text
    assert "?carrier=outbox" in page.text


def test_an_unknown_carrier_is_chosen_again(admin_client):
    assert "?carrier=smtp" in admin_client.get("/admin/messaging/sender/add/?carrier=pigeon").text


def test_the_form_asks_what_the_carrier_needs(admin_client):
    page = admin_client.get(ADD_SMTP).text

    for name in ("host", "port", "security", "username", "password"):
        assert f'name="{name}"' in page


def test_a_sender_is_stored_with_its_settings(shop):
    assert (shop.provider, shop.channel) == ("smtp", "email")
    assert shop.settings["host"] == "mail.aurora.example"
    assert shop.settings["port"] == 587
    assert shop.settings["password"] == SMTP["password"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"host": ""},
        {"port": "0"},
        {"security": "rot13"},
        {"from_address": "nobody"},
        {"from_address": "a@b.example\r\nBcc: c@d.example"},
        {"from_name": "Aurora\u2028x"},
        {"name": ""},
    ],
)
def test_a_sender_with_wrong_settings_is_not_stored(admin_client, wrong):
    page = admin_client.post(ADD_SMTP, SMTP | wrong)

    assert page.status_code == 200
    assert "errorlist" in page.text
    assert not Sender.objects.exists()


def test_a_secret_is_never_shown_again(admin_client, shop):
    page = admin_client.get(change_page(shop)).text

    assert SMTP["password"] not in page
    assert "Set, ends …aple" in page


def test_a_short_secret_shows_nothing_of_itself(admin_client, shop):
    admin_client.post(change_page(shop), SMTP | {"password": "short"})

    assert "Set, ends …." in admin_client.get(change_page(shop)).text


def test_an_empty_secret_keeps_what_is_set(admin_client, shop):
    admin_client.post(change_page(shop), SMTP | {"password": "", "host": "new.example"})

    shop.refresh_from_db()
    assert shop.settings["password"] == SMTP["password"]
    assert shop.settings["host"] == "new.example"


def test_only_one_sender_is_the_default(admin_client, shop):
    admin_client.post(change_page(shop), SMTP | {"is_default": "on"})

    page = admin_client.post(ADD_SMTP, SMTP | {"name": "Second", "is_default": "on"})

    assert "already used where none is chosen" in page.text
    assert [sender.name for sender in Sender.objects.all()] == ["Shop"]


def test_a_sender_whose_carrier_is_gone_can_be_looked_at(admin_client, shop):
    Sender.objects.filter(pk=shop.pk).update(provider="pigeon")

    page = admin_client.get(change_page(shop))

    assert page.status_code == 200
    assert 'name="_save"' not in page.text


def test_staff_send_a_test_to_themselves(admin_client, scripted):
    page = admin_client.post(f"/admin/messaging/sender/{scripted.pk}/test/", follow=True)

    assert "taken a test to boss@aurora.example" in page.text
    assert len(Scripted.sent) == 1
    assert Message.objects.count() == 0


def test_a_test_that_fails_says_why(admin_client, scripted):
    Scripted.script.append(fails_with(PermanentFailure("The password is wrong.")))

    page = admin_client.post(f"/admin/messaging/sender/{scripted.pk}/test/", follow=True)

    assert "The password is wrong." in page.text


def test_a_test_needs_an_address_to_go_to(admin_client, admin_user, scripted):
    User.objects.filter(pk=admin_user.pk).update(email="")

    page = admin_client.post(f"/admin/messaging/sender/{scripted.pk}/test/", follow=True)

    assert "no email address" in page.text
    assert Scripted.sent == []


def test_who_may_only_look_cannot_send_a_test(client, scripted):
    client.force_login(may("view_sender"))

    assert client.get(change_page(scripted)).status_code == 200
    assert client.post(f"/admin/messaging/sender/{scripted.pk}/test/").status_code == 403
    assert client.get(f"/admin/messaging/sender/{scripted.pk}/test/").status_code == 405
    assert Scripted.sent == []


# --- Messages -------------------------------------------------------------------------------------


@pytest.fixture
def in_doubt(alice, scripted, say, now) -> Message:
    message: Message = say(alice, sender=scripted)
    Scripted.script.append(fails_with(InDoubt("The line went dead.")))
    dispatch.drain(0, now=now)
    message.refresh_from_db()
    return message


def act(client, action: str, *messages: Message):
    return client.post(
        "/admin/messaging/message/",
        {"action": action, "_selected_action": [message.pk for message in messages]},
        follow=True,
    )


def test_the_list_says_what_became_of_each(admin_client, alice, sender, in_doubt, say, now):
    say(alice, key="journey:2:1", subject="Thanks")
    dispatch.drain(0, now=now)

    page = admin_client.get("/admin/messaging/message/").text
    doubtful = admin_client.get("/admin/messaging/message/?state=unknown").text

    assert "Thanks" in page
    assert "The line went dead." in page
    assert "Thanks" not in doubtful


def test_a_message_shows_its_mail_in_a_frame_and_its_state_in_words(admin_client, in_doubt):
    page = admin_client.get(change_page(in_doubt)).text
    preview = admin_client.get(f"/admin/messaging/message/{in_doubt.pk}/preview/")

    assert "It may or may not have arrived." in page
    assert f'src="/admin/messaging/message/{in_doubt.pk}/preview/"' in page
    assert preview.text == in_doubt.html
    assert "default-src 'none'" in preview["Content-Security-Policy"]
    assert preview["X-Frame-Options"] == "SAMEORIGIN"


def test_a_message_that_was_not_written_yet_has_no_mail(admin_client, alice, say):
    message = say(alice)

    assert "at the moment it is sent" in admin_client.get(change_page(message)).text
    preview = admin_client.get(f"/admin/messaging/message/{message.pk}/preview/")
    assert preview.status_code == 404


def test_staff_settle_what_is_in_doubt(admin_client, in_doubt):
    page = act(admin_client, "mark_sent", in_doubt)

    assert "1 message is marked as sent." in page.text
    in_doubt.refresh_from_db()
    assert in_doubt.state == "sent"


@pytest.mark.parametrize(("action", "state"), [("send_again", "unknown"), ("retry", "failed")])
def test_staff_queue_a_message_again(admin_client, in_doubt, action, state):
    Message.objects.update(state=state)

    page = act(admin_client, action, in_doubt)

    assert "1 message is queued again." in page.text
    in_doubt.refresh_from_db()
    assert in_doubt.state == "queued"


def test_a_message_is_never_edited_added_or_deleted(admin_client, in_doubt):
    page = change_page(in_doubt)

    assert admin_client.post(page, {"subject": "Other"}).status_code == 403
    assert admin_client.get("/admin/messaging/message/add/").status_code == 403
    assert admin_client.post(page.replace("change", "delete"), {"post": "yes"}).status_code == 403
    assert Message.objects.get().subject == in_doubt.subject


def test_who_may_only_look_settles_nothing(client, in_doubt):
    client.force_login(may("view_message"))

    assert "send_again" not in client.get(change_page(in_doubt)).text
    act(client, "send_again", in_doubt)

    in_doubt.refresh_from_db()
    assert in_doubt.state == "unknown"


def test_who_may_not_look_sees_no_mail(client, in_doubt):
    client.force_login(may("view_customer"))

    assert client.get(f"/admin/messaging/message/{in_doubt.pk}/preview/").status_code == 403
    assert client.get("/admin/messaging/message/").status_code == 403


def test_nothing_left_through_djangos_own_mail(in_doubt):
    assert mail.outbox == []
