"""Sends what is queued: the only code that calls a carrier, and what staff may do about the rest.

A message is claimed for half a minute, rendered, marked `sending` in the transaction that asks for
consent, sent outside any transaction, and its result recorded if the claim is still ours.
"""

from messaging.dispatch.by_hand import follow, forget, mark_sent, retry, send_again, send_test
from messaging.dispatch.worker import drain, due

__all__ = ["drain", "due", "follow", "forget", "mark_sent", "retry", "send_again", "send_test"]
