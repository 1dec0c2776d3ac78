"""Tells wallets of the cards that changed: the bell's two ends, as `messaging.dispatch` has them.

What is due is `Pass.due_at`; several changes in a moment are told once, and what changes while it
is told is told again.
"""

import logging
import time
from collections.abc import Callable
from contextlib import ExitStack
from datetime import datetime

from django.utils.translation import gettext as _

from loyalty import clock
from loyalty.models import Pass
from loyalty.models.wallet import Wallet
from loyalty.wallet import passes
from loyalty.wallet.errors import NotConfigured
from messaging.errors import MessagingError, PermanentFailure
from messaging.providers.apple import Apns
from messaging.providers.google import GoogleWallet
from messaging.telling import Teller

logger = logging.getLogger(__name__)

AT_ONCE = 20

TELLERS: dict[str, Callable[[], Teller]] = {Wallet.APPLE: Apns, Wallet.GOOGLE: GoogleWallet}


class Round:
    """One round of telling: each wallet is spoken to over one connection."""

    def __init__(self, stack: ExitStack) -> None:
        self._stack = stack
        self._tellers: dict[str, Teller] = {}

    def teller(self, wallet: str) -> Teller:
        """Raises NotConfigured."""
        if wallet not in self._tellers:
            self._tellers[wallet] = self._stack.enter_context(TELLERS[wallet]())
        return self._tellers[wallet]


def due(now: datetime) -> list[int]:
    """One argument where a wallet is to be told of something."""
    return [0] if passes.waiting(now).exists() else []


def tell(_ring: int = 0, *, now: datetime | None = None, budget: float = 2.0) -> int:
    """Tell what is due for at most `budget` seconds and one pass; says how many were handled.

    Any number may run at once. Harmless when nothing is due.
    """
    ends = time.monotonic() + budget
    handled = 0
    with ExitStack() as stack:
        this_round = Round(stack)
        while claimed := passes.claim(now or clock.now(), AT_ONCE):
            for place, one in enumerate(claimed):
                _tell_safely(this_round, one, now or clock.now())
                handled += 1
                if time.monotonic() >= ends:
                    passes.give_back(claimed[place + 1 :], now=now or clock.now())
                    return handled
    return handled


def _tell_safely(this_round: Round, claimed: Pass, now: datetime) -> None:
    try:
        told = this_round.teller(claimed.wallet).tell(claimed, now)
    except NotConfigured as missing:
        passes.could_not_tell(claimed, missing.message, now=now, is_final=True)
    except MessagingError as failure:
        is_final = isinstance(failure, PermanentFailure)
        passes.could_not_tell(claimed, failure.note, now=now, is_final=is_final)
    except Exception:  # the one place: what is behind this pass goes on
        logger.exception("Pass %d could not be told of.", claimed.pk)
        note = _("Something went wrong on our side; the log has the details.")
        passes.could_not_tell(claimed, note, now=now)
    else:
        passes.told(claimed, told.outcome, note=told.note, notified_at=told.notified_at, now=now)
