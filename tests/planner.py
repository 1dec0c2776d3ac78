"""What the database's planner knows of a test's rows, which no autovacuum sees in a transaction."""

from django.db import connection


def count_rows() -> None:
    """Count them now, in our own tables only: `ANALYZE` of everything locks the catalogs that all
    databases of a server share, until this test is rolled back, and tests run beside each other."""
    tables = connection.introspection.django_table_names(only_existing=True)
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f"ANALYZE {connection.ops.quote_name(table)}")
