"""A statement with its names, as the text PostgreSQL is asked to prepare."""

from asbuilt.postgres.reading import variant
from asbuilt.postgres.statement import Query, Statement


def compile_statement(statement: Statement, present: frozenset[str]) -> Query:
    """The query for the parameters that are present: a stretch `-- when x` is in it only if `x` is.

    Each name has one number. Commas, ANDs and clauses that an absent stretch leaves dangling are mended;
    an UPDATE with nothing to set becomes the SELECT of the rows it would have left as they were. The same
    statement and set always give the same text. Raises `Refused` for a statement with an unfinished quote.
    """
    made = variant(statement, present)
    return Query(made.sql, made.parameters)
