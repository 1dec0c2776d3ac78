"""What the first page says: how the shop does, what runs, and what wants a human."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Protocol

from django.db.models import Min, QuerySet, Sum
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.timesince import timesince
from django.utils.translation import gettext, ngettext, ngettext_lazy
from django.utils.translation import gettext_lazy as _

from automations.editor import fuses, listing
from automations.models import Automation, Counter, Journey
from automations.models.journey import JourneyState
from config.chart import Chart, bars
from integrations.models import Receipt, ReceiptState
from loyalty.models import Card, Customer, Entry, Event, Program
from loyalty.postings import Kind
from messaging.models import Message
from messaging.models.message import MessageState

DAYS = 30
# A pump comes round every fraction of a second; what waits a minute waits for nobody.
OVERDUE = timedelta(seconds=60)
Text = str | Promise

# Whoever may look at none of these is not told how many there are.
AUTOMATION, JOURNEY = "automations.automation", "automations.journey"
CUSTOMER, CARD, OPERATION = "loyalty.customer", "loyalty.card", "loyalty.operation"
MESSAGE, RECEIPT = "messaging.message", "integrations.receipt"


class Staff(Protocol):
    def has_perm(self, perm: str) -> bool: ...


@dataclass(frozen=True, slots=True)
class Tile:
    """`of` is the model whose rows are counted."""

    of: str
    label: Text
    value: int
    recent: int | None
    url: str = ""


@dataclass(frozen=True, slots=True)
class Attention:
    of: str
    text: Text
    hint: Text
    url: str = ""
    link: Text = ""
    tone: str = "warn"


@dataclass(frozen=True, slots=True)
class Running:
    automation: Automation
    when: str
    launches: int
    inside: int


@dataclass(frozen=True, slots=True)
class Overview:
    tiles: list[Tile]
    chart: Chart
    running: list[Running]
    attention: list[Attention]
    has_programs: bool
    has_customers: bool
    has_automations: bool
    sees_automations: bool = True

    @property
    def is_fresh(self) -> bool:
        return not (self.has_customers and self.has_automations)

    @property
    def is_blank(self) -> bool:
        return not (self.tiles or self.attention or self.sees_automations)

    def seen_by(self, staff: Staff) -> "Overview":
        """Without what they have no right to look at."""
        return replace(
            self,
            tiles=[tile for tile in self.tiles if may_look(staff, tile.of)],
            attention=[item for item in self.attention if may_look(staff, item.of)],
            sees_automations=may_look(staff, AUTOMATION),
        )


def may_look(staff: Staff, model: str) -> bool:
    """As Django's admin has it: who may change a thing may see it."""
    app, name = model.split(".")
    return any(staff.has_perm(f"{app}.{verb}_{name}") for verb in ("view", "change"))


def read(*, now: datetime) -> Overview:
    """All of it in a fixed number of queries, however large the shop."""
    since = now - timedelta(days=DAYS)
    launched = Counter.objects.filter(step_key="", metric="launched", day__gt=since.date())
    return Overview(
        tiles=_tiles(launched, since),
        chart=bars(
            dict(launched.values_list("day").annotate(n=Sum("n"))), last=now.date(), days=DAYS
        ),
        running=_running(launched),
        attention=_attention(since, now),
        has_programs=Program.objects.exists(),
        has_customers=Customer.objects.present().exists(),
        has_automations=Automation.objects.filter(deleted_at=None).exists(),
    )


def _tiles(launched: "QuerySet[Counter]", since: datetime) -> list[Tile]:
    customers, cards = Customer.objects.present(), Card.objects.active()
    sent = Message.objects.filter(state=MessageState.SENT)
    points = Entry.objects.filter(
        kind=Kind.ACCRUE, account__unit="points", operation__at__gte=since
    ).aggregate(total=Sum("amount"))["total"]
    return [
        Tile(
            CUSTOMER,
            _("Customers"),
            customers.count(),
            customers.filter(created_at__gte=since).count(),
            reverse("admin:loyalty_customer_changelist"),
        ),
        Tile(
            CARD,
            _("Cards"),
            cards.count(),
            cards.filter(issued_at__gte=since).count(),
            reverse("admin:loyalty_card_changelist"),
        ),
        Tile(OPERATION, _("Points given"), int(points or 0), None),
        Tile(AUTOMATION, _("Launches"), int(launched.aggregate(n=Sum("n"))["n"] or 0), None),
        Tile(
            MESSAGE,
            _("Messages sent"),
            sent.filter(sent_at__gte=since).count(),
            None,
            reverse("admin:messaging_message_changelist"),
        ),
    ]


