"""What the wallets refuse."""

from loyalty.errors import LoyaltyError


class NotConfigured(LoyaltyError):
    """This wallet is not set up yet: see Settings, Wallets."""

    code = "not_configured"


class BadCallback(LoyaltyError):
    """This was not signed by Google for us."""

    code = "bad_signature"
