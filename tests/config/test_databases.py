"""The database this run is on has the options that were measured to be right."""

import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import connection

from config import databases


def pragma(name):
    with connection.cursor() as cursor:
        return cursor.execute(f"PRAGMA {name}").fetchone()[0]


def setting(name):
    with connection.cursor() as cursor:
        cursor.execute(f"SHOW {name}")
        return cursor.fetchone()[0]


@pytest.mark.django_db
def test_sqlite_survives_a_power_cut_and_waits_for_its_turn():
    if connection.vendor != "sqlite":
        pytest.skip("says something of SQLite")

    assert pragma("synchronous") == 2  # FULL
    assert pragma("busy_timeout") == 30_000
    assert pragma("foreign_keys") == 1
    assert settings.DATABASES["default"]["OPTIONS"]["transaction_mode"] == "IMMEDIATE"
    assert settings.Q_CLUSTER["ALT_CLUSTERS"] == {}


@pytest.mark.django_db
def test_postgresql_lets_nobody_wait_for_ever():
    if connection.vendor != "postgresql":
        pytest.skip("says something of PostgreSQL")

    assert setting("lock_timeout") == "5s"
    assert setting("statement_timeout") == "30s"
    assert setting("idle_in_transaction_session_timeout") == "1min"
    assert "io" in settings.Q_CLUSTER["ALT_CLUSTERS"]


def test_a_relative_file_starts_at_the_project(tmp_path):
    tuned = databases.tuned({"ENGINE": databases.SQLITE, "NAME": "data/x.sqlite3"}, tmp_path)

    assert tuned["NAME"] == str(tmp_path / "data" / "x.sqlite3")
    assert (tmp_path / "data").is_dir()


def test_another_database_is_refused(tmp_path):
    with pytest.raises(ImproperlyConfigured, match="must begin with"):
        databases.tuned({"ENGINE": "django.db.backends.mysql", "NAME": "x"}, tmp_path)
