import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.utils.translation import gettext as _

from loyalty.clock import now
from loyalty.ledger import audit


class Command(BaseCommand):
    help = "Checks every invariant of the ledger; exits with 1 and a list if any is broken."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="print machine-readable JSON")
        parser.add_argument("--no-input", action="store_true", help="never ask (it never does)")

    def handle(self, *_args: Any, **options: Any) -> None:
        found = audit.broken(now())
        if options["json"]:
            self.stdout.write(json.dumps({"clean": not found, "broken": found}))
        elif found:
            self.stdout.write("\n".join(found))
        else:
            self.stdout.write(_("The ledger is clean: all %d rules hold.") % audit.size())
        if found:
            raise SystemExit(1)
