"""Apple's push service: says to a device that some pass of ours has changed, and nothing else.

The pass certificate is what we prove ourselves with, the topic is the pass type, and the body is
an empty object (developer.apple.com, "Sending notification requests to APNs"; "Adding a Web
Service to Update Passes").
"""

import ssl
import tempfile
from datetime import datetime
from pathlib import Path

from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from django.conf import settings

from loyalty.models import Device, Pass, WalletKeys
from loyalty.models.wallet import PushOutcome
from loyalty.wallet.apple import identity, phones
from loyalty.wallet.apple.identity import Identity
from messaging.errors import TemporaryFailure
from messaging.http import Web, refusal
from messaging.telling import Told

OK, BAD_REQUEST, GONE = 200, 400, 410
NO_SUCH_DEVICE = b"BadDeviceToken"


class Apns:
    """A conversation with Apple; raises NotConfigured where there is no certificate."""

    def __init__(self) -> None:
        self.identity = identity.of(WalletKeys.get())
        self.web = Web(context=_proof(self.identity), is_http2=True)

    def __enter__(self) -> "Apns":
        return self

    def __exit__(self, *_: object) -> None:
        self.web.close()

    def tell(self, kept_pass: Pass, now: datetime) -> Told:
        """Push to every device that keeps the pass; one that is gone is forgotten.

        Pushing twice does no harm. Raises the failures of sending once all were tried.
        """
        failure: TemporaryFailure | None = None
        for device in Device.objects.filter(registrations__kept_pass=kept_pass).order_by("pk"):
            try:
                if not self._push(device):
                    phones.drop(device, now=now)
            except TemporaryFailure as error:
                failure = error
        if failure:
            raise failure
        return Told(PushOutcome.SENT)

    def _push(self, device: Device) -> bool:
        """Whether the device is there."""
        answer = self.web.send(
            "POST",
            f"{settings.APNS_URL}/3/device/{device.push_token}",
            headers={"apns-topic": self.identity.pass_type, "apns-push-type": "background",
                     "apns-priority": "5", "content-type": "application/json"},
            body=b"{}",
        )  # fmt: skip
        if answer.status == OK:
            return True
        if answer.status == GONE:
            return False
        if answer.status == BAD_REQUEST and NO_SUCH_DEVICE in answer.body:
            return False
        raise refusal(answer, "Apple")


def _proof(known: Identity) -> ssl.SSLContext:
    """Our certificate and key for a TLS handshake, for which OpenSSL must read them from a file."""
    context = ssl.create_default_context()
    key = known.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    chain = [each.public_bytes(Encoding.PEM) for each in (known.certificate, known.intermediate)]
    with tempfile.TemporaryDirectory() as folder:  # 0700
        path = Path(folder) / "proof.pem"
        path.write_bytes(key + b"".join(chain))
        context.load_cert_chain(path)
    return context
