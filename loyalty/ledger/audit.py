"""The ledger's invariants, asked of the database; what comes back is what is broken."""

from collections.abc import Iterator
from datetime import datetime

from django.db import connection

from loyalty.ledger.asking import asked
from loyalty.ledger.spending_order import wrong_moves

# Each finds account (or lot, or operation) ids that break one rule. The same SQL on both databases.
RULES: dict[str, str] = {
    "The balance is the sum of its entries": """
        SELECT a.id FROM loyalty_account a LEFT JOIN loyalty_entry e ON e.account_id = a.id
        GROUP BY a.id, a.balance HAVING a.balance <> COALESCE(SUM(e.amount), 0)""",
    "The balance is the sum of what its lots still hold": """
        SELECT a.id FROM loyalty_account a LEFT JOIN loyalty_lot l ON l.account_id = a.id
        GROUP BY a.id, a.balance HAVING a.balance <> COALESCE(SUM(l.remaining), 0)""",
    "The debt is the sum of its entries' debts": """
        SELECT a.id FROM loyalty_account a LEFT JOIN loyalty_entry e ON e.account_id = a.id
        GROUP BY a.id, a.debt HAVING a.debt <> COALESCE(SUM(e.debt_delta), 0)""",
    "A lot holds what it began with and the sum of its moves": """
        SELECT l.id FROM loyalty_lot l LEFT JOIN loyalty_move m ON m.lot_id = l.id
        GROUP BY l.id, l.amount, l.remaining
        HAVING l.remaining <> l.amount + COALESCE(SUM(m.delta), 0)""",
    "An entry is its lot and the sum of its moves": """
        SELECT e.id FROM loyalty_entry e
        LEFT JOIN loyalty_lot l ON l.entry_id = e.id
        LEFT JOIN loyalty_move m ON m.entry_id = e.id
        GROUP BY e.id, e.amount, l.amount
        HAVING e.amount <> COALESCE(l.amount, 0) + COALESCE(SUM(m.delta), 0)""",
    "Entries are numbered without a gap": """
        SELECT a.id FROM loyalty_account a LEFT JOIN loyalty_entry e ON e.account_id = a.id
        GROUP BY a.id, a.seq
        HAVING a.seq <> COUNT(e.id) OR a.seq <> COALESCE(MAX(e.seq), 0)""",
    "Each entry's balance is the running sum": """
        SELECT id FROM (
            SELECT e.id, e.balance_after,
                   SUM(e.amount) OVER (PARTITION BY e.account_id ORDER BY e.seq) AS running
            FROM loyalty_entry e) x
        WHERE balance_after <> running""",
    "Nothing is negative": """
        SELECT id FROM loyalty_account
        WHERE balance < 0 OR debt < 0 OR (balance > 0 AND debt > 0)
              OR lifetime_in < 0 OR lifetime_out < 0""",
    "A reversal takes back no more than was given": """
        SELECT r.id FROM (
            SELECT r.id, r.reverses_id, e.account_id, SUM(e.amount - e.debt_delta) AS back
            FROM loyalty_operation r JOIN loyalty_entry e ON e.operation_id = r.id
            WHERE r.reverses_id IS NOT NULL GROUP BY r.id, r.reverses_id, e.account_id) r
        JOIN (
            SELECT e.operation_id, e.account_id, SUM(e.amount - e.debt_delta) AS given
            FROM loyalty_entry e GROUP BY e.operation_id, e.account_id) o
        ON o.operation_id = r.reverses_id AND o.account_id = r.account_id
        WHERE r.back <> -o.given""",
    "What an order was given is what its earnings say": """
        SELECT g.id FROM loyalty_orderearning g
        JOIN loyalty_order b ON b.id = g.order_id AND NOT b.never_earns
        JOIN loyalty_account a ON a.card_id = g.card_id AND a.unit = g.unit
        LEFT JOIN loyalty_operation o ON o.order_id = g.order_id AND o.card_id = g.card_id
        LEFT JOIN loyalty_entry e ON e.operation_id = o.id AND e.account_id = a.id
             AND e.kind <> 'convert'
        GROUP BY g.id, g.amount
        HAVING g.amount <> COALESCE(SUM(e.amount - e.debt_delta), 0)""",
    "What an operation posts is on its own card, and there is one": """
        SELECT o.id FROM loyalty_operation o
        LEFT JOIN loyalty_card c ON c.id = o.card_id
        LEFT JOIN loyalty_entry e ON e.operation_id = o.id
        LEFT JOIN loyalty_account a ON a.id = e.account_id
        WHERE c.id IS NULL OR a.card_id <> o.card_id""",
    "Every card has accounts": """
        SELECT c.id FROM loyalty_card c LEFT JOIN loyalty_account a ON a.card_id = c.id
        GROUP BY c.id HAVING COUNT(a.id) = 0""",
}


def broken(now: datetime) -> list[str]:
    """What is wrong, in words with ids; nothing when all is well."""
    found: list[str] = []
    for rule, query in RULES.items():
        found += (f"{rule}: not so for {pk}" for pk in _ids(query))
    for check in CHECKS:
        found += check(now)
    return found


def size() -> int:
    """How many rules are asked."""
    return len(RULES) + len(CHECKS)


def _ids(query: str, *parameters: str) -> Iterator[int]:
    return (row[0] for row in asked(query, *parameters))


def _open_past_expiry(now: datetime) -> Iterator[str]:
    """An open lot past its expiry is fine while its account still says that something is due."""
    query = """
        SELECT l.id FROM loyalty_lot l JOIN loyalty_account a ON a.id = l.account_id
        WHERE l.remaining > 0 AND l.expires_at <= %s AND a.next_expiry > l.expires_at"""
    for pk in _ids(query, str(connection.ops.adapt_datetimefield_value(now))):
        yield f"An open lot is over and nobody will settle it: lot {pk}"


def _out_of_order(_now: datetime) -> Iterator[str]:
    """Redemptions, conversions and transfers left no lot behind that should have gone first."""
    for pk in wrong_moves():
        yield f"A lot was spent before one that expires sooner: move {pk}"


CHECKS = (_open_past_expiry, _out_of_order)
