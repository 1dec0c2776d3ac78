"""How a log record looks."""

import logging


class OneLine(logging.Formatter):
    """One line for a record: what a stranger typed cannot pass for a line of its own."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 (the library's name)
        return super().formatMessage(record).replace("\r", "\\r").replace("\n", "\\n")
