"""Where a request comes from: no header is believed but the end that our own proxies wrote."""

import logging

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.test import Client, RequestFactory

from config import proxies
from loyalty import networks

OURS = "10.0.0.0/8,192.0.2.200"


def asker(settings, trusted: str, connected: str, said: str = "") -> str:
    settings.TRUSTED_PROXIES = proxies.trusted(trusted.split(","))
    request = RequestFactory().get("/", headers={"X-Forwarded-For": said} if said else {})
    request.META["REMOTE_ADDR"] = connected
    return networks.of(request)


@pytest.mark.parametrize(
    ("trusted", "connected", "said", "found"),
    [
        # Nobody is trusted: a header makes no difference.
        ("", "203.0.113.9", "", "203.0.113.9"),
        ("", "203.0.113.9", "198.51.100.1", "203.0.113.9"),
        ("0", "203.0.113.9", "198.51.100.1", "203.0.113.9"),
        # By network: back to the first who is none of ours, whatever stands before.
        (OURS, "10.0.0.1", "198.51.100.1", "198.51.100.1"),
        (OURS, "10.0.0.1", "6.6.6.6, 198.51.100.1", "198.51.100.1"),
        (OURS, "10.0.0.1", "6.6.6.6, 198.51.100.1, 192.0.2.200", "198.51.100.1"),
        (OURS, "10.0.0.1", "6.6.6.6,198.51.100.1:4711", "198.51.100.1"),
        (OURS, "203.0.113.9", "198.51.100.1", "203.0.113.9"),
        (OURS, "203.0.113.9", "6.6.6.6, 10.0.0.2", "203.0.113.9"),
        (OURS, "10.0.0.1", "", "10.0.0.1"),
        (OURS, "10.0.0.1", "10.0.0.7", "10.0.0.7"),
        (OURS, "10.0.0.1", "198.51.100.1, unknown", "10.0.0.1"),
        (OURS, "::ffff:10.0.0.1", "198.51.100.1", "198.51.100.1"),
        # By number.
        ("1", "10.0.0.1", "6.6.6.6, 198.51.100.1", "198.51.100.1"),
        ("2", "10.0.0.1", "6.6.6.6, 198.51.100.1, 10.0.0.2", "198.51.100.1"),
        ("2", "10.0.0.1", "198.51.100.1", "198.51.100.1"),
        ("1", "10.0.0.1", "", "10.0.0.1"),
        ("1", "", "198.51.100.1", "198.51.100.1"),  # connected by a socket of the machine
        # A house has 64 bits of IPv6.
        ("", "2001:db8:1:2:3:4:5:6", "", "2001:db8:1:2::/64"),
        ("1", "10.0.0.1", "[2001:db8:1:2::9]:4711", "2001:db8:1:2::/64"),
    ],
)
def test_who_asks(settings, trusted, connected, said, found):
    assert asker(settings, trusted, connected, said) == found


@pytest.mark.parametrize("said", ["everybody", "10.0.0.1/8", "21", "1,nobody"])
def test_what_makes_no_sense_is_said_at_the_start(said):
    with pytest.raises(ImproperlyConfigured, match="TRUSTED_PROXIES"):
        proxies.trusted(said.split(","))


def test_a_header_that_is_not_believed_is_told_of_once(settings, caplog):
    networks._tell_once.cache_clear()

    with caplog.at_level(logging.WARNING):
        for _each in range(3):
            asker(settings, "", "203.0.113.9", "198.51.100.1")

    assert [record.message.count("TRUSTED_PROXIES") for record in caplog.records] == [1]
    assert "198.51.100.1" not in caplog.text


def sign_in(said: str) -> int:
    told = {"username": f"{said}@example.com", "password": "wrong"}
    headers = {"X-Forwarded-For": said}
    return Client().post("/admin/login/", told, headers=headers).status_code


@pytest.mark.django_db
def test_strangers_behind_a_proxy_are_counted_one_by_one(settings, monkeypatch):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    monkeypatch.setattr("config.staff_door.MOST_OF_NETWORK", 2)
    settings.TRUSTED_PROXIES = proxies.trusted(["127.0.0.1"])

    invented = [sign_in(f"6.6.6.{n}, 198.51.100.1") for n in range(3)]
    other = sign_in("198.51.100.2")

    assert invented == [200, 200, 429]
    assert other == 200


@pytest.mark.django_db
def test_without_a_trusted_proxy_inventing_addresses_is_no_use(settings, monkeypatch):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    monkeypatch.setattr("config.staff_door.MOST_OF_NETWORK", 2)

    assert [sign_in(f"198.51.100.{n}") for n in range(3)] == [200, 200, 429]
