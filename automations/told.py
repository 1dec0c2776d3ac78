"""The automations a customer walked through: on their line of time, and as they may have it."""

from collections.abc import Mapping
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from automations.editor.people import STATE_TONES
from automations.models import Journey
from automations.models.journey import JourneyState
from loyalty import shapes
from loyalty.models import Customer
from loyalty.models.event import subject_of
from loyalty.timeline import Moment


def journeys_told(customer: Customer, most: int) -> list[Moment]:
    """Each journey once, at its start; branches belong to the journey that they left."""
    rows = Journey.objects.filter(subject=customer.subject, parent=None)
    found = rows.select_related("automation").order_by("-pk")[:most]
    return [_of(journey) for journey in found]


def _of(journey: Journey) -> Moment:
    return Moment(
        at=journey.started_at,
        icon="automations",
        title=_("Entered “%s”") % journey.automation,
        detail=journey.note,
        url=reverse("admin:automations_journey_change", args=[journey.pk]),
        state=journey.get_state_display(),
        tone=STATE_TONES[JourneyState(journey.state)],
    )


def named(ids: set[int]) -> Mapping[int, str]:
    """Journeys by the automations that they walk through."""
    rows = Journey.objects.filter(pk__in=ids).values_list("pk", "automation__name")
    return {pk: _("“%s”") % name for pk, name in rows}


def journeys(customer_id: int) -> list[dict[str, Any]]:
    """All of them, for themselves."""
    rows = Journey.objects.filter(subject=subject_of(0, customer_id)).order_by("pk")
    return [
        {
            "automation": row.automation.name,
            "state": row.state,
            "began": shapes.moment(row.started_at),
            "ended": shapes.moment(row.ended_at),
        }
        for row in rows.select_related("automation")
    ]
