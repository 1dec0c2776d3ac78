"""Finds the journey or event that kills the process which works on it (memory, a crash in C).

What is pumped is announced in a row of its own, committed before the batches and gone with the last
of them. A pump that finds a row of somebody who no longer says anything makes smaller batches, at
last of one, each announced by name; who is alone `DEATHS` times when the process dies is set aside.
"""

import os
import socket
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache

from automations.engine.processes import is_there
from automations.models import Canary

# Said again by the batches. A process that is silent for so long is gone, or as good as gone.
SAID_EVERY = timedelta(seconds=0.2)
SILENT_AFTER = timedelta(seconds=3)
# Processes also die of something else, again and again on a bad evening. Two more deaths of a
# killer cost seconds; whoever is taken for one is stopped, and staff have to see to them.
DEATHS = 5


@dataclass(slots=True)
class Watch:
    """What a pump may do: `size` rows at once; `condemned` names who is not to be tried again."""

    shard: int
    size: int
    deaths: int = 0
    suspect: str = ""
    condemned: str = ""
    said_at: datetime | None = None

    @property
    def is_wary(self) -> bool:
        """Batches of one, each announced by name before it begins."""
        return self.size == 1


def announce(shard: int, most: int, now: datetime) -> Watch | None:
    """In a transaction of its own, under the shard's lock: what this pump may do. None: somebody
    else is pumping this shard."""
    found = Canary.objects.filter(pk=shard).first()
    watch = Watch(shard, most)
    if found is not None and found.owner != _me(os.getpid()):
        if not _is_gone(found, now):
            return None
        if found.size == 1:
            watch = Watch(shard, 1, found.deaths + bool(found.suspect), found.suspect)
            if watch.deaths >= DEATHS:
                watch.condemned = watch.suspect
        else:
            watch = Watch(shard, max(1, found.size // 8))
    _write(watch, watch.suspect, now)
    return watch


def name(watch: Watch, suspect: str, now: datetime) -> None:
    """Announce the one row of the next batch."""
    if suspect != watch.suspect:
        watch.deaths = 0
    watch.suspect = suspect
    _write(watch, suspect, now)


def alive(watch: Watch, now: datetime) -> None:
    """Say so in the transaction of a batch, unless it was said a moment ago; what it did is no
    suspect any more."""
    watch.suspect, watch.deaths, watch.condemned = "", 0, ""
    last = watch.said_at
    if watch.is_wary or last is None or not last <= now < last + SAID_EVERY:
        _write(watch, "", now)


def gone(watch: Watch) -> None:
    """The pump ends well."""
    Canary.objects.filter(pk=watch.shard).delete()


def _is_gone(found: Canary, now: datetime) -> bool:
    host, _colon, process = found.owner.rpartition(":")
    if host == _host() and not is_there(int(process)):
        return True
    return not now - SILENT_AFTER < found.armed_at <= now


def _write(watch: Watch, suspect: str, now: datetime) -> None:
    watch.said_at = now
    row = Canary(
        shard=watch.shard,
        owner=_me(os.getpid()),
        size=watch.size,
        suspect=suspect,
        deaths=watch.deaths,
        armed_at=now,
    )
    Canary.objects.bulk_create(
        [row],
        update_conflicts=True,
        unique_fields=["shard"],
        update_fields=["owner", "size", "suspect", "deaths", "armed_at"],
    )


@cache
def _host() -> str:
    return socket.gethostname()[:80]


@cache
def _me(process: int) -> str:
    return f"{_host()}:{process}"
