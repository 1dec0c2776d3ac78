"""The shop of the proof: six customers in two shards, and automations with every kind of step."""

from datetime import UTC, datetime

from automations import portable, publishing
from loyalty import cards, coupons, customers, events, holds, ledger, referrals
from loyalty.causes import Cause
from loyalty.customers import Details
from loyalty.models import (
    Business,
    Campaign,
    Card,
    Customer,
    Event,
    Ladder,
    ReferralOffer,
    Reward,
    Tier,
)
from loyalty.models.coupon import CouponKind, Supply
from loyalty.models.mechanics import Mechanics
from loyalty.postings import Kind, Posting
from loyalty.programs.reward import RewardProgram
from loyalty.programs.stamp import StampProgram
from messaging.models import Sender
from tests.proof import chains

OPENED = datetime(2026, 3, 3, 9, 0, tzinfo=UTC)
IMPORT = Cause("import")
PEOPLE = 6
PER_SHARD = 3


def open_shop() -> None:
    """All that is there before anything happens."""
    Business.objects.create(pk=1, name="Café Aurora", time_zone="America/New_York", currency="USD")
    StampProgram.objects.create(slug="coffee", name="Coffee card", stamps_per_reward=10)
    aurora = RewardProgram.objects.create(
        slug="aurora", name="Aurora points", mechanics=Mechanics.SPEND, issue_on_order=True
    )
    Reward.objects.create(program=aurora, name="A piece of cake", price=5)
    for name in ("careful", "plain"):
        Sender.objects.create(
            name=name,
            provider=f"proof_{name}",
            from_address="shop@example.com",
            is_default=name == "plain",
        )
    thanks = Campaign.objects.create(
        slug="thanks", name="Thanks", offer="A cake", kind=CouponKind.GIFT, supply=Supply.SHARED
    )
    coupons.share(thanks, "THANKS", now=OPENED)
    Ladder.objects.create(pk=1)
    Tier.objects.create(slug="gold", name="Gold", threshold=10**9)
    _people_come()
    _one_brought_another()
    for document in chains.documents():
        publishing.publish(portable.read(document, now=OPENED), now=OPENED)
    events.mark_entered(list(Event.objects.values_list("pk", flat=True)), OPENED)


def _people_come() -> None:
    """Customers are numbered as they come, and their numbers say their shards: those who come to
    stand in other shards stay strangers without a card."""
    room: dict[int, int] = {}
    number = 0
    while number < PEOPLE:
        details = Details(first_name="Stranger")
        customer, _made = customers.join(details, cause=IMPORT, now=OPENED)
        shard = events.shard_of(customer.subject)
        if shard not in room and len(room) == PEOPLE // PER_SHARD:
            continue
        if room.get(shard, 0) == PER_SHARD:
            continue
        room[shard] = room.get(shard, 0) + 1
        _becomes(customer, number)
        number += 1


def _becomes(customer: Customer, number: int) -> None:
    """Number 2 gives no consent, number 3 has no points card, number 4 begins with many points;
    number 1 keeps a birthday from us."""
    changes = {
        "first_name": f"Person {number}",
        "email": f"p{number}@example.com",
        "external_id": f"p{number}",
        "language": "en",
        "birthday": None if number == 1 else "1990-03-05",
        "consent": {"email": number != 2},
    }
    customers.change(customer, changes, cause=IMPORT, now=OPENED)
    for slug in ("coffee", "aurora"):
        if (slug, number) != ("aurora", 3):
            program = StampProgram if slug == "coffee" else RewardProgram
            cards.issue(program.objects.get(slug=slug), customer, cause=IMPORT, now=OPENED)
    if number == 4:
        give(card_of(number, "aurora"), 100, "a good start", OPENED)


def _one_brought_another() -> None:
    """Number 4 came by the link of number 0; what the shop gives for that is not part of it."""
    offer = ReferralOffer.objects.create(program=card_of(0, "coffee").program)
    newcomer = Customer.objects.get(external_id="p4")
    code = referrals.code_of(card_of(0, "coffee"))
    referrals.joined(code, newcomer, cause=IMPORT, now=OPENED)
    offer.is_active = False
    offer.save()


def claim(card: Card, key: str, now: datetime) -> None:
    """As the customer does it on the card's page."""
    holds.claim(card, reward=Reward.objects.get(name="A piece of cake"), key=key, now=now)


def card_of(number: int, program: str) -> Card:
    return Card.objects.get(customer__external_id=f"p{number}", program__slug=program)


def give(card: Card, amount: int, key: str, now: datetime) -> None:
    """As staff do by hand."""
    posting = Posting(
        card_id=card.pk,
        kind=Kind.ACCRUE,
        key=key,
        actor="staff:1",
        cause=Cause("staff:1"),
        unit=card.program.earns,
        amount=amount,
    )
    ledger.post(posting, now=now)
