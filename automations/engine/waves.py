"""Work in waves: what is about the same subject is done one after the other."""

from collections.abc import Callable, Iterable
from typing import TypeVar

T = TypeVar("T")


def waves_of(found: Iterable[T], subject: Callable[[T], str]) -> list[list[T]]:
    """So that no two of a wave are about the same subject, and each subject's keep their order."""
    waves: list[list[T]] = []
    seen: dict[str, int] = {}
    for each in found:
        about = subject(each)
        turn = seen.get(about, 0)
        seen[about] = turn + 1
        if turn == len(waves):
            waves.append([])
        waves[turn].append(each)
    return waves
