"""The base of every carrier that anymail speaks to over HTTP."""

from typing import Any

import requests
from anymail.exceptions import AnymailAPIError, AnymailError
from django.core.mail import EmailMultiAlternatives
from django.utils.translation import gettext as _
from urllib3.exceptions import NewConnectionError

from messaging.errors import InDoubt, MessagingError, PermanentFailure, TemporaryFailure
from messaging.providers.base import Mail
from messaging.rendering import Rendered

TIMEOUT = (5, 15)  # seconds to connect, and without a byte
TRY_LATER = {408, 425, 429, 500, 502, 503}


class Anymail(Mail):
    """Subclasses name an anymail backend; their settings are its keyword arguments."""

    failures = (AnymailError,)

    def options(self) -> dict[str, Any]:
        return {**self.settings, "timeout": TIMEOUT}

    def mail(self, rendered: Rendered, to: str, key: str) -> EmailMultiAlternatives:
        mail = super().mail(rendered, to, key)
        mail.metadata = {"key": key}  # type: ignore[attr-defined]  # anymail's; its callbacks carry it
        return mail

    def id_of(self, mail: EmailMultiAlternatives) -> str:
        status = getattr(mail, "anymail_status", None)
        return str(getattr(status, "message_id", None) or "")

    def failure(self, error: Exception) -> MessagingError:
        if not isinstance(error, AnymailAPIError):
            return PermanentFailure(_("The carrier cannot send this: %s") % error)
        if error.status_code is None:
            return _of_silence(error.__cause__)
        return _of_an_answer(error.status_code)


def _of_silence(cause: BaseException | None) -> MessagingError:
    if isinstance(cause, requests.ConnectTimeout) or _was_never_connected(cause):
        return TemporaryFailure(_("The carrier could not be reached."))
    return InDoubt(_("The connection to the carrier broke before it answered."))


def _was_never_connected(cause: BaseException | None) -> bool:
    reason = getattr(cause.args[0], "reason", None) if cause and cause.args else None
    return isinstance(reason, NewConnectionError)


def _of_an_answer(status: int) -> MessagingError:
    if status in TRY_LATER:
        return TemporaryFailure(_("The carrier answered %d: try again later.") % status)
    if 400 <= status < 500:
        return PermanentFailure(_("The carrier refused it with %d.") % status)
    return InDoubt(_("The carrier answered %d, so it may have taken the mail.") % status)
