"""Which fences hold SQL, and of what kind: by content, whatever the label says."""

import re
from typing import Literal

from asbuilt.document import Fence
from asbuilt.source import Fragment

Kind = Literal["schema", "queries"]

_LABELS = {
    "sql",
    "postgresql",
    "postgres",
    "pgsql",
    "plpgsql",
    "ddl",
    "mysql",
    "mariadb",
    "sqlite",
    "tsql",
    "mssql",
    "cql",
}
_UNMARKED = {"", "text", "txt", "plaintext", "plain", "none"}
_LEADING = re.compile(r"(?:\s+|--[^\n]*(?:\n|$)|/\*.*?\*/)*", re.DOTALL)
_SCHEMA = re.compile(
    r"(?:CREATE\s+(?:OR\s+REPLACE\s+)?(?:GLOBAL\s+|LOCAL\s+|TEMP\w*\s+|UNLOGGED\s+|UNIQUE\s+|MATERIALIZED\s+|FOREIGN\s+)*"
    r"(?:TABLE|INDEX|TYPE|DOMAIN|VIEW|SEQUENCE|FUNCTION|PROCEDURE|TRIGGER|EXTENSION|SCHEMA|POLICY|RULE|KEYSPACE|DATABASE"
    r"|ROLE|USER|AGGREGATE|OPERATOR|CAST|COLLATION|EVENT|STATISTICS|PUBLICATION)\b"
    r"|ALTER\s+(?:TABLE|TYPE|DOMAIN|INDEX|SEQUENCE|VIEW|DEFAULT|FUNCTION|DATABASE|ROLE|SCHEMA)\b"
    r"|DROP\s+(?:TABLE|INDEX|TYPE|DOMAIN|VIEW|SEQUENCE|FUNCTION|TRIGGER|EXTENSION|SCHEMA)\b"
    r"|COMMENT\s+ON\b|GRANT\b|REVOKE\b|SET\s+\w+|BEGIN\s*;|DO\s+\$|COPY\s+\w+)",
    re.IGNORECASE,
)
QUERY = re.compile(
    r"(?:SELECT\s+\S|INSERT\s+INTO\s+\S|UPDATE\s+\S+.*\bSET\b|DELETE\s+FROM\s+\S|MERGE\s+INTO\s+\S"
    r"|WITH\s+(?:RECURSIVE\s+)?\w+.*?\bAS\s*(?:NOT\s+MATERIALIZED\s*|MATERIALIZED\s*)?\(|VALUES\s*\()",
    re.IGNORECASE | re.DOTALL,
)
_MARK = re.compile(r"^[ \t]*--[ \t]*name:", re.IGNORECASE | re.MULTILINE)
_HEAD = 4000


def kind_of(fence: Fence) -> Kind | None:
    """What SQL a fence holds; None for a fence of something else.

    With the label of another language it is something else, and without one its first statement decides.
    """
    if fence.label not in _LABELS and fence.label not in _UNMARKED:
        return None
    text = fence.body.text
    if _MARK.search(text):
        return "queries"
    start = _LEADING.match(text, 0, _HEAD)
    at = start.end() if start else 0
    if _SCHEMA.match(text, at):
        return "schema"
    if QUERY.match(text[at : at + _HEAD]):
        return "queries"
    return None


_DOWN = re.compile(
    r"^[ \t]*--[^\n]*(?:\.down\.sql|migrate:down|\+goose\s+down|\brollback\b|\bdown\s+migration\b)[^\n]*$",
    re.IGNORECASE | re.MULTILINE,
)
_DROPS = re.compile(r"(?:\s+|--[^\n]*(?:\n|$)|DROP\s[^;]*(?:;|$))*", re.IGNORECASE)


def upward(sql: Fragment) -> Fragment | None:
    """What of a block makes the schema, the way back of a migration left out; None where nothing else stands there."""
    down = _DOWN.search(sql.text)
    kept = sql.part(0, down.start()) if down else sql
    return None if _DROPS.fullmatch(kept.text) else kept


def is_labelled(fence: Fence) -> bool:
    """Whether the author calls the fence SQL."""
    return fence.label in _LABELS


def is_template(text: str) -> bool:
    """Whether the template's placeholder still stands there."""
    return text.strip().startswith("<") and text.strip().endswith(">")
