"""Automations as JSON documents: the same for export, import, the API and tests.

`read(write(automation))` changes nothing but the draft's number. docs/automations.md has the form.
"""

from dataclasses import asdict
from datetime import datetime
from typing import Any

from django.db import transaction

from automations import documents, versions
from automations.documents import FORMAT, NEUTRAL, Document, DrawnThread
from automations.lanes import Lanes
from automations.models import Automation, Step, Thread, Trigger, Version
from automations.models.automation import Again, IfInside
from automations.rules import Limits
from automations.versions import lanes_of, threads_of
from loyalty import clock
from loyalty.shapes import moment


def read(source: Any, *, now: datetime | None = None) -> Automation:
    """Make the automation of the document's slug, or replace its draft; may be repeated.

    What is live stays live until somebody publishes; name, label and limits hold at once. Raises
    `problems.Invalid` with a path for everything that is wrong, and then nothing was changed.
    """
    now = now or clock.now()
    document = documents.parse(source)
    with transaction.atomic():
        Automation.objects.get_or_create(
            slug=document.slug, defaults={"name": document.name, "created_at": now}
        )
        automation = Automation.objects.select_for_update(no_key=True).get(slug=document.slug)
        limits = document.rules.limits
        own = {
            "name": document.name,
            "label": document.label,
            "most_points_a_day": limits.points_per_day,
            "most_messages_a_day": limits.messages_per_day,
            "changed_at": now,
        }
        for name, value in own.items():
            setattr(automation, name, value)
        automation.save(update_fields=list(own))
        versions.replace_draft(automation, _draft(automation, document, now))
    return automation


def _draft(automation: Automation, document: Document, now: datetime) -> Version:
    draft = versions.new_version(automation, now)
    rules = document.rules
    draft.starts_at, draft.ends_at = rules.schedule.starts_at, rules.schedule.ends_at
    draft.platforms, draft.goal, draft.exits = rules.platforms, rules.goal, rules.exits
    draft.save()
    draft.programs.set(document.programs)
    draft.locations.set(document.locations)
    for position, drawn in enumerate(document.threads):
        versions.write_steps(draft, _thread(draft, position, drawn), drawn.steps)
    return draft


def _thread(draft: Version, position: int, drawn: DrawnThread) -> Thread:
    entry = drawn.entry
    thread = Thread.objects.create(
        version=draft,
        key=drawn.key,
        name=drawn.name,
        position=position,
        again=entry.again,
        days=entry.days,
        entry_key=entry.key,
        if_inside=entry.if_inside,
        cap=entry.cap,
    )
    Trigger.objects.bulk_create(
        Trigger(
            thread=thread, type=each.type, params=each.params, filter=each.filter, position=place
        )
        for place, each in enumerate(drawn.triggers)
    )
    return thread


def write(automation: Automation, version: Version | None = None) -> dict[str, Any]:
    """The document of a version: the one given, else the draft, else what is live."""
    version = version or automation.draft or automation.live
    document = {
        "format": FORMAT,
        "slug": automation.slug,
        "name": automation.name,
        "label": automation.label,
    }
    if version is None:
        return document | {"programs": [], **NEUTRAL, "triggers": [], "steps": []}
    return document | _rules(automation, version) | _threads(version)


def _rules(automation: Automation, version: Version) -> dict[str, Any]:
    limits = Limits(automation.most_points_a_day, automation.most_messages_a_day)
    has_limits = limits != Limits()
    return {
        "programs": sorted(version.programs.values_list("slug", flat=True)),
        "starts_at": moment(version.starts_at),
        "ends_at": moment(version.ends_at),
        "platforms": version.platforms,
        "locations": sorted(version.locations.values_list("slug", flat=True)),
        "goal": version.goal,
        **({"exits": version.exits} if version.exits else {}),
        **({"limits": asdict(limits)} if has_limits else {}),
    }


def _threads(version: Version) -> dict[str, Any]:
    lanes, threads = lanes_of(version), threads_of(version)
    chains = [
        {
            "triggers": [_trigger(trigger) for trigger in thread.triggers.all()],
            "entry": _entry(thread),
            "steps": _lane(lanes, None, thread.key),
        }
        for thread in threads
    ]
    if [(thread.key, thread.name) for thread in threads] == [("main", "")]:
        return chains[0]
    named = zip(threads, chains, strict=True)
    return {
        "threads": [{"key": thread.key, "name": thread.name, **chain} for thread, chain in named]
    }


def _entry(thread: Thread) -> dict[str, Any]:
    of_its_rule: dict[str, Any] = {}
    if thread.again == Again.ONCE_PER_DAYS:
        of_its_rule = {"days": thread.days}
    if thread.again == Again.ONCE_PER_KEY:
        of_its_rule = {"key": thread.entry_key}
    # As plain texts: this is compared with documents, and printed.
    again, if_inside = Again(thread.again).value, IfInside(thread.if_inside).value
    return {"again": again, **of_its_rule, "if_inside": if_inside, "cap": thread.cap}


def _trigger(trigger: Trigger) -> dict[str, Any]:
    own = {"type": trigger.type, "params": trigger.params}
    return own | ({"filter": trigger.filter} if trigger.filter is not None else {})


def _lane(lanes: Lanes, fork: Step | None, branch: str) -> list[dict[str, Any]]:
    return [_step(lanes, step) for step in lanes.at(fork, branch)]


def _step(lanes: Lanes, step: Step) -> dict[str, Any]:
    own = {"key": step.key, "type": step.type, **step.parameters()}
    if not step.branches:
        return own
    return own | {"branches": {name: _lane(lanes, step, name) for name in step.branches}}
