"""An authority of our own in Apple's place: a root, an intermediate, and what they sign."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from loyalty.models import WalletKeys

Key = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey

PASS_TYPE, TEAM = "pass.com.aurora.loyalty", "A1B2C3D4E5"
YEAR = timedelta(days=365)
TODAY = datetime.now(UTC)  # before any test moves the clock: OpenSSL knows the true one


@dataclass(frozen=True)
class Signed:
    certificate: x509.Certificate
    key: Key

    @property
    def pem(self) -> str:
        return self.certificate.public_bytes(Encoding.PEM).decode()

    @property
    def key_pem(self) -> str:
        return self.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def sign(
    name: dict[x509.ObjectIdentifier, str],
    by: Signed | None = None,
    *,
    is_authority: bool = False,
    ends: datetime | None = None,
    hosts: tuple[str, ...] = (),
    key: Key | None = None,
) -> Signed:
    """A certificate that begins a year ago, so that tests may live in the past."""
    key = key or ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(oid, value) for oid, value in name.items()])
    began = TODAY - YEAR
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(by.certificate.subject if by else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(began)
        .not_valid_after(ends or TODAY + YEAR)
        .add_extension(x509.BasicConstraints(is_authority, None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(_issuer(by.key if by else key), critical=False)
        .add_extension(_usage(is_authority), critical=True)
    )
    if hosts:
        names = x509.SubjectAlternativeName([x509.DNSName(host) for host in hosts])
        builder = builder.add_extension(names, critical=False)
    return Signed(builder.sign(by.key if by else key, hashes.SHA256()), key)


def _issuer(key: Key) -> x509.AuthorityKeyIdentifier:
    return x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key())


def _usage(is_authority: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        content_commitment=False,
        key_encipherment=not is_authority,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=is_authority,
        crl_sign=is_authority,
        encipher_only=False,
        decipher_only=False,
    )


@cache
def root() -> Signed:
    return sign({NameOID.COMMON_NAME: "Test root"}, is_authority=True)


@cache
def intermediate() -> Signed:
    return sign({NameOID.COMMON_NAME: "Test intermediate"}, root(), is_authority=True)


@cache
def for_passes() -> Signed:
    """With an RSA key, as Apple wants it; making one takes a while."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return sign(pass_name(), intermediate(), key=key)


def pass_name() -> dict[x509.ObjectIdentifier, str]:
    return {
        NameOID.USER_ID: PASS_TYPE,
        NameOID.COMMON_NAME: f"Pass Type ID: {PASS_TYPE}",
        NameOID.ORGANIZATIONAL_UNIT_NAME: TEAM,
    }


def equip_shop() -> WalletKeys:
    """All that Apple Wallet asks for."""
    signed = for_passes()
    return WalletKeys.objects.create(
        pk=1,
        apple_certificate=signed.pem,
        apple_intermediate=intermediate().pem,
        secrets={"apple_key": signed.key_pem},
    )
