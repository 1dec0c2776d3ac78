"""Reads values of a document and notes what is wrong with each: all of it is said at once."""

import re
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from automations.problems import Findings
from loyalty.cleaning import Cleaner, Unfit

KEY = re.compile(r"[-a-zA-Z0-9_]{1,40}")
SLUG = re.compile(r"[-a-zA-Z0-9_]{1,80}")


class Reader:
    def __init__(self) -> None:
        self.findings = Findings()

    def items(self, value: Any, path: str) -> list[Any]:
        if isinstance(value, list):
            return value
        self.findings.add(path, _("This must be a list."))
        return []

    def value(
        self,
        source: Mapping[str, Any],
        name: str,
        clean: Cleaner,
        path: str,
        default: Any = None,
    ) -> Any:
        """The value made fit; what is wrong with it is noted, and then it is ""."""
        if name not in source and default is not None:
            return default
        try:
            return clean(source.get(name))
        except Unfit as reason:
            self.findings.add(f"{path}{name}", str(reason))
            return ""

    def refuse_unknown(self, source: Mapping[str, Any], known: tuple[str, ...], path: str) -> None:
        for name in source:
            if name not in known:
                self.findings.add(f"{path}{name}", _("There is no such field."))


def matching(pattern: re.Pattern[str]) -> Cleaner:
    def clean(value: Any) -> str:
        if not isinstance(value, str) or not pattern.fullmatch(value):
            raise Unfit(_("Letters, digits, hyphens and underscores only, and not too many."))
        return value

    return clean
