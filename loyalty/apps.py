from django.apps import AppConfig


class LoyaltyConfig(AppConfig):
    name = "loyalty"
    verbose_name = "Loyalty"

    # (what is due, what to run, in which cluster); rung by config.bell.
    bells = [("loyalty.calendar.due", "loyalty.calendar.settle", "regulars")]
