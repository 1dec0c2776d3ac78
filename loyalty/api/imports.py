"""Imports: a file of customers, cards and balances, done in the background."""

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from loyalty import clock, imports, naming
from loyalty.api import answers, keys
from loyalty.api.endpoint import Endpoint, read
from loyalty.api.errors import TooLarge
from loyalty.api.fields import Fields, Flag, Text, Whole
from loyalty.api.keys import REPLAYED
from loyalty.api.parsing import StrictJSON
from loyalty.api.schema import says
from loyalty.errors import Invalid, NotFound
from loyalty.imports import MEANINGS, Wishes
from loyalty.imports.files import LARGEST_CSV
from loyalty.imports.values import DATE_ORDERS, DECIMAL_SIGNS
from loyalty.models import Import
from loyalty.models.importing import Balances, Existing, ImportState

NOBODY = "none"
# Beside the file, in a form: the fields around it.
MOST_AROUND = 256 * 1024
PAGE = 1_000


class ImportBody(Fields):
    """`csv` is the text of a file; larger ones come as `file` in a multipart form."""

    csv = Text(trim_whitespace=False, help_text="The text of a CSV file, up to 256 kB.")
    name = Text(required=False, max_length=200, help_text="What the file is called.")
    program = Text(required=False, help_text="Everybody gets a card of it: a slug.")
    existing = serializers.ChoiceField(
        choices=Existing.choices, required=False, help_text="What becomes of known customers."
    )
    balances = serializers.ChoiceField(choices=Balances.choices, required=False)
    trigger = Text(
        required=False,
        max_length=80,
        help_text="The name of an event that everybody gets, or none: no automation starts.",
    )
    proof = Text(required=False, max_length=120, help_text="Where and when they said yes.")
    columns = serializers.DictField(
        child=serializers.ChoiceField(choices=["", *MEANINGS]),
        required=False,
        help_text="Header → meaning, for columns that are guessed wrongly; empty: left out.",
    )
    region = Text(required=False, max_length=2, help_text="Country of phones without a +.")
    dates = serializers.ChoiceField(choices=DATE_ORDERS, required=False)
    decimal = serializers.ChoiceField(choices=DECIMAL_SIGNS, required=False)
    check = Flag(required=False, help_text="Only say what would be done.")


class ImportForm(ImportBody):
    """The same as a multipart form; `columns` is JSON there."""

    csv = None  # type: ignore[assignment]  # DRF's way to take a field away
    file = serializers.FileField(help_text="CSV up to 50 MB, or XLSX up to 20 MB.")
    columns = serializers.JSONField(binary=True, required=False)  # type: ignore[assignment]  # as text here
    check = serializers.BooleanField(required=False)  # type: ignore[assignment]  # the same


class Imports(Endpoint):
    scopes = {"POST": ("customers",)}
    parser_classes = (StrictJSON, MultiPartParser)  # type: ignore[assignment]  # one more

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        if int(request.META.get("CONTENT_LENGTH") or 0) > LARGEST_CSV + MOST_AROUND:
            raise TooLarge

    @says(
        "import_customers",
        "Import customers, cards and balances",
        body={"application/json": ImportBody, "multipart/form-data": ImportForm},
        answers={202: answers.ImportProgress},
        refuses=["reserved_name"],
        keyed=True,
    )
    def post(self, request: Request) -> Response:
        """Accepted is durable: the file is read, understood and done in the background."""
        key = keys.alone(request, self.token)
        is_form = (request.content_type or "").startswith("multipart/")
        said = read(ImportForm, _form(request)) if is_form else self.read(ImportBody)
        source, is_new = imports.upload(
            said.get("name") or getattr(said.get("file"), "name", "") or "import.csv",
            said["file"].chunks() if is_form else [said["csv"].encode()],
            wishes=_wishes(said),
            layout=_layout(said),
            goes_on_to=ImportState.CHECKING if said.get("check") else ImportState.RUNNING,
            actor=f"token:{self.token.pk}",
            key=key,
            now=clock.now(),
        )
        headers = {} if is_new else {REPLAYED: "true"}
        return Response(imports.summary(source), status=202, headers=headers)


class OneImport(Endpoint):
    scopes = {"GET": ("customers",)}

    @says(
        "get_import",
        "How far an import is",
        answers={200: answers.ImportProgress},
        refuses=["not_found"],
    )
    def get(self, request: Request, import_id: int) -> Response:
        return Response(imports.summary(_one(import_id)))


class ReportPage(Fields):
    after = Whole(required=False, min_value=0)

    def to_internal_value(self, data: Any) -> Any:
        given = data.get("after")
        is_number = (
            isinstance(given, str) and given.isascii() and given.isdigit() and len(given) < 19
        )
        return super().to_internal_value(data | {"after": int(given)} if is_number else data)


class ImportReport(Endpoint):
    scopes = {"GET": ("customers",)}

    @says(
        "get_import_report",
        "The lines that could not be taken",
        asks=ReportPage,
        answers={200: answers.ImportLines},
        refuses=["not_found"],
    )
    def get(self, request: Request, import_id: int) -> Response:
        """Up to 1,000 lines in order; more come behind `?after=<the last line>`."""
        after = self.asked(ReportPage).get("after", 0)
        problems = _one(import_id).line_problems.filter(line__gt=after).order_by("line")
        lines = problems.values_list("line", "text")[:PAGE]
        return Response({"results": [{"line": line, "message": text} for line, text in lines]})


def _form(request: Request) -> dict[str, Any]:
    """What a multipart form says; a field that is there twice counts as it was said last."""
    said: Any = request.data
    return {name: said[name] for name in said}


def _one(import_id: int) -> Import:
    found = Import.objects.select_related("program").filter(pk=import_id).first()
    if found is None:
        raise NotFound
    return found


def _wishes(said: dict[str, Any]) -> Wishes:
    given = {name: said[name] for name in ("existing", "balances", "proof") if name in said}
    trigger = said.get("trigger", NOBODY)
    program = naming.program(said["program"]) if said.get("program") else None
    return Wishes(program=program, trigger="" if trigger == NOBODY else trigger, **given)


def _layout(said: dict[str, Any]) -> dict[str, Any]:
    layout: dict[str, Any] = {
        name: said[name] for name in ("region", "dates", "decimal") if name in said
    }
    if "columns" in said:
        layout["by_header"] = dict(_pairs(said["columns"]))
    return layout


def _pairs(columns: Any) -> Iterator[tuple[str, str]]:
    if not isinstance(columns, dict):
        raise Invalid({"columns": [_("Send an object: header and meaning.")]})
    for header, meaning in columns.items():
        if meaning and meaning not in MEANINGS:
            raise Invalid({"columns": [_("There is no meaning “%s”.") % str(meaning)[:40]]})
        yield str(header), str(meaning or "")
