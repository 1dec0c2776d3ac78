"""Which events each trigger listens to, and what it says of itself."""

import pytest
from django import forms

from automations.inputs import schema
from automations.problems import Invalid
from automations.triggers import TRIGGERS
from automations.triggers.base import TriggerType
from automations.triggers.external import NamesForm
from loyalty.models import Event


def event(name, **data):
    return Event(name=name, data=data)


def stamps(before, after, unit="stamps"):
    return event("balance_changed", unit=unit, amount=after - before, before=before, after=after)


def claimed(amount, unit="points"):
    return event("points_claimed", unit=unit, amount=amount, reward="")


@pytest.mark.parametrize(
    ("trigger", "params", "fires", "stays"),
    [
        ("card_scanned", {}, [event("card_scanned")], [event("card_issued")]),
        ("card_uninstalled", {}, [event("card_uninstalled")], [event("card_installed")]),
        ("card_expired", {}, [event("card_expired")], [event("card_scanned")]),
        ("card_installed", {}, [event("card_installed")], [event("card_issued")]),
        ("coupon_redeemed", {}, [event("coupon_redeemed")], [event("reward_redeemed")]),
        ("customer_created", {}, [event("customer_created")], [event("customer_updated")]),
        ("referral_succeeded", {}, [event("referral_succeeded")], [event("shared")]),
        (
            "review_left",
            {"min_rating": 2, "max_rating": 4},
            [event("review_left", rating=2), event("review_left", rating=4)],
            [event("review_left", rating=1), event("review_left", rating=5)],
        ),
        (
            "coupon_code_redeemed",
            {"campaign": "ten"},
            [event("coupon_code_redeemed", campaign="ten")],
            [event("coupon_code_redeemed", campaign="five"), event("coupon_redeemed")],
        ),
        ("shared", {}, [event("shared")], [event("referral_succeeded")]),
        ("order_paid", {}, [event("order_paid")], [event("order_created"), event("paid")]),
        (
            "stamp_count_reached",
            {"count": 6},
            [stamps(5, 6), stamps(0, 10), stamps(5, 9)],
            [stamps(6, 7), stamps(6, 5), stamps(0, 5), stamps(5, 6, "points"), event("scan")],
        ),
        (
            "points_count_reached",
            {"count": 100},
            [stamps(99, 100, "points"), stamps(0, 500, "points"), stamps(0, 100, "money")],
            [stamps(100, 101, "points"), stamps(200, 100, "points"), stamps(99, 100)],
        ),
        (
            "points_claimed",
            {"min_amount": 40},
            [claimed(40), claimed(50), claimed(40, "rewards")],
            [claimed(39), claimed(40, "money"), event("reward_redeemed", unit="points", amount=50)],
        ),
        ("store_credit_claimed", {}, [claimed(1, "money")], [claimed(1), stamps(0, 1, "money")]),
        (
            "entered_segment",
            {"segment": "vips"},
            [event("segment_entered", segment="vips")],
            [event("segment_entered", segment="new"), event("segment_left", segment="vips")],
        ),
        (
            "left_segment",
            {"segment": "vips"},
            [event("segment_left", segment="vips")],
            [event("segment_left", segment="new"), event("segment_entered", segment="vips")],
        ),
        (
            "moved_to_rfm_segment",
            {"segment": "at_risk"},
            [event("rfm_segment_changed", before="loyal", after="at_risk")],
            [event("rfm_segment_changed", before="at_risk", after="lost")],
        ),
        (
            "tag_added",
            {"tag": "vip"},
            [event("tag_added", tag="vip")],
            [event("tag_added", tag="VIP"), event("tag_removed", tag="vip")],
        ),
        ("tag_added", {}, [event("tag_added", tag="vip")], [event("tag_removed", tag="vip")]),
        (
            "external_event",
            {"names": ["booked", "cancelled booking"]},
            [event("booked"), event("cancelled booking")],
            [event("Booked"), event("order_paid")],
        ),
    ],
)
def test_a_trigger_fires_at_its_events_and_no_others(trigger, params, fires, stays):
    kind = TRIGGERS[trigger]

    assert kind.read(params, "params") == params
    assert all(kind.matches(params, event) for event in fires)
    assert not any(kind.matches(params, event) for event in stays)
    assert {event.name for event in fires} <= set(kind.events(params))


