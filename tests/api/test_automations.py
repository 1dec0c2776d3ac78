"""Automations over the API: written, read, published, paused, deleted."""

import json
import re
from datetime import datetime, timedelta

import pytest

from automations.engine import pump
from automations.models import Automation, Counter
from loyalty import clock
from loyalty.events import SHARDS
from messaging.models import Sender
from tests.api.caller import said
from tests.automations.example import TENTH_COFFEE
from tests.cast import balances, card_of


def changed(**more):
    return json.loads(json.dumps(TENTH_COFFEE)) | more


@pytest.fixture
def written(office, coffee, aurora):
    Sender.objects.create(name="Shop", provider="outbox", is_default=True)
    assert office.post("automations/", TENTH_COFFEE).status_code == 201
    return Automation.objects.get()


def test_the_contracts_example_is_taken_and_read_back(office, written):
    document = office.get("automations/tenth-coffee/").json()

    assert {name: document[name] for name in TENTH_COFFEE} == TENTH_COFFEE
    assert (document["mode"], document["launches"]) == ("draft", 0)


def test_what_was_read_can_be_written_again(office, written):
    document = office.get("automations/tenth-coffee/").json()

    again = office.post("automations/", document)

    assert again.status_code == 200
    assert {name: again.json()[name] for name in TENTH_COFFEE} == TENTH_COFFEE
    assert Automation.objects.count() == 1


def test_a_document_cannot_set_the_mode(office, written):
    answer = office.post("automations/", changed(mode="working"))

    assert said(answer) == (400, "invalid")
    assert list(answer.json()["fields"]) == ["mode"]
    assert not Automation.objects.get().is_working


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"slug": "Not a slug"}, "slug"),
        ({"name": ""}, "name"),
        ({"surprise": 1}, "surprise"),
        ({"programs": ["tea"]}, "programs"),
        ({"triggers": [{"type": "birthday"}]}, "triggers"),
        ({"triggers": [{"type": "stamp_count_reached", "params": {"count": 0}}]}, "triggers"),
        ({"steps": [{"key": "s", "type": "split", "shares": {}}]}, "steps"),
        ({"steps": [{"key": "w", "type": "wait", "for": "P1M"}]}, "steps"),
        ({"steps": [{"key": "e", "type": "exit", "extra": 1}]}, "steps"),
        ({"entry": {"again": "once_per_days", "days": 0}}, "entry.days"),
        ({"goal": {"event": ""}}, "goal.event"),
        ({"starts_at": "2026-01-01"}, "starts_at"),
        ({"format": 2}, "format"),
    ],
    ids=str,
)
def test_a_document_that_cannot_be_used_is_refused_by_path(office, coffee, aurora, change, path):
    answer = office.post("automations/", changed(**change))

    assert said(answer) == (400, "invalid")
    assert all(re.match(path, name) for name in answer.json()["fields"])
    assert not Automation.objects.exists()


@pytest.mark.parametrize("body", [b"[]", b"null", b"5", b'"x"', b"{}", b'{"slug": {}}'])
def test_what_is_no_document_is_refused(office, coffee, body):
    assert said(office.post("automations/", body)) == (400, "invalid")
    assert not Automation.objects.exists()


def test_publishing_sets_it_working_and_says_so(office, written):
    answer = office.post("automations/tenth-coffee/publish/")

    assert answer.status_code == 200, answer.json()
    assert answer.json()["mode"] == "working"
    written.refresh_from_db()
    assert written.is_working


def test_what_is_not_ready_stays_a_draft_and_says_why(office, coffee, aurora):
    office.post("automations/", changed(steps=[]))

    answer = office.post("automations/tenth-coffee/publish/")

    assert said(answer) == (400, "invalid")
    assert answer.json()["fields"]
    assert not Automation.objects.get().is_working


def test_a_draft_does_not_touch_what_is_live(office, written):
    office.post("automations/tenth-coffee/publish/")
    live = Automation.objects.get().live

    office.post("automations/", changed(name="Another name", steps=[]))

    automation = Automation.objects.get()
    assert (automation.live, automation.is_working) == (live, True)
    assert office.get("automations/tenth-coffee/").json()["steps"] == []


PEOPLE = [{"people": way} for way in ("hold", "finish", "end")]


@pytest.mark.parametrize("body", [None, {}, *PEOPLE])
def test_pausing_sets_it_back_to_draft(office, written, body):
    office.post("automations/tenth-coffee/publish/")

    answer = office.post("automations/tenth-coffee/pause/", body)

    assert (answer.status_code, answer.json()["mode"]) == (200, "draft")


