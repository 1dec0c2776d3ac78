"""What every carrier promises, and what a new one takes."""

import socket
import threading
from collections.abc import Iterator

import pytest
from django.core.exceptions import ImproperlyConfigured
from pytest_httpserver import HTTPServer
from werkzeug import Response

from messaging.errors import InDoubt, PermanentFailure, TemporaryFailure
from messaging.models import Sender
from messaging.providers._anymail import Anymail
from messaging.providers.base import PROVIDERS, Provider, provider_of
from messaging.providers.mailgun import REGIONS, Mailgun
from messaging.rendering import Rendered

MAIL = Rendered("Hello", "Hello", "<p>Hello</p>")
PATH = "/v3/aurora.example/messages"


@pytest.fixture(autouse=True)
def _regions_are_as_they_were() -> Iterator[None]:
    before = dict(REGIONS)
    yield
    REGIONS.clear()
    REGIONS.update(before)


def mailgun(address: str) -> Provider:
    """An account in a region of our own: a server on this machine."""
    region = f"{address}v3"
    REGIONS[region] = "Here"
    settings = {"api_key": "k", "sender_domain": "aurora.example", "api_url": region}
    return provider_of(
        Sender(
            name="Mailgun",
            provider=Mailgun.name,
            from_address="hello@aurora.example",
            settings=settings,
        )
    )


# --- The registry ---------------------------------------------------------------------------------


def test_the_folders_carriers_are_all_there():
    assert {"smtp", "outbox", "mailgun"} <= set(PROVIDERS)


def test_two_carriers_cannot_have_one_name():
    before = dict(PROVIDERS)

    with pytest.raises(ImproperlyConfigured, match="smtp"):
        type("Other", (Provider,), {"name": "smtp", "label": "Other"})

    assert before == PROVIDERS


def test_a_carrier_must_have_a_label():
    with pytest.raises(ImproperlyConfigured):
        type("Other", (Provider,), {"name": "nameless"})

    assert "nameless" not in PROVIDERS


def test_a_base_without_a_name_is_not_offered():
    assert Anymail not in PROVIDERS.values()


def test_only_the_outbox_may_be_repeated():
    assert PROVIDERS["outbox"].is_repeatable
    assert not PROVIDERS["smtp"].is_repeatable


# --- Anymail's carriers ---------------------------------------------------------------------------


def test_a_new_carrier_is_its_name_and_its_settings(httpserver: HTTPServer):
    httpserver.expect_oneshot_request(PATH, method="POST").respond_with_json(
        {"id": "<m1@x>", "message": "Queued."}
    )

    sent_id = mailgun(httpserver.url_for("/")).send(MAIL, "alice@example.com", "journey:1:1")

    [(request, _answer)] = httpserver.log
    assert sent_id == "<m1@x>"
    assert request.form["to"] == "alice@example.com"
    assert request.form["v:key"] == "journey:1:1"
    assert request.form["h:X-Regulars-Key"] == "journey:1:1"
    assert request.form["html"] == MAIL.html


@pytest.mark.parametrize(
    ("status", "failure"),
    [
        (400, PermanentFailure),
        (401, PermanentFailure),
        (404, PermanentFailure),
        (429, TemporaryFailure),
        (500, TemporaryFailure),
        (503, TemporaryFailure),
        (504, InDoubt),
    ],
)
def test_what_a_carrier_answers_says_whether_to_try_again(httpserver: HTTPServer, status, failure):
    httpserver.expect_oneshot_request(PATH).respond_with_response(Response("no", status=status))

    with pytest.raises(failure, match=str(status)):
        mailgun(httpserver.url_for("/")).send(MAIL, "alice@example.com", "journey:1:1")


def test_a_carrier_that_nobody_can_reach_took_nothing():
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{nobody.getsockname()[1]}/"

        with pytest.raises(TemporaryFailure):
            mailgun(address).send(MAIL, "alice@example.com", "journey:1:1")


def test_a_connection_that_broke_after_asking_is_in_doubt():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        address = f"http://127.0.0.1:{listener.getsockname()[1]}/"

        def hang_up() -> None:
            connection, _address = listener.accept()
            connection.recv(100)
            connection.close()

        thread = threading.Thread(target=hang_up)
        thread.start()
        with pytest.raises(InDoubt):
            mailgun(address).send(MAIL, "alice@example.com", "journey:1:1")
        thread.join()


def test_what_a_carrier_cannot_do_is_refused_aloud(httpserver: HTTPServer):
    with pytest.raises(PermanentFailure):
        mailgun(httpserver.url_for("/")).send(MAIL, "not an address", "journey:1:1")

    assert httpserver.log == []
