"""What the business signs Apple passes with: its certificate, the key that belongs to it, and
Apple's intermediate certificate between the two of them and Apple's root.

The pass type and the team stand in the certificate itself, as UID and OU of its subject
(developer.apple.com, "Building a Pass").
"""

from dataclasses import dataclass

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from django.utils.translation import gettext as _

from loyalty.models import WalletKeys
from loyalty.wallet.errors import NotConfigured

KEY_BITS = 2048  # what Apple takes


class Unreadable(ValueError):
    """A file that is not what it should be; the text is for staff."""


@dataclass(frozen=True, slots=True)
class Identity:
    certificate: x509.Certificate
    key: rsa.RSAPrivateKey
    intermediate: x509.Certificate

    @property
    def pass_type(self) -> str:
        """`pass.com.example.loyalty`."""
        return said_of(self.certificate, NameOID.USER_ID)

    @property
    def team(self) -> str:
        return said_of(self.certificate, NameOID.ORGANIZATIONAL_UNIT_NAME)


def of(keys: WalletKeys) -> Identity:
    """All that signing needs; raises NotConfigured where something is missing or does not fit."""
    try:
        found = Identity(
            certificate(keys.apple_certificate.encode()),
            private_key(str(keys.secrets.get("apple_key", "")).encode()),
            certificate(keys.apple_intermediate.encode()),
        )
    except Unreadable as error:
        raise NotConfigured from error
    if not belong_together(found.certificate, found.key) or not found.pass_type:
        raise NotConfigured
    return found


def is_set_up(keys: WalletKeys) -> bool:
    try:
        of(keys)
    except NotConfigured:
        return False
    return True


# --- Reading --------------------------------------------------------------------------------------


def certificate(data: bytes) -> x509.Certificate:
    """Of PEM, or of the DER that Apple gives to download; raises Unreadable."""
    try:
        if b"-----BEGIN" in data:
            return x509.load_pem_x509_certificate(data)
        return x509.load_der_x509_certificate(data)
    except ValueError as error:
        raise Unreadable(_("This is not a certificate.")) from error


def private_key(data: bytes) -> rsa.RSAPrivateKey:
    """Of PEM without a password; raises Unreadable."""
    try:
        key = serialization.load_pem_private_key(data, password=None)
    except (ValueError, TypeError) as error:
        raise Unreadable(_("This is not a private key in PEM, or it has a password.")) from error
    if not isinstance(key, rsa.RSAPrivateKey):
        raise Unreadable(_("Only RSA keys can be used."))
    return key


def said_of(found: x509.Certificate, oid: x509.ObjectIdentifier) -> str:
    """One part of the subject; empty where it has none."""
    parts = found.subject.get_attributes_for_oid(oid)
    return str(parts[0].value) if parts else ""


def belong_together(found: x509.Certificate, key: rsa.RSAPrivateKey) -> bool:
    public = found.public_key()
    return (
        isinstance(public, rsa.RSAPublicKey)
        and public.public_numbers() == key.public_key().public_numbers()
    )


def is_issued_by(found: x509.Certificate, issuer: x509.Certificate) -> bool:
    """Whether the one was really signed with the other's key."""
    try:
        found.verify_directly_issued_by(issuer)
    except (ValueError, TypeError, InvalidSignature):
        return False
    return True


def pem(found: x509.Certificate) -> str:
    return found.public_bytes(Encoding.PEM).decode()


# --- A certificate to come ------------------------------------------------------------------------


def new_key() -> str:
    """A fresh private key, as PEM."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=KEY_BITS)
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def request_for(key_pem: str, business: str) -> bytes:
    """What Apple asks to be uploaded for a certificate of that key (PKCS #10, in PEM)."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, business[:64] or "Regulars")])
    request = x509.CertificateSigningRequestBuilder().subject_name(name)
    return request.sign(private_key(key_pem.encode()), hashes.SHA256()).public_bytes(Encoding.PEM)
