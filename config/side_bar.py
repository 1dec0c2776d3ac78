"""The side bar, grouped by what a shop owner thinks of and not by our apps."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from loyalty.models import Program

Text = str | Promise

GROUPS: tuple[tuple[Text, str, tuple[str, ...]], ...] = (
    (_("Automations"), "automations", ("automations.Automation", "automations.Journey")),
    (
        _("Customers & cards"),
        "people",
        (
            "loyalty.Customer",
            "loyalty.Segment",
            "loyalty.Rfm",
            "loyalty.Card",
            "loyalty.Hold",
            "loyalty.Order",
            "loyalty.Present",
            "loyalty.Import",
            "loyalty.Export",
        ),
    ),
    (_("Coupons"), "tag", ("loyalty.Campaign", "loyalty.Coupon", "loyalty.CouponUse")),
    (_("Programs"), "programs", ("loyalty.Program", "loyalty.Storefront")),
    (_("Friends"), "joined", ("loyalty.Referral", "loyalty.ReferralOffer")),
    (_("Reviews"), "star", ("loyalty.Review", "loyalty.ReviewPage")),
    (_("Tiers"), "tier", ("loyalty.Ladder", "loyalty.Standing")),
    (_("Messages"), "message", ("messaging.Message", "messaging.Sender")),
    (_("Connections"), "plug", ("integrations.Connection", "integrations.Receipt")),
    (
        _("Ledger"),
        "ledger",
        ("loyalty.Operation", "loyalty.Adjustment", "loyalty.Event"),
    ),
    (
        _("Settings"),
        "settings",
        (
            "loyalty.Business",
            "loyalty.Location",
            "loyalty.WalletKeys",
            "loyalty.Attribute",
            "loyalty.ApiToken",
            "auth.User",
            "auth.Group",
        ),
    ),
)


@dataclass(frozen=True, slots=True)
class Link:
    label: str
    url: str
    is_current: bool
    is_page: bool


@dataclass(frozen=True, slots=True)
class Group:
    label: Text
    icon: str
    links: tuple[Link, ...]
    is_page: bool = False

    @property
    def url(self) -> str:
        return self.links[0].url

    @property
    def is_current(self) -> bool:
        return any(link.is_current for link in self.links)

    @property
    def icon_template(self) -> str:
        return f"icons/{self.icon}.svg"


def groups(app_list: Iterable[Mapping[str, Any]], path: str) -> list[Group]:
    """What this person may see, in our order. `app_list` is Django's, already filtered by rights;
    models that no group names come last, under "More"."""
    home = reverse("admin:index")
    links = {
        f"{app['app_label']}.{model['object_name']}": _link(model, path)
        for app in app_list
        for model in app["models"]
        if model["admin_url"] and not _is_card_type(model["model"])
    }
    found = [
        Group(label, icon, tuple(links.pop(name) for name in names if name in links))
        for label, icon, names in GROUPS
    ]
    rest = tuple(links.values())
    start = Group(_("Overview"), "overview", (Link("", home, False, False),), is_page=path == home)
    return [
        start,
        *(group for group in found if group.links),
        *([Group(_("More"), "step", rest)] if rest else []),
    ]


def _is_card_type(model: type) -> bool:
    """Reached from the list of programs, never from one of its own."""
    return issubclass(model, Program) and model is not Program


def _link(model: Mapping[str, Any], path: str) -> Link:
    url = str(model["admin_url"])
    return Link(capfirst(str(model["name"])), url, path.startswith(url), path == url)
