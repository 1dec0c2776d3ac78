"""What facts of other systems do here: each is one verb of loyalty's, and may be applied twice."""

from collections.abc import Callable
from datetime import datetime
from typing import assert_never

from integrations.facts import CustomerSeen, Fact, OrderSeen, Person, RefundSeen
from integrations.models import Connection
from loyalty import customers, external, orders
from loyalty.causes import Cause
from loyalty.cleaning import Unfit
from loyalty.customers import Details, Who
from loyalty.customers import details as fit
from loyalty.external import External
from loyalty.models import Customer
from loyalty.orders import OrderData


def apply(fact: Fact, connection: Connection, *, now: datetime) -> Customer | None:
    """Make it true here and say whom it is about. Joins the caller's transaction; raises what the
    verbs raise."""
    match fact:
        case OrderSeen():
            return _order(fact, connection, now)
        case RefundSeen():
            return _refund(fact, connection, now)
        case CustomerSeen():
            return _customer(fact, connection, now)
        case External():
            return _event(fact, connection, now)
    assert_never(fact)


def _order(seen: OrderSeen, connection: Connection, now: datetime) -> Customer | None:
    order, _is_new = orders.record(
        OrderData(
            key=seen.key,
            status=seen.status,
            customer=_who(seen.person) or None,
            details=_details(seen.person),
            platform=connection.connector,
            placed_at=seen.placed_at,
            updated_at=seen.updated_at,
            currency=seen.currency,
            subtotal_cents=seen.subtotal_cents,
            tax_cents=seen.tax_cents,
            total_cents=seen.total_cents,
            lines=seen.lines,
        ),
        cause=Cause(f"order:{seen.key}"),
        now=now,
    )
    return order.customer


def _refund(seen: RefundSeen, connection: Connection, now: datetime) -> Customer | None:
    order = orders.refund(
        seen.order_key,
        seen.key,
        seen.amount_cents,
        platform=connection.connector,
        cause=Cause(f"order:{seen.order_key}"),
        now=now,
    )
    return order.customer


def _customer(seen: CustomerSeen, connection: Connection, now: datetime) -> Customer:
    cause = _cause(connection)
    who = _who(seen.person)
    customer, _is_new = customers.find_or_create(
        who, details=_details(seen.person), cause=cause, now=now
    )
    # A yes is for the address it was said with, and cannot undo a no that was said since.
    if seen.wants_email and customer.email == who.email and "email" not in customer.consents:
        customer = customers.set_consent(
            customer, "email", True, source=connection.name, cause=cause, now=now
        )
    return customer


def _event(told: External, connection: Connection, now: datetime) -> Customer | None:
    answer = external.accept(
        [told], scope=f"connection:{connection.pk}", cause=_cause(connection), now=now
    )
    for refused in answer.errors:
        raise refused.error
    return customers.find(told.customer)


def _cause(connection: Connection) -> Cause:
    return Cause(f"webhook:{connection.pk}")


def _who(person: Person) -> Who:
    """What of it can name somebody. Shops let buyers type phone numbers that are none: the order
    counts all the same."""
    return Who(
        external_id=person.external_id,
        email=_if_fit(fit.email, person.email),
        phone=_if_fit(fit.phone, person.phone),
    )


def _details(person: Person) -> Details:
    return Details(first_name=person.first_name, last_name=person.last_name)


def _if_fit(clean: Callable[[str], str], value: str) -> str:
    try:
        return clean(value)
    except Unfit:
        return ""
