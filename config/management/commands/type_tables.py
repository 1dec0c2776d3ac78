"""Prints docs/types.md from the types themselves (`make docs`)."""

from collections.abc import Iterable

from django.core.management.base import BaseCommand
from django.utils import translation

from automations import steps
from automations.models import Step
from automations.triggers import TRIGGERS
from integrations import connectors
from loyalty.models import Program
from messaging.providers.base import PROVIDERS

Row = tuple[str, ...]

HEAD = """\
# Types

Everything this version has of each kind. `make docs` makes this page from the types themselves;
[add-a-type.md](add-a-type.md) says how to write another.
"""


class Command(BaseCommand):
    help = __doc__
    requires_system_checks: list[str] = []

    def handle(self, **options: object) -> None:
        with translation.override("en"):
            self.stdout.write(page(), ending="")


def page() -> str:
    programs = sorted(Program.__subclasses__(), key=lambda program: program.type)
    carriers = [PROVIDERS[name] for name in sorted(PROVIDERS)]
    return "\n".join(
        [
            HEAD,
            *_table(
                "Card types",
                ("type", "is", "counts"),
                ((one.type, str(one.label), ", ".join(one.units)) for one in programs),
            ),
            *_table(
                "Triggers",
                ("type", "starts when", "on"),
                (
                    (name, str(TRIGGERS[name].label), ", ".join(TRIGGERS[name].programs) or "any")
                    for name in sorted(TRIGGERS)
                ),
            ),
            *_table(
                "Steps",
                ("type", "is", "good to know", "branches"),
                (
                    (name, str(step.label), str(step.help), _branches(step))
                    for name, step in steps.types().items()
                ),
            ),
            *_table(
                "Carriers",
                ("type", "is", "channel"),
                ((one.name, str(one.label), one.channel) for one in carriers),
            ),
            *_table(
                "Connectors",
                ("type", "is", "good to know"),
                ((one.slug, str(one.label), str(one.help)) for one in connectors.all_of_them()),
            ),
        ]
    )


def _branches(step: type[Step]) -> str:
    if step.is_fork and not step.fixed_branches:
        return "those it names"
    return ", ".join(step.fixed_branches)


def _table(title: str, heads: Row, rows: Iterable[Row]) -> list[str]:
    lines = [_line((f"`{name}`", *rest)) for name, *rest in rows]
    return [f"## {title}", "", _line(heads), _line(("---",) * len(heads)), *lines, ""]


def _line(cells: Row) -> str:
    plain = (" ".join(cell.replace("|", "/").replace("<", "&lt;").split()) for cell in cells)
    return f"| {' | '.join(plain)} |"
