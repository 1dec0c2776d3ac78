import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from automations.models import Automation
from loyalty.errors import Invalid, LoyaltyError, NotFound

REFUSED = 2


class AutomationCommand(BaseCommand):
    """A command about automations: `do` calls one verb and says what came of it.

    Exits with 0 when it was done, with 2 when it was refused; then nothing was changed.
    """

    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help=_("Print JSON."))
        parser.add_argument("--no-input", action="store_true", help=_("It never asks anyway."))

    def do(self, **options: Any) -> None:
        raise NotImplementedError

    def handle(self, **options: Any) -> None:
        try:
            self.do(**options)
        except LoyaltyError as refused:
            if options["json"]:
                self.stdout.write(json.dumps(_as_json(refused), ensure_ascii=False))
            raise CommandError(_as_text(refused), returncode=REFUSED) from None

    def told(self, automation: Automation, text: str, *, as_json: bool) -> None:
        told = {"slug": automation.slug, "name": automation.name, "mode": automation.mode}
        self.stdout.write(json.dumps(told, ensure_ascii=False) if as_json else text)


def automation_called(name: str) -> Automation:
    """By its slug, else by its id; raises NotFound."""
    present = Automation.objects.filter(deleted_at=None)
    found = present.filter(slug=name).first()
    if found is None and name.isdecimal():
        found = present.filter(pk=int(name)).first()
    if found is None:
        raise NotFound(_("There is no automation “%(name)s”.") % {"name": name})
    return found


def _as_json(refused: LoyaltyError) -> dict[str, Any]:
    fields = refused.fields if isinstance(refused, Invalid) else {}
    return {"code": refused.code, "message": refused.message, "fields": fields}


def _as_text(refused: LoyaltyError) -> str:
    fields = refused.fields if isinstance(refused, Invalid) else {}
    lines = [f"  {path or '-'}: {text}" for path, texts in fields.items() for text in texts]
    return "\n".join([refused.message, *lines])
