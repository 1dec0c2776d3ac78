from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from automations.triggers.base import TriggerType


class CardScanned(TriggerType):
    type = "card_scanned"
    label = gettext_lazy("Card scanned")
    group = "card"
    event = "card_scanned"
    has_card = True

    @classmethod
    def sentence(cls, params: Mapping[str, Any]) -> str:
        return _("When a card is scanned")


class CardInstalled(TriggerType):
    type = "card_installed"
    label = gettext_lazy("Card installed")
    group = "card"
    event = "card_installed"
    has_card = True

    @classmethod
    def sentence(cls, params: Mapping[str, Any]) -> str:
        return _("When a card is put on a phone")


class CardUninstalled(TriggerType):
    type = "card_uninstalled"
    label = gettext_lazy("Card taken out of a wallet")
    group = "card"
    event = "card_uninstalled"
    has_card = True

    @classmethod
    def sentence(cls, params: Mapping[str, Any]) -> str:
        return _("When a card is taken out of a wallet")


class CardExpired(TriggerType):
    type = "card_expired"
    label = gettext_lazy("Card expired")
    group = "card"
    event = "card_expired"
    has_card = True

    @classmethod
    def sentence(cls, params: Mapping[str, Any]) -> str:
        return _("When a card has expired")


class CouponRedeemed(TriggerType):
    type = "coupon_redeemed"
    label = gettext_lazy("Coupon redeemed")
    group = "card"
    event = "coupon_redeemed"
    has_card = True
    programs = ("coupon",)

    @classmethod
    def sentence(cls, params: Mapping[str, Any]) -> str:
        return _("When a coupon is redeemed")
