from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from automations import addressed, inputs, message_steps
from automations.addressed import Addressed
from automations.models.step import Step
from automations.outcomes import Done, Outcome, Skip
from automations.problems import Around, refuse
from messaging import subscriptions, templates
from messaging.models import Sender, Template
from messaging.names import PUSH_URL
from messaging.providers.webpush import LONGEST_TEXT

if TYPE_CHECKING:
    from automations.place import Place

CHANNEL = subscriptions.CHANNEL
LONGEST_URL = 500


class SendPush(Addressed, Step):
    """Queue a push to the customer's phones; whether it may be said is asked when it is sent."""

    type = "send_push"
    label = gettext_lazy("Send push")
    help = gettext_lazy("Appears on the phones of customers who asked for it on their card's page.")
    group = "message"
    icon = "push"
    tone = "message"
    fields = ("title", "text", "url", *addressed.COLUMNS)
    seldom = addressed.COLUMNS
    seldom_label = addressed.LABEL
    channel = CHANNEL
    takes = {
        "title": inputs.text(120, required=True),
        "text": inputs.text(LONGEST_TEXT, required=True),
        "url": inputs.text(LONGEST_URL),
        "to": addressed.INPUT,
    }

    title = models.CharField(gettext_lazy("title"), max_length=120)
    text = models.TextField(
        gettext_lazy("text"),
        max_length=LONGEST_TEXT,
        help_text=gettext_lazy("Short: phones show the first two or three lines."),
    )
    url = models.CharField(
        gettext_lazy("leads to"),
        max_length=LONGEST_URL,
        blank=True,
        help_text=gettext_lazy("An address that a tap opens. Empty: the customer's card."),
    )
    template = models.ForeignKey(
        Template,
        models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="push_steps",
    )

    class Meta:
        verbose_name = gettext_lazy("push to send")
        verbose_name_plural = gettext_lazy("pushes to send")

    @property
    def texts(self) -> tuple[str, str]:
        return self.title, self.text

    def clean(self) -> None:
        if not _is_address(self.url):
            raise ValidationError({"url": _NO_ADDRESS})

    def summary(self) -> str:
        return self.said_for(self.title)

    def parameters(self) -> dict[str, Any]:
        own = {"title": self.title, "text": self.text} | ({"url": self.url} if self.url else {})
        return own | self.portable_to()

    @classmethod
    def parse(cls, data: Mapping[str, Any], path: str) -> dict[str, Any]:
        values = super().parse(data, path)
        if not _is_address(values.get("url", "")):
            raise refuse(f"{path}.url", str(_NO_ADDRESS))
        return values

    def problems(self, around: Around) -> list[str | Promise]:
        found = message_steps.problems(self.texts, around)
        # Where there is none yet, the first customer who asks for pushes makes it.
        sender = Sender.objects.filter(channel=CHANNEL, is_default=True).first()
        return found + (message_steps.switched_off(sender) if sender else [])

    def freeze(self) -> None:
        self.template = templates.freeze(self.title, self.text)
        self.save(update_fields=["template"])

    def run(self, place: "Place") -> Outcome:
        return self.run_many([place])[0]

    def run_many(self, places: "Sequence[Place]") -> list[Outcome]:
        names = message_steps.names(self.title, self.text)
        there = subscriptions.reached({place.customer.pk for place in places if place.customer})
        queued = Done(note=_("Queued"))
        return [self._say(place, names, there) or queued for place in places]

    def _say(self, place: "Place", names: list[str], there: set[int]) -> Skip | None:
        if place.customer is not None and place.customer.pk not in there:
            return Skip(_("The customer has asked for pushes on no phone."))
        url = {PUSH_URL: self.url} if self.url else {}
        return message_steps.say(place, self.template_id, names, channel=CHANNEL, more=url)


_NO_ADDRESS = gettext_lazy("This is no address: it begins with https:// or with a /.")


def _is_address(url: str) -> bool:
    """Of the web or of a page of ours; nothing is an address too."""
    if not url or (url.startswith("/") and not url.startswith("//")):
        return True
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in {"https", "http"} and bool(parts.hostname)
