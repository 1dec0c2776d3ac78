"""Two customers who became one, as everybody is told who knew the one."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Merged:
    """Who went into whom, and which card took the place of which: closed to kept (ids). Mostly the
    one's card is closed; where only theirs can still be used, it is the other's."""

    gone_id: int
    kept_id: int
    cards: dict[int, int]
    now: datetime
