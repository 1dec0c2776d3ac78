"""A million customers in a minute: one is made by the product's own verbs, the rest are its copies.

While the first is made, every table counts from a number far beyond all others. So each of its rows
is found, and wherever one of these numbers stands, in a column, a key, a note or JSON, the copies
get their own. Nothing here knows what a table means; what has no number but differs all the same
(codes, fingerprints, the shard, the moment the wait is over) is in `Copy`.
"""

import secrets
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.apps import apps
from django.db import connection, models, transaction

from automations.models import Counter, Journey
from loyalty import card_numbers, clock, events, rfm
from loyalty.causes import Cause
from loyalty.customers import Who
from loyalty.external import External
from loyalty.models import Card, Customer, Event, Operation, Program
from loyalty.postings import Kind, Posting
from tests.bench.ours import filling, shop
from tests.bench.ours.filling import run

FAR = 10**12
APART = 10**6
SPREAD = 27 * 86_400  # seconds over which the waits of the many end
OURS = ("loyalty", "messaging", "automations", "integrations")

COPY = {  # column → its type
    "n": "bigint",
    "shard": "smallint",
    "due_at": "timestamptz",
    "name": "text",
    "serial": "text",
    "code": "text",
    "number": "text",
    "event_print": "text",
    "issue_print": "text",
    "accrue_print": "text",
}


def gather(people: int, waiting: int) -> dict[str, int]:
    """That many customers with cards, of whom `waiting` stand in a journey that waits for days."""
    program = shop.open_shop()
    for prefix, count, enters in (("c", people - waiting, False), ("w", waiting, True)):
        if count:
            _copies(program, prefix, count, enters=enters)
    rfm.recount(now=clock.now())  # as every night, not for the first time while we measure
    return {"people": Customer.objects.count(), "waiting": Journey.objects.count()}


def _models() -> list[type[models.Model]]:
    return [
        model
        for app in OURS
        for model in apps.get_app_config(app).get_models()
        if isinstance(model._meta.pk, models.BigAutoField)
    ]


def _copies(program: Program, prefix: str, count: int, *, enters: bool) -> None:
    next_ids = {model: _last(model) + 1 for model in _models()}
    far = FAR * (2 if enters else 1)
    _count_from({model: far + place * APART for place, model in enumerate(_models())})
    template = shop.welcome(program, f"{prefix}template", enters=enters)
    rows = _personal({model: _rows_of(model, far) for model in _models()}, template)
    tokens = _tokens(template, rows, next_ids)
    _list_copies(prefix, count, next_ids)
    filling.fill({model._meta.db_table: _inserts(model, rows[model], tokens) for model in rows})
    with transaction.atomic():
        _count_copies(far)
    run(["DROP TABLE copies"])
    if connection.vendor == "postgresql":  # SQLite counts on from the highest whatever we say
        _count_from({model: _last(model) + 1 for model in _models()})


def _rows_of(model: type[models.Model], far: int) -> list[dict[str, str | None]]:
    """The template's, every column as text."""
    columns = [str(field.column) for field in model._meta.concrete_fields]
    read = ", ".join(f'CAST("{column}" AS text)' for column in columns)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {read} FROM {model._meta.db_table} WHERE {_is_from(far)} ORDER BY id"
        )
        return [dict(zip(columns, row, strict=True)) for row in cursor.fetchall()]


def _is_from(far: int) -> str:
    return f"id BETWEEN {far} AND {far + FAR - 1}"


Rows = dict[type[models.Model], list[dict[str, str | None]]]


def _personal(rows: Rows, template: Customer) -> Rows:
    """What tells of the template itself; not what is counted for all, or for a shard."""
    numbers = {str(row["id"]) for found in rows.values() for row in found}
    numbers.add(template.external_id)

    def tells(row: dict[str, str | None]) -> bool:
        others = [text for column, text in row.items() if column != "id" and text]
        return any(number in text for number in numbers for text in others)

    kept = {model: [row for row in found if tells(row)] for model, found in rows.items()}
    return {model: found for model, found in kept.items() if found}


def _tokens(
    template: Customer, rows: Rows, next_ids: dict[type[models.Model], int]
) -> dict[str, str]:
    """What stands in the template's rows → what stands in a copy's."""
    card = Card.objects.get(customer=template)
    found = {
        card.serial: "serial",
        card.code: "code",
        card.number: "number",
        template.external_id: "name",
    }
    prints = ("issue_print", "accrue_print")
    for row, name in zip(rows[Operation], prints, strict=False):
        found[str(row["fingerprint"])] = name
    for row in rows[Event]:
        if row["fingerprint"]:
            found[row["fingerprint"]] = "event_print"
    for model, own in rows.items():
        for place, row in enumerate(own):
            found[str(row["id"])] = f"({next_ids[model] + place} + n * {len(own)})"
    return found


