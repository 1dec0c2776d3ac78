"""What the addresses of automations have in common."""

from automations.models import Automation
from loyalty.api.endpoint import Endpoint
from loyalty.errors import NotFound


class AutomationEndpoint(Endpoint):
    """Finds the automation of its slug; a deleted one is as unknown as one that never was."""

    def automation(self, slug: str) -> Automation:
        found = Automation.objects.filter(slug=slug, deleted_at=None).first()
        if found is None:
            raise NotFound
        return found
