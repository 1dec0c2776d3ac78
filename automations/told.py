"""What a customer's line of time shows of the automations they walked through."""

from django.urls import reverse
from django.utils.translation import gettext as _

from automations.editor.people import STATE_TONES
from automations.models import Journey
from automations.models.journey import JourneyState
from loyalty.models import Customer
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
