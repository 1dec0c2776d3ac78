import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils.translation import gettext as _

from loyalty import clock, imports, naming
from loyalty.errors import Invalid
from loyalty.imports import Wishes
from loyalty.management.command import FOUND, REFUSED, VerbCommand
from loyalty.models import Import
from loyalty.models.importing import Balances, Existing, ImportState

NOBODY = "none"
PIECE = 1024 * 1024


class Command(VerbCommand):
    help = _("Imports customers, cards and balances from a CSV or XLSX file, here and now.")

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("file")
        parser.add_argument("--program", default="", help=_("Everybody gets a card of it: a slug."))
        parser.add_argument("--existing", choices=Existing.values, default=Existing.FILL)
        parser.add_argument("--balances", choices=Balances.values, default=Balances.NEW)
        parser.add_argument(
            "--trigger",
            default=NOBODY,
            help=_("The name of an event that everybody gets; none: no automation starts."),
        )
        parser.add_argument("--proof", default="", help=_("Where and when they said yes."))
        parser.add_argument("--check", action="store_true", help=_("Only say what would be done."))
        parser.add_argument("--later", action="store_true", help=_("Leave it to the worker."))

    def do(self, **options: Any) -> None:
        source = _sent(options)
        while not options["later"] and source.is_at_work:
            imports.work(source.pk)
            source.refresh_from_db()
        self._say(source, as_json=options["json"])
        if source.state == ImportState.FAILED:
            raise CommandError(source.note, returncode=REFUSED)
        if source.refused:
            raise CommandError(_("Some lines could not be taken."), returncode=FOUND)

    def _say(self, source: Import, *, as_json: bool) -> None:
        told = imports.summary(source) | {
            "problems": [
                {"line": line, "message": text}
                for line, text in source.line_problems.values_list("line", "text")
            ]
        }
        if as_json:
            self.stdout.write(json.dumps(told, ensure_ascii=False))
            return
        for name, value in told.items():
            if name != "problems":
                self.stdout.write(f"{name}: {value}")
        for problem in told["problems"]:
            self.stdout.write(f"  {problem['line']}: {problem['message']}")


def _sent(options: dict[str, Any]) -> Import:
    trigger = "" if options["trigger"] == NOBODY else options["trigger"]
    wishes = Wishes(
        program=naming.program(options["program"]) if options["program"] else None,
        existing=options["existing"],
        balances=options["balances"],
        trigger=trigger,
        proof=options["proof"],
    )
    goes_on_to = ImportState.CHECKING if options["check"] else ImportState.RUNNING
    path = Path(options["file"])
    source, _new = imports.upload(
        path.name,
        _pieces(path),
        wishes=wishes,
        goes_on_to=goes_on_to,
        actor="command",
        now=clock.now(),
    )
    return source


def _pieces(path: Path) -> Iterator[bytes]:
    try:
        with path.open("rb") as file:
            while piece := file.read(PIECE):
                yield piece
    except OSError as error:
        raise Invalid({"file": [str(error)]}) from None
