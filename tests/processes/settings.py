"""The house's settings, with nothing in it but the queue and an app whose jobs are files."""

from config.settings import *  # noqa: F403

INSTALLED_APPS = [
    "config.apps.ConfigAppConfig",
    "tests.processes.jobs.Jobs",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django_q",
]
WORKER_PATIENCE = 4.0  # tests need not be as patient as the product
WORKER_STOPS_WITHIN = 3.0
MIDDLEWARE = []
ROOT_URLCONF = __name__
urlpatterns: list[object] = []
