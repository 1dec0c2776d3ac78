"""What steps that move value on a card share: whose card, which unit, and how it is said."""

from typing import Any

from django.core.exceptions import ValidationError
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from automations import inputs
from automations.problems import Around, refuse
from loyalty.fields import unit_words
from loyalty.models import Program
from loyalty.postings import Kind

PROGRAM = inputs.text(60)


def units() -> tuple[str, ...]:
    return tuple(unit_words())


def unit_choices() -> list[tuple[str, str | Promise]]:
    return list(unit_words().items())


def word(unit: str) -> str:
    return str(unit_words().get(unit, unit))


def columns(values: dict[str, Any], path: str) -> dict[str, Any]:
    """Portable values as columns: the program by its slug, and the unit one that it has."""
    kept = {name: value for name, value in values.items() if name != "program"}
    slug = values.get("program")
    if not slug:
        return kept
    program = Program.objects.filter(slug=slug).first()
    if program is None:
        raise refuse(f"{path}.program", _("There is no program “%(slug)s”.") % {"slug": slug})
    try:
        clean_unit(program, values.get("unit", ""))
    except ValidationError as error:
        raise refuse(f"{path}.unit", error.message_dict["unit"][0]) from None
    return kept | {"program": program}


def clean_unit(program: Program | None, unit: str) -> None:
    given = program.legal.get(Kind.ACCRUE, ()) if program else ()
    if program is not None and unit and unit not in given:
        known = ", ".join(word(each) for each in given) or "–"
        raise ValidationError(
            {
                "unit": _("Cards of %(program)s are given %(units)s.")
                % {"program": program.name, "units": known}
            }
        )


def portable_program(program: Program | None) -> dict[str, Any]:
    return {"program": program.slug} if program else {}


def summary(amount: int, unit: str, program: Program | None) -> str:
    """`50 points, Aurora`."""
    what = f"{amount} {word(unit)}".strip()
    return f"{what}, {program.name}" if program else what


def problems(program_id: int | None, around: Around) -> list[str | Promise]:
    if program_id is None and not around.has_card:
        return [_("Choose a program: whoever comes in brings no card.")]
    return []


def no_card(program_id: int | None) -> str:
    if program_id is None:
        return _("There is no card to do it on.")
    return _("The customer has no card of this program.")
