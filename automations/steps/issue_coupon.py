from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from automations import addressed, inputs
from automations.addressed import Addressed
from automations.models.step import Step
from automations.outcomes import Done, Outcome, Skip
from automations.problems import Around, refuse
from loyalty import coupons
from loyalty.errors import LoyaltyError
from loyalty.models import Campaign, Coupon

if TYPE_CHECKING:
    from automations.place import Place


class IssueCoupon(Addressed, Step):
    """Give the customer a code of a campaign; texts of later steps may say `coupon.code`."""

    type = "issue_coupon"
    label = gettext_lazy("Issue coupon")
    help = gettext_lazy("A code; later messages say it as {{ coupon.code }}.")
    group = "customer"
    icon = "tag"
    tone = "value"
    fields = ("campaign", *addressed.COLUMNS)
    seldom = addressed.COLUMNS
    seldom_label = addressed.LABEL
    gives = True
    writes_customer = True
    gives_coupon = True
    takes = {"campaign": inputs.text(60, required=True), "to": addressed.INPUT}

    campaign = models.ForeignKey(
        Campaign,
        models.PROTECT,
        related_name="issuing_steps",
        verbose_name=gettext_lazy("campaign"),
    )

    class Meta:
        verbose_name = gettext_lazy("coupon to issue")
        verbose_name_plural = gettext_lazy("coupons to issue")

    def summary(self) -> str:
        return self.said_for(str(self.campaign))

    def parameters(self) -> dict[str, Any]:
        return {"campaign": self.campaign.slug} | self.portable_to()

    @classmethod
    def parse(cls, data: Mapping[str, Any], path: str) -> dict[str, Any]:
        values = super().parse(data, path)
        slug = values["campaign"]
        campaign = Campaign.objects.filter(slug=slug).first()
        if campaign is None:
            text = _("There is no campaign “%(slug)s”.") % {"slug": slug}
            raise refuse(f"{path}.campaign", text)
        return values | {"campaign": campaign}

    def problems(self, around: Around) -> list[str | Promise]:
        if not self.campaign.is_active:
            return [_("The campaign “%(name)s” is switched off.") % {"name": self.campaign}]
        return []

    def run(self, place: "Place") -> Outcome:
        return self.run_many([place])[0]

    def run_many(self, places: "Sequence[Place]") -> list[Outcome]:
        """The campaign is read anew: staff may have changed it since this was published."""
        campaign = Campaign.objects.get(pk=self.campaign_id)
        there = [place for place in places if place.customer is not None]
        wants = [coupons.Want(place.customer.pk, place.key) for place in there if place.customer]
        given = coupons.issue_many(campaign, wants, now=places[0].now) if wants else []
        outcomes = dict(zip(map(id, there), given, strict=True))
        return [self._outcome(place, outcomes.get(id(place))) for place in places]

    def _outcome(self, place: "Place", given: Coupon | LoyaltyError | None) -> Outcome:
        if given is None:
            return Skip(_("There is no customer."))
        if isinstance(given, LoyaltyError):
            return Skip(given.message)
        place.keep_coupon(coupons.merge_values(given))
        return Done(note=_("Code %s") % given.code, result={"coupon": given.code})
