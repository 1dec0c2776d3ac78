"""The page where a shop's keys go in, and what it says of them."""

from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection

from loyalty.models import WalletKeys
from loyalty.wallet import doctor
from loyalty.wallet.apple import identity
from tests.loyalty.staff import errors, page, seen
from tests.wallets import authority

REQUEST = "wallet_request"


def brought(admin_client, **files):
    """Staff bring files to the page."""
    named = {name: SimpleUploadedFile(f"{name}.cer", data) for name, data in files.items()}
    return admin_client.post(page("walletkeys_change", 1), {"google_issuer": "", **named})


def der(signed: authority.Signed) -> bytes:
    return signed.certificate.public_bytes(Encoding.DER)


def tones(found) -> list[str]:
    return [finding.tone for finding in found]


@pytest.fixture
def now():
    return datetime.now(UTC)


def test_a_shop_gets_its_certificate_without_touching_a_key(admin_client, business, settings, now):
    settings.PUBLIC_BASE_URL = "https://aurora.example"
    answer = admin_client.post(page(REQUEST))
    request = x509.load_pem_x509_csr(answer.content)
    assert request.is_signature_valid
    assert "certSigningRequest" in answer["Content-Disposition"]

    key = identity.private_key(WalletKeys.get().secrets["apple_next_key"].encode())
    signed = authority.sign(authority.pass_name(), authority.intermediate(), key=key)
    assert signed.certificate.public_key() == request.public_key()
    saved = brought(
        admin_client, certificate=der(signed), intermediate=der(authority.intermediate())
    )

    assert saved.status_code == 302
    assert identity.of(WalletKeys.get()).pass_type == authority.PASS_TYPE
    assert tones(doctor.apple(WalletKeys.get(), now=now)) == ["good", "good"]
    assert "apple_next_key" not in WalletKeys.get().secrets


def test_a_request_that_is_asked_for_again_is_for_the_same_key(admin_client, business):
    first, second = (
        x509.load_pem_x509_csr(admin_client.post(page(REQUEST)).content) for _time in range(2)
    )

    assert first.public_key() == second.public_key()


def test_a_request_leaves_what_is_in_use_alone(admin_client, wallet_keys):
    admin_client.post(page(REQUEST))

    assert identity.is_set_up(WalletKeys.get())


def test_a_certificate_of_another_key_is_refused(admin_client, wallet_keys):
    stranger = authority.sign(authority.pass_name(), authority.intermediate())

    answer = brought(admin_client, certificate=der(stranger))

    assert "belongs to no key" in errors(answer)["certificate"][0]
    assert WalletKeys.get().apple_certificate == wallet_keys.apple_certificate


@pytest.mark.parametrize("field", ["certificate", "intermediate", "google_account"])
@pytest.mark.parametrize("junk", [b"junk", b"-----BEGIN CERTIFICATE-----", b"[1]", b"{}"])
def test_a_file_that_is_something_else_is_refused(admin_client, wallet_keys, field, junk):
    answer = brought(admin_client, **{field: junk})

    assert list(errors(answer)) == [field]


def test_no_secret_comes_out_again(admin_client, wallet_keys):
    shown = seen(admin_client.get(page("walletkeys_change", 1)))

    assert "PRIVATE KEY" not in shown
    assert wallet_keys.secrets["apple_key"][40:80] not in shown


def test_the_key_lies_encrypted_in_the_database(wallet_keys):
    with connection.cursor() as cursor:
        cursor.execute("SELECT secrets FROM loyalty_walletkeys")
        [stored] = cursor.fetchone()

    assert "PRIVATE" not in stored


def test_the_page_says_what_is_missing(admin_client, business):
    shown = seen(admin_client.get(page("walletkeys_change", 1)))

    assert "The pass certificate is missing." in shown
    assert "The issuer id is missing." in shown


def test_the_doctor_looks_at_the_lives_of_certificates(wallet_keys, settings, now):
    settings.PUBLIC_BASE_URL = "https://aurora.example"

    def seen_at(moment):
        return tones(doctor.apple(wallet_keys, now=moment))

    assert seen_at(now) == ["good", "good"]
    assert seen_at(now + timedelta(days=340)) == ["warn", "warn"]
    assert seen_at(now + timedelta(days=366)) == ["bad", "bad"]
    assert seen_at(now - timedelta(days=366)) == ["bad", "bad"]


def test_the_doctor_sees_what_does_not_fit_together(wallet_keys, settings, now):
    settings.PUBLIC_BASE_URL = "https://aurora.example"
    wallet_keys.secrets = {"apple_key": identity.new_key()}
    wallet_keys.apple_intermediate = authority.root().pem

    said = [finding.text for finding in doctor.apple(wallet_keys, now=now)]

    assert "The certificate and the private key do not belong." in said
    assert "The pass certificate was not signed by this intermediate certificate." in said


def test_the_doctor_says_that_phones_need_https(wallet_keys, now):
    assert tones(doctor.apple(wallet_keys, now=now)) == ["good", "good", "warn"]


def test_who_may_only_look_makes_no_request(client, django_user_model, business):
    django_user_model.objects.create_user("eve", password="x", is_staff=True)
    client.login(username="eve", password="x")

    assert client.post(page(REQUEST)).status_code == 403
    assert not WalletKeys.objects.exists()


def test_a_cards_page_leads_to_its_pass(admin_client, wallet_keys, coffee_card):
    shown = seen(admin_client.get(page("card_change", coffee_card.pk)))

    assert "Add to Apple Wallet" in shown
    assert "Add to Google Wallet" not in shown
