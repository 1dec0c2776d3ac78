"""Automations as JSON documents: the same for export, import, the API and tests.

`read(write(automation))` changes nothing but the draft's number. docs/automations.md has the form.
"""

from datetime import datetime
from typing import Any

from django.db import transaction

from automations import documents, versions
from automations.documents import FORMAT, NEUTRAL, NEUTRAL_ENTRY, Document
from automations.lanes import Lanes
from automations.models import Automation, Step, Thread, Trigger, Version
from automations.versions import lanes_of, thread_of
from loyalty import clock


def read(source: Any, *, now: datetime | None = None) -> Automation:
    """Make the automation of the document's slug, or replace its draft; may be repeated.

    What is live stays live until somebody publishes. Raises `problems.Invalid` with a path for
    everything that is wrong, and then nothing was changed.
    """
    now = now or clock.now()
    document = documents.parse(source)
    with transaction.atomic():
        Automation.objects.get_or_create(
            slug=document.slug, defaults={"name": document.name, "created_at": now}
        )
        automation = Automation.objects.select_for_update(no_key=True).get(slug=document.slug)
        automation.name, automation.label = document.name, document.label
        automation.changed_at = now
        automation.save(update_fields=["name", "label", "changed_at"])
        versions.replace_draft(automation, _draft(automation, document, now))
    return automation


def _draft(automation: Automation, document: Document, now: datetime) -> Version:
    draft = versions.new_version(automation, now)
    draft.programs.set(document.programs)
    thread = Thread.objects.create(
        version=draft,
        key=document.thread_key,
        name=document.thread_name,
        again=document.again,
    )
    Trigger.objects.bulk_create(
        Trigger(
            thread=thread,
            type=drawn.type,
            params=drawn.params,
            filter=drawn.filter,
            position=position,
        )
        for position, drawn in enumerate(document.triggers)
    )
    versions.write_steps(draft, thread, document.steps)
    return draft


def write(automation: Automation, version: Version | None = None) -> dict[str, Any]:
    """The document of a version: the one given, else the draft, else what is live."""
    version = version or automation.draft or automation.live
    chain: dict[str, Any] = {"triggers": [], "entry": NEUTRAL_ENTRY, "steps": []}
    thread = thread_of(version) if version else None
    if version and thread:
        lanes = lanes_of(version)
        chain = {
            "triggers": [_trigger(trigger) for trigger in thread.triggers.all()],
            "entry": {"again": thread.again, **NEUTRAL_ENTRY},
            "steps": _lane(lanes, None, thread.key),
        }
    if thread and (thread.key, thread.name) != ("main", ""):
        chain = {"threads": [{"key": thread.key, "name": thread.name, **chain}]}
    return {
        "format": FORMAT,
        "slug": automation.slug,
        "name": automation.name,
        "label": automation.label,
        "programs": sorted(version.programs.values_list("slug", flat=True)) if version else [],
        **NEUTRAL,
        **chain,
    }


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