@pytest.mark.parametrize(
    ("trigger", "params", "sentence"),
    [
        ("card_scanned", {}, "When a card is scanned"),
        ("card_uninstalled", {}, "When a card is taken out of a wallet"),
        ("card_expired", {}, "When a card has expired"),
        ("card_installed", {}, "When a card is put on a phone"),
        ("coupon_redeemed", {}, "When a coupon is redeemed"),
        ("customer_created", {}, "When a customer joins"),
        ("referral_succeeded", {}, "When a customer has brought somebody"),
        ("review_left", {}, "When a customer leaves a review"),
        ("review_left", {"min_rating": 5}, "When a customer leaves a review of 5 stars"),
        ("review_left", {"max_rating": 2}, "When a customer leaves a review of 1 to 2 stars"),
        ("coupon_code_redeemed", {}, "When a coupon code is redeemed"),
        (
            "coupon_code_redeemed",
            {"campaign": "ten"},
            "When a coupon code of “ten” is redeemed",
        ),
        ("shared", {}, "When a customer shares the link of a card"),
        ("order_paid", {}, "When an order is paid"),
        ("stamp_count_reached", {"count": 10}, "When a stamp card reaches 10 stamps"),
        ("points_count_reached", {"count": 500}, "When a card reaches 500 points"),
        ("points_claimed", {"min_amount": 40}, "When a customer claims at least 40 points"),
        ("points_claimed", {}, "When a customer claims something for points"),
        ("store_credit_claimed", {}, "When a customer claims store credit"),
        ("entered_segment", {"segment": "vips"}, "When a customer enters the segment “vips”"),
        ("left_segment", {"segment": "vips"}, "When a customer leaves the segment “vips”"),
        ("moved_to_rfm_segment", {"segment": "at_risk"}, "When a customer moves to “At risk”"),
        ("tag_added", {"tag": "vip"}, "When a customer gets the tag “vip”"),
        ("tag_added", {}, "When a customer gets a tag"),
        ("external_event", {"names": ["a", "b"]}, "When “a, b” comes in"),
        ("external_event", {}, "When “…” comes in"),
    ],
)
def test_a_trigger_reads_in_plain_words(trigger, params, sentence):
    assert TRIGGERS[trigger].sentence(params) == sentence


def test_every_trigger_has_a_sentence_a_form_and_a_schema():
    for name, kind in TRIGGERS.items():
        assert kind.label, name
        assert kind.sentence({}), name
        assert set(kind.form.base_fields) == set(schema(kind.takes)["properties"]), name


def test_a_trigger_knows_what_its_event_tells():
    payload = {name: TRIGGERS[name].payload() or {} for name in TRIGGERS}

    assert payload["stamp_count_reached"]["after"].name == "number"
    assert payload["order_paid"]["total_cents"].name == "money"
    assert payload["customer_created"] == {}
    assert TRIGGERS["external_event"].payload() is None
    assert TRIGGERS["order_paid"].has_order()
    assert TRIGGERS["referral_succeeded"].has_order()
    assert not TRIGGERS["external_event"].has_order()


def test_one_name_of_an_external_event_is_read_as_several():
    external = TRIGGERS["external_event"]

    assert external.read({"name": "booked"}, "params") == {"names": ["booked"]}
    for params, path in (
        ({"name": "balance_changed"}, "params.names"),
        ({"names": []}, "params.names"),
        ({"names": ["a"], "name": "b"}, "params.name"),
        ({"names": [3]}, "params.names"),
        ({}, "params.names"),
    ):
        with pytest.raises(Invalid) as refusal:
            external.read(params, "params")
        assert set(refusal.value.fields) == {path}


def test_the_form_takes_names_with_commas():
    good = NamesForm({"names": "booked, cancelled,booked\nmoved"})
    bad = NamesForm({"names": "order_paid"})

    assert good.is_valid()
    assert good.cleaned_data == {"names": ["booked", "cancelled", "moved"]}
    assert not bad.is_valid()
    assert NamesForm(initial={"names": ["a", "b"]})["names"].value() == "a, b"


def test_two_triggers_cannot_have_one_name():
    with pytest.raises(TypeError):

        class Twin(TriggerType):
            type = "card_scanned"

    assert TRIGGERS["card_scanned"].form is forms.Form
