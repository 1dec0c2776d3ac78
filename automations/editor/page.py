"""All that the editor page shows of one automation, read once for a request."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.contrib.humanize.templatetags.humanize import naturaltime
from django.db.models import QuerySet
from django.http import Http404, HttpRequest
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from automations import filters, lint, surroundings, versions
from automations.editor import fuses, tree, words
from automations.models import Automation, Journey, Thread, Trigger, Version
from automations.models.automation import Again
from automations.models.journey import JourneyState
from automations.problems import Problem
from automations.triggers import TRIGGERS
from loyalty import clock
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


@dataclass(frozen=True, slots=True)
class Start:
    """A thread as the page shows it: what starts it, and its chain."""

    thread: Thread
    root: tree.Lane
    triggers: list[TriggerCard]
    entry_words: str
    has_rules: bool


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
    def threads(self) -> list[Thread]:
        return versions.threads_of(self.version)

    def thread(self, key: str) -> Thread:
        """The thread of that key, without one the first; Http404 where there is none."""
        found = next((each for each in self.threads if key in ("", each.key)), None)
        if found is None:
            raise Http404
        return found

    def triggers(self, thread: Thread) -> list[Trigger]:
        return list(thread.triggers.order_by("position"))

    def fields(self, thread: str) -> FieldSet:
        """What conditions and texts in that thread's chain may name."""
        return surroundings.of(self.thread(thread)).fields

    @cached_property
    def problems(self) -> list[Problem]:
        """What stands in the way of the draft; of what is live nothing does."""
        return lint.problems(self.version) if self.automation.draft else []

    @cached_property
    def numbers(self) -> tree.Numbers:
        return tree.numbers_of(self.automation)

    @cached_property
    def roots(self) -> list[tree.Lane]:
        by_step: dict[str, list[Text]] = defaultdict(list)
        for problem in self.problems:
            by_step[problem.step_key].append(problem.text)
        return tree.read(self.version, self.threads, self.numbers, by_step)

    def root(self, thread: str) -> tree.Lane:
        return next(root for root in self.roots if root.branch == thread)

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
            "starts": [self._start(*both) for both in zip(self.threads, self.roots, strict=True)],
            "launched": self.numbers.launched,
            "problems": self._listed(),
            "facts": self._facts(),
            "hits": fuses.of(self.automation, clock.now()),
            "programs_words": words.programs(self.version),
            "has_inside": self.inside().exists(),
            "has_older": self._has_older(),
            "focus": self.request.GET.get("focus", ""),
            "refusal": self.refusal,
            "panel": panel,
            "form": panel.get("form"),
            "inside": list(inside.order_by("due_at")[:SOME]),
            "inside_total": self.numbers.inside.get(card.key, 0)
            if card
            else sum(self.numbers.inside.values()),
        }

    def _start(self, thread: Thread, root: tree.Lane) -> Start:
        triggers = [self._trigger_card(thread, each) for each in self.triggers(thread)]
        return Start(thread, root, triggers, words.entry(thread), thread.again != Again.EVERY_TIME)

    def _trigger_card(self, thread: Thread, trigger: Trigger) -> TriggerCard:
        kind = TRIGGERS.get(trigger.type)
        return TriggerCard(
            trigger.position,
            kind.sentence(trigger.params) if kind else trigger.type,
            filters.sentence(trigger.filter) if trigger.filter is not None else "",
            [
                problem.text
                for problem in self.problems
                if (problem.thread, problem.trigger) == (thread.key, trigger.position)
            ],
        )

    def _listed(self) -> list[Listed]:
        return [
            Listed(self._where(problem), problem.text, self._way_to(problem))
            for problem in self.problems
        ]

    def _where(self, problem: Problem) -> Text:
        card = tree.find(self.roots, problem.step_key) if problem.step_key else None
        return card.step.label if card else ""

    def _way_to(self, problem: Problem) -> str:
        """The panel in which it is mended."""
        if problem.step_key:
            return "?" + urlencode({"step": problem.step_key})
        if problem.setting:
            more = {"thread": problem.thread} if problem.at is None else {"at": problem.at}
            return "?" + urlencode({"settings": problem.setting, **more})
        if problem.trigger is not None:
            return "?" + urlencode({"trigger": problem.trigger, "thread": problem.thread})
        thread = self.thread(problem.thread)
        if thread.triggers.exists():
            return "?" + urlencode({"add": f".{thread.key}"})
        return "?" + urlencode({"trigger": "new", "thread": thread.key})

    def _has_older(self) -> bool:
        """Whether people are in versions before the live one, and no draft is in the way."""
        live = self.automation.live_id
        return not self.automation.draft_id and self.inside().exclude(version=live).exists()

    def _facts(self) -> list[tuple[Text, Text]]:
        """The rules in short: the programs always, the rest where something is set."""
        version = self.version
        facts: list[tuple[Text, Text]] = [(_("Cards"), words.programs(version))]
        if len(self.threads) == 1:
            facts.append((_("May enter"), words.entry(self.threads[0])))
        more = (
            (_("Runs"), version.starts_at or version.ends_at, words.schedule),
            (_("From"), version.platforms or version.locations.exists(), words.scope),
        )
        facts += [(label, say(version)) for label, is_set, say in more if is_set]
        if version.goal:
            facts.append((_("Goal"), words.happening(version.goal)))
        facts += [(_("Leaves when"), words.happening(rule)) for rule in version.exits]
        if self.automation.most_points_a_day or self.automation.most_messages_a_day:
            facts.append((_("At most"), words.limits(self.automation)))
        return facts


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
