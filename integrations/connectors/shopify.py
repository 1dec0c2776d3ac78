"""Shopify: orders, refunds and new customers, as its webhooks tell them.

Bodies are the REST Admin resources (https://shopify.dev/docs/api/admin-rest). Amounts are text in
the shop's currency. Shopify waits 5 s, repeats a webhook up to 8 times over 4 h, and may send
topics in any order.
"""

from collections.abc import Iterable, Iterator

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from integrations import documents
from integrations.arrivals import Arrival, Envelope
from integrations.connectors.base import Connector, digest
from integrations.documents import Document
from integrations.errors import Unreadable
from integrations.facts import CustomerSeen, Fact, OrderSeen, Person, RefundSeen
from integrations.secret_fields import SigningSecret
from integrations.signatures import Hmac

# A refunded order was paid once; what came back stands in its refunds.
PAID = {"paid", "partially_refunded", "refunded"}


class Shopify(Connector):
    slug = "shopify"
    label = _("Shopify")
    help = _(
        "In Shopify: Settings → Notifications → Webhooks. Create one for each of “Order payment”, "
        "“Order update”, “Refund create” and “Customer creation” in the format JSON, all with the "
        "address of this connection. The secret stands below the list of webhooks; for webhooks "
        "of an app it is the app's client secret."
    )
    settings = SigningSecret
    signatures = (Hmac(header="X-Shopify-Hmac-Sha256", encoding="base64"),)

    def envelope(self, arrival: Arrival) -> Envelope:
        # Neither header is signed. X-Shopify-Event-Id names what the merchant did, which may be
        # told in several topics; a repeated webhook has the very same body.
        topic = arrival.header("X-Shopify-Topic")
        return Envelope(key=digest(topic, arrival.body), topic=topic[:80])

    def facts(self, topic: str, body: bytes) -> Iterable[Fact]:
        match topic:
            case "orders/create" | "orders/paid" | "orders/updated":
                return _order(documents.read(body))
            case "refunds/create":
                refund = documents.read(body)
                return _refund(refund, f"shopify:{refund.identity('order_id')}")
            case "customers/create":
                return [_customer(documents.read(body))]
        return []


def _order(order: Document) -> Iterator[Fact]:
    key = f"shopify:{order.identity('id')}"
    currency = order.currency("currency")
    yield OrderSeen(
        key=key,
        status=_status(order),
        placed_at=order.moment("processed_at") or order.moment("created_at"),
        updated_at=order.moment("updated_at"),
        currency=currency,
        subtotal_cents=order.amount("subtotal_price", currency),
        tax_cents=order.amount("total_tax", currency),
        total_cents=order.amount("total_price", currency),
        lines=[_line(line, currency) for line in order.objects("line_items")],
        person=_buyer(order),
    )
    for refund in order.objects("refunds"):
        yield from _refund(refund, key, currency)


def _status(order: Document) -> str:
    if "cancelled_at" in order:
        return "cancelled"
    if order.text("financial_status") not in PAID:
        return "pending"
    return "completed" if order.text("fulfillment_status") == "fulfilled" else "paid"


def _buyer(order: Document) -> Person:
    """The customer's account first; what was typed at the checkout fills what it lacks."""
    account = _person(order.object("customer"))
    return Person(
        external_id=account.external_id,
        email=account.email or order.text("email") or order.text("contact_email"),
        phone=account.phone or order.text("phone"),
        first_name=account.first_name,
        last_name=account.last_name,
    )


def _person(customer: Document) -> Person:
    return Person(
        external_id=f"shopify:{customer.identity('id')}" if customer else "",
        email=customer.text("email"),
        phone=customer.text("phone"),
        first_name=customer.text("first_name", 120),
        last_name=customer.text("last_name", 120),
    )


def _line(line: Document, currency: str) -> dict[str, str | int]:
    return {
        "sku": line.text("sku"),
        "product_id": line.identity("product_id") if "product_id" in line else "",
        "title": line.text("title"),
        "quantity": line.count("quantity"),
        "price_cents": line.amount("price", currency),
    }


def _refund(refund: Document, order_key: str, currency: str = "") -> Iterator[RefundSeen]:
    """What was paid back. Restocking alone moves no money, and a payment may still be on its way:
    then there is nothing to tell yet."""
    paid_back = sum(
        _paid_back(transaction, currency)
        for transaction in refund.objects("transactions")
        if transaction.text("kind") == "refund" and transaction.text("status") == "success"
    )
    if paid_back:
        yield RefundSeen(order_key=order_key, key=refund.identity("id"), amount_cents=paid_back)


def _paid_back(transaction: Document, currency: str) -> int:
    """Minor units of the shop's currency, which an order tells, and a refund by itself only here.

    A buyer may have paid in another one. Its rate is not in the body, so a person must decide.
    """
    shop_money = transaction.object("total_unsettled_set").object("shop_money")
    currency = currency or shop_money.text("currency") or transaction.currency("currency")
    paid_in = transaction.text("currency") or currency
    if paid_in != currency:
        raise Unreadable(
            gettext(
                "Paid back in %(paid_in)s, but the shop counts in %(currency)s: correct it by hand."
            )
            % {"paid_in": paid_in, "currency": currency}
        )
    return transaction.amount("amount", currency)


def _customer(customer: Document) -> CustomerSeen:
    consent = customer.object("email_marketing_consent")
    return CustomerSeen(person=_person(customer), wants_email=consent.text("state") == "subscribed")
