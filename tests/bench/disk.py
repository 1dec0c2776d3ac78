"""How many bytes of disk a row takes, with all its indexes."""

from collections.abc import Iterator

from tests.bench.meter import Row, Run
from tests.bench.site import Site

# What is written together is weighed together.
TABLES = {
    "an event": ["loyalty_event"],
    "a decision": ["automations_decision"],
    "an enrolment": ["automations_enrolment"],
    "a journey": ["automations_journey"],
    "a step run": ["automations_steprun"],
    "a posting that earns: operation, entry, lot": [
        "loyalty_operation",
        "loyalty_entry",
        "loyalty_lot",
    ],
    "a letter, without its HTML": ["messaging_message"],
    "a customer with consent, card and account": [
        "loyalty_customer",
        "loyalty_consent",
        "loyalty_card",
        "loyalty_account",
    ],
}


def rows(site: Site) -> Iterator[Row]:
    """Of a shop in which nothing has happened since its crowd was gathered."""
    for what, tables in TABLES.items():
        found = [_weighed(site, table) for table in tables]
        whole, indexes = (sum(each) for each in zip(*found, strict=True))
        note = f"{indexes:.0f} of them indexes"
        yield Row("ours", f"disk {what}", f"Disk for {what}", "bytes", [Run(whole)], note=note)


def _weighed(site: Site, table: str) -> tuple[float, float]:
    """Bytes of a row, and of those the ones of its indexes."""
    site.reader.execute(f"VACUUM {table}")
    rows, whole, indexes = site.reader.execute(
        f"SELECT count(*), pg_total_relation_size('{table}'), pg_indexes_size('{table}') "
        f"FROM {table}"
    ).fetchone()
    return whole / rows, indexes / rows
