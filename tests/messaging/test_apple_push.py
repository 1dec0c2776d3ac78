"""Phones are told of changes through a fake of Apple's push service that speaks as the real one."""

from datetime import timedelta

import pytest
import time_machine
from cryptography.x509.oid import NameOID

from loyalty import clock
from loyalty.models import Device, Event, Pass, WalletKeys
from loyalty.models.wallet import PushOutcome
from loyalty.wallet import links, passes
from messaging import wallets
from tests.cast import give
from tests.messaging.apns import FakeApns
from tests.wallets import authority
from tests.wallets.phone import Phone

pytestmark = pytest.mark.django_db


@pytest.fixture
def time(now):
    with time_machine.travel(now, tick=False) as traveller:
        yield traveller


@pytest.fixture
def apns(tmp_path, monkeypatch, settings):
    """Ours; its certificate is for "localhost" and is trusted as Apple's would be."""
    server = authority.sign(
        {NameOID.COMMON_NAME: "localhost"}, authority.root(), hosts=("localhost",)
    )
    (tmp_path / "server.pem").write_text(server.key_pem + server.pem)
    (tmp_path / "root.pem").write_text(authority.root().pem)
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "root.pem"))
    with FakeApns(tmp_path) as fake:
        settings.APNS_URL = f"https://localhost:{fake.port}"
        settings.OUTBOUND_ALLOW = [f"localhost:{fake.port}"]
        yield fake


@pytest.fixture
def phone(coffee_card, client, time, apns) -> Phone:
    """Dora's; her coffee card is in its wallet, and it knows all there is to know."""
    authority.equip_shop()
    phone = Phone("d0d0", "aa11")
    phone.open(client.get(links.to_apple(coffee_card)))
    phone.register()
    settled(time)
    phone.changed()
    phone.fetch()
    apns.pushes.clear()
    return phone


def settled(time) -> int:
    """Some seconds later the worker has had its turn."""
    time.shift(timedelta(seconds=5))
    return wallets.tell()


def test_what_was_earned_comes_to_the_phone(phone, coffee_card, apns, time):
    time.shift(timedelta(minutes=5))
    give(coffee_card, 3, "three", clock.now())
    assert wallets.due(clock.now()) == []

    assert settled(time) == 1

    [push] = apns.pushes
    assert push.path == "/3/device/aa11"
    assert push.topic == authority.PASS_TYPE
    assert push.shown_by == f"Pass Type ID: {authority.PASS_TYPE}"
    assert phone.changed() == [coffee_card.serial]
    assert phone.fetch() == 200
    assert phone.kept.said()["stamps"] == "3 / 10"
    assert (Pass.objects.get().outcome, Pass.objects.get().due_at) == ("sent", None)
    assert wallets.due(clock.now() + timedelta(days=9)) == []


def test_several_changes_in_a_moment_are_told_once(phone, coffee_card, apns, time):
    for number in range(4):
        give(coffee_card, 1, f"stamp {number}", clock.now())

    settled(time)

    assert len(apns.pushes) == 1


def test_many_passes_are_told_over_one_connection(phone, apns, alice, client, time):
    for number, card in enumerate(alice.cards.order_by("pk")):
        other = Phone("e0e0", "bb22")
        other.open(client.get(links.to_apple(card)))
        other.register()
        give(card, 1, f"one {number}", clock.now())
    before = apns.connections

    assert settled(time) == 2

    assert apns.connections - before == 1
    assert [push.path for push in apns.pushes] == ["/3/device/bb22"] * 2


def test_a_change_while_it_is_told_is_told_again(phone, coffee_card, apns, time):
    give(coffee_card, 1, "first", clock.now())
    time.shift(timedelta(seconds=5))
    [claimed] = passes.claim(clock.now(), 1)
    give(coffee_card, 1, "second", clock.now())

    passes.told(claimed, PushOutcome.SENT, now=clock.now())

    assert settled(time) == 1
    assert len(apns.pushes) == 1


@pytest.mark.parametrize("answer", [(410, "Unregistered"), (400, "BadDeviceToken")])
def test_a_device_that_is_gone_is_forgotten(phone, coffee_card, apns, time, answer):
    apns.answers["aa11"] = answer
    give(coffee_card, 1, "one", clock.now())

    settled(time)

    assert not Device.objects.exists()
    assert Event.objects.filter(name="card_uninstalled").count() == 1
    assert not Pass.objects.get().is_kept
    assert wallets.due(clock.now() + timedelta(days=1)) == []


def test_a_busy_service_is_asked_again_later(phone, coffee_card, apns, time):
    apns.answers["aa11"] = (503, "ServiceUnavailable")
    give(coffee_card, 1, "one", clock.now())
    settled(time)
    assert Pass.objects.get().outcome == "failed"
    assert wallets.due(clock.now()) == []

    apns.answers.clear()
    time.shift(timedelta(minutes=1))

    assert settled(time) == 1
    assert (Pass.objects.get().outcome, Pass.objects.get().attempts) == ("sent", 0)


def test_it_is_not_asked_for_ever(phone, coffee_card, apns, time):
    apns.answers["aa11"] = (503, "ServiceUnavailable")
    give(coffee_card, 1, "one", clock.now())

    for _hour in range(9):
        settled(time)
        time.shift(timedelta(hours=2))

    assert len(apns.pushes) == 5
    assert wallets.due(clock.now()) == []


def test_a_certificate_that_apple_does_not_take_is_said(phone, coffee_card, apns, time):
    apns.answers["aa11"] = (403, "BadCertificate")
    give(coffee_card, 1, "one", clock.now())

    settled(time)

    assert "BadCertificate" in Pass.objects.get().note
    assert Device.objects.exists()


def test_a_stranger_without_our_certificate_is_not_spoken_to(phone, coffee_card, apns, time):
    stranger = authority.sign(authority.pass_name(), key=authority.for_passes().key)
    WalletKeys.objects.update(apple_certificate=stranger.pem)
    give(coffee_card, 1, "one", clock.now())

    settled(time)

    assert apns.pushes == []
    assert Pass.objects.get().outcome == "failed"


def test_a_worker_that_dies_while_telling_is_made_up_for(phone, coffee_card, apns, time):
    give(coffee_card, 1, "one", clock.now())
    time.shift(timedelta(seconds=5))
    passes.claim(clock.now(), 1)
    assert wallets.tell() == 0

    time.shift(passes.LEASE)

    assert wallets.tell() == 1
    assert len(apns.pushes) == 1


def test_without_keys_nothing_is_tried_again_and_again(phone, coffee_card, apns, time):
    WalletKeys.objects.all().delete()
    give(coffee_card, 1, "one", clock.now())

    settled(time)

    assert "not set up" in Pass.objects.get().note
    assert wallets.due(clock.now() + timedelta(days=1)) == []
