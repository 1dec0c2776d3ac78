import json

from django.utils.translation import gettext as _

from config.management.people import CustomerCommand, named
from loyalty import personal_data


class Command(CustomerCommand):
    help = _("Prints everything that is held on a customer, as JSON.")

    def act(self, text: str, names: tuple[str, ...], *, as_json: bool) -> None:
        known = personal_data.export(named(text, names).pk)
        self.stdout.write(json.dumps(known, ensure_ascii=False, indent=None if as_json else 2))
