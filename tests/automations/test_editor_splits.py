"""Splits and parallel walks in the editor's forms."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from automations import portable
from automations.models import Automation
from tests.automations.conftest import Chain

TAG = {"type": "add_tag", "tag": "seen"}


@pytest.fixture
def staff(db: None) -> Client:
    client = Client()
    client.force_login(User.objects.create_superuser("mira"))
    return client


@pytest.fixture
def drawn(chain: Chain) -> Automation:
    both = {"key": "p", "type": "parallel", "branches": {"a": [{"key": "u", **TAG}], "b": []}}
    return chain(both)


def at(name: str, automation: Automation, *args: str) -> str:
    return reverse(f"admin:automations_automation_{name}", args=(automation.pk, *args))


def stored(automation: Automation, key: str) -> dict[str, Any]:
    automation.refresh_from_db()
    return next(step for step in portable.write(automation)["steps"] if step["key"] == key)


def html(answer: Any) -> str:
    return " ".join(answer.content.decode().split())


def shares(*rows: tuple[str, str, str], **more: str) -> dict[str, str]:
    sent = {"shares-total": str(len(rows)), "holdout": "0", **more}
    for n, row in enumerate(rows):
        parts = zip(("branch", "label", "share"), row, strict=True)
        sent |= {f"shares-{n}-{part}": text for part, text in parts}
    return sent


def test_new_ways_of_a_split_are_named_after_the_others(staff: Client, drawn: Automation) -> None:
    new = {"lane": ".main", "at": "0", "kind": "split"}
    staff.post(at("steps", drawn), new | shares(("", "Long text", "50"), ("", "", "50")))
    assert stored(drawn, "split-1")["shares"] == {"a": 50, "b": 50}

    sent = shares(("a", "Long text", "40"), ("b", "", "40"), ("", "", "20"), holdout="15")
    staff.post(at("step", drawn, "split-1"), sent)

    now = stored(drawn, "split-1")
    assert (now["shares"], now["labels"]) == ({"a": 40, "b": 40, "c": 20}, {"a": "Long text"})
    assert now["holdout"] == 15


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        (shares(("", "", "50"), ("", "", "49")), "must sum to 100; now it is 99"),
        (shares(("", "", "50"), ("", "", "half")), "Type a whole number from 0 to 100."),
        (shares(("", "", "-1"), ("", "", "101")), "Type a whole number from 0 to 100."),
        (shares(("", "", "100")), "somebody must be held out"),
        (shares(("", "", "50"), ("", "", "50"), holdout="91"), "less than or equal to 90"),
    ],
)
def test_shares_that_do_not_fit_are_refused(
    staff: Client, drawn: Automation, sent: dict[str, str], said: str
) -> None:
    new = {"lane": ".main", "at": "0", "kind": "split"}

    answer = staff.post(at("steps", drawn), new | sent)

    assert answer.status_code == 422
    assert said in html(answer)
    drawn.refresh_from_db()
    assert len(portable.write(drawn)["steps"]) == 1


def test_a_parallel_gets_another_branch(staff: Client, drawn: Automation) -> None:
    rows = [("a", ""), ("b", "Bee"), ("", "A third")]
    sent = {"lanes-total": "3"}
    for n, (branch, label) in enumerate(rows):
        sent |= {f"lanes-{n}-branch": branch, f"lanes-{n}-label": label}

    staff.post(at("step", drawn, "p"), sent)

    now = stored(drawn, "p")
    assert list(now["branches"]) == ["a", "b", "a-third"]
    assert now["labels"] == {"b": "Bee", "a-third": "A third"}
    assert len(now["branches"]["a"]) == 1
