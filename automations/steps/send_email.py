from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from automations import addressed, inputs, message_steps
from automations.addressed import Addressed
from automations.models.step import Step
from automations.outcomes import Done, Outcome
from automations.problems import Around, refuse
from messaging import templates
from messaging.dialect import LONGEST_TEXT
from messaging.models import Sender, Template

if TYPE_CHECKING:
    from automations.place import Place

CHANNEL = "email"


class SendEmail(Addressed, Step):
    """Queue an email to the customer; whether it may be said is asked when it is sent."""

    type = "send_email"
    label = gettext_lazy("Send email")
    help = gettext_lazy("Goes to customers who have agreed to emails.")
    group = "message"
    icon = "email"
    tone = "message"
    fields = ("subject", "body", "sender", *addressed.COLUMNS)
    seldom = addressed.COLUMNS
    seldom_label = addressed.LABEL
    channel = CHANNEL
    takes = {
        "subject": inputs.text(250, required=True),
        "body": inputs.text(LONGEST_TEXT, required=True),
        "sender": inputs.text(120),
        "to": addressed.INPUT,
    }

    subject = models.CharField(gettext_lazy("subject"), max_length=250)
    body = models.TextField(gettext_lazy("text"), max_length=LONGEST_TEXT)
    sender = models.ForeignKey(
        Sender,
        models.PROTECT,
        null=True,
        blank=True,
        limit_choices_to={"channel": CHANNEL},
        related_name="email_steps",
        verbose_name=gettext_lazy("sender"),
        help_text=gettext_lazy("None chosen: the default sender."),
    )
    template = models.ForeignKey(
        Template,
        models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="email_steps",
    )

    class Meta:
        verbose_name = gettext_lazy("email to send")
        verbose_name_plural = gettext_lazy("emails to send")

    @property
    def texts(self) -> tuple[str, str]:
        return self.subject, self.body

    def summary(self) -> str:
        return self.said_for(self.subject)

    def parameters(self) -> dict[str, Any]:
        own = {"subject": self.subject, "body": self.body}
        return own | ({"sender": self.sender.name} if self.sender else {}) | self.portable_to()

    @classmethod
    def parse(cls, data: Mapping[str, Any], path: str) -> dict[str, Any]:
        values = super().parse(data, path)
        if name := values.pop("sender", ""):
            values["sender"] = _sender(name, f"{path}.sender")
        return values

    def problems(self, around: Around) -> list[str | Promise]:
        found = message_steps.problems(self.texts, around)
        sender = self.sender or Sender.objects.filter(channel=CHANNEL, is_default=True).first()
        if sender is None:
            return [*found, _("Choose a sender, or make one the default.")]
        return found + message_steps.switched_off(sender)

    def freeze(self) -> None:
        self.template = templates.freeze(self.subject, self.body)
        self.save(update_fields=["template"])

    def run(self, place: "Place") -> Outcome:
        return self.run_many([place])[0]

    def run_many(self, places: "Sequence[Place]") -> list[Outcome]:
        names = message_steps.names(self.subject, self.body)
        template, sender, queued = self.template_id, self.sender_id, Done(note=_("Queued"))
        return [
            message_steps.say(place, template, names, channel=CHANNEL, sender_id=sender) or queued
            for place in places
        ]


def _sender(name: str, path: str) -> Sender:
    found = list(Sender.objects.filter(channel=CHANNEL, name=name)[:2])
    if len(found) == 1:
        return found[0]
    if found:
        raise refuse(path, _("Several senders are called “%(name)s”.") % {"name": name})
    raise refuse(path, _("There is no sender “%(name)s”.") % {"name": name})