@pytest.mark.parametrize(
    ("body", "status", "paths"),
    [
        ({"choices": {"w1": "move", "all": "move"}}, 200, set()),
        ({"choices": {}}, 200, set()),
        ({"choices": {"w1": "jump", "x": "move"}}, 400, {"choices.w1", "choices.x"}),
        ({"choices": {"w1": {"skip_to": "c1"}}}, 400, {"choices.w1"}),
        ({"choices": ["w1"]}, 400, {"choices"}),
    ],
)
def test_publishing_takes_a_choice_for_each_step(office, written, body, status, paths):
    answer = office.post("automations/tenth-coffee/publish/", body)

    assert answer.status_code == status
    assert {path[:10] for path in answer.json().get("fields", {})} == {path[:10] for path in paths}
    assert Automation.objects.get().is_working == (status == 200)


def test_a_version_says_which_token_published_it(office, written):
    office.post("automations/tenth-coffee/publish/")

    live = Automation.objects.get().live
    assert live is not None
    assert live.published_by.startswith("api:")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"people": "shoo"}, "invalid"),
        ({"people": None}, "invalid"),
        ({"mode": "draft"}, "unknown_field"),
    ],
    ids=str,
)
def test_a_pause_of_another_kind_is_refused(office, written, body, code):
    office.post("automations/tenth-coffee/publish/")

    answer = office.post("automations/tenth-coffee/pause/", body)

    assert said(answer) == (400, code)
    assert Automation.objects.get().is_working


def test_a_deleted_automation_is_gone_and_its_slug_is_free(office, written):
    office.post("automations/tenth-coffee/publish/")

    assert office.delete("automations/tenth-coffee/").status_code == 204

    for call in ("", "journeys/"):
        assert said(office.get(f"automations/tenth-coffee/{call}")) == (404, "not_found")
    for call in ("publish/", "pause/"):
        assert said(office.post(f"automations/tenth-coffee/{call}")) == (404, "not_found")
    assert office.get("automations/").json()["results"] == []
    assert office.post("automations/", TENTH_COFFEE).status_code == 201


def test_the_list_tells_how_often_each_was_started(office, written, now):
    Counter.objects.bulk_create(
        Counter(automation=written, metric=metric, step_key=key, day=now.date(), shard=shard, n=3)
        for metric, key in (("launched", ""), ("finished", ""), ("launched", "w1"))
        for shard in (0, 1)
    )

    listed = office.get("automations/").json()["results"]

    assert [(row["slug"], row["mode"], row["launches"]) for row in listed] == [
        ("tenth-coffee", "draft", 6)
    ]


@pytest.mark.parametrize("slug", ["nothing", "types-", "x" * 200])
def test_an_unknown_automation_is_not_found(office, business, slug):
    assert said(office.get(f"automations/{slug}/")) == (404, "not_found")


# --- Journeys -------------------------------------------------------------------------------------


def work(now):
    """What the worker does, for every shard."""
    for shard in range(SHARDS):
        pump.pump(shard, now=now)


def test_ten_stamps_over_the_api_start_a_journey_that_can_be_followed(
    till, office, written, alice, coffee, aurora
):
    office.post("automations/tenth-coffee/publish/")
    now = clock.now()
    for _stamp in range(10):
        till.once(f"cards/{card_of(alice, coffee).serial}/accrue/", {"amount": 1})
    work(now + timedelta(minutes=1))

    (waiting,) = office.get("automations/tenth-coffee/journeys/").json()["results"]
    work(now + timedelta(days=1, minutes=2))
    (finished,) = office.get("automations/tenth-coffee/journeys/").json()["results"]

    assert waiting["customer"] == {"id": alice.pk}
    assert (waiting["state"], waiting["steps"][-1]["outcome"]) == ("waiting", "waiting")
    assert datetime.fromisoformat(waiting["due_at"]) == now + timedelta(days=1, minutes=1)
    assert finished["id"] == waiting["id"]
    assert (finished["state"], finished["due_at"]) == ("finished", None)
    assert [(run["key"], run["type"], run["outcome"]) for run in finished["steps"]] == [
        ("w1", "wait", "waiting"),
        ("w1", "wait", "done"),
        ("c1", "condition", "done"),
        ("a1", "accrue", "done"),
    ]
    assert all(run["at"] for run in finished["steps"])
    assert balances(card_of(alice, aurora)) == {"points": 150}
    assert office.get("automations/").json()["results"][0]["launches"] == 1


def test_journeys_are_found_by_customer(till, office, written, alice, coffee):
    office.post("automations/tenth-coffee/publish/")
    till.once(f"cards/{card_of(alice, coffee).serial}/accrue/", {"amount": 10})
    work(clock.now() + timedelta(minutes=1))

    path = "automations/tenth-coffee/journeys/"
    found = [
        len(office.get(f"{path}?customer={who}").json()["results"])
        for who in (alice.pk, alice.email, "somebody")
    ]

    assert found == [1, 1, 0]
