"""Customers: who they are, what they said yes to, and forgetting them; the table's only writer."""

from loyalty.customers.changing import (
    add_tag,
    change,
    flush,
    lock,
    remove_tag,
    set_consent,
    tagged,
)
from loyalty.customers.details import CHANNELS, Details
from loyalty.customers.erasure import erase
from loyalty.customers.joining import find_or_create, join
from loyalty.customers.matching import Who, find, find_each

__all__ = [
    "CHANNELS",
    "Details",
    "Who",
    "add_tag",
    "change",
    "erase",
    "find",
    "find_each",
    "find_or_create",
    "flush",
    "join",
    "lock",
    "remove_tag",
    "set_consent",
    "tagged",
]
