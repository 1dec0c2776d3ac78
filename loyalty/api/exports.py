"""Exports: a file of customers, cards or operations, written in the background."""

from django.db.models import QuerySet
from django.http import StreamingHttpResponse
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from loyalty import clock, exports
from loyalty.api import keys
from loyalty.api.endpoint import Endpoint
from loyalty.api.fields import Fields, Text
from loyalty.api.schema import says
from loyalty.conditions import as_q, parse
from loyalty.downloads import download
from loyalty.errors import Invalid, NotFound
from loyalty.models import Customer, Export, Segment
from loyalty.models.exporting import ExportState


class ExportBody(Fields):
    table = serializers.ChoiceField(choices=list(exports.TABLES))
    format = serializers.ChoiceField(choices=list(exports.FORMATS), required=False)
    segment = Text(required=False, help_text="A slug: only who is in it.")
    tag = Text(required=False, max_length=60, help_text="Only who has it.")


class ExportProgress(serializers.Serializer):
    id = serializers.IntegerField()
    table = serializers.CharField()
    format = serializers.CharField()
    state = serializers.ChoiceField(choices=ExportState.values)
    note = serializers.CharField(help_text="Why there is no file.")
    customers = serializers.IntegerField(help_text="Whom it is about: settled when it was sent.")
    done = serializers.IntegerField()
    percent = serializers.IntegerField(help_text="How far it is; 100: the file is there.")
    lines = serializers.IntegerField(help_text="Written so far, without the header.")
    created_at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField(
        allow_null=True, help_text="Until when the file is there, once it is."
    )


class Exports(Endpoint):
    scopes = {"POST": ("customers",)}

    @says(
        "export_customers",
        "Export customers, cards or operations",
        body=ExportBody,
        answers={202: ExportProgress},
        refuses=["illegal_operation"],
        keyed=True,
    )
    def post(self, request: Request) -> Response:
        """Accepted is durable: the file (`csv` unless you say `xlsx`) is written in the
        background, and kept for some days."""
        wanted = keys.required(request, self.token)
        said = self.read(ExportBody)
        source, is_new = exports.begin(
            _asked(said).order_by("pk").values_list("pk", flat=True).iterator(),
            table=said["table"],
            kind=said.get("format", "csv"),
            actor=self.by.actor,
            key=wanted.key,
            fingerprint=wanted.fingerprint,
            now=clock.now(),
        )
        headers = {} if is_new else {keys.REPLAYED: "true"}
        return Response(exports.summary(source), status=202, headers=headers)


class OneExport(Endpoint):
    scopes = {"GET": ("customers",), "DELETE": ("customers",)}

    @says(
        "get_export", "How far an export is", answers={200: ExportProgress}, refuses=["not_found"]
    )
    def get(self, request: Request, export_id: int) -> Response:
        return Response(exports.summary(_one(export_id)))

    @says("delete_export", "Delete its file", answers={204: None}, refuses=["not_found"])
    def delete(self, request: Request, export_id: int) -> Response:
        """Also while it is written. May be repeated."""
        exports.cancel(_one(export_id))
        return Response(status=204)


class ExportFile(Endpoint):
    scopes = {"GET": ("customers",)}

    @says(
        "take_export",
        "The file of an export",
        answers={(200, "application/octet-stream"): OpenApiTypes.BINARY},
        refuses=["not_found"],
    )
    def get(self, request: Request, export_id: int) -> StreamingHttpResponse:
        """404 until it is finished, and once it was deleted. `Content-Length` says when all of it
        has come."""
        file = exports.file_of(_one(export_id), now=clock.now())
        return download(file.name, file.pieces, media_type=file.media_type, length=file.length)


def _asked(said: dict[str, str]) -> "QuerySet[Customer]":
    found: QuerySet[Customer] = Customer.objects.present()
    if slug := said.get("segment"):
        if not Segment.objects.filter(slug=slug).exists():
            raise Invalid({"segment": [_("There is no such segment.")]})
        found = found.filter(placements__segment__slug=slug)
    if tag := said.get("tag"):
        found = found.filter(as_q(parse(["customer.tags", "has", tag]), clock.now()))
    return found


def _one(export_id: int) -> Export:
    found = Export.objects.filter(pk=export_id).first()
    if found is None:
        raise NotFound
    return found
