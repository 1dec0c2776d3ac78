"""What integrations refuses; each leaf has a stable code and its docstring is the message."""

from loyalty.errors import LoyaltyError


class IntegrationError(LoyaltyError):
    """Something between this and another system went wrong."""

    code = "error"


class BadSignature(IntegrationError):
    """The signature does not fit: wrong secret, changed body, or too old."""

    code = "bad_signature"


class IdRequired(IntegrationError):
    """The body needs an `id`, so that a repeated webhook can be told from a second event."""

    code = "id_required"


class MethodNotAllowed(IntegrationError):
    """Webhooks are posted."""

    code = "method_not_allowed"


class Unreadable(IntegrationError):
    """This cannot be read."""

    code = "invalid"
