"""What a cell may be, and how a file says that it cannot be read."""

from loyalty.errors import LoyaltyError

# As it stands in a part: JSON.
Cell = str | int | float | bool | None


class Unreadable(LoyaltyError):
    """This file cannot be read."""

    code = "invalid"
