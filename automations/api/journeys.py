"""Who walked through an automation, and what each step did."""

from collections.abc import Sequence
from typing import Any

from django.db.models import prefetch_related_objects
from rest_framework import serializers as s
from rest_framework.request import Request
from rest_framework.response import Response

from automations.api.endpoint import AutomationEndpoint
from automations.models import Journey
from automations.models.journey import JourneyState, RunOutcome
from loyalty import customers
from loyalty.api.answers import Id
from loyalty.api.fields import Text
from loyalty.api.pagination import Turning, page
from loyalty.api.people import named
from loyalty.api.schema import pages_of, says
from loyalty.shapes import moment


class StepRunAnswer(s.Serializer):
    key = s.CharField(help_text="The step's.")
    type = s.CharField()
    outcome = s.ChoiceField(choices=RunOutcome.values)
    note = s.CharField(help_text="Why, in words.")
    at = s.DateTimeField()


class JourneyAnswer(s.Serializer):
    id = s.IntegerField()
    customer = Id(allow_null=True)
    state = s.ChoiceField(choices=JourneyState.values)
    note = s.CharField(help_text="Why it stopped, where it did.")
    started_at = s.DateTimeField()
    due_at = s.DateTimeField(allow_null=True)
    ended_at = s.DateTimeField(allow_null=True)
    steps = StepRunAnswer(many=True)


class JourneyFilter(Turning):
    customer = Text(required=False, help_text="An id, email, phone or external id.")


def shown(rows: Sequence[Journey]) -> list[dict[str, Any]]:
    prefetch_related_objects(rows, "step_runs")
    return [_shown(journey) for journey in rows]


def _shown(journey: Journey) -> dict[str, Any]:
    return {
        "id": journey.pk,
        "customer": {"id": journey.customer_id} if journey.customer_id else None,
        "state": journey.state,
        "note": journey.note,
        "started_at": moment(journey.started_at),
        "due_at": moment(journey.due_at),
        "ended_at": moment(journey.ended_at),
        "steps": [
            {
                "key": run.step_key,
                "type": run.type,
                "outcome": run.outcome,
                "note": run.note,
                "at": moment(run.at),
            }
            for run in journey.step_runs.all()
        ],
    }


class Journeys(AutomationEndpoint):
    scopes = {"GET": ("automations",)}

    @says(
        "list_journeys",
        "Journeys through an automation, newest first",
        asks=JourneyFilter,
        answers={200: pages_of(JourneyAnswer)},
        refuses=["not_found"],
    )
    def get(self, request: Request, slug: str) -> Response:
        asked = self.asked(JourneyFilter)
        rows = self.automation(slug).journeys.all()
        if "customer" in asked:
            found = customers.find(named(asked["customer"]))
            rows = rows.filter(subject=found.subject) if found else rows.none()
        return Response(page(request, rows, shown))
