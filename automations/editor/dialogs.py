"""What publishing and pausing ask: what becomes of the people who are inside."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from automations import grounds, publishing
from automations.changes import Change
from automations.choices import EVERYBODY, Way
from automations.editor.page import Page
from automations.problems import Invalid
from automations.standing import Standing

Panel = dict[str, Any]
Text = str | Promise

CHANGES: Mapping[Change, Text] = {
    Change.CHANGED: gettext_lazy("changed"),
    Change.REMOVED: gettext_lazy("deleted"),
    Change.MOVED: gettext_lazy("moved"),
}
WAYS: Mapping[Way, tuple[Text, Text]] = {
    Way.FINISH: (
        gettext_lazy("Finish as it was"),
        gettext_lazy("They walk on in the version they are in."),
    ),
    Way.MOVE: (
        gettext_lazy("Go on in the new version"),
        gettext_lazy("What is left of their wait is kept."),
    ),
    Way.RESTART: (
        gettext_lazy("Begin this step again"),
        gettext_lazy("In the new version; a wait starts over."),
    ),
    Way.SKIP_TO: (gettext_lazy("Skip to a step"), gettext_lazy("Of the new version, at once.")),
    Way.EXIT: (gettext_lazy("Leave"), gettext_lazy("Nothing more happens for them.")),
}
PEOPLE: Mapping[str, tuple[Text, Text]] = {
    publishing.People.HOLD: (
        gettext_lazy("Hold them where they are"),
        gettext_lazy("Their waits go on ticking. Who is overdue acts as soon as it works again."),
    ),
    publishing.People.FINISH: (
        gettext_lazy("Let them finish"),
        gettext_lazy("They walk on to the end. Nobody new enters."),
    ),
    publishing.People.END: (
        gettext_lazy("Send them away"),
        gettext_lazy("They leave at once, for good."),
    ),
}


@dataclass(frozen=True, slots=True)
class Question:
    """One step, or everybody else, with the ways to choose from."""

    key: str
    title: Text
    sub: Text
    people: int
    ways: list[tuple[Way, Text, Text, bool]]  # value, label, help, whether it is chosen
    steps: list[tuple[str, str, bool]]  # to skip to
    error: str = ""


def publish(
    page: Page, sent: Mapping[str, str] | None = None, error: Invalid | None = None
) -> Panel:
    inside = publishing.standing(page.automation)
    sent = sent or {}
    found = error.fields if error else {}
    errors = {path.removeprefix("choices."): " ".join(texts) for path, texts in found.items()}
    steps = _steps(page)
    questions = [_question(row, steps, sent, errors) for row in inside.asked]
    if inside.others:
        questions.append(_others(inside.others, sent, errors))
    return {
        "name": "publish",
        "template": "automations/editor/panel_publish.html",
        "questions": questions,
    }


def pause(page: Page) -> Panel:
    chosen = publishing.People.HOLD
    if not page.automation.is_working:
        chosen = publishing.People.FINISH if page.automation.lets_finish else chosen
    return {
        "name": "pause",
        "template": "automations/editor/panel_pause.html",
        "people": page.inside().count(),
        "ways": [
            (value, label, help_, value == chosen) for value, (label, help_) in PEOPLE.items()
        ],
    }


def choices(sent: Mapping[str, str]) -> dict[str, str]:
    """As `publishing.publish` takes them: `choice-<key>`, and `to-<key>` where they skip."""
    found = {}
    for name, way in sent.items():
        if not name.startswith("choice-"):
            continue
        key = name.removeprefix("choice-")
        found[key] = f"{way}:{sent.get(f'to-{key}', '')}" if way == Way.SKIP_TO else way
    return found


def _question(
    row: Standing,
    steps: list[tuple[str, str]],
    sent: Mapping[str, str],
    errors: Mapping[str, str],
) -> Question:
    chosen = sent.get(f"choice-{row.key}", Way.FINISH)
    to = sent.get(f"to-{row.key}", "")
    name = f"{row.label}: {row.summary}" if row.summary else row.label
    return Question(
        row.key,
        name,
        CHANGES[row.change],
        row.people,
        [(way, *WAYS[way], way == chosen) for way in row.ways if way != Way.SKIP_TO or steps],
        [(key, label, key == to) for key, label in steps if key != row.key],
        errors.get(row.key, ""),
    )


def _others(people: int, sent: Mapping[str, str], errors: Mapping[str, str]) -> Question:
    chosen = sent.get(f"choice-{EVERYBODY}", Way.FINISH)
    ways = [(way, *WAYS[way], way == chosen) for way in (Way.FINISH, Way.MOVE)]
    title = _("All others")
    sub = _("at steps that stay as they are")
    return Question(EVERYBODY, title, sub, people, ways, [], errors.get(EVERYBODY, ""))


def _steps(page: Page) -> list[tuple[str, str]]:
    """Where one may skip to, as the chain calls it."""
    found = []
    for key, spot in grounds.of(page.version).items():
        if not spot.fork:
            summary = spot.step.summary()
            found.append(
                (key, f"{spot.step.label}: {summary}" if summary else str(spot.step.label))
            )
    return found
