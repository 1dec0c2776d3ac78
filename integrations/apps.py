from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class IntegrationsConfig(AppConfig):
    name = "integrations"
    verbose_name = _("Integrations")

    # (what is due, what to run, in which cluster); rung by config.bell.
    bells = [("integrations.intake.due", "integrations.intake.drain", "io")]

    def ready(self) -> None:
        from integrations import intake
        from loyalty import merging, personal_data

        personal_data.holders.append(intake.forget)
        personal_data.tellers.append(("told_by_other_systems", intake.tell))
        merging.followers.append(intake.follow)
