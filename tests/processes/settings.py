"""The house's settings, with nothing in it but the queue and an app whose jobs are files."""

from config.settings import *  # noqa: F403

INSTALLED_APPS = [
    "config.apps.ConfigAppConfig",
    "tests.processes.jobs.Jobs",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django_q",
]
MIDDLEWARE = []
ROOT_URLCONF = __name__
urlpatterns: list[object] = []
