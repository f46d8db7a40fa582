"""The row that a value of a path names."""

from asbuilt.postgres.spelling import identifier, table_name


def row_query(table: str, column: str) -> str:
    """The SQL that gives the row of `table` whose `column` equals `$1`."""
    return f"SELECT * FROM {table_name(table)} WHERE {identifier(column)} = $1 LIMIT 1"
