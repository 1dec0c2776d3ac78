from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from automations import inputs
from automations.models.step import Step
from automations.outcomes import Done, Outcome, Skip
from automations.problems import Around, refuse
from loyalty.errors import LoyaltyError
from messaging import rendering, templates
from messaging.dialect import LONGEST_TEXT
from messaging.models import Sender, Template
from messaging.names import OF_BUSINESS

if TYPE_CHECKING:
    from automations.place import Place

CHANNEL = "email"


class SendEmail(Step):
    """Queue an email to the customer; whether it may be said is asked when it is sent."""

    type = "send_email"
    label = gettext_lazy("Send email")
    help = gettext_lazy("Goes to customers who have agreed to emails.")
    group = "message"
    icon = "email"
    tone = "message"
    fields = ("subject", "body", "sender")
    takes = {
        "subject": inputs.text(250, required=True),
        "body": inputs.text(LONGEST_TEXT, required=True),
        "sender": inputs.text(120),
        "to": inputs.TO,
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

    def summary(self) -> str:
        return self.subject

    def parameters(self) -> dict[str, Any]:
        own = {"subject": self.subject, "body": self.body}
        return own | ({"sender": self.sender.name} if self.sender else {})

    @classmethod
    def parse(cls, data: Mapping[str, Any], path: str) -> dict[str, Any]:
        values = super().parse(data, path)
        values.pop("to", None)
        if name := values.pop("sender", ""):
            values["sender"] = _sender(name, f"{path}.sender")
        return values

    def problems(self, around: Around) -> list[str | Promise]:
        def known(name: str) -> bool:
            return name in OF_BUSINESS or around.fields.find(name) is not None

        found = list[str | Promise](rendering.problems(self.subject, known))
        found += [text for text in rendering.problems(self.body, known) if text not in found]
        sender = self.sender or Sender.objects.filter(channel=CHANNEL, is_default=True).first()
        if sender is None:
            found.append(_("Choose a sender, or make one the default."))
        elif not sender.is_active:
            found.append(_("The sender “%(name)s” is switched off.") % {"name": sender.name})
        return found

    def freeze(self) -> None:
        self.template = templates.freeze(self.subject, self.body)
        self.save(update_fields=["template"])

    def run(self, place: "Place") -> Outcome:
        return self.run_many([place])[0]

    def run_many(self, places: "Sequence[Place]") -> list[Outcome]:
        used = rendering.names_used(self.subject, self.body)
        names = [name for name in used if name not in OF_BUSINESS]
        queued = Done(note=_("Queued"))
        return [self._say(place, names) or queued for place in places]

    def _say(self, place: "Place", names: list[str]) -> Skip | None:
        if place.customer is None or self.template_id is None:
            return Skip(_("There is nobody to write to."))
        values = {name: place.facts.said(name) for name in names}
        try:
            place.say(self.template_id, values, self.sender_id)
        except LoyaltyError as refused:
            return Skip(refused.message)
        return None


def _sender(name: str, path: str) -> Sender:
    found = list(Sender.objects.filter(channel=CHANNEL, name=name)[:2])
    if len(found) == 1:
        return found[0]
    if found:
        raise refuse(path, _("Several senders are called “%(name)s”.") % {"name": name})
    raise refuse(path, _("There is no sender “%(name)s”.") % {"name": name})
