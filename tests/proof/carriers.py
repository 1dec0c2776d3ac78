"""Two carriers whose mailbag is a file outside the database: what is in there has really left.

`careful` knows its keys: the same one twice is one letter. `plain` does not, like SMTP.
"""

import json
import os
from collections import Counter
from pathlib import Path
from typing import NamedTuple

from django.utils.translation import gettext_lazy as _

from messaging.models import Message
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


def letters() -> Counter[Letter]:
    """What left, and how often."""
    lines = mailbag().read_text().splitlines()
    return Counter(Letter(*json.loads(line)) for line in lines)


def repeated() -> int:
    return sum(n - 1 for n in letters().values())


def faults(*, is_over: bool) -> list[str]:
    """What left against what the messages say of it; once all `is_over`, none is on its way."""
    left = Counter[str]()
    for letter, n in letters().items():
        left[letter.key] += n
    told = []
    for message in Message.objects.select_related("sender"):
        n = left.pop(message.key, 0)
        if not _is_allowed(message, n, is_over):
            told.append(f"letter {message.key} ({message.state}) left {n} times")
    return told + [f"a letter that no message asked for: {key}" for key in left]


def _is_allowed(message: Message, n: int, is_over: bool) -> bool:
    if message.state == "sent":
        knows_keys = message.sender is not None and message.sender.provider == Careful.name
        return n == 1 or (n > 1 and knows_keys)
    if message.state == "unknown":
        return n <= 1
    if message.state == "refused":
        return n == 0
    return not is_over
