"""Texts are kept under the hash of what they say: what was published is what will be said."""

import hashlib
import json

from messaging import dialect
from messaging.models import Template


def freeze(subject: str, body: str) -> Template:
    """The stored template that says exactly this; the same text twice is the same row."""
    subject, body = dialect.clean(subject).strip(), dialect.clean(body)
    digest = hashlib.sha256(json.dumps([subject, body]).encode()).hexdigest()
    template, _made = Template.objects.get_or_create(
        digest=digest, defaults={"subject": subject, "body": body}
    )
    return template
