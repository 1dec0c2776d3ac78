"""What staff draw (Automation, Version, Thread, Trigger, Step) and what came of it (Journey …)."""

from automations.models.automation import Automation, Thread, Trigger, Version
from automations.models.counter import Counter
from automations.models.entry import Decision, Enrolment
from automations.models.journey import Journey, StepRun
from automations.models.step import Step

# Django sees a step type when its module is imported; the one arrow that points up (see docs/add-a-type.md).
from automations.steps import Accrue, AddTag, Condition, Exit, Redeem, SendEmail, Wait

__all__ = [
    "Accrue",
    "AddTag",
    "Automation",
    "Condition",
    "Counter",
    "Decision",
    "Enrolment",
    "Exit",
    "Journey",
    "Redeem",
    "SendEmail",
    "Step",
    "StepRun",
    "Thread",
    "Trigger",
    "Version",
    "Wait",
]
