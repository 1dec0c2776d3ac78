"""How a log record looks, and what is kept out of it."""

import logging
import re

HOOK = re.compile(r"(/hooks/[^/\s]+/[^/\s]+/)[^/\s]+")


class OneLine(logging.Formatter):
    """One line for a record: what a stranger typed cannot pass for a line of its own."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 (the library's name)
        return super().formatMessage(record).replace("\r", "\\r").replace("\n", "\\n")


class WithoutHookSecrets(logging.Filter):
    """Django names the path of a request that failed, and the end of a hook's path is a secret."""

    def filter(self, record: logging.LogRecord) -> bool:
        if isinstance(record.args, tuple):
            record.args = tuple(_hidden(argument) for argument in record.args)
        return True


def _hidden(argument: object) -> object:
    return HOOK.sub(r"\1…", argument) if isinstance(argument, str) else argument
