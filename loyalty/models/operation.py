"""The ledger's tables. Only `loyalty.ledger` writes them; Operation, Entry and Move only grow."""

from datetime import UTC, datetime

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from loyalty.models.card import Card
from loyalty.models.location import Location
from loyalty.models.order import Order
from loyalty.models.reward import Reward
from loyalty.postings import Kind

# No expiry, without a NULL that would sort differently on the two databases.
NEVER = datetime(9999, 12, 31, tzinfo=UTC)
MOST = 10**12


class Account(models.Model):
    """What one card holds of one unit: a cache of its entries, and the lock for them."""

    card = models.ForeignKey(Card, models.PROTECT, related_name="accounts", db_index=False)
    unit = models.CharField(max_length=12)
    balance = models.BigIntegerField(default=0)
    debt = models.BigIntegerField(default=0)
    seq = models.BigIntegerField(default=0)
    lifetime_in = models.BigIntegerField(default=0)
    lifetime_out = models.BigIntegerField(default=0)
    # When all of it is over unless something is earned before, and when something is over next.
    lapses_at = models.DateTimeField(default=NEVER)
    next_expiry = models.DateTimeField(default=NEVER)

    class Meta:
        verbose_name = _("account")
        verbose_name_plural = _("accounts")
        constraints = [
            models.UniqueConstraint(fields=["card", "unit"], name="one_account_per_card_and_unit"),
            models.CheckConstraint(
                condition=Q(balance__gte=0, balance__lte=MOST), name="a_balance_is_never_negative"
            ),
            models.CheckConstraint(condition=Q(debt__gte=0), name="a_debt_is_never_negative"),
            models.CheckConstraint(
                condition=Q(balance=0) | Q(debt=0), name="who_has_a_balance_has_no_debt"
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_expiry"],
                condition=Q(next_expiry__lt=NEVER),
                name="account_by_next_expiry",
            )
        ]

    def __str__(self) -> str:
        return f"{self.balance} {self.unit}"


class Operation(models.Model):
    """One thing done to a card. Its unique key is the record that it was done; append-only."""

    # Its actor by name, where `loyalty.actors` was asked for it.
    by_name: str = ""

    # Its account's card is checked by the database, and the account by each entry (decision 0013).
    card = models.ForeignKey(
        Card, models.PROTECT, related_name="operations", db_index=False, db_constraint=False
    )
    kind = models.CharField(max_length=8, choices=Kind)
    key = models.CharField(max_length=200, unique=True)
    fingerprint = models.CharField(max_length=64)
    actor = models.CharField(
        max_length=120, help_text=_("token:3, staff:1, journey:17, order, clock")
    )
    reason = models.CharField(max_length=250, blank=True)
    location = models.ForeignKey(
        Location,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="operations",
        db_index=False,
    )
    order = models.ForeignKey(
        Order, models.PROTECT, null=True, blank=True, related_name="operations", db_index=False
    )
    reverses = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, related_name="reversed_by"
    )
    reward = models.ForeignKey(
        Reward, models.PROTECT, null=True, blank=True, related_name="operations", db_index=False
    )
    answer = models.JSONField(null=True, blank=True)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-id"]
        verbose_name = _("operation")
        verbose_name_plural = _("operations")
        indexes = [
            models.Index(fields=["card", "-id"], name="operation_by_card"),
            models.Index(
                fields=["order"], condition=Q(order__isnull=False), name="operation_by_order"
            ),
            models.Index(
                fields=["reward", "card"],
                condition=Q(reward__isnull=False),
                name="operation_by_reward",
            ),
        ]

    def __str__(self) -> str:
        return f"{Kind(self.kind).label} #{self.pk}"


class OperationNote(models.Model):
    """Free text a person typed; kept apart so that erasure can blank it."""

    operation = models.OneToOneField(Operation, models.CASCADE, related_name="note")
    comment = models.CharField(max_length=500)

    class Meta:
        verbose_name = _("comment")
        verbose_name_plural = _("comments")

    def __str__(self) -> str:
        return self.comment


class Entry(models.Model):
    """What an operation did to one account; append-only."""

    operation = models.ForeignKey(Operation, models.PROTECT, related_name="entries")
    account = models.ForeignKey(Account, models.PROTECT, related_name="entries", db_index=False)
    kind = models.CharField(max_length=8, choices=Kind)
    seq = models.BigIntegerField()
    amount = models.BigIntegerField()
    debt_delta = models.BigIntegerField(default=0)
    balance_after = models.BigIntegerField()

    class Meta:
        ordering = ["id"]
        verbose_name = _("entry")
        verbose_name_plural = _("entries")
        constraints = [
            models.UniqueConstraint(fields=["account", "seq"], name="entries_count_without_a_gap"),
            models.CheckConstraint(condition=Q(seq__gt=0), name="entries_count_from_one"),
            models.CheckConstraint(
                condition=Q(balance_after__gte=0), name="an_entry_never_leaves_less_than_nothing"
            ),
            models.CheckConstraint(
                condition=~Q(kind="accrue") | Q(amount__gte=0), name="an_accrual_gives"
            ),
            models.CheckConstraint(
                condition=~Q(kind__in=["redeem", "expire"]) | Q(amount__lt=0),
                name="a_redemption_and_an_expiry_take",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.amount:+d}"


class Lot(models.Model):
    """One earning with its own expiry; spent soonest-expiring first, then oldest. It begins with
    `amount`, which its entry gave; its moves say what became of that."""

    account = models.ForeignKey(Account, models.PROTECT, related_name="lots", db_index=False)
    entry = models.OneToOneField(Entry, models.PROTECT, related_name="lot")
    amount = models.BigIntegerField()
    remaining = models.BigIntegerField()
    expires_at = models.DateTimeField(default=NEVER)

    class Meta:
        verbose_name = _("lot")
        verbose_name_plural = _("lots")
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="a_lot_holds_something"),
            models.CheckConstraint(
                condition=Q(remaining__gte=0, remaining__lte=F("amount")),
                name="a_lot_never_grows",
            ),
        ]
        indexes = [
            models.Index(
                fields=["account", "expires_at", "id"],
                condition=Q(remaining__gt=0),
                name="open_lots_by_expiry",
            )
        ]

    def __str__(self) -> str:
        return f"{self.remaining}/{self.amount}"


class Move(models.Model):
    """How much an entry took out of a lot (−) or gave back to it (+); append-only."""

    entry = models.ForeignKey(Entry, models.PROTECT, related_name="moves", db_index=False)
    lot = models.ForeignKey(Lot, models.PROTECT, related_name="moves")
    delta = models.BigIntegerField()

    class Meta:
        verbose_name = _("move")
        verbose_name_plural = _("moves")
        constraints = [
            models.UniqueConstraint(fields=["entry", "lot"], name="one_move_per_entry_and_lot"),
            models.CheckConstraint(condition=~Q(delta=0), name="a_move_moves"),
        ]

    def __str__(self) -> str:
        return f"{self.delta:+d}"
