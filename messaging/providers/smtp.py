"""Any mail server that speaks SMTP (RFC 5321).

The protocol has no idempotency keys. What counts is the last answer: after the final dot has left
and before the server's 250 arrives, nobody can say whether it took the mail.
"""

import contextlib
import smtplib
import socket
import threading
from typing import Any

from django import forms
from django.core.mail.backends.smtp import EmailBackend
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from messaging.errors import InDoubt, MessagingError, PermanentFailure, TemporaryFailure
from messaging.providers.base import Mail, Secret

TIMEOUT = 10  # seconds without a byte
DEADLINE = 20  # seconds for the whole conversation, however the bytes drip

SECURITY = {
    "starttls": gettext_lazy("STARTTLS (port 587)"),
    "tls": gettext_lazy("TLS (port 465)"),
    "none": gettext_lazy("None"),
}


class Careful(smtplib.SMTP):
    """A conversation with an end to its patience, that knows whether the mail has left."""

    said = 0
    is_over = False

    def connect(self, *args: Any, **kwargs: Any) -> tuple[int, bytes]:
        self.patience = threading.Timer(DEADLINE, self.hang_up)
        self.patience.daemon = True
        self.patience.start()
        try:
            return super().connect(*args, **kwargs)
        except OSError:
            self.patience.cancel()
            raise

    def close(self) -> None:
        self.patience.cancel()
        super().close()

    def hang_up(self) -> None:
        self.is_over = True
        # This ends a read in the other thread at once; closing would leave it waiting.
        with contextlib.suppress(OSError, TypeError):
            socket.socket.shutdown(self.sock, socket.SHUT_RDWR)  # type: ignore[arg-type]  # None till it connects

    def send(self, s: Any) -> None:
        if self.is_over:
            raise smtplib.SMTPServerDisconnected("The conversation took too long.")
        super().send(s)  # raises before the last byte has left, or not at all
        self.said += 1

    def data(self, msg: Any) -> tuple[int, bytes]:
        before = self.said
        try:
            return super().data(msg)
        except OSError as error:
            if self.said - before < 2:  # the command has left, the mail has not
                raise
            raise InDoubt(
                _("The mail server broke off before it said whether it took the mail.")
            ) from error


class CarefulTLS(Careful, smtplib.SMTP_SSL):
    pass


class Backend(EmailBackend):
    """Django's backend over those connections. Saying goodbye cannot fail what was accepted."""

    @property
    def connection_class(self) -> type[smtplib.SMTP]:
        return CarefulTLS if self.use_ssl else Careful

    def _close_connection(self, connection: smtplib.SMTP) -> None:
        with contextlib.suppress(smtplib.SMTPException, OSError):
            connection.quit()
        connection.close()


class Smtp(Mail):
    name = "smtp"
    label = gettext_lazy("Mail server (SMTP)")
    help = gettext_lazy("Your own mail server, or any mail service that gives you SMTP access.")
    backend = "messaging.providers.smtp.Backend"

    class Settings(forms.Form):
        host = forms.CharField(label=gettext_lazy("Server"), max_length=253)
        port = forms.IntegerField(
            label=gettext_lazy("Port"), min_value=1, max_value=65535, initial=587
        )
        security = forms.ChoiceField(
            label=gettext_lazy("Encryption"), choices=list(SECURITY.items()), initial="starttls"
        )
        username = forms.CharField(label=gettext_lazy("User name"), required=False)
        password = Secret(label=gettext_lazy("Password"), required=False)

    def options(self) -> dict[str, Any]:
        """All of them said, so that none is taken from Django's settings."""
        settings = self.settings
        return {
            "host": settings["host"],
            "port": settings["port"],
            "username": settings["username"],
            "password": settings["password"],
            "use_tls": settings["security"] == "starttls",
            "use_ssl": settings["security"] == "tls",
            "timeout": TIMEOUT,
            "ssl_keyfile": "",
            "ssl_certfile": "",
        }

    def failure(self, error: Exception) -> MessagingError:
        match error:
            case smtplib.SMTPResponseException(smtp_code=code, smtp_error=said):
                return _refusal(code, said)
            case smtplib.SMTPRecipientsRefused(recipients=recipients):
                return _refusal(*next(iter(recipients.values())))
            case smtplib.SMTPNotSupportedError():
                return PermanentFailure(_("The mail server cannot do this: %s") % error)
            case OSError():  # a lost connection is one too, to smtplib
                return TemporaryFailure(_("The mail server could not be reached: %s") % error)
            case _:
                return PermanentFailure(_("This mail cannot be written: %s") % error)


def _refusal(code: int, said: bytes | str) -> MessagingError:
    text = said.decode(errors="replace") if isinstance(said, bytes) else said
    note = _("The mail server said %(code)d: %(text)s") % {
        "code": code,
        "text": " ".join(text.split()),
    }
    return PermanentFailure(note) if 500 <= code < 600 else TemporaryFailure(note)
