"""Columns that hold what another column says, in the form in which it is searched for."""

import unicodedata
from typing import Any

from django.db import models

# Letters that Unicode does not take apart, as they are typed where no key has them.
PLAIN = str.maketrans(
    {"ı": "i", "ł": "l", "ø": "o", "đ": "d", "ð": "d", "ħ": "h", "æ": "ae", "œ": "oe", "þ": "th"}
)


def folded(text: str) -> str:
    """Without large letters and accents, one space between words: "  Édouard " is "edouard"."""
    letters = unicodedata.normalize("NFKD", text.casefold()).translate(PLAIN)
    return " ".join("".join(each for each in letters if not unicodedata.combining(each)).split())


def digits(text: str) -> str:
    return "".join(each for each in text if each.isascii() and each.isdigit())


def backwards(text: str) -> str:
    """Its digits from the last to the first: whoever is asked for a number says how it ends."""
    return digits(text)[::-1]


class SearchKey(models.CharField):
    """`of` names the field it is made of; each subclass says how. Filled in when Django saves the
    row; who writes rows by `loyalty.bulk` calls `fill` before."""

    def __init__(self, *args: Any, of: str, **options: Any) -> None:
        super().__init__(*args, **{"blank": True, "editable": False, **options})
        self.of = of

    def form(self, text: str) -> str:
        raise NotImplementedError

    def fill(self, row: models.Model) -> str:
        said = self.form(getattr(row, self.of))
        setattr(row, self.attname, said)
        return said

    def pre_save(self, row: models.Model, add: bool) -> str:
        return self.fill(row)

    def deconstruct(self) -> Any:
        name, path, args, options = super().deconstruct()
        return name, path, args, options | {"of": self.of}


class NameKey(SearchKey):
    def form(self, text: str) -> str:
        return folded(text)[: self.max_length]


class PhoneKey(SearchKey):
    def form(self, text: str) -> str:
        return backwards(text)[: self.max_length]
