"""Which rings of the bell are being answered, in memory that all processes of the worker share."""

import mmap
import os
import struct
from functools import cache
from time import monotonic

from automations.engine.processes import is_there

SLOTS = 64  # for each bell; rings that share a slot wait for each other
FORGET_AFTER = 3.0  # seconds; a pump's budget and one more
RESTS = 0.2  # seconds, as long as a bell that is silent
_SLOT = struct.Struct("=qd")  # process (0: nobody has begun yet), moment it was handed out
_ENDED = struct.Struct("=d")
_BELL = SLOTS * _SLOT.size + _ENDED.size
_MOST_BELLS = 32
SIZE = _MOST_BELLS * _BELL


class Board:
    """A row for each bell, a slot for each ring. Moments are seconds of the machine's clock.

    Nothing is locked: the worst that a lost race does is that something is handed out twice, which
    every task must bear anyway.
    """

    def __init__(self) -> None:
        self._memory = mmap.mmap(-1, SIZE)  # forks share it

    def hand_out(self, bell: int, ring: int) -> None:
        self._write(bell, ring, 0, monotonic())

    def begin(self, bell: int, ring: int) -> None:
        self._write(bell, ring, os.getpid(), monotonic())

    def end(self, bell: int, ring: int) -> None:
        self._write(bell, ring, 0, 0.0)
        self._end(bell)

    def fail(self, bell: int, ring: int) -> None:
        """It ended badly: as if just handed out, so that the next try comes a moment later."""
        self.hand_out(bell, ring)
        self._end(bell)

    def rest(self, bell: int, ring: int) -> None:
        """It ended and found nothing: somebody else may be at it, so not again at once."""
        self._write(bell, ring, 0, monotonic() - FORGET_AFTER + RESTS)
        self._end(bell)

    def is_out(self, bell: int, ring: int) -> bool:
        """Handed out and not lost: what nobody began is forgotten after `FORGET_AFTER`, what
        somebody began when it ends or when its process is gone."""
        process, moment = self._read(bell, ring)
        if process:
            return is_there(process)
        return bool(moment) and monotonic() - moment < FORGET_AFTER

    def ended_at(self, bell: int) -> float:
        """When an answer to this bell last ended; 0 if none has."""
        return float(_ENDED.unpack_from(self._memory, _end_of(bell))[0])

    def at_work(self, bell: int) -> list[tuple[int, float]]:
        """Processes that are answering this bell, each with the moment it began."""
        rings = (self._read(bell, ring) for ring in range(SLOTS))
        return [(process, moment) for process, moment in rings if process and is_there(process)]

    def clear(self) -> None:
        self._memory[:] = bytes(SIZE)

    def _read(self, bell: int, ring: int) -> tuple[int, float]:
        process, moment = _SLOT.unpack_from(self._memory, _slot_of(bell, ring))
        return process, moment

    def _write(self, bell: int, ring: int, process: int, moment: float) -> None:
        _SLOT.pack_into(self._memory, _slot_of(bell, ring), process, moment)

    def _end(self, bell: int) -> None:
        _ENDED.pack_into(self._memory, _end_of(bell), monotonic())


def _slot_of(bell: int, ring: int) -> int:
    return bell * _BELL + (ring % SLOTS) * _SLOT.size


def _end_of(bell: int) -> int:
    return bell * _BELL + SLOTS * _SLOT.size


@cache
def board() -> Board:
    """The board of this process and all that it forks: of the whole worker.

    Must be called before the first fork (`config.apps` does).
    """
    return Board()
