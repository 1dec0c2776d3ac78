from typing import Any

from django.core.management.base import CommandParser
from django.utils.translation import gettext as _

from automations import publishing
from automations.management.command import AutomationCommand, automation_called
from loyalty import clock


class Command(AutomationCommand):
    help = _("Sets an automation back to Draft.")

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("automation", help=_("Slug or id."))
        parser.add_argument(
            "--people",
            choices=publishing.PEOPLE,
            default="hold",
            help=_("Those inside are held where they are, finish the chain, or end here."),
        )

    def do(self, **options: Any) -> None:
        automation = automation_called(options["automation"])
        publishing.pause(automation, options["people"], now=clock.now())
        text = _("“%(name)s” is a Draft.") % {"name": automation.name}
        self.told(automation, text, as_json=options["json"])
