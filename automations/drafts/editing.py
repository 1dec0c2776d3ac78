"""What all verbs on a draft share: the automation's lock, and the draft they change."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from django.db import transaction

from automations import versions
from automations.models import Automation, Thread, Version
from loyalty.errors import NotFound


@contextmanager
def editing(automation: Automation, now: datetime) -> Iterator[Version]:
    with transaction.atomic():
        present = Automation.objects.filter(deleted_at=None)
        locked = present.select_for_update(no_key=True).filter(pk=automation.pk).first()
        if locked is None:
            raise NotFound
        draft = versions.draft_of(locked, now)
        yield draft
        Version.objects.filter(pk=draft.pk).update(changed_at=now)
        Automation.objects.filter(pk=automation.pk).update(changed_at=now)
    automation.draft, automation.changed_at = draft, now


def thread_called(draft: Version, key: str) -> Thread:
    """The thread of that key, without one the first; raises NotFound."""
    threads = versions.threads_of(draft)
    found = next((thread for thread in threads if key in ("", thread.key)), None)
    if found is None:
        raise NotFound
    return found
