from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AutomationsConfig(AppConfig):
    name = "automations"
    verbose_name = _("Automations")

    # (what is due, what to run, in which cluster); rung by config.bell.
    bells = [
        ("automations.engine.pump.due", "automations.engine.pump.pump", "regulars"),
        ("automations.engine.housekeeping.due", "automations.engine.housekeeping.keep", "regulars"),
    ]

    def ready(self) -> None:
        from automations.engine import following
        from automations.told import journeys, journeys_told, named
        from loyalty import actors, merging, personal_data, timeline

        merging.lockers.append(following.lock)
        merging.followers.append(following.follow)
        personal_data.tellers.append(("journeys", journeys))
        actors.names["journey"] = named
        timeline.sources.append(journeys_told)
