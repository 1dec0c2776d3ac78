"""How a stranger gets a card by themselves."""

import secrets
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from django.db import transaction

from loyalty import cards, customers, notices, referrals, sign_ins
from loyalty.causes import Cause
from loyalty.customers import Details, Who
from loyalty.errors import IllegalOperation
from loyalty.models import Card, Customer, MagicLink, Program, Storefront


def is_open(program: Program) -> bool:
    """Whether anybody may join by themselves."""
    return program.is_active and program.may_be_joined and Storefront.of(program).is_open


def join(
    program: Program,
    details: Details,
    *,
    proofs: Mapping[str, str],
    via: str = "",
    device: str = "",
    now: datetime,
) -> Card:
    """A new customer with a card, at once; the address they gave gets a link to it.

    Nobody is let in by typing an address that is somebody's: then the card belongs to a stand-in
    without it, the owner of the address gets the link to their own cards, where they may say that
    the new one is theirs (`sign_ins.use`), and the answer is the same.

    `proofs` are the words of consent that were shown, by channel; `via` is a friend's code, which a
    stand-in does not bring anything; `device` as in `referrals.joined`. Raises Invalid, and
    IllegalOperation where the program gives no cards to strangers.
    """
    if not is_open(program):
        raise IllegalOperation
    clean = details.clean()
    cause = Cause(f"join:{program.slug}")
    with transaction.atomic():
        owner = _known(email=clean["email"])
        mine = replace(
            details,
            email="" if owner else clean["email"],
            phone="" if _known(phone=clean["phone"]) else clean["phone"],
        )
        if not any((mine.email, mine.phone, clean["first_name"], clean["last_name"])):
            mine = replace(mine, external_id=f"join:{secrets.token_hex(8)}")
        customer, _is_new = customers.join(mine, cause=cause, now=now, proofs=proofs)
        card, _is_new = cards.issue(program, customer, cause=cause, now=now)
        if via and owner is None:
            referrals.joined(via, customer, device=device, cause=cause, now=now)
        if clean["email"]:
            _write(owner or customer, program, clean["email"], customer, now)
    return card


def _known(*, email: str = "", phone: str = "") -> Customer | None:
    return customers.find(Who(email=email, phone=phone)) if email or phone else None


def _write(reader: Customer, program: Program, to: str, joined: Customer, now: datetime) -> None:
    is_owner = reader.pk != joined.pk
    sign_ins.send(
        reader,
        MagicLink.Purpose.SIGN_IN,
        notices.ALREADY if is_owner else notices.WELCOME,
        to=to,
        data={"stand_in": joined.pk} if is_owner else {},
        names={"program": program.name},
        now=now,
    )
