"""The settings, section by section: its form, and the verb that saves what was sent."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar

from django import forms
from django.http import Http404
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from automations import drafts, happenings, surroundings
from automations.editor.page import Page
from automations.editor.rule_forms import (
    EntryForm,
    HappeningForm,
    LimitsForm,
    NamesForm,
    ScheduleForm,
    ScopeForm,
)
from automations.rules import Happening
from loyalty import clock
from loyalty.events import FACTS

Text = str | Promise
Data = Mapping[str, Any] | None
OUTSIDE = "outside"  # instead of an event's name: one that another system sends


class Section(ABC):
    """One of the settings, of one page; `asked` is the query or what was sent."""

    name: ClassVar[str]
    title: ClassVar[Text]
    help: ClassVar[Text] = ""
    icon: ClassVar[str] = "settings"

    def __init__(self, page: Page, asked: Mapping[str, str]) -> None:
        self.page, self.asked = page, asked

    @abstractmethod
    def form(self, data: Data = None) -> forms.Form:
        """With what was sent, else with what is set."""

    @abstractmethod
    def save(self, form: Any) -> None:
        """Raises Invalid by the form's fields."""

    @property
    def hidden(self) -> dict[str, str]:
        """What the form must send along to be read again."""
        return {}

    @property
    def kinds(self) -> list[tuple[str, Text]]:
        """What to choose from before there is a form; usually nothing."""
        return []

    @property
    def about(self) -> Text:
        """What the form is about, where the title does not say it."""
        return ""

    @property
    def can_remove(self) -> bool:
        return False

    def remove(self) -> None:
        raise Http404


class Names(Section):
    name = "names"
    title = _("Name and cards")

    def form(self, data: Data = None) -> forms.Form:
        return NamesForm(
            data, initial=NamesForm.initial_of(self.page.automation, self.page.version)
        )

    def save(self, form: Any) -> None:
        drafts.change_settings(self.page.automation, **form.cleaned_data, now=clock.now())


class Entry(Section):
    name = "entry"
    title = _("Who may enter")
    help = _("It is asked each time what starts it happens.")
    icon = "joined"

    @property
    def hidden(self) -> dict[str, str]:
        return {"thread": self.asked.get("thread", "")}

    def form(self, data: Data = None) -> forms.Form:
        thread = self.page.thread(self.asked.get("thread", ""))
        fields = self.page.fields(thread.key)
        return EntryForm(data, fields=fields, initial=EntryForm.initial_of(thread, fields))

    def save(self, form: EntryForm) -> None:
        thread = self.asked.get("thread", "")
        drafts.set_entry(self.page.automation, form.entry, thread=thread, now=clock.now())


class Schedule(Section):
    name = "schedule"
    title = _("From when until when")
    help = _("Before and after it, nobody enters.")
    icon = "clock"

    def form(self, data: Data = None) -> forms.Form:
        version = self.page.version
        initial = {"starts_at": version.starts_at, "ends_at": version.ends_at}
        return ScheduleForm(data, initial=initial)

    def save(self, form: Any) -> None:
        drafts.set_schedule(self.page.automation, **form.cleaned_data, now=clock.now())


class Scope(Section):
    name = "scope"
    title = _("From where")
    help = _("Who comes from elsewhere does not enter.")
    icon = "cart"

    def form(self, data: Data = None) -> forms.Form:
        version = self.page.version
        initial = {"platforms": version.platforms, "locations": list(version.locations.all())}
        return ScopeForm(data, chosen=version.platforms, initial=initial)

    def save(self, form: Any) -> None:
        drafts.set_scope(self.page.automation, **form.cleaned_data, now=clock.now())


class Limits(Section):
    name = "limits"
    title = _("Limits a day")
    help = _("A brake for mistakes. It holds as soon as you save it, also for those inside.")
    icon = "alert"

    def form(self, data: Data = None) -> forms.Form:
        automation = self.page.automation
        initial = {
            "points_per_day": automation.most_points_a_day,
            "messages_per_day": automation.most_messages_a_day,
        }
        return LimitsForm(data, initial=initial)

    def save(self, form: Any) -> None:
        drafts.set_limits(self.page.automation, **form.cleaned_data, now=clock.now())


class _Happening(Section):
    """First an event is chosen, then what must hold of it."""

    @property
    @abstractmethod
    def rule(self) -> Happening | None:
        """What is set."""

    @property
    def event(self) -> str:
        """The event that is chosen: "" none yet, OUTSIDE one that another system sends."""
        if "event_kind" in self.asked:
            return self.asked["event_kind"]
        known = self.rule["event"] if self.rule else ""
        return known if known in FACTS or not known else OUTSIDE

    @property
    def about(self) -> Text:
        return happenings.label(self.event) if self.event in FACTS else ""

    @property
    def hidden(self) -> dict[str, str]:
        return {"event_kind": self.event}

    @property
    def kinds(self) -> list[tuple[str, Text]]:
        if self.event in FACTS or self.event == OUTSIDE:
            return []
        return [
            *happenings.listed(),
            (OUTSIDE, _("Something another system says")),
        ]

    def form(self, data: Data = None) -> forms.Form:
        own = "" if self.event == OUTSIDE else self.event
        fields = surroundings.of_event(own, self.page.version)
        is_same = self.rule is not None and self.event in (self.rule["event"], OUTSIDE)
        initial = self.rule if is_same and self.rule else {}
        return HappeningForm(data, event=own, fields=fields, initial=initial)

    def read(self, form: Any) -> Happening:
        values = form.cleaned_data
        own = values.get("event") or self.event
        return {"event": own, "filter": values["filter"]}


class Goal(_Happening):
    name = "goal"
    title = _("Goal")
    help = _("Whoever is inside when it happens has got there: they leave, and it counts as won.")
    icon = "check"

    @property
    def rule(self) -> Happening | None:
        return self.page.version.goal

    def save(self, form: Any) -> None:
        drafts.set_goal(self.page.automation, self.read(form), now=clock.now())

    @property
    def can_remove(self) -> bool:
        return self.rule is not None

    def remove(self) -> None:
        drafts.set_goal(self.page.automation, None, now=clock.now())


class Exit(_Happening):
    name = "exits"
    title = _("Reason to leave")
    help = _("Whoever is inside when it happens leaves at once; it does not count as won.")
    icon = "exit"

    @property
    def position(self) -> int | None:
        at = self.asked.get("at", "new")
        return int(at) if at.isdecimal() and len(at) < 4 else None

    @property
    def rule(self) -> Happening | None:
        exits: list[Happening] = self.page.version.exits
        if self.position is None:
            return None
        if self.position >= len(exits):
            raise Http404
        return exits[self.position]

    @property
    def hidden(self) -> dict[str, str]:
        return {**super().hidden, "at": self.asked.get("at", "new")}

    def save(self, form: Any) -> None:
        rule = self.read(form)
        drafts.set_exit(self.page.automation, rule, position=self.position, now=clock.now())

    @property
    def can_remove(self) -> bool:
        return self.rule is not None

    def remove(self) -> None:
        if self.position is None:
            raise Http404
        drafts.remove_exit(self.page.automation, self.position, now=clock.now())


SECTIONS: dict[str, type[Section]] = {
    kind.name: kind for kind in (Names, Entry, Schedule, Scope, Goal, Exit, Limits)
}


def section(page: Page, name: str, asked: Mapping[str, str]) -> Section:
    if name not in SECTIONS:
        raise Http404
    return SECTIONS[name](page, asked)
