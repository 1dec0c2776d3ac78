from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MessagingConfig(AppConfig):
    name = "messaging"
    verbose_name = _("Messaging")

    # (what is due, what to run, in which cluster); rung by config.bell.
    bells = [("messaging.dispatch.due", "messaging.dispatch.drain", "io")]

    def ready(self) -> None:
        from loyalty import panels, personal_data
        from messaging import dispatch
        from messaging.panels import messages_panel

        personal_data.holders.append(dispatch.forget)
        panels.customer_panels.append(messages_panel)
