"""How the web server runs: two small processes that share one preloaded copy of the code."""

import os
import sys

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
try:
    production = not settings.DEBUG
except ImproperlyConfigured as problem:
    sys.stderr.write(f"{problem}\n")
    sys.exit(2)

# On a developer's machine nobody else can reach it.
bind = f"{'0.0.0.0' if production else '127.0.0.1'}:{settings.PORT}"  # noqa: S104 (behind a proxy)
workers = 2
threads = 4
worker_class = "gthread"
preload_app = True
timeout = 30
graceful_timeout = 15
keepalive = 5
# Paths may hold somebody's link, so requests are not logged; the server says only what goes wrong.
accesslog = None
# Its warnings are about every HEAD request: Django leaves it to the server to drop the body.
loglevel = "error"
control_socket_disable = True
