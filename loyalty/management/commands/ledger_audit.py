import json
from typing import Any

from django.utils.translation import gettext as _

from loyalty.clock import now
from loyalty.ledger import audit
from loyalty.management.command import FOUND, VerbCommand


class Command(VerbCommand):
    help = "Checks every invariant of the ledger; exits with 1 and a list if any is broken."

    def do(self, **options: Any) -> None:
        found = audit.broken(now())
        if options["json"]:
            self.stdout.write(json.dumps({"clean": not found, "broken": found}))
        elif found:
            self.stdout.write("\n".join(found))
        else:
            self.stdout.write(_("The ledger is clean: all %d rules hold.") % audit.size())
        if found:
            raise SystemExit(FOUND)
