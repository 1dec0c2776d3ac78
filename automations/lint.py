"""What must be mended before a version may be published, said to the shop owner."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from django.utils.translation import gettext as _

from automations import filters, surroundings
from automations.lanes import Lanes
from automations.models import Thread, Trigger, Version
from automations.models.automation import Again
from automations.problems import Problem
from automations.triggers import TRIGGERS
from automations.versions import lanes_of, threads_of
from loyalty.models import Program


def problems(version: Version) -> list[Problem]:
    """Everything, in reading order; where there are several threads, each says which it is in."""
    threads, lanes = threads_of(version), lanes_of(version)
    programs = surroundings.programs_of(version)
    found = list(_in_the_rules(version, threads))
    for at, thread in enumerate(threads, start=1):
        own = [
            *_before_the_chain(thread, programs),
            *_at_the_door(thread),
            *_in_the_chain(thread, lanes),
        ]
        name = thread.name or _("Start %(n)d") % {"n": at}
        found += [_named(each, name) for each in own] if len(threads) > 1 else own
    return found


def _named(problem: Problem, thread: str) -> Problem:
    """What is wrong with a step is found by the step."""
    if problem.step_key or problem.trigger is not None:
        return problem
    return replace(problem, text=f"{thread}: {problem.text}")


# --- The rules ------------------------------------------------------------------------------------


def _in_the_rules(version: Version, threads: list[Thread]) -> Iterator[Problem]:
    starts, ends = version.starts_at, version.ends_at
    if starts is not None and ends is not None and starts >= ends:
        yield Problem("", _("It ends before it starts."), setting="schedule")
    if version.platforms and not _hears_of_orders(threads):
        text = _("It is for orders of some platforms, but no trigger is about an order.")
        yield Problem("", text, setting="scope")
    if version.goal:
        yield from _of_rule(version, version.goal, "goal", _("Goal"))
    for at, rule in enumerate(version.exits):
        yield from _of_rule(version, rule, "exits", _("Reason to leave"), at)


def _of_rule(
    version: Version, rule: Mapping[str, Any], setting: str, word: str, at: int | None = None
) -> Iterator[Problem]:
    if rule.get("filter") is None:
        return
    fields = surroundings.of_event(rule["event"], version)
    for found in filters.problems(rule["filter"], fields):
        yield Problem("", f"{word}: {found}", setting=setting, at=at)


def _hears_of_orders(threads: list[Thread]) -> bool:
    kinds = [kind for thread in threads for kind in surroundings.kinds_of(thread.triggers.all())]
    return not kinds or any(kind.has_order() or kind.payload() is None for kind in kinds)


def _at_the_door(thread: Thread) -> Iterator[Problem]:
    def problem(text: str) -> Problem:
        return Problem("", text, thread=thread.key, setting="entry")

    if thread.again == Again.ONCE_PER_DAYS and not thread.days:
        yield problem(_("Say in how many days a customer may enter once."))
    if thread.again == Again.ONCE_PER_KEY and not thread.entry_key:
        yield problem(_("Choose the field for each value of which a customer may enter once."))
    elif thread.again == Again.ONCE_PER_KEY and not _has_value(thread, thread.entry_key):
        yield problem(_("“%(name)s” never has a value here.") % {"name": thread.entry_key})


def _has_value(thread: Thread, name: str) -> bool:
    return surroundings.of(thread).fields.find(name) is not None


# --- The chain ------------------------------------------------------------------------------------


def _before_the_chain(thread: Thread, programs: list[Program]) -> Iterator[Problem]:
    triggers = list(thread.triggers.all())
    if not triggers:
        yield Problem("", _("Choose what starts it."), thread=thread.key)
    for trigger in triggers:
        for text in _of_trigger(trigger, programs):
            yield Problem("", text, thread=thread.key, trigger=trigger.position)


def _of_trigger(trigger: Trigger, programs: list[Program]) -> list[str]:
    kind = TRIGGERS.get(trigger.type)
    if kind is None:
        return [_("There is no trigger “%(name)s”.") % {"name": trigger.type}]
    found = kind.problems(trigger.params, programs)
    if trigger.filter is not None:
        found += filters.problems(trigger.filter, surroundings.of_trigger(kind, programs))
    return [f"{kind.label}: {text}" for text in found]


def _in_the_chain(thread: Thread, lanes: Lanes) -> Iterator[Problem]:
    around = replace(surroundings.of(thread), grounds=dict(lanes.grounds(None, thread.key)))
    unreachable = {step.pk for step in lanes.unreachable(None, thread.key)}
    chain = list(lanes.walk(None, thread.key))
    if not chain:
        yield Problem("", _("It has no steps yet."), thread=thread.key)
    for step in chain:
        if step.pk in unreachable:
            text = _("Nobody comes here: all before it leave with an exit.")
            yield Problem(step.key, text, thread=thread.key)
        for found in step.problems(around):
            yield Problem(step.key, str(found), thread=thread.key)
