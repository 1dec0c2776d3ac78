"""What time it is, at the edges; inside, `now` is always handed in."""

from datetime import UTC, datetime


def now() -> datetime:
    """This moment, aware, in UTC."""
    return datetime.now(UTC)
