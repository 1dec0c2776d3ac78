"""All tags there are, and giving one another name."""

from datetime import datetime

from django.db import connection, transaction
from django.utils.translation import gettext as _

from loyalty import bulk
from loyalty.cleaning import cleaned
from loyalty.conditions import as_q, parse
from loyalty.customers import details
from loyalty.errors import Invalid
from loyalty.models.customer import Customer

BITE = 1_000
MOST = 1_000

# The column, member by member; SQLite's answer has them in `value` as well.
MEMBERS = {
    "postgresql": "jsonb_array_elements_text(tags) AS each(value)",
    "sqlite": "json_each(tags) AS each",
}


def counted() -> list[tuple[str, int]]:
    """Each tag with how many customers have it, the most frequent first; at most 1,000."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT each.value, COUNT(*) FROM loyalty_customer, {MEMBERS[connection.vendor]} "
            "WHERE erased_at IS NULL GROUP BY each.value "
            "ORDER BY COUNT(*) DESC, each.value LIMIT %s",
            [MOST],
        )
        return [(str(tag), int(n)) for tag, n in cursor.fetchall()]


def rename(before: str, after: str, *, now: datetime) -> int:
    """Call a tag something else, wherever it is; where a customer has both, they are one. Tells
    nobody: nothing has happened to anybody. Raises Invalid; says how many had it. May be repeated,
    and is done in bites: interrupted, it goes on where it stopped."""
    after = cleaned({"tag": after}, {"tag": details.tag})["tag"]
    if after == before:
        raise Invalid({"tag": [_("This is its name already.")]})
    has_it = as_q(parse(["customer.tags", "has", before]), now)
    changed = 0
    while ids := list(
        Customer.objects.present().filter(has_it).order_by("pk").values_list("pk", flat=True)[:BITE]
    ):
        changed += _rename(ids, before, after, now)
    return changed


def _rename(ids: list[int], before: str, after: str, now: datetime) -> int:
    with transaction.atomic():
        rows = list(
            Customer.objects.filter(pk__among=ids).order_by("pk").select_for_update(no_key=True)
        )
        for row in rows:
            named = (after if tag == before else tag for tag in row.tags)
            row.tags, row.changed_at = list(dict.fromkeys(named)), now
        bulk.update(Customer, rows, ["tags", "changed_at"])
    return len(rows)
