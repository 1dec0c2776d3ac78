"""Real conversations with a mail server on this machine."""

import contextlib
import socket
import threading
from asyncio import Transport
from collections.abc import Iterator
from email import message_from_bytes, policy
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session

from messaging import dispatch
from messaging.errors import InDoubt, PermanentFailure, TemporaryFailure
from messaging.models import Sender
from messaging.providers import smtp
from messaging.providers.base import provider_of
from messaging.rendering import Rendered

MAIL = Rendered("Zehn Kaffees, grüezi", "Der nächste\n.\nist gratis.\n", "<p>gratis</p>")
KEY = "journey:12:3"


class Server:
    """Takes every mail, or answers as it is told."""

    def __init__(self) -> None:
        self.mails: list[bytes] = []
        self.to: list[str] = []
        self.rcpt = self.data = "250 OK"
        self.drops_at = ""

    async def handle_RCPT(  # noqa: N802 (the library's name)
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: Any
    ) -> str:
        if self.drops_at == "RCPT":
            hang_up(server)
        if self.rcpt.startswith("250"):
            envelope.rcpt_tos.append(address)
            self.to.append(address)
        return self.rcpt

    async def handle_DATA(  # noqa: N802 (the library's name)
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        if self.data.startswith("250"):
            self.mails.append(envelope.content)  # type: ignore[arg-type]
        if self.drops_at == "DATA":
            hang_up(server)
        return self.data


def hang_up(server: SMTP) -> None:
    assert isinstance(server.transport, Transport)
    server.transport.abort()


@pytest.fixture
def server() -> Server:
    return Server()


@pytest.fixture
def port(server: Server) -> Iterator[int]:
    with running(server) as port:
        yield port


@contextlib.contextmanager
def running(server: Server, **options: Any) -> Iterator[int]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    controller = Controller(server, hostname="127.0.0.1", port=port, **options)
    controller.start()
    try:
        yield port
    finally:
        controller.stop()


def sender_at(port: int, **changes: Any) -> Sender:
    settings = {"host": "127.0.0.1", "port": port, "security": "none"}
    settings |= changes.pop("settings", {})
    given = {"name": "Mail", "provider": "smtp", "from_address": "hello@aurora.example"}
    return Sender(**given | {"from_name": "Café Aurora"} | changes, settings=settings)


def send(sender: Sender, to: str = "alice@example.com", mail: Rendered = MAIL) -> str:
    return provider_of(sender).send(mail, to, KEY)


# --- Taken ----------------------------------------------------------------------------------------


def test_a_mail_arrives_whole(server, port):
    sent_id = send(sender_at(port))

    [content] = server.mails
    mail = message_from_bytes(content, policy=policy.default)
    assert mail["Subject"] == MAIL.subject
    assert mail["From"] == "Café Aurora <hello@aurora.example>"
    assert (mail["To"], server.to) == ("alice@example.com", ["alice@example.com"])
    assert mail["X-Regulars-Key"] == KEY
    assert mail["Message-ID"] == sent_id
    plain, html = (part.get_content() for part in mail.iter_parts())
    assert plain.replace("\r\n", "\n") == MAIL.text
    assert html.strip() == MAIL.html


def test_the_same_key_has_the_same_message_id_and_another_has_another(port):
    provider = provider_of(sender_at(port))

    ids = [provider.send(MAIL, "alice@example.com", key) for key in ("a", "a", "b")]

    assert ids[0] == ids[1] != ids[2]
    assert ids[0].endswith("@aurora.example>")


def test_a_queued_message_goes_out_over_smtp(server, port, alice, say, now):
    sender = sender_at(port)
    sender.save()
    message = say(alice, sender=sender)

    dispatch.drain(0, now=now)

    message.refresh_from_db()
    assert message.state == "sent"
    assert len(server.mails) == 1


@pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")
@pytest.mark.filterwarnings("ignore:Session.login_data is deprecated")  # aiosmtpd's own use
def test_a_password_is_used(server):
    asked = []

    def check(server, session, envelope, mechanism, data):
        asked.append((data.login, data.password))
        return AuthResult(success=data.password == b"right", handled=False)

    with running(server, authenticator=check, auth_required=True, auth_require_tls=False) as port:
        account = {"username": "aurora", "password": "right"}
        send(sender_at(port, settings=account))
        with pytest.raises(PermanentFailure, match="535"):
            send(sender_at(port, settings=account | {"password": "wrong"}))

    assert asked[0] == (b"aurora", b"right")
    assert len(server.mails) == 1


# --- Not taken ------------------------------------------------------------------------------------


@pytest.mark.parametrize("where", ["rcpt", "data"])
@pytest.mark.parametrize(
    ("answer", "failure"),
    [
        ("450 Mailbox busy", TemporaryFailure),
        ("421 Closing down", TemporaryFailure),
        ("550 No such mailbox", PermanentFailure),
        ("554 Spam", PermanentFailure),
    ],
)
def test_the_servers_answer_says_whether_to_try_again(server, port, where, answer, failure):
    setattr(server, where, answer)

    with pytest.raises(failure) as refused:
        send(sender_at(port))

    assert answer.replace(" ", ": ", 1) in refused.value.note
    assert server.mails == []


def test_a_connection_lost_before_the_mail_left_is_temporary(server, port):
    server.drops_at = "RCPT"

    with pytest.raises(TemporaryFailure):
        send(sender_at(port))


@pytest.mark.parametrize("answer", ["250 OK", "550 Would have said no"])
def test_a_connection_lost_after_the_mail_left_is_in_doubt(server, port, answer):
    server.drops_at, server.data = "DATA", answer

    with pytest.raises(InDoubt, match="broke off before it said"):
        send(sender_at(port))


def test_a_message_in_doubt_is_not_sent_twice(server, port, alice, say, now):
    server.drops_at = "DATA"
    sender = sender_at(port)
    sender.save()
    message = say(alice, sender=sender)

    dispatch.drain(0, now=now)
    dispatch.drain(0, now=now.replace(year=now.year + 1))

    message.refresh_from_db()
    assert message.state == "unknown"
    assert len(server.mails) == 1


def test_nobody_listening_is_temporary():
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        with pytest.raises(TemporaryFailure, match="could not be reached"):
            send(sender_at(nobody.getsockname()[1]))


def test_a_server_without_tls_is_not_spoken_to_in_the_clear(server, port):
    with pytest.raises(PermanentFailure, match="STARTTLS"):
        send(sender_at(port, settings={"security": "starttls", "username": "a", "password": "b"}))

    assert server.mails == []


def test_a_server_that_drips_is_hung_up_on(monkeypatch):
    monkeypatch.setattr(smtp, "DEADLINE", 0.3)
    with dripping() as port, pytest.raises(TemporaryFailure):
        send(sender_at(port))


@contextlib.contextmanager
def dripping() -> Iterator[int]:
    """A greeting without an end, a byte at a time."""
    done = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def drip() -> None:
            connection, _address = listener.accept()
            with connection, contextlib.suppress(OSError):
                while not done.wait(0.02):
                    connection.sendall(b"2")

        thread = threading.Thread(target=drip)
        thread.start()
        try:
            yield listener.getsockname()[1]
        finally:
            done.set()
            thread.join()


# --- Headers --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "injected",
    [
        {"mail": Rendered("Hi\r\nBcc: eve@example.com", "x", "x")},
        {"to": "alice@example.com\r\nBcc: eve@example.com"},
        {"to": "alice@example.com\nBcc: eve@example.com"},
        {"to": "alice@example.com, eve@example.com"},
        {"to": ""},
        {"to": "nobody"},
        {"from_name": "Aurora\r\nBcc: eve@example.com"},
        {"from_address": "hello@aurora.example\nBcc: eve@example.com"},
    ],
)
def test_no_header_can_be_smuggled_in(server, port, injected):
    about_sender = {name: injected.pop(name) for name in [*injected] if name.startswith("from")}

    with pytest.raises(PermanentFailure):
        send(sender_at(port, **about_sender), **injected)

    assert server.mails == []
    assert server.to == []
