"""Customers: who they are, what they said yes to, and forgetting them; the table's only writer."""

from loyalty.customers.absorbing import absorb
from loyalty.customers.changing import (
    attributed,
    change,
    flush,
    lock,
    set_consent,
    tagged,
    untagged,
)
from loyalty.customers.crowd import Crowd
from loyalty.customers.details import CHANNELS, Details
from loyalty.customers.erasure import erase
from loyalty.customers.joining import find_or_create, join
from loyalty.customers.matching import Who, find, find_each

__all__ = [
    "CHANNELS",
    "Crowd",
    "Details",
    "Who",
    "absorb",
    "attributed",
    "change",
    "erase",
    "find",
    "find_each",
    "find_or_create",
    "flush",
    "join",
    "lock",
    "set_consent",
    "tagged",
    "untagged",
]
