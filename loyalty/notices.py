"""What the product itself must say to a customer, whatever they agreed to: declared here, brought
by whoever registers in its `ready()`. A closed list: no author of automations adds to it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from loyalty import addresses


@dataclass(frozen=True, slots=True)
class Notice:
    """Subject and body with merge tags in double braces; `is_secret` says that what is filled in
    opens a door, so staff are not shown it."""

    name: str
    subject: str | Promise
    body: str | Promise
    is_secret: bool = True


@dataclass(frozen=True, slots=True)
class Letter:
    """One notice to one address. `key` names its cause and is unique for ever."""

    notice: Notice
    key: str
    customer_id: int
    to: str
    names: Mapping[str, str] = field(default_factory=dict)

    @property
    def body(self) -> str:
        """Its addresses are written out: in a mail, only what the author wrote becomes a link."""
        door = addresses.whole("door")
        text = str(self.notice.body).replace("{{ link }}", f"{door}in/{{{{ token }}}}/")
        return text.replace("{{ door }}", door)


SIGN_IN = Notice(
    "sign_in",
    _("Your cards at {{ business.name }}"),
    _(
        "Hello{% if first_name %} {{ first_name }}{% endif %},\n\n"
        "this link opens your cards. It works once, for 15 minutes:\n\n{{ link }}\n\n"
        "You did not ask for it? Then do nothing: nobody gets in without this mail."
    ),
)
WELCOME = Notice(
    "welcome",
    _("Your card at {{ business.name }}"),
    _(
        "Hello{% if first_name %} {{ first_name }}{% endif %},\n\n"
        "your card “{{ program }}” is ready. This link opens it on any device, once, for "
        "15 minutes:\n\n{{ link }}\n\nLater, ask for a new one at {{ door }}"
    ),
)
ALREADY = Notice(
    "already",
    _("You have a card at {{ business.name }} already"),
    _(
        "Hello{% if first_name %} {{ first_name }}{% endif %},\n\n"
        "somebody joined “{{ program }}” with your address. If that was you: this link opens the "
        "cards you have, with all that is on them, and puts the new one with them. It works once, "
        "for 15 minutes:\n\n{{ link }}\n\n"
        "If it was not you, do nothing: they see nothing of yours."
    ),
)
NEW_ADDRESS = Notice(
    "new_address",
    _("Is this your new address?"),
    _(
        "Hello,\n\nthis link makes this the address of your cards at {{ business.name }}. It works "
        "once, for 15 minutes:\n\n{{ link }}\n\nYou did not ask for it? Then do nothing."
    ),
)
ADDRESS_CHANGED = Notice(
    "address_changed",
    _("Your address at {{ business.name }} was changed"),
    _(
        "Hello,\n\nthe email address of your cards is another one now. If that was not you, please "
        "tell us at once."
    ),
    is_secret=False,
)
CONFIRM_ERASURE = Notice(
    "confirm_erasure",
    _("Delete your data at {{ business.name }}?"),
    _(
        "Hello,\n\nthis link deletes your cards, all that is on them, and what we know of you. It "
        "cannot be undone. It works once, for 15 minutes:\n\n{{ link }}\n\n"
        "You changed your mind, or did not ask? Then do nothing."
    ),
)
ERASED = Notice(
    "erased",
    _("Your data was deleted"),
    _("Hello,\n\nyour cards and what {{ business.name }} knew of you are deleted. Goodbye!"),
    is_secret=False,
)
PRESENT = Notice(
    "present",
    _("{{ giver }} has a present for you"),
    _(
        "Hello{% if first_name %} {{ first_name }}{% endif %},\n\n"
        "{{ giver }} gives you {{ amount }} on a card of {{ business.name }}."
        "{% if message %}\n\n{{ message }}{% endif %}\n\n"
        "Open your card here, with the address this mail came to: {{ door }}"
    ),
    is_secret=False,
)

Deliverer = Callable[[Letter, datetime], None]
deliverers: list[Deliverer] = []


def tell(letter: Letter, *, now: datetime) -> None:
    """Hand it to all who deliver, in the caller's transaction. May be repeated under its key."""
    if not deliverers:
        raise RuntimeError("Nobody delivers what the product must say to its customers.")
    for deliver in deliverers:
        deliver(letter, now)
