"""What messaging refuses, and the three ways in which sending fails. Their words are for staff."""


class MessagingError(Exception):
    """Something could not be said."""

    code = "error"

    def __init__(self, note: str) -> None:
        self.note = note
        super().__init__(note)


class UnreadableText(MessagingError):
    """A subject or body that cannot be rendered; the note says where and why."""

    code = "invalid"


class TemporaryFailure(MessagingError):
    """The carrier did not take it this time; it may later."""

    code = "temporary"


class PermanentFailure(MessagingError):
    """The carrier will never take it as it is."""

    code = "permanent"


class InDoubt(MessagingError):
    """The carrier may have taken it: nobody can say, so it must not be sent again by itself."""

    code = "unknown"
