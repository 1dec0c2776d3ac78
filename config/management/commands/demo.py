"""`manage.py demo`: a business to play with."""

import json
import subprocess
import sys
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import CommandError, CommandParser
from django.utils.translation import gettext as _

from config.demo import report
from config.demo.building import build, is_built
from loyalty import clock
from loyalty.management.command import REFUSED, VerbCommand


class Command(VerbCommand):
    help = "Migrates, builds the demo business once, and prints what opens its doors."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "--when-up",
            action="store_true",
            help="print as soon as the server answers, which is to be started next",
        )

    def do(self, **options: Any) -> None:
        if not settings.DEBUG:
            raise CommandError(_("In production there is no demo."), returncode=REFUSED)
        call_command("migrate", verbosity=0, interactive=False)
        if not is_built():
            self.stderr.write(_("Building Café Aurora: forty customers and their past …"), str)
        build(clock.now())
        if options["json"]:
            self.stdout.write(json.dumps(report.as_json()))
        elif options["when_up"]:
            _announce(report.as_text(self.style))
        else:
            self.stdout.write(report.as_text(self.style))


def _announce(text: str) -> None:
    """Leave it to a process that waits for the server; it ends by itself."""
    announcer = subprocess.Popen(  # noqa: S603 (our own module)
        [sys.executable, "-m", "config.demo.announcing", "127.0.0.1", str(settings.PORT)],
        stdin=subprocess.PIPE,
        text=True,
        cwd=settings.BASE_DIR,
    )
    assert announcer.stdin  # noqa: S101 (we asked for a pipe)
    announcer.stdin.write(text)
    announcer.stdin.close()
