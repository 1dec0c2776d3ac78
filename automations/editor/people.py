"""Who went through an automation, who was not let in, and one journey with all that it did."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib import admin
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from automations import steps
from automations.editor import causes
from automations.editor.answers import allowed
from automations.editor.page import Page
from automations.engine.releasing import CLAIM
from automations.models import Decision, Journey, Step, StepRun
from automations.models.entry import Verdict
from automations.models.journey import JourneyState, RunOutcome
from messaging.models import Message

ON_A_PAGE = 50
Text = str | Promise
STATE_TONES = {
    JourneyState.WAITING: "warn",
    JourneyState.HELD: "neutral",
    JourneyState.FINISHED: "good",
    JourneyState.STOPPED: "bad",
}
OUTCOMES: Mapping[str, tuple[str, str]] = {
    RunOutcome.DONE: ("done", "good"),
    RunOutcome.SKIPPED: ("skipped", "neutral"),
    RunOutcome.WAITING: ("clock", "warn"),
    RunOutcome.RETRIED: ("retried", "warn"),
    RunOutcome.STOPPED: ("stopped", "bad"),
}
REFUSED = "refused"
TABS: tuple[tuple[str, Text], ...] = (
    ("", gettext_lazy("Everyone")),
    *JourneyState.choices,
    (REFUSED, gettext_lazy("Not let in")),
)


@dataclass(frozen=True, slots=True)
class Line:
    """A journey in a list."""

    journey: Journey
    tone: str
    where: Text


@dataclass(frozen=True, slots=True)
class Ran:
    """A step run as the journey page tells it."""

    run: StepRun
    label: Text
    summary: str
    icon_templates: tuple[str, str]
    outcome_icon: str
    tone: str
    message: Message | None


@require_GET
@allowed("view")
def of_automation(page: Page) -> HttpResponse:
    """Everyone who entered, by state, and those who were refused with the reason."""
    state = page.request.GET.get("state", "")
    step = page.request.GET.get("step", "")
    context: dict[str, Any] = {
        "title": page.automation.name,
        "automation": page.automation,
        "launched": page.numbers.launched,
        "tabs": [(value, label, value == state) for value, label in TABS],
        "state": state,
        "step": step,
    }
    if state == REFUSED:
        refused = page.automation.decisions.filter(verdict=Verdict.REFUSED)
        found: Any = refused.select_related("customer", "event").order_by("-id")
    else:
        found = _journeys(page, state, step)
    shown = Paginator(found, ON_A_PAGE).get_page(page.request.GET.get("page"))
    labels = _labels(page)
    context |= {"page": shown}
    if state != REFUSED:
        context["lines"] = [_line(journey, labels) for journey in shown]
    return render(
        page.request,
        "automations/people.html",
        admin.site.each_context(page.request) | context,
    )


def _journeys(page: Page, state: str, step: str) -> Any:
    found = page.automation.journeys.select_related("customer", "event").order_by("-id")
    found = found.filter(state=state) if state in JourneyState.values else found
    return found.filter(step_key=step) if step else found


def _labels(page: Page) -> dict[str, Text]:
    """What the steps are called, also those of earlier versions."""
    of_all = Step.objects.filter(version__automation=page.automation).non_polymorphic()
    known = of_all.values_list("key", "polymorphic_ctype__model").distinct()
    by_model = {kind._meta.model_name: kind.label for kind in steps.types().values()}
    return {key: by_model.get(model, key) for key, model in known}


def _line(journey: Journey, labels: Mapping[str, Text]) -> Line:
    is_inside = journey.state in (JourneyState.WAITING, JourneyState.HELD)
    where = labels.get(journey.step_key, journey.step_key) if is_inside else journey.note
    return Line(journey, STATE_TONES[JourneyState(journey.state)], where)


# --- One journey ---------------------------------------------------------------------------------


def journey_page(request: HttpRequest, journey: Journey) -> HttpResponse:
    """Each thing it did, when, and why; what it waits for; what it said."""
    runs = list(journey.step_runs.order_by("id"))
    chain = {step.key: step for step in journey.version.steps.all()}
    said = {message.key: message for message in _messages(journey, runs)}
    here = chain.get(journey.step_key)
    context = {
        "title": _("Journey %(n)d") % {"n": journey.pk},
        "journey": journey,
        "automation": journey.automation,
        "tone": STATE_TONES[JourneyState(journey.state)],
        "runs": [_ran(run, chain.get(run.step_key), _said(said, run)) for run in runs],
        "here": here,
        "trigger_words": causes.trigger(journey),
        "event_words": causes.event(journey.event),
        "cause_words": causes.cause(journey.event.cause),
        "decision": Decision.objects.filter(
            automation=journey.automation, event=journey.event, verdict=Verdict.ENTERED
        ).first(),
        "opts": Journey._meta,
    }
    return render(request, "automations/journey.html", admin.site.each_context(request) | context)


def _without_a_step(run: StepRun) -> str:
    """What a line is about that no step wrote."""
    if CLAIM in run.result:
        return _("What was claimed")
    return _("The way out") if "event" in run.result else _("The automation")


def _said(said: Mapping[str, Message], run: StepRun) -> Message | None:
    """What it queued; what was only handed on is said by another line."""
    return said.get(_key(run)) if run.outcome != RunOutcome.WAITING else None


def _key(run: StepRun) -> str:
    """What the effect of this step run is called everywhere."""
    return f"journey:{run.journey_id}:{run.moves}"


def _messages(journey: Journey, runs: list[StepRun]) -> list[Message]:
    keys = {_key(run) for run in runs}
    return list(Message.objects.filter(key__in=keys).select_related("template"))


def _ran(run: StepRun, step: Step | None, message: Message | None) -> Ran:
    kind = steps.types().get(run.type)
    outcome_icon, tone = OUTCOMES[run.outcome]
    return Ran(
        run,
        kind.label if kind else run.type or _without_a_step(run),
        step.summary() if step else "",
        (f"icons/{kind.icon if kind else 'step'}.svg", "icons/step.svg"),
        f"icons/{outcome_icon}.svg",
        tone,
        message,
    )
