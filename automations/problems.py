"""What stands in the way of reading a document (`Invalid`), of publishing a version (`Problem`)."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from loyalty import errors
from loyalty.fields import FieldSet


class Invalid(errors.Invalid):
    """This automation cannot be used as it is."""

    def __init__(self, fields: Mapping[str, list[str]]) -> None:
        super().__init__({path: list(texts) for path, texts in fields.items()})


@dataclass(frozen=True, slots=True)
class Problem:
    """`step_key` is empty for what concerns no step; `text` is for the shop owner. Then `thread`,
    `trigger` (its position) and `setting` (`at` which of several) say where it is mended."""

    step_key: str
    text: str
    thread: str = ""
    trigger: int | None = None
    setting: str = ""
    at: int | None = None


@dataclass(frozen=True, slots=True)
class Around:
    """What a step can count on where it stands: the fields that can have a value, whether whoever
    comes by brings a card, and its thread's steps by key, each with the parallel branches it stands
    in."""

    fields: FieldSet
    has_card: bool
    grounds: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass
class Findings:
    """Collects what is wrong, by path, so that one answer names everything."""

    found: dict[str, list[str]] = field(default_factory=dict)

    def add(self, path: str, text: str) -> None:
        self.found.setdefault(path, []).append(text)

    @contextmanager
    def collecting(self) -> Iterator[None]:
        """Keep what Invalid says, and go on."""
        try:
            yield
        except Invalid as invalid:
            for path, texts in invalid.fields.items():
                self.found.setdefault(path, []).extend(texts)

    def stop_if_any(self) -> None:
        if self.found:
            raise Invalid(self.found)


def refuse(path: str, text: str) -> Invalid:
    return Invalid({path: [text]})
