from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MessagingConfig(AppConfig):
    name = "messaging"
    verbose_name = _("Messaging")

    # (what is due, what to run, in which cluster); rung by config.bell.
    bells = [
        ("messaging.dispatch.due", "messaging.dispatch.drain", "io"),
        ("messaging.wallets.due", "messaging.wallets.tell", "io"),
    ]

    def ready(self) -> None:
        from loyalty import personal_data, timeline
        from messaging import dispatch
        from messaging.told import messages_told

        personal_data.holders.append(dispatch.forget)
        timeline.sources.append(messages_told)