def _list_copies(prefix: str, count: int, next_ids: dict[type[models.Model], int]) -> None:
    columns = ", ".join(f"{name} {kind}" for name, kind in COPY.items())
    first_customer, first_card = next_ids[Customer], next_ids[Card]

    def of(part: range) -> Iterator[tuple[str, ...]]:
        return (_of_copy(n, f"{prefix}{n}", first_customer + n, first_card + n) for n in part)

    def copy(part: range) -> None:
        with connection.cursor() as cursor, cursor.copy("COPY copies FROM STDIN") as into:
            for row in of(part):
                into.write("\t".join(row) + "\n")

    if connection.vendor == "postgresql":
        run([f"CREATE UNLOGGED TABLE copies ({columns})"])
        filling.in_parts(copy, count)
        return
    run([f"CREATE TEMPORARY TABLE copies ({columns})"])
    places = ", ".join(["%s"] * len(COPY))
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.executemany(f"INSERT INTO copies VALUES ({places})", list(of(range(count))))


def _of_copy(n: int, name: str, customer: int, card: int) -> tuple[str, ...]:
    digits = f"{secrets.randbelow(10**16):016}"
    due = clock.now() + timedelta(days=1, seconds=n * 7919 % SPREAD)
    return (
        str(n),
        str(events.shard_of(f"customer:{customer}")),
        due.isoformat(sep=" ").removesuffix("+00:00"),
        name,
        secrets.token_hex(16),
        secrets.token_urlsafe(24),
        digits + card_numbers.luhn_digit(digits),
        External(name=shop.FIRST, key=name, customer=Who(external_id=name)).fingerprint(),
        _print(card, Kind.ISSUE),
        _print(card, Kind.ACCRUE, "points", 5),
    )


def _print(card: int, kind: Kind, unit: str = "", amount: int = 0) -> str:
    posting = Posting(
        card_id=card, kind=kind, key="", actor="", cause=Cause(""), unit=unit, amount=amount
    )
    return posting.print()


def _inserts(
    model: type[models.Model], rows: list[dict[str, str | None]], tokens: dict[str, str]
) -> list[str]:
    """A statement for each of the template's rows."""
    fields = model._meta.concrete_fields
    columns = ", ".join(f'"{field.column}"' for field in fields)
    return [
        f"INSERT INTO {model._meta.db_table} ({columns}) SELECT "
        + ", ".join(_value(model, field, row[str(field.column)], tokens) for field in fields)
        + " FROM copies"
        for row in rows
    ]


def _value(
    model: type[models.Model],
    field: "models.Field[Any, Any]",
    text: str | None,
    tokens: dict[str, str],
) -> str:
    if text is None:
        return "NULL"
    if field.column == "shard" or (model is Journey and field.column == "due_at"):
        return field.column
    if field.name == "html":
        return "''"  # two kilobytes of each letter that nobody will read: a minute, and 3 GB
    said = " || ".join(_pieces(text, tokens))
    if connection.vendor == "sqlite":
        return said  # the column's affinity makes of the text what it should be
    kind = field.rel_db_type(connection) if field.primary_key else field.db_type(connection)
    return f"CAST({said} AS {kind})"


def _pieces(text: str, tokens: dict[str, str]) -> list[str]:
    """SQL for the parts of a text, tokens replaced; numbers among them become text by `||`."""
    found = next((token for token in tokens if token in text), None)
    if found is None:
        return ["'" + text.replace("'", "''") + "'"]
    before, after = text.split(found, 1)
    middle = [tokens[found]]
    return (
        (_pieces(before, tokens) if before else [])
        + middle
        + (_pieces(after, tokens) if after else [])
    )


def _count_copies(far: int) -> None:
    """The counters are by shard, not by person: the template's, once more for each copy."""
    table, own = Counter._meta.db_table, "automation_id, step_key, metric, day"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {own}, shard, n FROM {table} WHERE {_is_from(far)}")
        of_one = cursor.fetchall()
        cursor.execute("SELECT shard, count(*) FROM copies GROUP BY shard")
        for shard, count in cursor.fetchall():
            for number, (*who, home, n) in enumerate(of_one):
                total = n * count + (n if shard == home else 0)
                cursor.execute(
                    f"INSERT INTO {table} (id, {own}, shard, n) "
                    "VALUES (%s, %s, %s, %s, %s, %s, %s) "
                    f"ON CONFLICT ({own}, shard) DO UPDATE SET n = excluded.n",
                    [1 + shard * len(of_one) + number, *who, shard, total],
                )


# --- Counting ------------------------------------------------------------------------------------


def _last(model: type[models.Model]) -> int:
    """The highest number, templates aside."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT COALESCE(max(id), 0) FROM {model._meta.db_table} WHERE id < {FAR}")
        return int(cursor.fetchone()[0])


def _count_from(numbers: dict[type[models.Model], int]) -> None:
    """The next number each table gives out."""
    for model, number in numbers.items():
        table = model._meta.db_table
        if connection.vendor == "postgresql":
            run([f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), {number}, false)"])
        else:
            run(
                [
                    f"DELETE FROM sqlite_sequence WHERE name = '{table}'",
                    f"INSERT INTO sqlite_sequence (name, seq) VALUES ('{table}', {number - 1})",
                ]
            )
