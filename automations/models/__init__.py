"""What staff draw (Automation, Version, Thread, Trigger, Step) and what came of it (Journey …)."""

from automations.models.automation import Automation, Thread, Trigger, Version
from automations.models.counter import Canary, Counter, Pulse, Quota, Sweep
from automations.models.entry import Decision, Enrolment
from automations.models.journey import Journey, StepRun
from automations.models.step import Step

# isort: split
# Django sees a step type when its module is imported; the one arrow that points up.
import automations.steps  # noqa: F401 (imported to be seen)

__all__ = [
    "Automation",
    "Canary",
    "Counter",
    "Decision",
    "Enrolment",
    "Journey",
    "Pulse",
    "Quota",
    "Step",
    "StepRun",
    "Sweep",
    "Thread",
    "Trigger",
    "Version",
]
