"""What both sides get, and lose again: by the calendar, which locks the accounts of both."""

from datetime import datetime

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from loyalty import cards, events, ledger, zones
from loyalty.causes import CLOCK, Cause
from loyalty.errors import LoyaltyError
from loyalty.ledger import Book, Kind, Posting
from loyalty.models import Business, Card, Operation, Referral, ReferralOffer, ReferralShare
from loyalty.models.card import ReferralStage
from loyalty.models.referral import Occasion, ReferralState, Refusal, Rewarded, ToDo
from loyalty.referrals.hearing import qualify

REFERRER, REFERRED = "referrer", "referred"


def is_due() -> bool:
    """Whether something is to be given, taken back, or was installed."""
    return _to_settle().exists() or _newly_installed().exists()


def settle(limit: int, *, now: datetime) -> int:
    """Note up to that many installs, then reward or take back as many; says of how many.

    Harmless when nothing is due, and when it runs twice.
    """
    installed = list(_newly_installed().values_list("pk", flat=True)[:limit])
    for card_id in installed:
        _installed(card_id, now)
    found = list(_to_settle()[:limit])
    for referral in found:
        _settle(referral, now)
    return max(len(installed), len(found))


def forget(customer_id: int) -> None:
    """Forget the devices of somebody who is erased; that they were brought stays."""
    Referral.objects.filter(referred=customer_id).update(device="")
    ReferralShare.objects.filter(card__customer=customer_id).delete()


def _to_settle() -> QuerySet[Referral]:
    return Referral.objects.exclude(to_do=ToDo.NOTHING).order_by("pk")


def _newly_installed() -> QuerySet[Card]:
    return Card.objects.filter(referral_stage=ReferralStage.NEW, is_installed=True)


def _installed(card_id: int, now: datetime) -> None:
    """The newcomer has the card on their phone."""
    with ledger.open(cards=[card_id], now=now) as book:
        card = book.card(card_id)
        if card.referral_stage != ReferralStage.NEW:
            return
        cards.await_referral(card, ReferralStage.INSTALLED)
        referral = Referral.objects.select_for_update(no_key=True).get(referred=card.customer_id)
        if referral.state != ReferralState.INVITED:
            return
        referral.state, referral.installed_at = ReferralState.INSTALLED, now
        referral.save(update_fields=["state", "installed_at"])
        offer = ReferralOffer.objects.filter(program__cards=referral.card_id).first()
        if offer and offer.occasion == Occasion.INSTALL:
            qualify(referral, book, now=now)


def _settle(found: Referral, now: datetime) -> None:
    newcomer = found.referred.merged_into_id or found.referred_id
    with ledger.open(
        cards=_given_to(found), customers=[found.referrer_id, newcomer], now=now
    ) as book:
        referral = Referral.objects.select_for_update(no_key=True).get(pk=found.pk)
        match referral.to_do:
            case ToDo.REWARD:
                _reward(referral, book, now)
            case ToDo.REVERSE:
                _take_back(referral, book, now)


def _given_to(referral: Referral) -> set[int]:
    """Cards that it gave something to, and those that took their place; blocked ones too."""
    both = [referral.referrer_operation_id, referral.referred_operation_id]
    given = Operation.objects.filter(pk__in=[each for each in both if each is not None])
    pairs = given.values_list("card", "card__merged_into")
    return {pk for pair in pairs for pk in pair if pk is not None}


# --- Giving ---------------------------------------------------------------------------------------


def _reward(referral: Referral, book: Book, now: datetime) -> None:
    referral.to_do = ToDo.NOTHING
    offer = ReferralOffer.objects.prefetch_related("program", "gives").filter(
        program__cards=referral.card_id
    ).first()  # fmt: skip
    if offer is None:
        _refuse(referral, "", _("The program gives nothing for bringing somebody any more."))
        return
    sides = _sides(offer, referral, now)
    if not sides:
        _refuse(referral, Refusal.CAP, "")
        return
    notes = [referral.note, *(_give(side, referral, offer, book) for side in sides)]
    referral.note = " ".join(filter(None, notes))[:250]
    referral.state, referral.rewarded_at = ReferralState.REWARDED, now
    referral.save()
    if referral.referrer.erased_at is None:
        _tell(referral, now)


