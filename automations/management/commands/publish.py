from typing import Any

from django.core.management.base import CommandParser
from django.utils.translation import gettext as _

from automations import publishing
from automations.management.command import AutomationCommand, automation_called
from automations.problems import refuse
from loyalty import clock


class Command(AutomationCommand):
    help = _("Publishes what is drawn and sets the automation to Working.")

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("automation", help=_("Slug or id."))

        parser.add_argument(
            "--choice",
            action="append",
            default=[],
            metavar="STEP=WAY",
            help=_(
                "What becomes of people of older versions at that step (all: at any other): finish,"
                " move, restart, skip_to:<step>, exit. May be given several times."
            ),
        )

    def do(self, **options: Any) -> None:
        automation = automation_called(options["automation"])
        choices, now = _choices(options["choice"]), clock.now()
        version = publishing.publish(automation, choices=choices, by="command", now=now)
        text = _("“%(name)s” is Working (version %(number)d).") % {
            "name": automation.name,
            "number": version.number,
        }
        self.told(automation, text, as_json=options["json"])


def _choices(pairs: list[str]) -> dict[str, str]:
    found = {}
    for pair in pairs:
        key, equals, way = pair.partition("=")
        if not (key and equals):
            raise refuse("choice", _("Write it as step=way, such as wait-1=move."))
        found[key] = way
    return found
