"""What a customer's page shows of the automations they walked through."""

from django.utils.translation import gettext_lazy as _

from automations.editor.people import STATE_TONES
from automations.models import Journey
from automations.models.journey import JourneyState
from loyalty.models import Customer
from loyalty.panels import Panel

LATEST = 10


def journeys_panel(customer: Customer) -> Panel | None:
    """The latest journeys; nothing for somebody who was never in one."""
    theirs = Journey.objects.filter(subject=customer.subject).select_related("automation")
    rows = [(journey, STATE_TONES[JourneyState(journey.state)]) for journey in theirs[:LATEST]]
    if not rows:
        return None
    return Panel(_("Automations"), "automations/customer_panel.html", {"rows": rows})
