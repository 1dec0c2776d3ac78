"""DEBUG=0 is production, and production does not start on what is only good enough for a try."""

import os
import subprocess
import sys

import pytest

from config import keys
from tests.source import ROOT

GOOD = {
    "DEBUG": "0",
    "SECRET_KEY": "Xk4" * 20,
    "REGULARS_KEYS": keys.new_encryption_key(),
    "ALLOWED_HOSTS": "regulars.shop",
}
WEB = ["-m", "gunicorn", "--check-config", "--config", "python:config.gunicorn", "config.wsgi"]


def start(*words, **settings):
    ours = {"DEBUG", "SECRET_KEY", "REGULARS_KEYS", "ALLOWED_HOSTS", "DJANGO_SETTINGS_MODULE"}
    outside = {name: value for name, value in os.environ.items() if name not in ours}
    return subprocess.run(
        [sys.executable, *words],
        cwd=ROOT,
        env=outside | settings,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    ("changed", "complaint"),
    [
        ({}, None),
        ({"secret_key": ""}, "SECRET_KEY is not set"),
        ({"secret_key": "short"}, "SECRET_KEY is a sample"),
        ({"secret_key": "django-insecure-" + "x" * 50}, "SECRET_KEY is a sample"),
        ({"secret_key": "change-me-" + "x" * 50}, "SECRET_KEY is a sample"),
        ({"encryption_keys": []}, "REGULARS_KEYS is not set"),
        ({"encryption_keys": [GOOD["REGULARS_KEYS"], "sample"]}, "REGULARS_KEYS holds a sample"),
        (
            {"encryption_keys": [GOOD["REGULARS_KEYS"], "s" * 50]},
            "REGULARS_KEYS contains SECRET_KEY",
        ),
        ({"allowed_hosts": []}, "ALLOWED_HOSTS is not set"),
    ],
)
def test_each_problem_has_its_line(changed, complaint):
    good = {
        "secret_key": "s" * 50,
        "encryption_keys": [GOOD["REGULARS_KEYS"]],
        "allowed_hosts": ["a.shop"],
    }

    problems = keys.problems_in_production(**(good | changed))

    assert [line.startswith(complaint) for line in problems] == ([True] if complaint else [])


@pytest.mark.parametrize("words", [["manage.py", "check"], ["manage.py", "runworker"], WEB])
def test_nothing_starts_on_defaults(words):
    refused = start(*words, DEBUG="0")

    assert refused.returncode == 2
    assert refused.stderr.splitlines() == [
        "SECRET_KEY is not set: production needs a key of its own.",
        "REGULARS_KEYS is not set: stored secrets need a key to be encrypted with.",
        "ALLOWED_HOSTS is not set: name the hosts this site answers for.",
    ]


def test_it_starts_when_all_is_set():
    assert start("manage.py", "check", "--fail-level=ERROR", **GOOD).returncode == 0
    assert start(*WEB, **GOOD).returncode == 0


def test_production_keeps_cookies_to_https():
    show = (
        "from config import settings as s;"
        "print(s.SESSION_COOKIE_SECURE, s.CSRF_COOKIE_SECURE, s.SECURE_HSTS_SECONDS > 0)"
    )

    assert start("-c", show, **GOOD).stdout.split() == ["True", "True", "True"]
    assert start("-c", show, DEBUG="1").stdout.split() == ["False", "False", "False"]
