from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from messaging.providers._anymail import Anymail
from messaging.providers.base import Secret

# Where an account lives is fixed when it is made (documentation.mailgun.com, "Base URLs").
REGIONS: dict[str, str | Promise] = {
    "https://api.mailgun.net/v3": _("United States"),
    "https://api.eu.mailgun.net/v3": _("European Union"),
}


class Mailgun(Anymail):
    name = "mailgun"
    label = "Mailgun"
    help = _("Sends through your Mailgun account.")
    backend = "anymail.backends.mailgun.EmailBackend"

    class Settings(forms.Form):
        api_key = Secret(label=_("API key"))
        sender_domain = forms.CharField(label=_("Sending domain"))
        api_url = forms.ChoiceField(label=_("Region"), choices=lambda: list(REGIONS.items()))
