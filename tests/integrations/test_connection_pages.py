"""Staff's pages: connecting a system, changing its secret, seeing what it said."""

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.urls import reverse

from integrations import connections, intake
from integrations.models import Connection, Receipt, ReceiptState
from loyalty.models import Order
from tests.integrations.shop import ORDER, SECRET, tell

pytestmark = pytest.mark.django_db

ADD = "/admin/integrations/connection/add/"


@pytest.fixture
def staff(admin_user: User) -> Client:
    client = Client()
    client.force_login(admin_user)
    return client


def onlooker(*permissions: str) -> Client:
    """Staff who may do no more than this."""
    user = User.objects.create_user("onlooker", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    client = Client()
    client.force_login(user)
    return client


def page_of(connection: Connection) -> str:
    return reverse("admin:integrations_connection_change", args=[connection.pk])


def test_first_one_chooses_the_system(staff):
    page = staff.get(ADD).content.decode()

    assert "?connector=shopify" in page
    assert "?connector=inbound" in page


def test_a_system_is_connected_and_its_address_shown(staff):
    answer = staff.post(
        f"{ADD}?connector=shopify", {"name": "Web shop", "secret": SECRET}, follow=True
    )

    made = Connection.objects.get()
    assert (made.connector, made.is_active) == ("shopify", True)
    assert connections.signing_secrets(made) == [SECRET]
    page = answer.content.decode()
    assert connections.address(made) in page
    assert SECRET not in page


def test_our_own_webhook_is_offered_a_secret_to_copy(staff):
    page = staff.get(f"{ADD}?connector=inbound").content.decode()

    assert 'value="whsec_' in page


def test_the_secret_is_not_shown_and_an_empty_field_keeps_it(staff, shopify):
    page = staff.get(page_of(shopify)).content.decode()
    staff.post(page_of(shopify), {"name": "Renamed", "is_active": "on", "secret": ""})

    shopify.refresh_from_db()
    assert SECRET not in page
    assert f"…{SECRET[-4:]}" in page
    assert shopify.name == "Renamed"
    assert connections.signing_secrets(shopify) == [SECRET]


def test_a_secret_is_changed_in_two_steps(staff, shopify):
    values = {"name": shopify.name, "is_active": "on"}

    staff.post(page_of(shopify), values | {"secret": "the-new-secret"})
    shopify.refresh_from_db()
    assert connections.signing_secrets(shopify) == ["the-new-secret", SECRET]

    staff.post(page_of(shopify), values | {"secret": "", "forget_previous": "on"})
    shopify.refresh_from_db()
    assert connections.signing_secrets(shopify) == ["the-new-secret"]


def test_who_may_only_look_does_not_see_the_address(shopify):
    page = onlooker("view_connection").get(page_of(shopify))

    assert page.status_code == 200
    assert "Web shop" in page.content.decode()
    assert shopify.credentials["path_secret"] not in page.content.decode()


def test_who_may_not_add_cannot_choose(db):
    assert onlooker("view_connection").get(ADD).status_code == 403


def test_a_connection_shows_what_it_heard_last(staff, shopify):
    tell(shopify, "orders/paid", b"rubbish")
    intake.drain(shopify.pk)

    page = staff.get(page_of(shopify)).content.decode()
    listed = staff.get("/admin/integrations/connection/")

    assert "This is not JSON." in page
    assert listed.status_code == 200


def test_a_retired_system_can_still_be_looked_at(staff, shopify):
    Connection.objects.update(connector="magento")

    assert staff.get(page_of(shopify)).status_code == 200


def test_a_receipt_is_shown_for_people_and_harmless(staff, shopify):
    tell(shopify, "orders/paid", ORDER | {"note": "<script>alert(1)</script>"})
    receipt = Receipt.objects.get()

    page = staff.get(f"/admin/integrations/receipt/{receipt.pk}/change/").content.decode()

    assert "&quot;total_price&quot;: &quot;99.00&quot;" in page
    assert "<script>alert" not in page


@pytest.mark.parametrize("body", [b"\xff\x00", b"[" * 100_000, b""])
def test_a_receipt_of_rubbish_is_shown_too(staff, shopify, body):
    tell(shopify, "orders/paid", body)

    answer = staff.get(f"/admin/integrations/receipt/{Receipt.objects.get().pk}/change/")

    assert answer.status_code == 200


def test_a_receipt_cannot_be_changed_or_made(staff, shopify):
    tell(shopify, "orders/paid", ORDER)
    receipt = Receipt.objects.get()

    assert staff.get("/admin/integrations/receipt/add/").status_code == 403
    answer = staff.post(f"/admin/integrations/receipt/{receipt.pk}/change/", {"state": "done"})

    assert answer.status_code == 403
    assert Receipt.objects.get().state == ReceiptState.RECEIVED


def test_rejected_receipts_are_read_again(staff, shopify):
    tell(shopify, "orders/paid", b"rubbish")
    tell(shopify, "orders/paid", ORDER)
    intake.drain(shopify.pk)

    staff.post("/admin/integrations/receipt/", read_again_all())

    states = Receipt.objects.order_by("pk").values_list("state", flat=True)
    assert list(states) == [ReceiptState.RECEIVED, ReceiptState.DONE]
    assert Order.objects.count() == 1


def test_who_may_only_look_cannot_have_them_read_again(shopify):
    tell(shopify, "orders/paid", b"rubbish")
    intake.drain(shopify.pk)

    onlooker("view_receipt").post("/admin/integrations/receipt/", read_again_all())

    assert Receipt.objects.get().state == ReceiptState.REJECTED


def read_again_all() -> dict[str, object]:
    chosen = list(Receipt.objects.values_list("pk", flat=True))
    return {"action": "read_again", "_selected_action": chosen}
