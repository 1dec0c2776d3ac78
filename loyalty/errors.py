"""What loyalty refuses; each leaf has a stable code, and its docstring is the message."""

from typing import ClassVar

from django.utils.translation import gettext as _


class LoyaltyError(Exception):
    """Something went wrong."""

    code: ClassVar[str] = "error"

    def __init__(self, message: str = "") -> None:
        self.message = message or _(type(self).__doc__ or "")
        super().__init__(self.message)


class Invalid(LoyaltyError):
    """Some of what was sent cannot be used."""

    code = "invalid"

    def __init__(self, fields: dict[str, list[str]] | None = None, message: str = "") -> None:
        self.fields = fields or {}
        super().__init__(message)


class AmountRequired(LoyaltyError):
    """Say how much."""

    code = "amount_required"


class IllegalOperation(LoyaltyError):
    """This card does not do that."""

    code = "illegal_operation"


class InsufficientBalance(LoyaltyError):
    """The card does not hold enough."""

    code = "insufficient_balance"


class CardExpired(LoyaltyError):
    """The card has expired."""

    code = "card_expired"


class AlreadyRedeemed(LoyaltyError):
    """It was redeemed before, and can be once only."""

    code = "already_redeemed"


class RewardUnavailable(LoyaltyError):
    """That reward cannot be taken with this card now."""

    code = "reward_unavailable"


class ClaimOver(LoyaltyError):
    """Its time to be fetched is over; what was held goes back to the card."""

    code = "claim_over"


class ClaimHandled(LoyaltyError):
    """This is being seen to already, so it cannot be given back now."""

    code = "claim_handled"


class CouponExpired(LoyaltyError):
    """The code is not valid any more."""

    code = "coupon_expired"


class CouponUnavailable(LoyaltyError):
    """The code cannot be used for this."""

    code = "coupon_unavailable"


class CampaignExhausted(LoyaltyError):
    """The campaign has no code left."""

    code = "campaign_exhausted"


class AlreadyReviewed(LoyaltyError):
    """Thank you, there is a review of yours already."""

    code = "already_reviewed"


class AlreadyReversed(LoyaltyError):
    """That operation was reversed before."""

    code = "already_reversed"


class CustomerConflict(LoyaltyError):
    """These details belong to different customers."""

    code = "customer_conflict"


class KeyReuse(LoyaltyError):
    """This key was used before for something else."""

    code = "key_reuse"


class NotFound(LoyaltyError):
    """There is no such thing."""

    code = "not_found"


class Forbidden(LoyaltyError):
    """This is not allowed."""

    code = "forbidden"


class ReservedName(LoyaltyError):
    """That name belongs to the product's own events."""

    code = "reserved_name"
