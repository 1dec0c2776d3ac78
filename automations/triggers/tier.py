from collections.abc import Mapping
from typing import Any, ClassVar

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from automations import inputs
from automations.triggers.base import TriggerType
from loyalty.models import Event, Program, Tier


def _choices() -> list[tuple[str, str | Promise]]:
    return [("", gettext_lazy("Any tier")), *Tier.objects.values_list("slug", "name")]


class TierForm(forms.Form):
    tier = forms.ChoiceField(label=gettext_lazy("tier"), choices=_choices, required=False)


class AboutATier:
    """What these have in common: `tier` is the slug of the one that is meant; none means any."""

    group: ClassVar[str] = "tier"
    form: ClassVar[type[forms.Form]] = TierForm
    takes: ClassVar[inputs.Inputs] = {"tier": inputs.text(60)}
    event: ClassVar[str] = ""
    # Which field of the event names that tier, and in which direction it moves (none: in none).
    names: ClassVar[str] = "tier"
    direction: ClassVar[str | None] = None
    says: ClassVar[str | Promise] = ""
    says_any: ClassVar[str | Promise] = ""

    @classmethod
    def matches(cls, params: Mapping[str, Any], event: Event) -> bool:
        told = event.data
        return (
            event.name == cls.event
            and told.get("direction") == cls.direction
            and params.get("tier") in (None, "", told.get(cls.names))
        )

    @classmethod
    def sentence(cls, params: Mapping[str, Any]) -> str:
        tier = params.get("tier")
        return str(cls.says) % {"tier": tier} if tier else str(cls.says_any)

    @classmethod
    def problems(cls, params: Mapping[str, Any], programs: list[Program]) -> list[str | Promise]:
        slug = params.get("tier")
        if slug and not Tier.objects.filter(slug=slug).exists():
            return [_("There is no tier “%(slug)s”.") % {"slug": slug}]
        return []


class TierUpgraded(AboutATier, TriggerType):
    """Once for each tier that is reached, also where several are at once."""

    type = "tier_upgraded"
    label = gettext_lazy("Tier reached")
    event = "tier_changed"
    names = "after"
    direction = "up"
    says = gettext_lazy("When a customer reaches the tier “%(tier)s”")
    says_any = gettext_lazy("When a customer reaches a tier")


class TierDowngraded(AboutATier, TriggerType):
    """`tier` is the one that was lost."""

    type = "tier_downgraded"
    label = gettext_lazy("Tier lost")
    event = "tier_changed"
    names = "before"
    direction = "down"
    says = gettext_lazy("When a customer loses the tier “%(tier)s”")
    says_any = gettext_lazy("When a customer falls to a lower tier")


class CloseToUpgrade(AboutATier, TriggerType):
    """How close is a setting of the ladder; `tier` is the one that is near."""

    type = "close_to_upgrade"
    label = gettext_lazy("Close to a tier")
    event = "close_to_upgrade"
    says = gettext_lazy("When little is missing for the tier “%(tier)s”")
    says_any = gettext_lazy("When little is missing for the next tier")


class TierDowngradeRisk(AboutATier, TriggerType):
    """How long before is a setting of the ladder; `tier` is the one that is at risk."""

    type = "tier_downgrade_risk"
    label = gettext_lazy("Tier at risk")
    event = "tier_downgrade_risk"
    says = gettext_lazy("When a customer may soon lose the tier “%(tier)s”")
    says_any = gettext_lazy("When a customer may soon lose their tier")
