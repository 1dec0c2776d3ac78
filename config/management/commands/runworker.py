"""`manage.py runworker`: all background work, watched."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from config import health
from config.supervisor import Supervisor
from loyalty.management.command import REFUSED


class Command(BaseCommand):
    help = "Does the background work: runs the clusters, watches them, stops within 20 seconds."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--no-input", action="store_true", help="It never asks anyway.")

    def handle(self, *args: Any, **options: Any) -> None:
        match health.trouble():
            case []:
                Supervisor().run()
            case ["database"]:
                raise CommandError(_("The database does not answer."), returncode=REFUSED)
            case _other:
                raise CommandError(_("Run `manage.py migrate` first."), returncode=REFUSED)
