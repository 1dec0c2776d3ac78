"""A history long enough to go by the month; runs in a house of its own (`house.does(...)`)."""

from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import connection, models, transaction
from django.test import Client
from django.urls import reverse

from automations import portable, publishing
from automations.engine import housekeeping, months, pump
from automations.models import Automation, Counter, Decision, Journey, StepRun
from loyalty import clock, customers, external
from loyalty.causes import Cause
from loyalty.customers import Details, Who

PEOPLE = 400
CAUSE = Cause("import")
# Each journey is let in by one decision and does so much: tag, the wait, its end, tag.
RUNS = 4
LATER = timedelta(days=600)


def gather() -> None:
    """Customers, and an automation in which they wait for two seconds; one where they wait long."""
    _working("annals", "started", "PT2S")
    _working("patient", "stays", "P500D")
    with transaction.atomic():
        for number in range(PEOPLE):
            customers.join(Details(email=f"c{number}@example.com"), cause=CAUSE, now=clock.now())


def start() -> None:
    """One event for each, a few at a time, for some seconds."""
    for first in range(0, PEOPLE, 20):
        _happens("started", range(first, first + 20))


def goes_on() -> None:
    """All that is done with such a table."""
    reads()
    writes()
    migrates()
    grows_old()


def reads() -> None:
    """Pages and models see what was there before and what came after."""
    boss = get_user_model().objects.create_superuser("boss", "boss@example.com", "secret")
    browser = Client(SERVER_NAME="localhost")
    browser.force_login(boss)
    automation = Automation.objects.get(slug="annals")
    for journey in (Journey.objects.earliest("id"), Journey.objects.latest("id")):
        assert journey.step_runs.count() == RUNS
        page = browser.get(reverse("admin:automations_journey_change", args=[journey.pk]))
        assert page.status_code == 200
        assert page.content.count(b"timeline-title") == RUNS + 1
    page = browser.get(reverse("admin:automations_automation_people", args=[automation.pk]))
    assert page.status_code == 200


def writes() -> None:
    """A row by itself, one that comes before its month, and both are changed and removed again."""
    journey = Journey.objects.earliest("id")
    far = clock.now() + timedelta(days=100)
    for at in (clock.now(), far):
        run = StepRun.objects.create(
            journey=journey, moves=9, step_key="x", type="x", outcome="done", at=at
        )
        run.note = "noted"
        run.save()
        assert StepRun.objects.get(pk=run.pk).note == "noted"
        if at != far:
            run.delete()
    assert _rows(months.others_of(StepRun)) == 1
    months.make_ahead(StepRun, far)
    assert _rows(months.others_of(StepRun)) == 0
    assert StepRun.objects.filter(step_key="x").delete()[0] == 1


def migrates() -> None:
    """What a later migration may do to the table."""
    column = models.CharField(max_length=9, default="new")
    column.set_attributes_from_name("later")
    index = models.Index(fields=["type"], name="a_later_index")
    with connection.schema_editor() as editor:
        editor.add_field(StepRun, column)
        editor.add_index(StepRun, index)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM automations_steprun WHERE later = 'new'")
        assert cursor.fetchone()[0] == StepRun.objects.count()
    with connection.schema_editor() as editor:
        editor.remove_index(StepRun, index)
        editor.remove_field(StepRun, column)


def grows_old() -> None:
    """Months that are over are dropped whole, unless somebody who was there is still inside."""
    _happens("stays", range(1))
    _pump(clock.now())
    before = Counter.objects.total("launched")
    names = [month.table for month in months.of(StepRun)]

    _tidy(clock.now() + LATER)

    # Row by row, for that of whoever is inside stays.
    assert set(StepRun.objects.values_list("journey__automation__slug")) == {("patient",)}
    assert Decision.objects.get().automation.slug == "patient"
    first, *others = months.of(StepRun)
    assert first.table == names[0]
    too_old = clock.now() + LATER - timedelta(days=settings.KEEP_HISTORY_DAYS)
    assert min(month.end for month in others) > too_old
    assert others[-1].start == months.first_of(clock.now() + LATER + timedelta(days=61))
    _pump(clock.now() + timedelta(days=501))
    _tidy(clock.now() + LATER + timedelta(days=1))
    assert names[0] not in [month.table for month in months.of(StepRun)]
    assert Counter.objects.total("launched") == before


def _working(slug: str, event: str, wait: str) -> None:
    tag = {"type": "add_tag", "tag": slug}
    document = {
        "format": 1,
        "slug": slug,
        "name": slug,
        "triggers": [{"type": "external_event", "params": {"names": [event]}}],
        "steps": [tag, {"type": "wait", "for": wait}, tag],
    }
    publishing.publish(portable.read(document), now=clock.now())


def _happens(name: str, numbers: range) -> None:
    items = [
        external.External(
            index=number,
            name=name,
            key=f"{name}-{number}",
            customer=Who(email=f"c{number}@example.com"),
            data={},
        )
        for number in numbers
    ]
    external.accept(items, scope="test", cause=CAUSE, now=clock.now())


def _pump(now: datetime) -> None:
    while shards := pump.due(now):
        for shard in shards:
            pump.pump(shard, now=now)


def _tidy(now: datetime) -> None:
    while rings := housekeeping.due(now):
        for ring in rings:
            housekeeping.keep(ring, now=now)


def _rows(table: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {table}")  # noqa: S608 (a name of ours)
        return int(cursor.fetchone()[0])
