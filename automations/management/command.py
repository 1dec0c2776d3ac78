import json

from django.utils.translation import gettext as _

from automations.models import Automation
from loyalty.errors import NotFound
from loyalty.management.command import VerbCommand


class AutomationCommand(VerbCommand):
    """A command about one automation."""

    def told(self, automation: Automation, text: str, *, as_json: bool) -> None:
        told = {"slug": automation.slug, "name": automation.name, "mode": automation.mode}
        self.stdout.write(json.dumps(told, ensure_ascii=False) if as_json else text)


def automation_called(name: str) -> Automation:
    """By its slug, else by its id; raises NotFound."""
    present = Automation.objects.filter(deleted_at=None)
    found = present.filter(slug=name).first()
    if found is None and name.isdecimal():
        found = present.filter(pk=int(name)).first()
    if found is None:
        raise NotFound(_("There is no automation “%(name)s”.") % {"name": name})
    return found
