"""`/outbox/`: the demo's mail, for people and for programs."""

import pytest

from messaging import dispatch

BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _debug(settings):
    settings.DEBUG = True


@pytest.fixture
def two_mails(alice, sender, say, now, business):
    first = say(alice, key="journey:1:1", subject="First")
    dispatch.drain(0, now=now)
    second = say(
        alice, key="journey:2:1", subject="Second", body="Hi <b>{{ customer.first_name }}</b>"
    )
    dispatch.drain(0, now=now.replace(hour=11))
    return first, second


def test_an_empty_outbox_says_so_in_plain_words(client):
    page = client.get("/outbox/", headers=BROWSER)

    assert page.status_code == 200
    assert "No mail yet" in page.text
    assert client.get("/outbox/?format=json").json() == {"results": []}


@pytest.mark.parametrize(
    ("query", "accept"),
    [("", "application/json"), ("", "*/*"), ("?format=json", BROWSER["Accept"])],
)
def test_programs_get_json_newest_first(client, two_mails, query, accept):
    answer = client.get(f"/outbox/{query}", headers={"Accept": accept})

    results = answer.json()["results"]
    assert [mail["subject"] for mail in results] == ["Second", "First"]
    assert set(results[0]) == {"to", "channel", "subject", "text", "html", "at"}
    assert (results[0]["to"], results[0]["channel"]) == ("alice@example.com", "email")
    assert results[0]["at"] == "2026-03-03T11:00:00Z"


def test_a_browser_gets_a_page_with_the_newest_mail_open(client, two_mails):
    first, second = two_mails

    page = client.get("/outbox/", headers=BROWSER)

    assert page["Content-Type"].startswith("text/html")
    assert f'src="/outbox/{second.pk}/"' in page.text
    assert f"mail={first.pk}" in page.text
    assert "<b>Alice" not in page.text


def test_a_chosen_mail_is_shown(client, two_mails):
    first, _second = two_mails

    page = client.get(f"/outbox/?mail={first.pk}", headers=BROWSER)

    assert f'src="/outbox/{first.pk}/"' in page.text


@pytest.mark.parametrize("address", ["/outbox/?mail=999999", "/outbox/999999/"])
def test_a_mail_that_is_not_there_is_not_found(client, address):
    assert client.get(address, headers=BROWSER).status_code == 404


@pytest.mark.parametrize("query", ["?mail=x", "?page=x", "?page=-1", "?mail=" + "9" * 40])
def test_nonsense_is_no_error(client, two_mails, query):
    assert client.get(f"/outbox/{query}", headers=BROWSER).status_code in {200, 404}


def test_the_mail_itself_can_run_and_load_nothing(client, two_mails):
    _first, second = two_mails

    page = client.get(f"/outbox/{second.pk}/")

    assert page.text == second.__class__.objects.get(pk=second.pk).html
    policy = page["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "sandbox" in policy
    assert "allow-scripts" not in policy
    assert page["X-Frame-Options"] == "SAMEORIGIN"


def test_what_left_by_another_carrier_or_has_not_left_is_not_shown(
    client, alice, sender, scripted, say, now
):
    say(alice, key="journey:1:1", sender=scripted)
    dispatch.drain(0, now=now)
    say(alice, key="journey:2:1")

    assert client.get("/outbox/?format=json").json() == {"results": []}


def test_in_production_there_is_no_such_page(client, two_mails, settings):
    settings.DEBUG = False
    _first, second = two_mails

    for address in ("/outbox/", "/outbox/?format=json", f"/outbox/{second.pk}/"):
        assert client.get(address, headers=BROWSER).status_code == 404


def test_the_outbox_is_only_read(client):
    assert client.post("/outbox/").status_code == 405
