"""How often a token may ask for codes that no card has, so that numbers cannot be guessed."""

from datetime import datetime, timedelta
from math import ceil

from django.db import transaction

from loyalty.errors import LoyaltyError
from loyalty.models import ApiToken, Guess

MOST = 60
WINDOW = timedelta(minutes=10)


class TooManyGuesses(LoyaltyError):
    """Too many unknown codes; please wait."""

    code = "throttled"

    def __init__(self, retry_after: int) -> None:
        super().__init__()
        self.retry_after = retry_after  # seconds


def count(token: ApiToken, *, now: datetime) -> None:
    """Write down one unknown code; raises TooManyGuesses when the last ten minutes are full.

    Exact across processes: the token's row is locked, and every guess of the window is a row. What
    is refused is not counted, so a scanner that waits as long as it was told to may go on.
    """
    with transaction.atomic():
        ApiToken.objects.select_for_update(no_key=True).get(pk=token.pk)
        guesses = Guess.objects.filter(token=token)
        guesses.filter(at__lte=now - WINDOW).delete()
        counted = sorted(guesses.values_list("at", flat=True))
        if len(counted) >= MOST:
            frees = counted[-MOST] + WINDOW
            raise TooManyGuesses(max(1, ceil((frees - now).total_seconds())))
        Guess.objects.create(token=token, at=now)
