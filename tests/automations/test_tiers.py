"""Automations about VIP tiers: what starts them, and the step that changes one (triggers: tier)."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from automations import portable
from automations.problems import Invalid
from automations.steps.change_tier import ChangeTier
from automations.triggers import TRIGGERS
from loyalty import customers, tiers
from loyalty.models import Event, LadderSweep, Tier
from tests.automations.chains import run, runs, tag, wave, working
from tests.automations.conftest import move
from tests.cast import BY_STAFF, person
from tests.loyalty.ladders import ladder, look, news, standing, tier_of
from tests.loyalty.shop import paid

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


# --- Triggers -------------------------------------------------------------------------------------


def changed(before, after):
    levels = [None, "bronze", "silver", "gold"]
    way = "up" if levels.index(after) > levels.index(before) else "down"
    data = {"before": before, "after": after, "direction": way, "level": levels.index(after)}
    return Event(name="tier_changed", data=data)


def near(name, tier):
    return Event(name=name, data={"tier": tier, "remaining": 5})


@pytest.mark.parametrize(
    ("trigger", "params", "fires", "stays"),
    [
        (
            "tier_upgraded",
            {},
            [changed(None, "bronze"), changed("silver", "gold")],
            [changed("silver", "bronze"), near("close_to_upgrade", "gold")],
        ),
        (
            "tier_upgraded",
            {"tier": "gold"},
            [changed("silver", "gold")],
            [changed("bronze", "silver"), changed("gold", "silver")],
        ),
        (
            "tier_downgraded",
            {},
            [changed("gold", "bronze"), changed("bronze", None)],
            [changed(None, "bronze")],
        ),
        (
            "tier_downgraded",
            {"tier": "gold"},
            [changed("gold", "silver")],
            [changed("silver", "bronze"), changed("silver", "gold")],
        ),
        (
            "close_to_upgrade",
            {"tier": "gold"},
            [near("close_to_upgrade", "gold")],
            [near("close_to_upgrade", "silver"), near("tier_downgrade_risk", "gold")],
        ),
        (
            "tier_downgrade_risk",
            {"tier": ""},
            [near("tier_downgrade_risk", "gold")],
            [near("close_to_upgrade", "gold"), changed("gold", "silver")],
        ),
    ],
)
def test_a_trigger_about_tiers_fires_at_its_events(trigger, params, fires, stays):
    kind = TRIGGERS[trigger]

    assert kind.read(params, "params") == params
    assert all(kind.matches(params, event) for event in fires)
    assert not any(kind.matches(params, event) for event in stays)
    assert {event.name for event in fires} <= set(kind.events(params))


@pytest.mark.parametrize(
    ("trigger", "params", "sentence"),
    [
        ("tier_upgraded", {}, "When a customer reaches a tier"),
        ("tier_upgraded", {"tier": "gold"}, "When a customer reaches the tier “gold”"),
        ("tier_downgraded", {"tier": "gold"}, "When a customer loses the tier “gold”"),
        ("close_to_upgrade", {}, "When little is missing for the next tier"),
        ("tier_downgrade_risk", {}, "When a customer may soon lose their tier"),
    ],
)
def test_it_reads_in_plain_words(trigger, params, sentence):
    assert TRIGGERS[trigger].sentence(params) == sentence


def test_a_trigger_offers_the_tiers_there_are(business, now):
    ladder(now)
    form = TRIGGERS["tier_upgraded"].form

    assert form({"tier": "gold"}).is_valid()
    assert form({"tier": ""}).is_valid()
    assert not form({"tier": "platinum"}).is_valid()


def test_what_starts_with_a_tier_that_is_not_there_is_not_published(shop, now):
    ladder(now)

    with pytest.raises(Invalid) as refusal:
        working([tag("vip")], now, trigger={"type": "tier_upgraded", "params": {"tier": "ruby"}})

    assert "There is no tier “ruby”." in str(refusal.value.fields)


def test_a_purchase_that_leads_to_gold_starts_what_waits_for_it(shop, dora, now):
    ladder(now)
    working([tag("golden")], now, trigger={"type": "tier_upgraded", "params": {"tier": "gold"}})

    paid(now, 60_000)
    look(now)
    move(now)
    move(now)

    dora.refresh_from_db()
    assert dora.tags == ["golden"]


# --- change_tier ----------------------------------------------------------------------------------


def put_on(tier, **more):
    return {"type": "change_tier", "tier": tier, **more}


@pytest.mark.parametrize(
    ("until", "ends"),
    [
        ({}, None),
        ({"until": "2026-03-31"}, datetime(2026, 4, 1, 4, 0, tzinfo=UTC)),
        ({"until": "P30D"}, datetime(2026, 4, 2, 9, 0, tzinfo=UTC)),  # the clocks went forward
    ],
)
def test_a_step_puts_somebody_on_a_tier_and_tells_it(
    until, ends, chain, scan, coffee_card, dora, now
):
    ladder(now)
    chain(put_on("gold", **until), publish=True)

    journey = scan(coffee_card)

    assert tier_of(dora) == "gold"
    assert standing(dora).locked_until == ends
    assert news() == [(None, "gold")]
    assert runs(journey) == [("done", "Gold")]
    event = Event.objects.get(name="tier_changed")
    assert event.cause == f"journey:{journey.pk}"


def test_who_has_the_tier_already_is_skipped(chain, scan, coffee_card, dora, now):
    ladder(now)
    tiers.assign(dora, Tier.objects.get(slug="gold"), cause=BY_STAFF, now=now)
    chain(put_on("gold"), put_on("silver", until="2026-01-01"), publish=True)

    journey = scan(coffee_card)

    assert [note for _outcome, note in runs(journey)] == [
        "The customer has this tier.",
        "The day has passed.",
    ]
    assert news() == [(None, "gold")]


def test_a_later_step_knows_the_new_tier(chain, scan, coffee_card, dora, now):
    ladder(now)
    ask = {
        "type": "condition",
        "filter": {"all": [["customer.tier", "=", "gold"], ["customer.tier_name", "=", "Gold"]]},
        "branches": {"yes": [tag("is gold")], "no": []},
    }
    chain(ask, put_on("gold"), ask | {"key": "again"}, publish=True)

    scan(coffee_card)

    dora.refresh_from_db()
    assert dora.tags == ["is gold"]


@pytest.mark.parametrize("people", [2, 12])
def test_many_change_their_tier_in_as_many_statements_as_few(people, shop, now):
    ladder(now)
    working([{"key": "w", "type": "wait", "for": "P1D"}, put_on("gold")], now)
    for n in range(people):
        wave(person(now, email=f"n{n}@example.com"), now, f"wave {n}")
    LadderSweep.objects.update(heard_to=Event.objects.latest("pk").pk)
    Event.objects.update(shard=3)
    run(now)

    with CaptureQueriesContext(connection) as asked:
        run(now + DAY)

    assert news() == [(None, "gold")] * people
    assert len(asked) <= 120


def test_a_step_is_written_and_read_in_portable_form(shop, now):
    ladder(now)
    document = {
        "format": 1,
        "slug": "t",
        "name": "T",
        "triggers": [{"type": "card_scanned", "params": {}}],
        "steps": [
            {"key": "a", "type": "change_tier", "tier": "gold", "until": "2026-12-31"},
            {"key": "b", "type": "change_tier", "tier": "silver", "until": "P90D"},
            {"key": "c", "type": "change_tier", "tier": "bronze"},
        ],
    }

    automation = portable.read(document, now=now)

    assert portable.write(automation)["steps"] == document["steps"]
    said = [
        step.summary()
        for step in ChangeTier.objects.filter(version=automation.draft).order_by("position")
    ]
    assert said == ["Gold · until 31 Dec 2026", "Silver · for 90 days", "Bronze"]


@pytest.mark.parametrize(
    ("step", "path"),
    [
        ({"tier": "ruby"}, "steps[0].tier"),
        ({}, "steps[0].tier"),
        ({"tier": "gold", "until": "soon"}, "steps[0].until"),
        ({"tier": "gold", "until": "PT0S"}, "steps[0].until"),
        ({"tier": "gold", "until": None}, "steps[0].until"),
    ],
)
def test_what_cannot_be_meant_is_refused(step, path, business, now):
    ladder(now)

    with pytest.raises(Invalid) as refusal:
        ChangeTier.parse(step, "steps[0]")

    assert set(refusal.value.fields) == {path}


def test_a_day_or_a_length_and_not_both(business, now):
    ladder(now)

    with pytest.raises(ValidationError):
        ChangeTier(tier=Tier.objects.get(slug="gold"), until=date(2026, 5, 1), lasts="P1D").clean()


def test_an_erased_customer_changes_nothing(chain, scan, coffee_card, dora, now):
    ladder(now)
    chain({"type": "wait", "for": "P1D"}, put_on("gold"), publish=True)
    scan(coffee_card)

    customers.erase(dora, cause=BY_STAFF, now=now)
    move(now + 2 * DAY)

    assert news() == []
