"""How a log record looks, and what is kept out of it."""

import logging
import re

# The end of a hook's path, a customer's card, a link that was mailed, and what puts a card into a
# wallet or names a phone.
SECRET = re.compile(
    r"(/hooks/[^/\s]+/[^/\s]+/|/c/in/|/c/(?!in/|me/)"
    r"|/wallet/apple/v1/devices/|/wallet/apple/(?!v1/)|/wallet/google/(?!callback/))[^/\s]+"
)


class OneLine(logging.Formatter):
    """One line for a record: what a stranger typed cannot pass for a line of its own."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 (the library's name)
        return super().formatMessage(record).replace("\r", "\\r").replace("\n", "\\n")


class WithoutSecrets(logging.Filter):
    """Django names the path of a request that failed or was forged, and the end of some is a
    secret."""

    def filter(self, record: logging.LogRecord) -> bool:
        if isinstance(record.args, tuple):
            record.args = tuple(_hidden(argument) for argument in record.args)
        return True


def _hidden(argument: object) -> object:
    return SECRET.sub(r"\1…", argument) if isinstance(argument, str) else argument
