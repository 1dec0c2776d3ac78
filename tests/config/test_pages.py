"""What every installation answers, before any app has a page."""

import logging

import pytest
from django.db import connection
from django.test.utils import override_settings

from config import health
from config.logs import OneLine
from config.middleware import policy_for


@pytest.mark.django_db
def test_a_healthy_house_says_so(client):
    answer = client.get("/healthz")

    assert (answer.status_code, answer.json()) == (200, {"status": "ok", "trouble": []})


@pytest.mark.django_db
def test_a_house_that_was_not_migrated_says_so_until_it_is(client):
    health._migrations_are_applied.cache_clear()
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'sessions'")

    answer = client.get("/healthz")

    assert (answer.status_code, answer.json()["trouble"]) == (503, ["migrations"])


@pytest.mark.django_db
def test_the_front_door_leads_to_the_staffs_pages(client):
    assert client.get("/").url == "/admin/"


@pytest.mark.django_db
def test_every_page_says_what_it_may_load(client):
    policy = client.get("/admin/login/").headers["Content-Security-Policy"]

    assert "default-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy


def test_only_the_api_pages_may_style_themselves():
    assert "style-src 'self' 'unsafe-inline'" in policy_for("/api/docs/")
    assert "script-src" not in policy_for("/api/docs/")
    assert "unsafe" not in policy_for("/api/docs/else")


@pytest.mark.django_db
@override_settings(DEBUG=True)
def test_the_api_pages_are_served_from_here(client):
    page = client.get("/api/docs/").content.decode()

    assert "//cdn" not in page
    assert "<script>" not in page


def test_a_record_is_one_line():
    record = logging.LogRecord("shop", 20, __file__, 1, "name %s", ("a\nERROR forged",), None)

    assert OneLine("{message}", style="{").format(record) == "name a\\nERROR forged"
