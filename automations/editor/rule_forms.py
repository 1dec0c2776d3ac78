"""The forms of the settings: what an automation is called, and its rules."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from automations.editor import choices, words
from automations.editor.forms import ConditionField
from automations.inputs import MOST
from automations.models import Automation, Thread, Version
from automations.models.automation import Again, IfInside
from automations.rules import LONGEST_EVENT, MOST_DAYS
from loyalty import zones
from loyalty.fields import FieldSet
from loyalty.models import Business, Location, Order, Program

# Platforms are offered as the newest orders name them.
LOOKED_AT = 1_000
ALWAYS_OFFERED = ("counter", "api")

# Who enters, as one chooses it; the model's words are for what was chosen.
AGAIN: Mapping[str, str | Promise] = {
    Again.EVERY_TIME: _("Every time it happens"),
    Again.ONCE: _("Once, and never again"),
    Again.ONCE_PER_DAYS: _("Once in so many days"),
    Again.ONCE_PER_KEY: _("Once for each value of a field, such as each order"),
}
IF_INSIDE: Mapping[str, str | Promise] = {
    IfInside.IGNORE: _("They go on where they are"),
    IfInside.RESTART: _("They leave that and start anew"),
    IfInside.PARALLEL: _("They walk a second time, side by side"),
}


def _number(label: Any, help_text: Any = "", most: int = MOST) -> forms.IntegerField:
    attrs = {"inputmode": "numeric", "data-size": "small"}
    return forms.IntegerField(
        label=label,
        help_text=help_text,
        min_value=1,
        max_value=most,
        required=False,
        widget=forms.NumberInput(attrs=attrs),
    )


class NamesForm(forms.Form):
    name = forms.CharField(label=_("name"), max_length=120)
    label = forms.CharField(
        label=_("label"),
        max_length=60,
        required=False,
        help_text=_("For your own order, e.g. “welcome” or “win back”."),
    )
    programs = forms.ModelMultipleChoiceField(
        label=_("programs"),
        queryset=Program.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Only cards of these programs start it; none chosen: any card."),
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        field = self.fields["programs"]
        assert isinstance(field, forms.ModelMultipleChoiceField)  # noqa: S101 (for mypy)
        field.queryset = Program.objects.non_polymorphic().order_by("name")

    @classmethod
    def initial_of(cls, automation: Automation, version: Version) -> dict[str, Any]:
        return {
            "name": automation.name,
            "label": automation.label,
            "programs": [program.pk for program in version.programs.all()],
        }


class EntryForm(forms.Form):
    """`fields` are those that can have a value in the thread; of an event whose sender alone knows
    its fields, one may be typed."""

    again = forms.ChoiceField(
        label=_("how often may a customer enter?"), choices=AGAIN, widget=forms.RadioSelect
    )
    days = _number(_("days"), _("Periods of 24 hours, counted from when they entered."), MOST_DAYS)
    key = forms.ChoiceField(label=_("field"), required=False)
    other_key = forms.CharField(
        label=_("or a field of the event"),
        required=False,
        max_length=120,
        help_text=_("As its sender calls it, e.g. event.data.booking."),
    )
    if_inside = forms.ChoiceField(
        label=_("and if they are inside already?"), choices=IF_INSIDE, widget=forms.RadioSelect
    )
    cap = _number(
        _("how many may ever enter"), _("For the first hundred, say. Empty: as many as come.")
    )

    def __init__(self, *args: Any, fields: FieldSet, **options: Any) -> None:
        super().__init__(*args, **options)
        key = self.fields["key"]
        assert isinstance(key, forms.ChoiceField)  # noqa: S101 (for mypy)
        key.choices = [("", gettext("None chosen")), *choices.fields(fields)]
        if fields.event is not None:
            del self.fields["other_key"]

    @classmethod
    def initial_of(cls, thread: Thread, fields: FieldSet) -> dict[str, Any]:
        listed = {name for _group, options in choices.fields(fields) for name, _text in options}
        is_listed = thread.entry_key in listed
        return {
            "again": thread.again,
            "days": thread.days,
            "key": thread.entry_key if is_listed else "",
            "other_key": "" if is_listed else thread.entry_key,
            "if_inside": thread.if_inside,
            "cap": thread.cap,
        }

    def clean(self) -> dict[str, Any]:
        """What belongs to another choice is not looked at; what this choice needs must be there."""
        values = self.cleaned_data
        again = values.get("again")
        if again == Again.ONCE_PER_DAYS:
            if not values.get("days") and "days" not in self.errors:
                self.add_error("days", _("Say in how many days."))
        else:
            values["days"] = None
            self.errors.pop("days", None)
        key = values.get("other_key") or values.get("key") or ""
        if again == Again.ONCE_PER_KEY and not key:
            self.add_error("key", _("Choose a field."))
        values["key"] = key if again == Again.ONCE_PER_KEY else ""
        return values

    @property
    def entry(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in ("again", "days", "if_inside", "cap")} | {
            "key": self.cleaned_data["key"]
        }


class _ClockField(forms.DateTimeField):
    """A day and a time as the clocks of the business show it."""

    widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")

    def prepare_value(self, value: Any) -> Any:
        if isinstance(value, datetime) and value.tzinfo is not None:
            return value.astimezone(zones.zone(Business.get().time_zone)).replace(tzinfo=None)
        return value

    def clean(self, value: Any) -> datetime | None:
        found = super().clean(value)
        if found is None:
            return None
        return zones.localise(found.replace(tzinfo=None), Business.get().time_zone)


class ScheduleForm(forms.Form):
    starts_at = _ClockField(label=_("starts"), required=False)
    ends_at = _ClockField(
        label=_("ends"),
        required=False,
        help_text=_("Nobody enters after it; whoever is inside then walks on to the end."),
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        zone = {"zone": Business.get().time_zone}
        self.fields["starts_at"].help_text = (
            gettext("By the clocks of your business (%(zone)s). Empty: at once.") % zone
        )

    def clean(self) -> dict[str, Any]:
        values = self.cleaned_data
        starts, ends = values.get("starts_at"), values.get("ends_at")
        if starts and ends and starts >= ends:
            self.add_error("ends_at", _("This is not after its start."))
        return values


class ScopeForm(forms.Form):
    platforms = forms.MultipleChoiceField(
        label=_("orders from"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("None chosen: from anywhere. This is asked of orders alone."),
    )
    locations = forms.ModelMultipleChoiceField(
        label=_("at"),
        queryset=Location.objects.order_by("name"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("None chosen: anywhere, online too."),
    )

    def __init__(self, *args: Any, chosen: Sequence[str] = (), **options: Any) -> None:
        super().__init__(*args, **options)
        field = self.fields["platforms"]
        assert isinstance(field, forms.MultipleChoiceField)  # noqa: S101 (for mypy)
        newest = Order.objects.order_by("-pk").values_list("platform", flat=True)[:LOOKED_AT]
        names = sorted({*newest, *chosen, *ALWAYS_OFFERED} - {""})
        field.choices = [(name, capfirst(words.platform(name))) for name in names]
        if not Location.objects.exists():
            del self.fields["locations"]


class HappeningForm(forms.Form):
    """What must hold of the event of a goal or an exit rule, and its name where it is another's."""

    def __init__(self, *args: Any, event: str, fields: FieldSet, **options: Any) -> None:
        super().__init__(*args, **options)
        if not event:
            self.fields["event"] = forms.CharField(
                label=_("name of the event"),
                max_length=LONGEST_EVENT,
                help_text=_("As the other system calls it."),
            )
        self.fields["filter"] = ConditionField(
            fields=fields,
            label=_("Only if"),
            required=False,
            help_text=_("Leave it empty to take every such event."),
        )


class LimitsForm(forms.Form):
    points_per_day = _number(
        _("points a day"),
        _("Over all customers. What would go beyond it is skipped, and the step says so."),
    )
    messages_per_day = _number(
        _("messages a day"), _("Over all customers and ways to say something.")
    )


class ThreadForm(forms.Form):
    name = forms.CharField(
        label=_("name"),
        max_length=120,
        required=False,
        help_text=_("What you call this start; customers never see it."),
    )