def _sides(offer: ReferralOffer, referral: Referral, now: datetime) -> list[str]:
    """Who gets something: not who has brought as many this month as they may."""
    wanted = {
        Rewarded.BOTH: [REFERRER, REFERRED],
        Rewarded.REFERRER: [REFERRER],
        Rewarded.REFERRED: [REFERRED],
    }[Rewarded(offer.rewarded)]
    if REFERRER in wanted and offer.most_per_month is not None:
        month = _month(now)
        given = Referral.objects.filter(
            referrer=referral.referrer_id, referrer_operation__isnull=False, rewarded_at__gte=month
        )
        if given.count() >= offer.most_per_month:
            referral.note = str(Refusal.CAP.label)
            wanted.remove(REFERRER)
    return wanted


def _month(now: datetime) -> datetime:
    """When this month began, on the business's clock."""
    zone = Business.get().time_zone
    here = now.astimezone(zones.zone(zone)).replace(tzinfo=None)
    return zones.localise(here.replace(day=1, hour=0, minute=0, second=0, microsecond=0), zone)


def _give(side: str, referral: Referral, offer: ReferralOffer, book: Book) -> str:
    """What stands in the way; empty where it was given."""
    customer_id = getattr(referral, f"{side}_id")
    card = _card(book, customer_id, offer.where.pk)
    if card is None:
        return _("%(who)s has no card of %(program)s.") % {
            "who": _who(side),
            "program": offer.where,
        }
    posting = _posting(referral, card, Kind.ACCRUE, side)
    amount = int(getattr(offer, f"{side}_amount"))
    try:
        posted = book.post(posting._replace(unit=offer.what, amount=amount))
    except LoyaltyError as refused:
        return f"{_who(side)}: {refused.message}"
    setattr(referral, f"{side}_operation_id", posted.id)
    return ""


def _card(book: Book, customer_id: int, program_id: int) -> Card | None:
    theirs = [
        card
        for card in book.cards.values()
        if card.customer_id == customer_id and card.program_id == program_id
    ]
    return max(theirs, key=lambda card: (card.issued_at, card.pk), default=None)


def _who(side: str) -> str:
    return _("Who brought them") if side == REFERRER else _("The newcomer")


def _refuse(referral: Referral, reason: str, note: str) -> None:
    referral.state, referral.reason, referral.note = ReferralState.REFUSED, reason, note
    referral.save()


def _tell(referral: Referral, now: datetime) -> None:
    order = referral.order
    events.emit(
        events.ReferralSucceeded(
            program=referral.card.program.slug,
            order_id=order.pk if order else None,
            order_key=order.key if order else "",
            net_cents=order.net_cents if order else 0,
            referral=referral.pk,
        ),
        key=f"referral:{referral.pk}:succeeded",
        customer_id=referral.referrer_id,
        card_id=referral.card_id,
        cause=_cause(referral),
        now=now,
    )


# --- Taking back ----------------------------------------------------------------------------------


def _take_back(referral: Referral, book: Book, now: datetime) -> None:
    notes = [referral.note]
    for side in (REFERRER, REFERRED):
        operation = getattr(referral, f"{side}_operation")
        if operation is not None:
            notes.append(_reverse(side, referral, operation, book))
    referral.note = " ".join(filter(None, notes))[:250]
    referral.state, referral.to_do = ReferralState.REVERSED, ToDo.NOTHING
    referral.reversed_at = now
    referral.save()


def _reverse(side: str, referral: Referral, operation: Operation, book: Book) -> str:
    try:
        card = book.card(operation.card_id)
        posting = _posting(referral, card, Kind.REVERSE, f"{side}:reversed")
        ledger.reverse(book, operation, posting)
        if card.merged_into_id is not None:
            # Stamps of a row that is not full any more come with what is owed.
            rest = posting._replace(key=f"{posting.key}:on")
            ledger.hand_on_all(book, rest, card.merged_into_id)
    except LoyaltyError as refused:
        return f"{_who(side)}: {refused.message}"
    return ""


def _posting(referral: Referral, card: Card, kind: Kind, what: str) -> Posting:
    return Posting(
        card_id=card.pk,
        kind=kind,
        key=f"referral:{referral.pk}:{what}",
        actor="referral",
        cause=_cause(referral),
        reason=_("Referral"),
    )


def _cause(referral: Referral) -> Cause:
    return Cause(f"referral:{referral.pk}", CLOCK.depth)
