"""`manage.py drain`: all that is due, done here and now."""

import json
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError, CommandParser
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from config.draining import Drained, drain
from loyalty.management.command import FOUND, REFUSED, VerbCommand


class Command(VerbCommand):
    help = "Does in this process all that is due, until nothing is."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--now", metavar="ISO", help="pretend it is that moment")
        parser.add_argument("--force", action="store_true", help="allow --now in production")

    def do(self, **options: Any) -> None:
        now = self._pretended(options["now"], options["force"])
        drained = drain(now)
        self.stdout.write(_as_json(drained) if options["json"] else _in_words(drained))
        if drained.left:
            raise SystemExit(FOUND)

    def _pretended(self, text: str | None, force: bool) -> datetime | None:
        if text is None:
            return None
        if not settings.DEBUG and not force:
            raise CommandError(
                _("In production nobody pretends a time without --force."), returncode=REFUSED
            )
        try:
            moment = parse_datetime(text)
        except ValueError:
            moment = None
        if moment is None:
            raise CommandError(
                _("--now takes a moment such as 2026-03-01T10:00:00Z."), returncode=REFUSED
            )
        return moment if timezone.is_aware(moment) else moment.replace(tzinfo=UTC)


def _as_json(drained: Drained) -> str:
    return json.dumps({"handled": dict(sorted(drained.handled.items())), "left": drained.left})


def _in_words(drained: Drained) -> str:
    lines = [
        ngettext("%(task)s: %(count)d row", "%(task)s: %(count)d rows", count)
        % {"task": task, "count": count}
        for task, count in sorted(drained.handled.items())
        if count
    ]
    lines += [_("%s is still due: somebody else has it in hand.") % task for task in drained.left]
    return "\n".join(lines or [_("Nothing was due.")])
