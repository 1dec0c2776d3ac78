"""JSON of strangers: asked by name and type, so that no connector trusts what it reads."""

import json
import re
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, NoReturn

from django.utils.translation import gettext as _

from integrations import money
from integrations.errors import Unreadable

MOST_SHOWN = 200_000  # characters

_IDENTITY = re.compile(r"[0-9A-Za-z_-]{1,64}")


class Document:
    """One JSON object. What is absent or null is empty; what has another type is `Unreadable`,
    and the message names it for the shop owner."""

    def __init__(self, values: dict[str, Any], path: str = "") -> None:
        self._values = values
        self._path = path

    def __bool__(self) -> bool:
        return bool(self._values)

    def __contains__(self, name: str) -> bool:
        return self._values.get(name) is not None

    def text(self, name: str, limit: int = 250) -> str:
        """At most `limit` characters, without those that PostgreSQL cannot store."""
        value = self._values.get(name)
        if value is None:
            return ""
        if not isinstance(value, str):
            self._refuse(name)
        return value.encode(errors="ignore").decode().replace("\0", "")[:limit].strip()

    def identity(self, name: str) -> str:
        """An id that must be there: a number or a short word."""
        value = self._values.get(name)
        if isinstance(value, bool) or not isinstance(value, int | str):
            self._refuse(name)
        if not _IDENTITY.fullmatch(str(value)):
            self._refuse(name)
        return str(value)

    def count(self, name: str) -> int:
        value = self._values.get(name)
        if value is None:
            return 0
        if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 2**31:
            self._refuse(name)
        return value

    def amount(self, name: str, currency: str) -> int:
        """Minor units of `currency`, zero or more; written as text or as a number."""
        value = self._values.get(name)
        if value is None:
            return 0
        try:
            amount = money.minor_units(_written(value), currency)
        except ValueError:
            self._refuse(name)
        return amount if amount >= 0 else self._refuse(name)

    def currency(self, name: str) -> str:
        value = self.text(name)
        return value if re.fullmatch(r"[A-Z]{3}", value) else self._refuse(name)

    def moment(self, name: str) -> datetime | None:
        """An instant with its offset, as UTC."""
        value = self.text(name)
        if not value:
            return None
        try:
            moment = datetime.fromisoformat(value)
            return moment.astimezone(UTC) if moment.tzinfo else self._refuse(name)
        except (ValueError, OverflowError):
            self._refuse(name)

    def object(self, name: str) -> "Document":
        value = self._values.get(name)
        if value is None:
            return Document({}, self._path_of(name))
        return (
            Document(value, self._path_of(name)) if isinstance(value, dict) else self._refuse(name)
        )

    def objects(self, name: str) -> Iterator["Document"]:
        values = self._values.get(name)
        if values is None:
            return
        if not isinstance(values, list):
            self._refuse(name)
        for index, value in enumerate(values):
            path = f"{name}[{index}]"
            yield (
                Document(value, self._path_of(path))
                if isinstance(value, dict)
                else self._refuse(path)
            )

    def _path_of(self, name: str) -> str:
        return f"{self._path}.{name}" if self._path else name

    def _refuse(self, name: str) -> NoReturn:
        raise Unreadable(_("“%(name)s” is not what it should be.") % {"name": self._path_of(name)})


def read(body: bytes) -> Document:
    """The object in a body; raises `Unreadable`. Numbers with a point are Decimals."""
    try:
        values = json.loads(
            body,
            parse_float=Decimal,
            parse_constant=_no_constant,
            object_pairs_hook=_no_name_twice,
        )
    except (ValueError, RecursionError) as error:
        raise Unreadable(_("This is not JSON.")) from error
    if not isinstance(values, dict):
        raise Unreadable(_("This is JSON, but not an object."))
    return Document(values)


def _no_constant(name: str) -> NoReturn:
    raise ValueError(name)


def _no_name_twice(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    values = dict(pairs)
    if len(values) < len(pairs):
        raise ValueError("A name stands twice.")
    return values


def _written(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        return str(value)
    raise ValueError(value)


def pretty(body: bytes) -> str:
    """A body for a person to read: indented where it is JSON, the start of it where it is long."""
    text = body.decode(errors="replace")
    if len(text) <= MOST_SHOWN:
        with suppress(ValueError, RecursionError):
            text = json.dumps(json.loads(text), indent=2, ensure_ascii=False)
    return text[:MOST_SHOWN]
