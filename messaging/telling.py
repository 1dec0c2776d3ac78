"""What it means to tell a wallet of a change; how each is told is in `messaging.providers`."""

from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from loyalty.models import Pass
from loyalty.models.wallet import PushOutcome


@dataclass(frozen=True, slots=True)
class Told:
    """That a wallet knows; `notified_at` are the moments of the last day at which its owner was
    made to notice."""

    outcome: PushOutcome
    note: str = ""
    notified_at: tuple[str, ...] = ()


class Teller(AbstractContextManager["Teller"], Protocol):
    """A conversation with one kind of wallet."""

    def tell(self, kept_pass: Pass, now: datetime) -> Told:
        """Say that the pass has changed. May be repeated. Raises the three failures of sending."""
        ...
