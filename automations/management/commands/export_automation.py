import json
from typing import Any

from django.core.management.base import CommandParser
from django.utils.translation import gettext as _

from automations import portable
from automations.management.command import AutomationCommand, automation_called


class Command(AutomationCommand):
    help = _("Prints an automation as a portable JSON document: its draft, else what is live.")

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("automation", help=_("Slug or id."))
        parser.add_argument("--live", action="store_true", help=_("What is live, not the draft."))

    def do(self, **options: Any) -> None:
        automation = automation_called(options["automation"])
        version = automation.live if options["live"] else None
        document = portable.write(automation, version)
        self.stdout.write(json.dumps(document, indent=2, ensure_ascii=False))
