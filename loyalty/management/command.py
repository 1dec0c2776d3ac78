"""What commands share: the switches for scripts, and how a refusal is said and ended with."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from loyalty.errors import Invalid, LoyaltyError

FOUND, REFUSED = 1, 2


class VerbCommand(BaseCommand):
    """`do` calls one verb and says what came of it.

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


def _as_json(refused: LoyaltyError) -> dict[str, Any]:
    fields = refused.fields if isinstance(refused, Invalid) else {}
    return {"code": refused.code, "message": refused.message, "fields": fields}


def _as_text(refused: LoyaltyError) -> str:
    fields = refused.fields if isinstance(refused, Invalid) else {}
    lines = [f"  {path or '-'}: {text}" for path, texts in fields.items() for text in texts]
    return "\n".join([refused.message, *lines])
