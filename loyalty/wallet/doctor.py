"""Says what is missing before cards can go into wallets, and what will be, in plain words."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.x509.oid import NameOID
from django.conf import settings
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from loyalty.models import WalletKeys
from loyalty.wallet.apple import identity
from loyalty.wallet.apple.identity import Unreadable
from loyalty.wallet.google import account

# How long before its end a certificate is worth a word: time enough to ask for another.
SOON = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Finding:
    """`tone` is `good`, `warn` (it works, and will not for ever) or `bad` (it does not work)."""

    tone: str
    text: str


def apple(keys: WalletKeys, *, now: datetime) -> list[Finding]:
    """What there is to say of Apple Wallet."""
    found = [*_certificate(keys, now), *_intermediate(keys, now), *_web_address()]
    if keys.secrets.get("apple_next_key"):
        text = _("A signing request was made; its certificate has not been brought yet.")
        found.append(Finding("warn", text))
    return found


def google(keys: WalletKeys) -> list[Finding]:
    """What there is to say of Google Wallet."""
    found = []
    if not keys.google_issuer:
        found.append(Finding("bad", _("The issuer id is missing.")))
    if not keys.secrets.get("google_account"):
        found.append(Finding("bad", _("The key of a service account is missing.")))
    if account.is_set_up(keys):
        who = account.of(keys).email
        found.append(Finding("good", _("Cards are signed as %s.") % who))
    return found


def _certificate(keys: WalletKeys, now: datetime) -> list[Finding]:
    if not keys.apple_certificate:
        return [Finding("bad", _("The pass certificate is missing."))]
    try:
        found = identity.certificate(keys.apple_certificate.encode())
        key = identity.private_key(str(keys.secrets.get("apple_key", "")).encode())
    except Unreadable as error:
        return [Finding("bad", str(error))]
    findings = []
    if not identity.belong_together(found, key):
        findings.append(Finding("bad", _("The certificate and the private key do not belong.")))
    pass_type = identity.said_of(found, NameOID.USER_ID)
    if not pass_type.startswith("pass."):
        text = _("This certificate is for something else than passes.")
        findings.append(Finding("bad", text))
    words = {"pass_type": pass_type, "team": identity.said_of(found, _TEAM)}
    said = _("Passes are signed as %(pass_type)s of team %(team)s.") % words
    return [*findings, *_lifetime(found, _("The pass certificate"), said, now)]


_TEAM = NameOID.ORGANIZATIONAL_UNIT_NAME


def _intermediate(keys: WalletKeys, now: datetime) -> list[Finding]:
    if not keys.apple_intermediate:
        return [Finding("bad", _("Apple's intermediate certificate is missing."))]
    try:
        found = identity.certificate(keys.apple_intermediate.encode())
        if keys.apple_certificate:
            own = identity.certificate(keys.apple_certificate.encode())
            if not identity.is_issued_by(own, found):
                text = _("The pass certificate was not signed by this intermediate certificate.")
                return [Finding("bad", text)]
    except Unreadable as error:
        return [Finding("bad", str(error))]
    what = _("Apple's intermediate certificate")
    return _lifetime(found, what, _("The chain to Apple is complete."), now)


def _lifetime(found: x509.Certificate, what: str, fine: str, now: datetime) -> list[Finding]:
    ends = found.not_valid_after_utc
    words = {"what": what, "day": date_format(ends, "DATE_FORMAT")}
    if now >= ends:
        return [Finding("bad", _("%(what)s ended on %(day)s.") % words)]
    if now < found.not_valid_before_utc:
        return [Finding("bad", _("%(what)s is not valid yet.") % words)]
    if now >= ends - SOON:
        return [Finding("warn", _("%(what)s ends on %(day)s: ask for a new one.") % words)]
    until = _("%(what)s is valid until %(day)s.") % words
    return [Finding("good", f"{fine} {until}")]


def _web_address() -> list[Finding]:
    if settings.PUBLIC_BASE_URL.startswith("https://"):
        return []
    text = _(
        "Phones reach this site by https:// only, and its address is %s: cards will not update."
    )
    return [Finding("warn", text % settings.PUBLIC_BASE_URL)]
