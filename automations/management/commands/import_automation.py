import json
import sys
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser
from django.db import transaction
from django.utils.translation import gettext as _

from automations import portable, publishing
from automations.management.command import AutomationCommand
from automations.problems import refuse
from loyalty import clock


class Command(AutomationCommand):
    help = _("Reads a portable JSON document; one of a known slug replaces its draft.")

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("file", help=_("A file, or - for what is piped in."))
        parser.add_argument("--publish", action="store_true", help=_("And set it to Working."))

    def do(self, **options: Any) -> None:
        document, now = _document(options["file"]), clock.now()
        with transaction.atomic():
            automation = portable.read(document, now=now)
            if options["publish"]:
                publishing.publish(automation, by="command", now=now)
        text = _("Imported “%(name)s” (%(slug)s).") % {
            "name": automation.name,
            "slug": automation.slug,
        }
        self.told(automation, text, as_json=options["json"])


def _document(file: str) -> Any:
    try:
        text = sys.stdin.read() if file == "-" else Path(file).read_text(encoding="utf-8")
        return json.loads(text)
    except (OSError, ValueError, RecursionError) as error:
        raise refuse("", _("The file cannot be read as JSON: %s") % error) from None
