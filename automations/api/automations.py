"""Automations in their portable form; publishing and pausing them."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import Q, QuerySet, Sum
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from rest_framework import serializers as s
from rest_framework.request import Request
from rest_framework.response import Response

from automations import portable, publishing
from automations.api.endpoint import AutomationEndpoint
from automations.models import Automation
from automations.models.automation import Mode
from loyalty import clock
from loyalty.api.fields import Fields, Text
from loyalty.api.pagination import Turning, page
from loyalty.api.schema import pages_of, says
from loyalty.errors import Invalid
from loyalty.shapes import moment


class Summary(s.Serializer):
    slug = s.CharField()
    name = s.CharField()
    label = s.CharField()  # type: ignore[assignment]  # hides Field.label
    mode = s.ChoiceField(choices=Mode.values)
    launches = s.IntegerField(help_text="Journeys started.")
    changed_at = s.DateTimeField()


class PublishBody(Fields):
    choices = s.DictField(
        child=Text(),
        default=dict,
        help_text=(
            "What becomes of people in older versions, by the key of the step they stand at (all: "
            "at any other): finish (the default), move, restart, skip_to:<step key>, exit."
        ),
    )


class PauseBody(Fields):
    people = s.ChoiceField(
        choices=list(publishing.PEOPLE),
        default="hold",
        help_text=(
            "Those inside. hold: waits go on ticking, nothing acts, and who is overdue acts when "
            "it works again. finish: they walk on to the end. end: they leave at once."
        ),
    )


def launched() -> QuerySet[Automation]:
    """Those that were not deleted, each with how many journeys it has started."""
    started = Q(counters__metric="launched", counters__step_key="")
    launches = Coalesce(Sum("counters__n", filter=started), 0)
    return Automation.objects.filter(deleted_at=None).annotate(launches=launches)


def shown(rows: Sequence[Any]) -> list[dict[str, Any]]:
    names = ("slug", "name", "label", "mode", "launches")
    return [
        {name: getattr(automation, name) for name in names}
        | {"changed_at": moment(automation.changed_at)}
        for automation in rows
    ]


class AutomationAnswers(AutomationEndpoint):
    """An address that answers with an automation: its document, and how it stands."""

    def told(self, slug: str, status: int = 200) -> Response:
        automation = launched().get(slug=slug)
        body = portable.write(automation) | shown([automation])[0]
        return Response(body, status=status)


class Automations(AutomationAnswers):
    scopes = {"GET": ("automations",), "POST": ("automations",)}

    @says(
        "list_automations",
        "Automations, newest first",
        asks=Turning,
        answers={200: pages_of(Summary)},
    )
    def get(self, request: Request) -> Response:
        self.asked(Turning)
        return Response(page(request, launched(), shown))

    @says(
        "write_automation",
        "Make an automation, or replace the draft of the one with that slug",
        body=OpenApiTypes.OBJECT,
        answers={201: OpenApiTypes.OBJECT, 200: OpenApiTypes.OBJECT},
    )
    def post(self, request: Request) -> Response:
        """Takes the portable form. What is live stays live until it is published. A document that
        was read here may come back as it is."""
        now = clock.now()
        automation = portable.read(self._document(request.data), now=now)
        return self.told(automation.slug, status=201 if automation.created_at == now else 200)

    def _document(self, data: Any) -> Any:
        """Without what reading adds to a document, provided that nobody tries to change it."""
        if not isinstance(data, Mapping):
            return data
        added = {name: data[name] for name in ("mode", "launches", "changed_at") if name in data}
        known = launched().filter(slug=str(data.get("slug", "")))
        if "mode" in added and added["mode"] != next((each.mode for each in known), Mode.DRAFT):
            raise Invalid({"mode": [_("This is changed by publish/ and pause/.")]})
        return {name: value for name, value in data.items() if name not in added}


class OneAutomation(AutomationAnswers):
    scopes = dict.fromkeys(("GET", "DELETE"), ("automations",))

    @says(
        "read_automation",
        "Show an automation in its portable form",
        answers={200: OpenApiTypes.OBJECT},
        refuses=["not_found"],
    )
    def get(self, request: Request, slug: str) -> Response:
        """The draft where there is one, else what is live; with its mode and launches."""
        return self.told(self.automation(slug).slug)

    @says("delete_automation", "Delete an automation", answers={204: None}, refuses=["not_found"])
    def delete(self, request: Request, slug: str) -> Response:
        """It stops, and the journeys in it end; what it did stays on record."""
        publishing.delete_automation(self.automation(slug), now=clock.now())
        return Response(status=204)


class Publish(AutomationAnswers):
    scopes = {"POST": ("automations",)}

    @says(
        "publish_automation",
        "Set an automation to Working with its draft",
        body=PublishBody,
        answers={200: OpenApiTypes.OBJECT},
        refuses=["not_found", "invalid"],
    )
    def post(self, request: Request, slug: str) -> Response:
        """Freezes the draft; journeys that begin from now on walk through it."""
        choices, by = self.read(PublishBody)["choices"], self.cause.text
        publishing.publish(self.automation(slug), choices=choices, by=by, now=clock.now())
        return self.told(slug)


class Pause(AutomationAnswers):
    scopes = {"POST": ("automations",)}

    @says(
        "pause_automation",
        "Set an automation back to Draft",
        body=PauseBody,
        answers={200: OpenApiTypes.OBJECT},
        refuses=["not_found"],
    )
    def post(self, request: Request, slug: str) -> Response:
        people = self.read(PauseBody)["people"]
        publishing.pause(self.automation(slug), people, now=clock.now())
        return self.told(slug)