def _running(launched: "QuerySet[Counter]") -> list[Running]:
    working = Automation.objects.working().filter(deleted_at=None).order_by("name")
    recent = dict(launched.values_list("automation").annotate(n=Sum("n")))
    return [
        Running(row.automation, row.when, recent.get(row.automation.pk, 0), row.inside)
        for row in listing.rows(listing.with_numbers(working))
    ]


def _attention(since: datetime, now: datetime) -> list[Attention]:
    return [
        *_asleep(now),
        *_fuses(now),
        *_counted(
            MESSAGE,
            Message.objects.filter(state=MessageState.FAILED, created_at__gte=since),
            ngettext_lazy(
                "%(n)d message could not be sent", "%(n)d messages could not be sent", "n"
            ),
            _("The carrier refused them for good; each says why."),
            reverse("admin:messaging_message_changelist") + "?state__exact=failed",
            "bad",
        ),
        *_counted(
            MESSAGE,
            Message.objects.filter(state=MessageState.UNKNOWN, created_at__gte=since),
            ngettext_lazy("%(n)d message is in doubt", "%(n)d messages are in doubt", "n"),
            _("The connection broke while sending: they may or may not have arrived."),
            reverse("admin:messaging_message_changelist") + "?state__exact=unknown",
        ),
        *_counted(
            JOURNEY,
            Journey.objects.filter(state=JourneyState.STOPPED, ended_at__gte=since),
            ngettext_lazy("%(n)d journey was stopped", "%(n)d journeys were stopped", "n"),
            _("A step failed again and again; the journey says which and why."),
            reverse("admin:automations_journey_changelist") + "?state__exact=stopped",
        ),
        *_counted(
            RECEIPT,
            Receipt.objects.filter(state=ReceiptState.REJECTED, received_at__gte=since),
            ngettext_lazy("%(n)d webhook was rejected", "%(n)d webhooks were rejected", "n"),
            _("It could not be understood; what it said is kept."),
            reverse("admin:integrations_receipt_changelist") + "?state__exact=rejected",
        ),
    ]


def _fuses(now: datetime) -> list[Attention]:
    """Automations that stopped by themselves, and those that are held back by a limit."""
    blown = [
        Attention(
            AUTOMATION,
            gettext("“%(name)s” was set back to Draft by itself") % {"name": automation.name},
            automation.draft_note,
            _editor(automation),
            _("Look"),
            "bad",
        )
        for automation in fuses.blown()
    ]
    hit = [
        Attention(
            AUTOMATION,
            ngettext(
                "“%(name)s” hit a limit %(n)d time today",
                "“%(name)s” hit a limit %(n)d times today",
                times,
            )
            % {"name": automation.name, "n": times},
            _("Its page says which, and who was not let in."),
            _editor(automation),
            _("Look"),
        )
        for automation, times in fuses.hit_today(now)
    ]
    return blown + hit


def _editor(automation: Automation) -> str:
    return reverse("admin:automations_automation_change", args=(automation.pk,))


def _counted(
    of: str, rows: "QuerySet[Any]", words: Any, hint: Text, url: str, tone: str = "warn"
) -> list[Attention]:
    found = rows.count()
    if not found:
        return []
    return [Attention(of, words % {"n": found}, hint, url, _("Look"), tone)]


def _asleep(now: datetime) -> list[Attention]:
    """Whether what is due has been waiting longer than any worker would let it."""
    oldest = [
        Event.objects.filter(entered_at=None).aggregate(at=Min("created_at"))["at"],
        Journey.objects.filter(state=JourneyState.WAITING, due_at__lte=now).aggregate(
            at=Min("due_at")
        )["at"],
        Message.objects.filter(state=MessageState.QUEUED, due_at__lte=now).aggregate(
            at=Min("due_at")
        )["at"],
    ]
    waiting = [at for at in oldest if at is not None and at < now - OVERDUE]
    if not waiting:
        return []
    length = timesince(min(waiting), now, depth=1)
    return [
        Attention(
            AUTOMATION,
            gettext("Nothing has moved for %(length)s") % {"length": length},
            _("Work is waiting and the worker is not running: start it with “make run”."),
            tone="bad",
        )
    ]
