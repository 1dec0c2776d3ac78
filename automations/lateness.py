"""What a step does for who is woken too late, because nothing ran for a while."""

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from automations import durations, inputs
from automations.columns import DurationColumn
from automations.durations import Duration
from automations.outcomes import Outcome, Stop
from automations.problems import refuse

if TYPE_CHECKING:
    from automations.place import Place


class Then(models.TextChoices):
    GO_ON = "go_on", gettext_lazy("Go on all the same")
    EXIT = "exit", gettext_lazy("Leave the automation")
    AGAIN = "again", gettext_lazy("Wait for the next such moment")


# For a step type: its last columns, and how the editor folds them away.
COLUMNS = ("late_after", "late_then")
LABEL = gettext_lazy("If it is too late")
NO_NEXT = gettext_lazy("There is no next such moment here: go on, or leave.")


def then_column(*choices: Then) -> models.CharField:
    return models.CharField(
        gettext_lazy("then"),
        max_length=8,
        choices=[(each.value, each.label) for each in choices],
        default=Then.GO_ON,
    )


class Lateness(models.Model):
    """For step types that wait: more than `late_after` past its due moment is too late."""

    late_after = DurationColumn(
        gettext_lazy("too late after"),
        blank=True,
        help_text=gettext_lazy("For when the server or the automation stood still. Empty: never."),
    )
    late_then = then_column(*Then)

    class Meta:
        abstract = True

    def too_late(self, place: "Place", again: Callable[[], Outcome] | None) -> Outcome | None:
        """What to do instead of going on; None: go on. `again` waits for the next moment."""
        if not self.late_after or place.late.total_seconds() <= self._allowed:
            return None
        match self.late_then:
            case Then.EXIT:
                return Stop(_("Left: %(late)s.") % {"late": late_words(place)}, finished=True)
            case Then.AGAIN if again is not None:
                return again()
        return None

    @property
    def _allowed(self) -> int:
        return durations.read(self.late_after).length

    def late_parameters(self) -> dict[str, Any]:
        if not self.late_after:
            return {}
        return {"late": {"after": self.late_after, "then": str(self.late_then)}}

    def late_summary(self) -> str:
        """“after 2 hours too late: leave the automation”; nothing where it just goes on."""
        if not self.late_after or self.late_then == Then.GO_ON:
            return ""
        words = {
            "after": durations.read(self.late_after).words,
            "then": Then(self.late_then).label.lower(),
        }
        return _("more than %(after)s late: %(then)s") % words

    def require_a_next(self, has_next: bool) -> None:
        """Raises ValidationError where it says `again` and there is no next moment."""
        if not has_next and self.late_then == Then.AGAIN:
            raise ValidationError({"late_then": str(NO_NEXT)})


def late_words(place: "Place") -> str:
    """“3 hours 5 minutes late”; without seconds, where it is more than a minute."""
    seconds = int(place.late.total_seconds())
    seconds -= seconds % 60 if seconds >= 60 else 0
    return _late_words(seconds, get_language() or "")


@lru_cache(maxsize=1024)
def _late_words(seconds: int, _language: str) -> str:
    """After an outage many are equally late."""
    time = Duration(*divmod(seconds, 86_400)).words
    return _("%(time)s late") % {"time": time or _("a moment")}


def minutes(place: "Place") -> int:
    """How late it is; none where it is less than a minute."""
    return int(place.late.total_seconds()) // 60


def note(text: str, place: "Place") -> str:
    """`text`, and how late it is where that is a minute or more."""
    if not minutes(place):
        return text
    return _("%(text)s It was %(late)s.") % {"text": text, "late": late_words(place)}


# --- Portable -------------------------------------------------------------------------------------


def _as_it_is(value: Any) -> Any:
    return value


def late_input(*then: Then) -> inputs.Input:
    """`{"after": "PT2H", "then": "exit"}`; its parts are read by `columns`."""
    return inputs.Input(_as_it_is, inputs.schema(_takes(*then)))


def columns(
    values: dict[str, Any], path: str, *then: Then, has_next: bool = True
) -> dict[str, Any]:
    """The portable `late` among the values as columns; raises Invalid."""
    late = values.pop("late", None)
    if late is None:
        return values
    if not isinstance(late, Mapping):
        raise refuse(f"{path}.late", _("This must be an object."))
    read = inputs.read(_takes(*then), late, f"{path}.late")
    if read["then"] == Then.AGAIN and not has_next:
        raise refuse(f"{path}.late.then", str(NO_NEXT))
    return values | {"late_after": read["after"], "late_then": read["then"]}


def _takes(*then: Then) -> inputs.Inputs:
    return {
        "after": durations.time_input(required=True),
        "then": inputs.one_of(*(each.value for each in then), required=True),
    }
