"""The steps of a document: lanes inside lanes, each step read by its type."""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from django.utils.translation import gettext as _

from automations import steps
from automations.documents.reader import KEY, Reader, matching
from automations.lanes import DEEPEST
from automations.versions import Drawn

# What every step has; the rest is its type's own.
FRAME = ("key", "type", "branches")


class Chains:
    """Reads the chains of one document, whose step keys differ in all of them."""

    def __init__(self, reader: Reader) -> None:
        self.reader = reader
        self.findings = reader.findings
        self.keys: set[str] = set()

    def lane(self, lane: Any, path: str, depth: int = 0) -> list[Drawn]:
        if depth > DEEPEST:
            self.findings.add(
                path, _("Forks stand at most %(most)d deep in each other.") % {"most": DEEPEST}
            )
            return []
        drawn = (
            self._step(step, f"{path}[{place}]", depth)
            for place, step in enumerate(self.reader.items(lane, path))
        )
        return [step for step in drawn if step is not None]

    def _step(self, step: Any, path: str, depth: int) -> Drawn | None:
        if not isinstance(step, dict):
            self.findings.add(path, _("A step is an object."))
            return None
        name = step.get("type")
        if not isinstance(name, str) or name not in steps.types():
            text = _("There is no step “%(type)s”.") % {"type": name} if name else _("Is missing.")
            self.findings.add(f"{path}.type", text)
            return None
        step_type = steps.types()[name]
        drawn = Drawn(step_type, self._key(step, path), {})
        own = {name: value for name, value in step.items() if name not in FRAME}
        if step_type.names_its_branches:
            named = step.get("branches")
            own["branches"] = list(named) if isinstance(named, dict) else []
        with self.findings.collecting():
            drawn.values = step_type.parse(own, path)
        # Of a fork whose own values are wrong nobody may know the branches.
        if drawn.values or step_type.fixed_branches or not step_type.is_fork:
            drawn.branches = self._branches(drawn, step, path, depth)
        return drawn

    def _key(self, step: dict[str, Any], path: str) -> str:
        if "key" not in step:
            return ""
        key: str = self.reader.value(step, "key", matching(KEY), f"{path}.")
        if key and key in self.keys:
            self.findings.add(f"{path}.key", _("Another step has this key."))
        self.keys.add(key)
        return key

    def _branches(
        self, drawn: Drawn, step: dict[str, Any], path: str, depth: int
    ) -> dict[str, list[Drawn]]:
        known = drawn.type.branches_of(drawn.values) if drawn.type.is_fork else {}
        branches = step.get("branches", {})
        if "branches" in step and (not drawn.type.is_fork or not isinstance(branches, dict)):
            is_fork = drawn.type.is_fork
            text = _("This must be an object.") if is_fork else _("This step has no branches.")
            self.findings.add(f"{path}.branches", text)
            return {}
        self.reader.refuse_unknown(branches, tuple(known), f"{path}.branches.")
        return {
            name: self.lane(branches.get(name, []), f"{path}.branches.{name}", depth + 1)
            for name in known
        }


def name_the_nameless(chains: Iterable[list[Drawn]]) -> None:
    """Keys for steps that came without: the same document gets the same ones every time."""
    every = [step for chain in chains for step in _walk(chain)]
    taken = {step.key for step in every}
    counts: Counter[str] = Counter()
    for step in every:
        while not step.key:
            counts[step.type.type] += 1
            key = f"{step.type.type}-{counts[step.type.type]}".replace("_", "-")
            if key not in taken:
                step.key = key


def _walk(drawn: list[Drawn]) -> Iterator[Drawn]:
    for step in drawn:
        yield step
        for lane in step.branches.values():
            yield from _walk(lane)
