"""A `.pkpass`: a zip of the pass, its pictures, a manifest of their hashes and its signature.

As developer.apple.com asks in "Building a Pass": the manifest names the SHA-1 of each file, the
signature is a detached PKCS #7 (CMS) over it, with the intermediate certificate inside.
"""

import hashlib
import json
import zipfile
from collections.abc import Mapping
from io import BytesIO
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.hazmat.primitives.serialization.pkcs7 import (
    PKCS7Options,
    PKCS7SignatureBuilder,
)

from loyalty.wallet.apple.identity import Identity

MEDIA_TYPE = "application/vnd.apple.pkpass"


def sealed(document: Mapping[str, Any], pictures: Mapping[str, bytes], identity: Identity) -> bytes:
    """The whole file, ready to hand out."""
    files = {"pass.json": json.dumps(document, ensure_ascii=False).encode(), **pictures}
    manifest = json.dumps(
        {
            name: hashlib.sha1(data, usedforsecurity=False).hexdigest()
            for name, data in files.items()
        }
    ).encode()
    files |= {"manifest.json": manifest, "signature": signature(manifest, identity)}
    stream = BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return stream.getvalue()


def signature(manifest: bytes, identity: Identity) -> bytes:
    """Detached, over the bytes as they are, in DER."""
    builder = (
        PKCS7SignatureBuilder()
        .set_data(manifest)
        .add_signer(identity.certificate, identity.key, hashes.SHA256())
        .add_certificate(identity.intermediate)
    )
    return builder.sign(Encoding.DER, [PKCS7Options.DetachedSignature, PKCS7Options.Binary])
