"""When a customer comes into a group that the shop counts, or leaves one, or is tagged."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from automations import inputs
from automations.triggers.base import TriggerType
from loyalty import rfm
from loyalty.customers.details import LONGEST_TAG
from loyalty.models import Event, Program, Segment

LONGEST_SLUG = 60


def _segments() -> list[tuple[str, str]]:
    return list(Segment.objects.values_list("slug", "name"))


def _rfm_segments() -> list[tuple[str, str]]:
    return [(slug, str(name)) for slug, name in rfm.NAMES.items()]


class SegmentForm(forms.Form):
    segment = forms.ChoiceField(label=gettext_lazy("segment"), choices=_segments)


class RfmSegmentForm(forms.Form):
    segment = forms.ChoiceField(label=gettext_lazy("RFM segment"), choices=_rfm_segments)


class TagForm(forms.Form):
    tag = forms.CharField(
        label=gettext_lazy("tag"),
        max_length=LONGEST_TAG,
        required=False,
        help_text=gettext_lazy("Empty: any tag."),
    )


class EnteredSegment(TriggerType):
    """`{"segment": "vips"}`: the segment's slug."""

    type = "entered_segment"
    label = gettext_lazy("Entered a segment")
    group = "customer"
    event = "segment_entered"
    form = SegmentForm
    takes: ClassVar[inputs.Inputs] = {"segment": inputs.text(LONGEST_SLUG, required=True)}

    @classmethod
    def matches(cls, params: Mapping[str, Any], event: Event) -> bool:
        return event.name == cls.event and event.data.get("segment") == params["segment"]

    @classmethod
    def problems(cls, params: Mapping[str, Any], programs: list[Program]) -> list[str | Promise]:
        if Segment.objects.filter(slug=params["segment"]).exists():
            return []
        return [_("There is no segment “%(slug)s”.") % {"slug": params["segment"]}]

    @classmethod
    def sentence(cls, params: Mapping[str, Any]) -> str:
        return _("When a customer enters the segment “%(slug)s”") % {
            "slug": params.get("segment", "…")
        }


class LeftSegment(EnteredSegment):
    """The same for who leaves it."""

    type = "left_segment"
    label = gettext_lazy("Left a segment")
    event = "segment_left"

    @classmethod
    def sentence(cls, params: Mapping[str, Any]) -> str:
        return _("When a customer leaves the segment “%(slug)s”") % {
            "slug": params.get("segment", "…")
        }


class MovedToRfmSegment(TriggerType):
    type = "moved_to_rfm_segment"
    label = gettext_lazy("Moved to an RFM segment")
    group = "customer"
    event = "rfm_segment_changed"
    form = RfmSegmentForm
    takes: ClassVar[inputs.Inputs] = {"segment": inputs.one_of(*rfm.EVERY_NAME, required=True)}

    @classmethod
    def matches(cls, params: Mapping[str, Any], event: Event) -> bool:
        return event.name == cls.event and event.data.get("after") == params["segment"]

    @classmethod
    def sentence(cls, params: Mapping[str, Any]) -> str:
        name = rfm.EVERY_NAME.get(params.get("segment", ""), "…")
        return _("When a customer moves to “%(name)s”") % {"name": name}

    @classmethod
    def problems(cls, params: Mapping[str, Any], programs: list[Program]) -> list[str | Promise]:
        if params["segment"] in list(rfm.NAMES):
            return []
        return [_("Your RFM scheme has no such segment, so nobody ever moves there.")]


class TagAdded(TriggerType):
    """`{"tag": "vip"}`; without one, any tag."""

    type = "tag_added"
    label = gettext_lazy("Tag added")
    group = "customer"
    event = "tag_added"
    form = TagForm
    takes: ClassVar[inputs.Inputs] = {"tag": inputs.text(LONGEST_TAG)}

    @classmethod
    def matches(cls, params: Mapping[str, Any], event: Event) -> bool:
        wanted = params.get("tag")
        return event.name == cls.event and (not wanted or event.data.get("tag") == wanted)

    @classmethod
    def sentence(cls, params: Mapping[str, Any]) -> str:
        if tag := params.get("tag"):
            return _("When a customer gets the tag “%(tag)s”") % {"tag": tag}
        return _("When a customer gets a tag")
