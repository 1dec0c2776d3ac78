"""How cards and operations look from outside; the API and the ledger's kept answers share it."""

from calendar import isleap
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from loyalty import holds, pending, zones
from loyalty.models import Business, Card, Customer, Hold, Program, Reward
from loyalty.models.rate import following, reached, said
from loyalty.models.reward import RewardKind
from loyalty.postings import Held, Posted


def card(card: Card, held: Mapping[str, Held], now: datetime) -> dict[str, Any]:
    """A card without its customer, who is filled in live."""
    program = card.program
    state = card.state(now)
    return {
        "serial": card.serial,
        "number": card.number,
        "program": {"slug": program.slug, "name": program.name, "type": program.type},
        "status": state,
        "installed": card.is_installed,
        "expires_at": moment(card.expires_at),
        "balances": {unit: held[unit].balance for unit in program.units},
        "debt": {unit: held[unit].debt for unit in program.units if held[unit].debt},
        "can": list(program.can(held, card)) if state == "active" else [],
        "rewards": rewards(program, now),
        **standing(card, held),
        **_pending(card),
        "claims": [claim(hold) for hold in holds.of(card, now)],
    }


def standing(card: Card, held: Mapping[str, Held]) -> dict[str, Any]:
    """The rate that the card has reached, and its plan, where its program has such."""
    program = card.program
    shown: dict[str, Any] = {}
    if program.has_rates:
        spent = held["spent"].balance
        now, then = reached(program.steps, spent), following(program.steps, spent)
        shown["rate"] = {
            "percent": said(now.percent) if now else "0",
            "next": {"percent": said(then.percent), "from_cents": then.from_cents}
            if then
            else None,
        }
    if program.has_plans and card.plan is not None:
        plan = card.plan
        shown["plan"] = {
            "id": plan.pk,
            "name": plan.name,
            "period": plan.period,
            "visits": plan.visits,
            "benefits": plan.benefits.splitlines(),
        }
    return shown


def _pending(card: Card) -> dict[str, Any]:
    """What orders are still to give, where its program lets them wait."""
    return {"pending": pending.of(card)} if card.program.pending_days else {}


def claim(hold: Hold) -> dict[str, Any]:
    """What is held; `reward` is the name of what it is for, if that was said."""
    return {
        "id": hold.pk,
        "reward": hold.reward.name if hold.reward is not None else None,
        "amount": hold.amount,
        "unit": hold.unit,
        "until": moment(hold.until),
        "settles_itself": hold.is_handled,
    }


def rewards(program: Program, now: datetime) -> list[dict[str, Any]]:
    """What the program offers at that moment."""
    if not program.offers_rewards:
        return []
    return [_reward(each) for each in program.offers if each.is_offered(now)]


def _reward(reward: Reward) -> dict[str, Any]:
    shown: dict[str, Any] = {"id": reward.pk, "name": reward.name, "price": reward.price}
    if reward.kind == RewardKind.PERCENT and reward.percent is not None:
        shown["off"] = {"percent": said(reward.percent), "most_cents": reward.most_cents}
    elif reward.kind == RewardKind.FIXED:
        shown["off"] = {"cents": reward.value_cents}
    return shown


def operation(posted: Posted) -> dict[str, Any]:
    return {
        "id": posted.id,
        "kind": posted.kind,
        "entries": [
            {"unit": line.unit, "amount": line.amount, "balance": line.balance}
            for line in posted.lines
        ],
        "key": outer_key(posted.key),
        "comment": posted.comment,
        "reverses": posted.reverses,
        "at": moment(posted.at),
    }


def outer_key(key: str) -> str:
    """The key as its sender knows it: without the scope that the API puts before it."""
    return key.split(":", 2)[2] if key.startswith("api:") else key


def crossed(program: Program, posted: Posted) -> list[dict[str, Any]]:
    """The program's own marks that this operation passed on the way up."""
    return [
        {"unit": unit, "at": count, "mark": mark}
        for line in posted.lines
        for unit, count, mark in program.marks()
        if line.unit == unit and line.before < count <= line.balance
    ]


def customer(customer: Customer, *, masked: bool) -> dict[str, Any]:
    """Who holds the card; masked, just enough to greet them by."""
    if not masked:
        return {
            "id": customer.pk,
            "name": customer.name,
            "email": customer.email,
            "phone": customer.phone,
        }
    initial = f" {customer.last_name[0]}." if customer.last_name else ""
    return {
        "id": customer.pk,
        "name": f"{customer.first_name}{initial}".strip(),
        "email": _masked_email(customer.email),
        "phone": f"{customer.phone[:3]}…{customer.phone[-2:]}" if customer.phone else "",
    }


def greeting(customer: Customer, now: datetime) -> dict[str, Any]:
    """What staff should know when they greet them: their tier, and whether it is their birthday."""
    standing = getattr(customer, "standing", None)
    tier = standing.tier if standing is not None else None
    return {
        "tier": {"slug": tier.slug, "name": tier.name, "color": tier.color} if tier else None,
        "has_birthday": _has_birthday(customer, now),
    }


def _has_birthday(customer: Customer, now: datetime) -> bool:
    """On the clock on their wall; a 29th of February is the 28th in other years."""
    born = customer.birthday
    days = [(now + timedelta(days=n)).date() for n in (-1, 0, 1)]
    if born is None or born.month not in {day.month for day in days}:
        return False
    zone = customer.time_zone or Business.get().time_zone
    today = now.astimezone(zones.zone(zone)).date()
    if (born.month, born.day) == (2, 29) and not isleap(today.year):
        return (today.month, today.day) == (2, 28)
    return (today.month, today.day) == (born.month, born.day)


def found(card: Card, now: datetime) -> dict[str, Any]:
    """A card among those that a search found: enough to ask "is that you?", no more."""
    customer = card.customer
    initials = [f"{name[0]}." for name in (customer.first_name, customer.last_name) if name]
    return {
        "serial": card.serial,
        "program": {"slug": card.program.slug, "name": card.program.name},
        "status": card.state(now),
        "customer": {"name": " ".join(initials), "phone_ends": customer.phone[-2:]},
    }


def _masked_email(email: str) -> str:
    name, at, domain = email.partition("@")
    return f"{name[:1]}…{at}{domain[:1]}…{domain[domain.rfind('.') :]}" if at else ""


def moment(at: datetime | None) -> str | None:
    """ISO 8601 in UTC."""
    return at.isoformat().replace("+00:00", "Z") if at else None
