"""What every carrier promises. A new one is a subclass with a name and a settings form.

class Mailgun(Anymail):
    name = "mailgun"
    label = _("Mailgun")
    backend = "anymail.backends.mailgun.EmailBackend"

    class Settings(forms.Form):
        api_key = Secret(label=_("API key"))
        sender_domain = forms.CharField(label=_("Sending domain"))
"""

from collections.abc import Mapping
from email.utils import formataddr
from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.core.exceptions import ImproperlyConfigured, ValidationError
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.validators import validate_email
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from messaging.errors import MessagingError, PermanentFailure
from messaging.models import Sender
from messaging.rendering import Rendered

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

PROVIDERS: dict[str, "type[Provider]"] = {}


class Secret(forms.CharField):
    """A setting that is written and never shown again."""

    widget = forms.PasswordInput(attrs={"autocomplete": "new-password"})


class Provider:
    """A stored account at a carrier, ready to send. Subclasses with a `name` are offered to staff.

    What a carrier cannot do it must refuse with PermanentFailure, never leave out in silence.
    """

    name: ClassVar[str]
    label: ClassVar["StrOrPromise"]
    # When staff would choose it, in a sentence.
    help: ClassVar["StrOrPromise"] = ""
    channel: ClassVar[str] = "email"
    Settings: ClassVar[type[forms.Form]] = forms.Form
    # Whether sending the same key again does no harm, so that a crash while sending is no doubt.
    is_repeatable: ClassVar[bool] = False

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "name" not in cls.__dict__:
            return
        if cls.name in PROVIDERS or "label" not in cls.__dict__:
            raise ImproperlyConfigured(f"Carrier {cls.name!r} is there twice, or has no label.")
        PROVIDERS[cls.name] = cls

    def __init__(self, sender: Sender) -> None:
        form = self.Settings(sender.settings)
        if not form.is_valid():
            wrong = ", ".join(str(form.fields[name].label or name) for name in form.errors)
            raise PermanentFailure(
                _("The settings of “%(sender)s” are incomplete: %(fields)s.")
                % {"sender": sender.name, "fields": wrong}
            )
        self.sender = sender
        self.settings: Mapping[str, Any] = form.cleaned_data

    def send(self, rendered: Rendered, to: str, key: str) -> str:
        """Hand it to the carrier and give back the carrier's id for it.

        Raises TemporaryFailure, PermanentFailure or InDoubt. Never called inside a transaction.
        """
        raise NotImplementedError


class Mail(Provider):
    """A carrier of email behind one of Django's or anymail's backends."""

    backend: ClassVar[str]
    # What the backend raises when it cannot send; anything else is a bug of ours.
    failures: ClassVar[tuple[type[Exception], ...]] = (OSError, ValueError)

    def options(self) -> dict[str, Any]:
        """What the backend is made with; the form's fields by their names."""
        return dict(self.settings)

    def failure(self, error: Exception) -> MessagingError:
        """Which of the three failures one of `failures` is."""
        raise NotImplementedError

    def send(self, rendered: Rendered, to: str, key: str) -> str:
        _require_one_address(to)
        mail = self.mail(rendered, to, key)
        try:
            with get_connection(self.backend, fail_silently=False, **self.options()) as carrier:
                taken = carrier.send_messages([mail])
        except self.failures as error:
            raise self.failure(error) from error
        if taken != 1:
            raise PermanentFailure(_("The carrier took nothing, and did not say why."))
        return self.id_of(mail)

    def mail(self, rendered: Rendered, to: str, key: str) -> EmailMultiAlternatives:
        """The mail, under a Message-ID that is the same each time this key is tried."""
        sender = self.sender
        domain = sender.from_address.rpartition("@")[2]
        # Two installs may use the same key and domain, and mailboxes drop a second mail of one id.
        local = salted_hmac("messaging.message_id", key, algorithm="sha256").hexdigest()[:40]
        mail = EmailMultiAlternatives(
            rendered.subject,
            rendered.text,
            formataddr((sender.from_name, sender.from_address)),
            [to],
            headers={"Message-ID": f"<{local}@{domain}>", "X-Regulars-Key": key},
        )
        mail.attach_alternative(rendered.html, "text/html")
        return mail

    def id_of(self, mail: EmailMultiAlternatives) -> str:
        return str(mail.extra_headers["Message-ID"])


def _require_one_address(to: str) -> None:
    try:
        validate_email(to)
    except ValidationError as error:
        raise PermanentFailure(_("“%s” is not an email address.") % to) from error


def provider_of(sender: Sender) -> Provider:
    """The sender's carrier, ready to send; raises PermanentFailure where there is none."""
    kind = PROVIDERS.get(sender.provider)
    if kind is None:
        raise PermanentFailure(
            _("“%(sender)s” uses a carrier that is not here any more: %(provider)s.")
            % {"sender": sender.name, "provider": sender.provider}
        )
    return kind(sender)
