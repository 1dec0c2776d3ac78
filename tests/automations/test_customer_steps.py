"""Steps that change what is kept of a customer, `remove_tag` and `set_attribute`; and chains that
groups of customers start."""

from datetime import timedelta

import pytest

from automations import portable
from automations.models import Journey
from automations.problems import Invalid
from loyalty import customers, rfm, segments
from loyalty.models import Attribute, Customer, Event
from tests.automations.chains import outcomes, run, runs, tag, wave, working
from tests.cast import BY_STAFF

pytestmark = pytest.mark.django_db


def step(kind: str, **more: object) -> dict[str, object]:
    return {"type": kind, **more}


def walked(dora: Customer, now) -> Customer:
    wave(dora, now)
    run(now)
    return Customer.objects.get(pk=dora.pk)


def test_a_tag_is_taken_away_once_and_told(dora, now):
    customers.change(dora, {"tags": ["vip", "new"]}, cause=BY_STAFF, now=now)
    working([step("remove_tag", tag="new"), step("remove_tag", tag="new")], now)

    assert walked(dora, now).tags == ["vip"]
    assert outcomes(Journey.objects.get()) == [("remove_tag", "done"), ("remove_tag", "skipped")]
    assert [event.data for event in Event.objects.filter(name="tag_removed")] == [{"tag": "new"}]


def test_what_one_step_writes_the_next_sees(dora, now):
    asks = {"filter": ["customer.attributes.cups", ">=", 3]}
    branches = {"yes": [tag("keen")], "no": []}
    working(
        [
            step("set_attribute", name="cups", value=3),
            step("condition", **asks, branches=branches),
            step("set_attribute", name="cups", value="3"),
            step("set_attribute", name="gone"),
        ],
        now,
    )

    found = walked(dora, now)

    assert found.attributes == {"cups": 3}
    assert found.tags == ["keen"]
    said = dict(outcomes(Journey.objects.get())[-2:])
    assert said == {"set_attribute": "skipped"}
    changed = Event.objects.filter(name="customer_updated", customer=dora)
    assert [event.data["fields"] for event in changed] == [["attributes"]]


def test_a_defined_attribute_is_written_in_its_type_or_not_at_all(dora, now):
    Attribute.objects.create(slug="size", label="Size", type="number")
    said = [step("set_attribute", name="size", value=value) for value in ("042", "big")]
    working(said, now)

    assert walked(dora, now).attributes == {"size": 42}
    assert runs(Journey.objects.get())[-1] == ("skipped", "Size: This must be a number.")


def test_an_empty_value_takes_it_away(dora, now):
    customers.change(dora, {"attributes": {"a": 1, "b": 2}}, cause=BY_STAFF, now=now)
    working([step("set_attribute", name="a")], now)

    assert walked(dora, now).attributes == {"b": 2}


def test_a_document_comes_out_as_it_went_in(coffee, now):
    steps = [
        step("remove_tag", tag="new"),
        step("set_attribute", name="size", value="42"),
        step("set_attribute", name="size"),
    ]

    written = portable.write(working(steps, now))["steps"]

    assert [{name: each[name] for name in each if name != "key"} for each in written] == steps


@pytest.mark.parametrize(
    "wrong", [{"name": "1st"}, {"name": "a b"}, {}, {"name": "a", "value": []}]
)
def test_what_is_no_attribute_is_refused(wrong, coffee, now):
    with pytest.raises(Invalid):
        working([step("set_attribute", **wrong)], now)


def test_who_enters_a_segment_starts_a_chain(dora, bob, now):
    vips = segments.make("vips", "VIPs", ["customer.tags", "has", "vip"], now=now)
    start = {"type": "entered_segment", "params": {"segment": "vips"}}
    working([tag("welcomed")], now, trigger=start)
    customers.change(dora, {"tags": ["vip"]}, cause=BY_STAFF, now=now)
    vips.refresh_from_db()

    segments.recount(vips, now=now + timedelta(hours=1))
    run(now + timedelta(hours=1))

    assert Journey.objects.get().customer == dora
    assert Customer.objects.get(pk=dora.pk).tags == ["vip", "welcomed"]


def test_who_moves_to_an_rfm_segment_starts_a_chain(dora, business, now):
    rfm.recount(now=now)
    start = {"type": "moved_to_rfm_segment", "params": {"segment": "doubtful"}}
    asks = {"filter": ["customer.rfm", "=", "doubtful"]}
    working(
        [step("condition", **asks, branches={"yes": [tag("asked")], "no": []})], now, trigger=start
    )

    rfm.recount(now=now + timedelta(days=40))
    run(now + timedelta(days=40))

    assert Customer.objects.get(pk=dora.pk).tags == ["asked"]


def test_a_segment_that_is_not_there_is_found_before_publishing(business, now):
    start = {"type": "entered_segment", "params": {"segment": "nobody"}}

    with pytest.raises(Invalid) as refused:
        working([tag("x")], now, trigger=start)

    assert "There is no segment" in str(refused.value.fields)
