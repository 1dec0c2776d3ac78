"""Who brought whom, when it counts, what both get."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from loyalty import customers, orders, referrals
from loyalty.customers import Who
from loyalty.errors import NotFound
from loyalty.models import Card, Customer, Event, Operation, Program, Referral
from loyalty.models.referral import Refusal
from tests.cast import BY_STAFF, balances, card_of
from tests.loyalty import till
from tests.loyalty.friends import bring, follow, newcomer, offer, settle, theirs
from tests.loyalty.shop import SHOP

pytestmark = pytest.mark.django_db


@pytest.fixture
def card(alice: Customer, coffee: Program) -> Card:
    return card_of(alice, coffee)


# --- The link -------------------------------------------------------------------------------------


def test_a_link_names_the_program_and_opens_no_card(card, settings, now):
    settings.PUBLIC_BASE_URL = "https://aurora.example"

    address, code = referrals.link(card), referrals.code_of(card)

    assert address == f"https://aurora.example/join/coffee/?via={code}"
    assert referrals.of_code(code.upper()) == card
    assert not {card.serial, card.code, card.number} & {code}
    assert card.serial not in address


MADE_UP = (
    *("", "1", "-", "zz-0123456789", "ü-0123456789", f"1-{'0' * 10}"),
    *("9" * 40, "zzzzzzzzzzzzz-0123456789", "zzzzzzzzzzzzzz-1", "1\0-0123456789"),
)


@pytest.mark.parametrize("code", MADE_UP)
def test_a_made_up_code_is_nobodys(card, dora, now, code):
    offer(card.program)

    assert referrals.of_code(code) is None
    assert referrals.joined(code, dora, cause=BY_STAFF, now=now) is None
    assert not Referral.objects.exists()


def test_sharing_is_told_once_a_day(card, now):
    for later in (0, 1, 25):
        at = now + timedelta(hours=later)
        referrals.shared(card, device="phone", cause=BY_STAFF, now=at)

    assert Event.objects.filter(name="shared", card=card).count() == 2


# --- Who counts -----------------------------------------------------------------------------------


def test_without_an_offer_nobody_is_brought(card, now):
    nick, code = newcomer(now, card.program), referrals.code_of(card)
    assert referrals.joined(code, nick, cause=BY_STAFF, now=now) is None

    offer(card.program, is_active=False)
    assert referrals.joined(code, nick, cause=BY_STAFF, now=now) is None


def test_a_customer_is_brought_once(card, bob, coffee, now):
    offer(card.program)
    first = bring(card, now)
    other = newcomer(now, coffee, "otto@example.com")

    again = follow(card, first.referred, now)
    by_another = follow(card_of(other, coffee), first.referred, now)

    assert (first, first) == (again, by_another)
    assert first.state == "invited"


def test_nobody_brings_themselves(card, now, alice):
    offer(card.program)

    found = follow(card, alice, now)

    assert (found.state, found.reason) == ("refused", Refusal.SELF)


@pytest.mark.parametrize(("mine", "theirs"), [
    ("ann@example.com", "ann+friend@example.com"),
    ("a.nn+x@gmail.com", "ann@googlemail.com"),
])  # fmt: skip
def test_another_name_for_the_same_mailbox_is_the_same_person(coffee, now, mine, theirs):
    offer(coffee)
    ann = newcomer(now, coffee, mine)

    found = bring(card_of(ann, coffee), now, theirs)

    assert (found.state, found.reason) == ("refused", Refusal.SELF)


def test_whoever_was_a_customer_before_is_not_new(card, coffee, now):
    offer(card.program)
    known = newcomer(now - timedelta(hours=2), coffee)

    found = follow(card, known, now)

    assert (found.state, found.reason) == ("refused", Refusal.NOT_NEW)


def test_whoever_has_bought_before_is_not_new(card, coffee, now):
    offer(card.program)
    buyer = newcomer(now, coffee)
    orders.record(
        orders.OrderData(key="shop:0", status="paid", customer=Who(id=buyer.pk), total_cents=100),
        cause=SHOP, now=now,
    )  # fmt: skip

    assert follow(card, buyer, now).reason == Refusal.NOT_NEW


def test_the_referrers_own_device_brings_nobody(card, now):
    offer(card.program)
    referrals.shared(card, device="alices phone", cause=BY_STAFF, now=now)

    first = bring(card, now, "one@example.com", device="alices phone")
    second = bring(card, now, "two@example.com", device="ninas phone")
    third = bring(card, now, "three@example.com", device="ninas phone")

    reasons = [first.reason, second.reason, third.reason]
    assert reasons == [Refusal.SAME_DEVICE, "", Refusal.SAME_DEVICE]
    assert "phone" not in second.device


def test_whoever_has_no_card_yet_is_not_noted(card, now, bob):
    offer(card.program)

    with pytest.raises(NotFound):
        follow(card, bob, now)

    assert not Referral.objects.exists()


# --- What it costs others, and who is forgotten ---------------------------------------------------


def test_the_till_asks_nothing_where_nobody_was_brought(card, now):
    till.accrue(card, now, amount=1)
    with CaptureQueriesContext(connection) as asked:
        till.accrue(card, now, amount=1)

    assert len(asked) > 3
    assert not [each for each in asked if 'FROM "loyalty_referral' in each["sql"]]


def test_a_forgotten_newcomer_leaves_no_device(card, now):
    offer(card.program)
    referral = bring(card, now, device="ninas phone")

    customers.erase(referral.referred, cause=BY_STAFF, now=now)

    referral.refresh_from_db()
    assert referral.device == ""
    settle(now)


def test_a_forgotten_referrer_gets_nothing(card, now, alice):
    offer(card.program)
    referral = bring(card, now)
    customers.erase(alice, cause=BY_STAFF, now=now)

    till.accrue(theirs(referral), now, amount=1)
    settle(now)

    referral.refresh_from_db()
    assert referral.state == "rewarded"
    assert balances(theirs(referral))["stamps"] == 4
    assert not Event.objects.filter(name="referral_succeeded").exists()
    assert Operation.objects.filter(key=f"referral:{referral.pk}:referrer").count() == 0
