"""What the log says of requests, and what it must not."""

import io
import logging

import pytest
from django.test import Client

from config.logs import OneLine

SECRET = "d3adb33f"


@pytest.fixture
def log():
    """What goes to stderr."""
    handlers = [h for h in logging.getLogger().handlers if isinstance(h, logging.StreamHandler)]
    handler = next(h for h in handlers if isinstance(h.formatter, OneLine))
    before = handler.setStream(written := io.StringIO())
    yield written
    handler.setStream(before)


@pytest.mark.parametrize("path", ["/c/in/{}/", "/c/{}/claim/", "/c/{}/new-link/"])
@pytest.mark.django_db
def test_a_form_without_its_cookie_tells_the_log_no_secret(log, path):
    answer = Client(enforce_csrf_checks=True).post(path.format(SECRET))

    assert answer.status_code == 403
    assert path.format("…") in log.getvalue()
    assert SECRET not in log.getvalue()


@pytest.mark.parametrize(
    "path",
    [
        "/hooks/shopify/7c9e/{}/",
        "/wallet/google/{}/",
        "/wallet/apple/{}",
        "/wallet/apple/v1/devices/{}/registrations/pass.x",
    ],
)
def test_a_request_that_failed_tells_the_log_no_secret(log, path):
    logging.getLogger("django.request").error("%s: %s", "Unavailable", path.format(SECRET))

    assert path.format("…") in log.getvalue()
    assert SECRET not in log.getvalue()


def test_what_is_no_secret_is_said(log):
    logging.getLogger("django.request").error("%s: %s", "Unavailable", "/wallet/google/callback/")

    assert "/wallet/google/callback/" in log.getvalue()
