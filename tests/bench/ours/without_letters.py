"""The product's settings, but nobody sends letters: they stay in the outbox.

Peers send none either, and sending has processes of its own; with it, two cores measure both.
"""

from config.settings import *  # noqa: F403
from config.settings import INSTALLED_APPS as OF_THE_PRODUCT

SILENT = {"messaging.apps.MessagingConfig": "tests.bench.ours.silence.SilentMessaging"}
INSTALLED_APPS = [SILENT.get(app, app) for app in OF_THE_PRODUCT]
