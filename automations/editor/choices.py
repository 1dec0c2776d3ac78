"""What the editor lets choose from: step types, trigger types, fields; in groups."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from automations import steps
from automations.triggers import TRIGGERS
from loyalty.fields import FieldSet
from loyalty.models import Program

Text = str | Promise
Options = list[tuple[str, str]]
Fields = list[tuple[str, Options]]

# In the order of the list; a group that a new type brings comes after them under its own name.
STEP_GROUPS: Mapping[str, Text] = {
    "message": gettext_lazy("Say something"),
    "card": gettext_lazy("Give and take"),
    "customer": gettext_lazy("About the customer"),
    "flow": gettext_lazy("Time and direction"),
}
TRIGGER_GROUPS: Mapping[str, Text] = {
    "card": gettext_lazy("At the counter"),
    "balance": gettext_lazy("What a card holds"),
    "orders": gettext_lazy("Orders"),
    "customer": gettext_lazy("Customers"),
    "tier": gettext_lazy("VIP tiers"),
    "other": gettext_lazy("From other systems"),
}
TRIGGER_ICONS = {
    "card": "scan",
    "balance": "stamp",
    "orders": "cart",
    "customer": "joined",
    "tier": "tier",
    "other": "hook",
}
SUBJECTS: Mapping[str, Text] = {
    "customer": gettext_lazy("Customer"),
    "card": gettext_lazy("The card it is about"),
    "event": gettext_lazy("What started it"),
    "order": gettext_lazy("The order"),
    "coupon": gettext_lazy("The coupon it was given"),
    "now": gettext_lazy("The moment"),
    "business": gettext_lazy("Your business"),
}


@dataclass(frozen=True, slots=True)
class Kind:
    """A type as it is offered."""

    type: str
    label: Text
    help: Text
    icon: str
    tone: str = "brand"
    is_current: bool = False

    @property
    def icon_templates(self) -> tuple[str, str]:
        return (f"icons/{self.icon}.svg", "icons/step.svg")


def step_kinds() -> list[tuple[Text, list[Kind]]]:
    offered = [
        (kind.group, Kind(kind.type, kind.label, kind.help, kind.icon, kind.tone))
        for kind in steps.types().values()
    ]
    return _grouped(offered, STEP_GROUPS)


def trigger_kinds(current: str) -> list[tuple[Text, list[Kind]]]:
    offered = [
        (
            kind.group,
            Kind(
                kind.type,
                kind.label,
                kind.sentence({}),
                TRIGGER_ICONS.get(kind.group, "bolt"),
                is_current=kind.type == current,
            ),
        )
        for kind in TRIGGERS.values()
    ]
    return _grouped(offered, TRIGGER_GROUPS)


def _grouped(
    offered: Iterable[tuple[str, Kind]], labels: Mapping[str, Text]
) -> list[tuple[Text, list[Kind]]]:
    found: dict[str, list[Kind]] = {group: [] for group in labels}
    for group, kind in offered:
        found.setdefault(group, []).append(kind)
    return [(labels.get(group, capfirst(group)), kinds) for group, kinds in found.items() if kinds]


def fields(known: FieldSet, event_words: Text = "") -> Fields:
    """The fields a condition may ask about, by what they are of, in plain words."""
    found: dict[str, Options] = {}
    for field in known.listed():
        found.setdefault(_subject(field.name), []).append((field.name, capfirst(str(field.label))))
    own = {"event": str(event_words)} if event_words else {}
    return [(own.get(of) or _subject_words(of), options) for of, options in found.items()]


def names(known: FieldSet) -> list[tuple[str, Options]]:
    """The merge tags a text may use."""
    tags = [
        (group, [(f"{{{{ {name} }}}}", text) for name, text in options])
        for group, options in fields(known)
    ]
    return [*tags, (str(SUBJECTS["business"]), [("{{ business.name }}", _("Name"))])]


def _subject(name: str) -> str:
    subject, _dot, rest = name.partition(".")
    return f"cards.{rest.partition('.')[0]}" if subject == "cards" else subject


def _subject_words(subject: str) -> str:
    if subject.startswith("cards."):
        slug = subject.removeprefix("cards.")
        program = Program.objects.non_polymorphic().filter(slug=slug).first()
        return _("Their card of %(program)s") % {"program": program or slug}
    return str(SUBJECTS.get(subject, subject))
