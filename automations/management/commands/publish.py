from typing import Any

from django.core.management.base import CommandParser
from django.utils.translation import gettext as _

from automations import publishing
from automations.management.command import AutomationCommand, automation_called
from loyalty import clock


class Command(AutomationCommand):
    help = _("Publishes what is drawn and sets the automation to Working.")

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("automation", help=_("Slug or id."))

    def do(self, **options: Any) -> None:
        automation = automation_called(options["automation"])
        version = publishing.publish(automation, now=clock.now())
        text = _("“%(name)s” is Working (version %(number)d).") % {
            "name": automation.name,
            "number": version.number,
        }
        self.told(automation, text, as_json=options["json"])
