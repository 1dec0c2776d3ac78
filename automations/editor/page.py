"""All that the editor page shows of one automation, read once for a request."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.contrib.humanize.templatetags.humanize import naturaltime
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from automations import filters, publishing, surroundings, versions
from automations.editor import tree
from automations.models import Automation, Journey, Thread, Trigger, Version
from automations.models.automation import Again
from automations.models.journey import JourneyState
from automations.problems import Problem
from automations.triggers import TRIGGERS, TriggerType
from loyalty.fields import FieldSet

SOME = 5  # people inside that a panel names
Text = str | Promise


@dataclass(frozen=True, slots=True)
class Listed:
    """A problem in the list of what to fix, with the way to where it is."""

    where: Text
    text: Text
    url: str


@dataclass(frozen=True, slots=True)
class TriggerCard:
    """A trigger as the chain shows it."""

    position: int
    sentence: str
    filter: str
    problems: list[Text]


@dataclass
class Page:
    """One automation in front of one person. The version shown is the one they would edit."""

    request: HttpRequest
    automation: Automation
    refusal: str = ""
    panel: dict[str, Any] = field(default_factory=dict)

    @cached_property
    def can_change(self) -> bool:
        return self.request.user.has_perm("automations.change_automation")

    @cached_property
    def can_publish(self) -> bool:
        return self.can_change and self.request.user.has_perm("automations.publish_automation")

    @cached_property
    def can_delete(self) -> bool:
        return self.request.user.has_perm("automations.delete_automation")

    @cached_property
    def version(self) -> Version:
        version = self.automation.draft or self.automation.live
        assert version is not None  # noqa: S101 (an automation is made with a draft)
        return version

    @cached_property
    def thread(self) -> Thread:
        return versions.thread_of(self.version)

    @cached_property
    def triggers(self) -> list[Trigger]:
        return list(self.thread.triggers.order_by("position"))

    @cached_property
    def fields(self) -> FieldSet:
        """What conditions and texts in this chain may name."""
        return surroundings.of(self.version).fields

    @cached_property
    def problems(self) -> list[Problem]:
        """What stands in the way of the draft; of what is live nothing does."""
        return publishing.problems(self.version) if self.automation.draft else []

    @cached_property
    def numbers(self) -> tree.Numbers:
        return tree.numbers_of(self.automation)

    @cached_property
    def root(self) -> tree.Lane:
        by_step: dict[str, list[Text]] = defaultdict(list)
        for problem in self.problems:
            by_step[problem.step_key].append(problem.text)
        return tree.read(self.version, self.numbers, by_step)

    def inside(self, step_key: str = "") -> QuerySet[Journey]:
        found = self.automation.journeys.filter(state__in=[JourneyState.WAITING, JourneyState.HELD])
        return found.filter(step_key=step_key) if step_key else found

    def context(self) -> Mapping[str, Any]:
        """For the template `automations/editor/body.html`."""
        panel, card = self.panel, self.panel.get("card")
        inside = self.inside(card.key if card else "").select_related("customer")
        return {
            "automation": self.automation,
            "can_change": self.can_change,
            "can_publish": self.can_publish,
            "can_delete": self.can_delete,
            "status": _status(self.automation),
            "version": self.version,
            "root": self.root,
            "launched": self.numbers.launched,
            "triggers": [self._trigger_card(trigger) for trigger in self.triggers],
            "problems": self._listed(),
            "settings_words": self._settings_words(),
            "focus": self.request.GET.get("focus", ""),
            "refusal": self.refusal,
            "panel": panel,
            "form": panel.get("form"),
            "inside": list(inside.order_by("due_at")[:SOME]),
            "inside_total": self.numbers.inside.get(card.key, 0)
            if card
            else sum(self.numbers.inside.values()),
        }

    def _trigger_card(self, trigger: Trigger) -> TriggerCard:
        kind = TRIGGERS.get(trigger.type)
        return TriggerCard(
            trigger.position,
            kind.sentence(trigger.params) if kind else trigger.type,
            filters.sentence(trigger.filter) if trigger.filter is not None else "",
            [problem.text for problem in self.problems if kind and _is_about(problem, kind)],
        )

    def _listed(self) -> list[Listed]:
        return [
            Listed(self._where(problem), problem.text, self._way_to(problem))
            for problem in self.problems
        ]

    def _where(self, problem: Problem) -> Text:
        card = tree.find(self.root, problem.step_key) if problem.step_key else None
        return card.step.label if card else ""

    def _way_to(self, problem: Problem) -> str:
        """The panel in which it is mended."""
        if problem.step_key:
            return "?" + urlencode({"step": problem.step_key})
        for trigger in self.triggers:
            kind = TRIGGERS.get(trigger.type)
            if kind and _is_about(problem, kind):
                return f"?trigger={trigger.position}"
        return f"?add={self.root.name}" if self.triggers else "?trigger=new"

    def _settings_words(self) -> dict[str, Text]:
        return {"programs": self._programs_words(), "again": Again(self.thread.again).label}

    def _programs_words(self) -> str:
        names = [program.name for program in self.version.programs.all()]
        return capfirst(", ".join(names)) if names else _("Cards of any program")


def _is_about(problem: Problem, kind: type[TriggerType]) -> bool:
    """Whether a problem of the whole chain is one of that trigger: it begins with its name."""
    return not problem.step_key and problem.text.startswith(f"{kind.label}:")


def _status(automation: Automation) -> str:
    """“Version 3 is live, the draft was changed 2 minutes ago”."""
    live, draft = automation.live, automation.draft
    if live is None:
        return _("Never published.")
    words = {
        "n": live.number,
        "when": naturaltime(draft.changed_at if draft else live.changed_at),
    }
    if automation.is_working and draft:
        return _("Version %(n)d is live; the draft was changed %(when)s.") % words
    if automation.is_working:
        return _("Version %(n)d is live, published %(when)s.") % words
    if draft:
        return _("Paused at version %(n)d; the draft was changed %(when)s.") % words
    return _("Paused at version %(n)d.") % words
