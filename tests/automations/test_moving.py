"""Publishing a new version while people stand in an older one: every choice does what it says."""

from datetime import datetime, timedelta

import pytest

from automations import portable, publishing
from automations.engine import moving
from automations.models import Automation, Counter, Journey, StepRun
from automations.problems import Invalid
from tests.automations.chains import run, working
from tests.automations.versions import (
    WAYS,
    Crowd,
    crossroads,
    document,
    let_in,
    parallel,
    states,
    tag,
    tags,
    wait,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("sender")]

EACH = 20


@pytest.fixture
def crowd(now: datetime) -> Crowd:
    """`crowd(20, "vip")` lets in customers with that tag."""
    return lambda n, tag: let_in(n, tag, now)


def test_a_hundred_people_parked_in_a_wait_go_where_it_was_chosen(
    crowd: Crowd, now: datetime
) -> None:
    automation = working(crossroads("P1D", "old"), now)
    for way in WAYS:
        crowd(EACH, way)
    run(now)
    hour = now + timedelta(hours=1)
    assert states() == {("waiting", 1, way): EACH for way in WAYS}

    portable.read(document(*crossroads("P3D", "new")), now=hour)
    automation.refresh_from_db()
    inside = publishing.standing(automation)
    choices = {way: way for way in WAYS} | {"skip": "skip_to:after"}
    publishing.publish(automation, choices=choices, now=hour)

    # Asked for everybody, since every wait has changed; and each is where it was chosen.
    assert [(row.key, row.people, row.change) for row in inside.asked] == [
        (way, EACH, "changed") for way in WAYS
    ]
    assert states() == {
        ("waiting", 1, "finish"): EACH,
        ("waiting", 2, "move"): EACH,
        ("waiting", 2, "restart"): EACH,
        ("waiting", 2, "after"): EACH,
        ("stopped", 1, "exit"): EACH,
    }
    due = dict(Journey.objects.values_list("step_key", "due_at"))
    day = timedelta(days=1)
    assert due == {
        "finish": now + day,  # what is left of it
        "move": now + day,
        "restart": hour,
        "after": hour,
        "exit": None,
    }

    run(hour)  # who begins a step anew waits for three days from now on, who skipped is through
    run(now + day)
    assert tags("finish") == {("finish", "old finish", "old after"): EACH}
    assert tags("move") == {("move", "new move", "new after"): EACH}
    assert tags("restart") == {("restart",): EACH}
    assert tags("skip") == {("skip", "new after"): EACH}
    assert tags("exit") == {("exit",): EACH}

    run(hour + 3 * day)
    assert tags("restart") == {("restart", "new restart", "new after"): EACH}
    assert set(Journey.objects.values_list("state", flat=True)) == {"finished", "stopped"}


def test_each_of_them_can_read_in_their_history_what_became_of_them(
    crowd: Crowd, now: datetime
) -> None:
    automation = working(crossroads("P1D", "old"), now)
    for way in WAYS:
        crowd(1, way)
    run(now)
    before = dict(Journey.objects.values_list("step_key", "moves"))

    portable.read(document(*crossroads("P3D", "new")), now=now)
    choices = {way: way for way in WAYS} | {"skip": "skip_to:after"}
    publishing.publish(automation, choices=choices, now=now)

    newest = StepRun.objects.order_by("pk")[sum(before.values()) :]
    said = {run.step_key: (run.outcome, run.note) for run in newest}
    assert said == {
        "move": ("waiting", "Goes on in version 2."),
        "restart": ("retried", "Begins this step again in version 2."),
        "skip": ("skipped", "Left out from here on: version 2 goes on elsewhere."),
        "exit": ("stopped", "Taken out when version 2 was published."),
    }
    # The number of a move names its effects, so none is given twice.
    numbers = StepRun.objects.values_list("journey", "moves")
    assert len(set(numbers)) == len(numbers)
    assert Journey.objects.get(state="stopped").note == "Taken out when version 2 was published."
    assert Counter.objects.total("stopped") == 1


def test_without_a_choice_everybody_finishes_in_the_version_they_are_in(
    crowd: Crowd, now: datetime
) -> None:
    automation = working(crossroads("P1D", "old"), now)
    crowd(3, "move")
    run(now)

    portable.read(document(*crossroads("P3D", "new")), now=now)
    publishing.publish(automation, now=now)

    assert states() == {("waiting", 1, "move"): 3}


def test_all_may_be_moved_but_whose_step_is_gone_finishes(crowd: Crowd, now: datetime) -> None:
    automation = working(crossroads("P1D", "old"), now)
    for way in WAYS:
        crowd(2, way)
    run(now)
    new = crossroads("P1D", "old")
    del new[0]["branches"]["restart"][0]

    portable.read(document(*new), now=now)
    automation.refresh_from_db()
    inside = publishing.standing(automation)
    publishing.publish(automation, choices={"all": "move", "exit": "exit"}, now=now)

    assert [(row.key, row.change) for row in inside.asked] == [("restart", "removed")]
    assert inside.others == 8
    assert states() == {
        ("waiting", 2, "finish"): 2,
        ("waiting", 2, "move"): 2,
        ("waiting", 1, "restart"): 2,
        ("waiting", 2, "skip"): 2,
        ("stopped", 1, "exit"): 2,
    }


@pytest.mark.parametrize(
    ("choices", "path"),
    [
        ({"nothing": "move"}, "choices.nothing"),
        ({"w": "moves"}, "choices.w"),
        ({"w": "skip_to"}, "choices.w"),
        ({"w": "skip_to:nothing"}, "choices.w"),
        ({"w": "skip_to:inner"}, "choices.w"),
        ({"w": "move:t"}, "choices.w"),
        ({"w": "move"}, "choices.w"),
        ({"w": "restart"}, "choices.w"),
        ({"all": "exit"}, "choices.all"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_published(
    now: datetime, choices: dict[str, str], path: str
) -> None:
    automation = working([wait("w"), tag("t", "old")], now)
    fork = parallel(a=[wait("inner")], b=[tag("u", "b")])
    portable.read(document(tag("t", "new"), fork), now=now)

    with pytest.raises(Invalid) as refusal:
        publishing.publish(automation, choices=choices, now=now)

    assert set(refusal.value.fields) == {path}
    fresh = Automation.objects.get()
    assert fresh.live == automation.live
    assert fresh.draft is not None


def test_publishing_again_with_the_same_choices_goes_on_where_it_stopped(
    crowd: Crowd, now: datetime
) -> None:
    automation = working([wait("w"), tag("t", "old")], now)
    crowd(4, "vip")
    run(now)
    portable.read(document(wait("w", "P2D"), tag("t", "new")), now=now)
    publishing.publish(automation, now=now)  # as if it had stopped before the first bite

    publishing.publish(automation, choices={"w": "move"}, now=now)
    publishing.publish(automation, choices={"w": "move"}, now=now)

    assert states() == {("waiting", 2, "w"): 4}
    assert StepRun.objects.filter(note="Goes on in version 2.").count() == 4


def test_many_bites_take_everybody_once(
    crowd: Crowd, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(moving, "BITE", 3)
    automation = working([wait("w"), tag("t", "old")], now)
    crowd(10, "vip")
    run(now)
    portable.read(document(wait("w", "P2D"), tag("t", "new")), now=now)

    publishing.publish(automation, choices={"w": "restart"}, now=now)

    assert states() == {("waiting", 2, "w"): 10}
    assert StepRun.objects.filter(outcome="retried").count() == 10
