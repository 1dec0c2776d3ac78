"""A start, three functions that do nothing, and an end."""

from typing import Any

from viewflow import this  # type: ignore[import-not-found]
from viewflow.workflow import flow  # type: ignore[import-not-found]


class NoOps(flow.Flow):
    start = flow.StartHandle(this.begin).Next(this.first)
    first = flow.Function(this.nothing).Next(this.second)
    second = flow.Function(this.nothing).Next(this.third)
    third = flow.Function(this.nothing).Next(this.end)
    end = flow.End()

    def begin(self, activation: Any) -> Any:
        return activation.process

    def nothing(self, activation: Any) -> None:
        """What a step of an automation would do."""
