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
        from loyalty import card_parts, merging, notices, personal_data, timeline
        from messaging import dispatch, subscriptions
        from messaging.notices import deliver
        from messaging.push_button import push_button
        from messaging.told import messages, messages_told

        notices.deliverers.append(deliver)
        personal_data.holders.append(dispatch.forget)
        personal_data.holders.append(subscriptions.forget)
        merging.followers += [dispatch.follow, subscriptions.follow]
        personal_data.tellers.append(("messages", messages))
        personal_data.tellers.append(("browsers", subscriptions.told))
        card_parts.makers.append(push_button)
        timeline.sources.append(messages_told)
