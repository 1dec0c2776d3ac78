"""Two carriers whose mailbag is a file outside the database: what is in there has really left.

`careful` knows its keys: the same one twice is one letter. `plain` does not, like SMTP.
"""

import json
import os
from collections import Counter
from pathlib import Path
from typing import NamedTuple

from django.utils.translation import gettext_lazy as _

from messaging.providers.base import Provider
from messaging.rendering import Rendered
from tests.proof.points import points

VARIABLE = "PROOF_MAILBAG"


class Letter(NamedTuple):
    carrier: str
    key: str
    to: str
    subject: str


class Plain(Provider):
    name = "proof_plain"
    label = _("Mailbag")

    def send(self, rendered: Rendered, to: str, key: str) -> str:
        letter = Letter(self.name, key, to, rendered.subject)
        with points.around(f"sending {key}"), mailbag().open("a") as bag:
            bag.write(json.dumps(letter) + "\n")
            bag.flush()
        return f"{self.name}:{key}"


class Careful(Plain):
    name = "proof_careful"
    label = _("Mailbag that knows its keys")
    is_repeatable = True


def mailbag() -> Path:
    return Path(os.environ[VARIABLE])


def empty_the_mailbag() -> None:
    mailbag().write_text("")


def letters() -> Counter[Letter]:
    """What left, and how often."""
    lines = mailbag().read_text().splitlines()
    return Counter(Letter(*json.loads(line)) for line in lines)
