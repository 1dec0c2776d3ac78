"""Staff's passwords cannot be guessed, and strangers who guess lock nobody out."""

from datetime import timedelta

import pytest
import time_machine
from django.test import Client

from config import staff_door
from loyalty import clock
from loyalty.models import Attempt

pytestmark = pytest.mark.django_db


WRONG = "wrong"


def sign_in(client, password=WRONG, name="admin", network="192.0.2.1"):
    told = {"username": name, "password": password}
    return client.post("/admin/login/", told, REMOTE_ADDR=network)


@pytest.fixture(autouse=True)
def _hashing_is_quick(settings):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def admin_user(db, django_user_model):
    return django_user_model.objects.create_superuser("admin", password="password")


def test_after_ten_wrong_passwords_not_even_the_right_one_is_looked_at(admin_user):
    statuses = [sign_in(Client(), network=f"192.0.2.{n}").status_code for n in range(10)]

    refused = sign_in(Client(), "password")

    assert statuses == [200] * 10
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "900")
    assert "tried too often" in refused.content.decode()
    assert "_auth_user_id" not in refused.client.session


def test_a_name_that_nobody_has_is_answered_alike(admin_user):
    answers = [
        [sign_in(Client(), name=name).status_code for _each in range(11)]
        for name in ("admin", "nobody")
    ]

    assert answers[0] == answers[1] == [200] * 10 + [429]


def test_who_waits_is_let_in(admin_user):
    for _each in range(11):
        sign_in(Client())

    with time_machine.travel(clock.now() + timedelta(minutes=15, seconds=1)):
        assert sign_in(Client(), "password").status_code == 302


def test_the_right_password_is_never_too_often(admin_user):
    statuses = [sign_in(Client(), "password").status_code for _each in range(12)]

    assert statuses == [302] * 12
    assert not Attempt.objects.exclude(n=0).exists()


def test_a_browser_they_signed_in_with_is_not_locked_out_by_strangers(admin_user):
    theirs = Client()
    theirs.cookies[staff_door.COOKIE] = sign_in(Client(), "password").cookies[staff_door.COOKIE]
    for _each in range(11):
        sign_in(Client())

    assert sign_in(theirs, "password").status_code == 302
    assert sign_in(Client(), "password").status_code == 429


def test_such_a_browser_guesses_no_more_often_than_others(admin_user):
    known = sign_in(Client(), "password").cookies[staff_door.COOKIE]
    browser = Client()
    browser.cookies[staff_door.COOKIE] = known

    statuses = [sign_in(browser).status_code for _each in range(11)]

    assert statuses == [200] * 10 + [429]
    assert known["httponly"]
    assert known["path"] == "/admin/"


@pytest.mark.parametrize("forged", ["", "x", "é", '["admin", "x"]', "eyJ9:1:2"])
def test_a_made_up_browser_is_a_stranger(admin_user, forged):
    browser = Client()
    browser.cookies[staff_door.COOKIE] = forged

    statuses = [sign_in(browser).status_code for _each in range(11)]

    assert statuses == [200] * 10 + [429]


def test_many_names_from_one_network_are_too_many(admin_user):
    statuses = [sign_in(Client(), name=f"user{n}").status_code for n in range(101)]

    assert statuses == [200] * 100 + [429]
    assert sign_in(Client(), "password", network="192.0.2.2").status_code == 302
