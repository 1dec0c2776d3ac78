from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class LoyaltyConfig(AppConfig):
    name = "loyalty"
    verbose_name = _("Loyalty")

    # (what is due, what to run, in which cluster); rung by config.bell.
    bells = [
        ("loyalty.calendar.due", "loyalty.calendar.settle", "regulars"),
        ("loyalty.recounts.due", "loyalty.recounts.recount", "regulars"),
        ("loyalty.tiers.due", "loyalty.tiers.keep", "regulars"),
    ]

    def ready(self) -> None:
        from loyalty import personal_data, referrals, tiers

        personal_data.holders += [referrals.forget, tiers.forget]
