"""django-viewflow: flows that do nothing (`noops/flows.py`), one after the other.

Run by the benchmark in an environment of its own:
work.py prepare|run DATABASE_URL TALLY N THREADS NAME
"""

import os
import sys
from urllib.parse import unquote, urlsplit

import django
from django.conf import settings
from django.core.management import call_command

MODE, URL, TALLY, N, _THREADS, _NAME = sys.argv[1:]
address = urlsplit(URL)

settings.configure(
    SECRET_KEY="not secret",
    USE_TZ=True,
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    INSTALLED_APPS=[
        "django.contrib.auth",
        "django.contrib.contenttypes",
        "viewflow",
        "viewflow.workflow",
        "noops",
    ],
    DATABASES={
        "default": {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": address.path.lstrip("/"),
            "USER": address.username,
            "PASSWORD": unquote(address.password or ""),
            "HOST": address.hostname,
            "PORT": address.port,
            "CONN_MAX_AGE": None,
        }
    },
)
django.setup()

from noops.flows import NoOps  # type: ignore[import-not-found]  # noqa: E402

file = os.open(TALLY, os.O_WRONLY | os.O_APPEND)

if MODE == "prepare":
    call_command("migrate", verbosity=0)
else:
    for _number in range(int(N)):
        NoOps.start.run()
        os.write(file, b".")
