"""What a schema and its patterns must satisfy by themselves."""

from collections.abc import Iterator

from asbuilt.diagnostics import Diagnostic, Hole, Rule, rule
from asbuilt.postgres.soundness import Finding, Flaw, unsound
from asbuilt.postgres.statement import Fault
from asbuilt.sections.data.model import Data, Remark
from asbuilt.sections.data.rules_mapped import differing_column, undefined_key_target, unmapped_column
from asbuilt.sections.data.rules_values import impossible_check, impossible_default

_UNDEFINED_TABLE = {"42P01"}
_UNDEFINED_COLUMN = {"42703"}
_DUPLICATE = {"42701", "42710", "42P07", "42723"}


@rule("DB101")
def sql_syntax(data: Data) -> Iterator[Diagnostic]:
    """PostgreSQL's grammar does not accept a statement.

    asbuilt reads SQL with the grammar of PostgreSQL itself, so what is refused here is refused by every PostgreSQL.
    The statement is left out, all others are read. SQL of another database is reported once per block.
    """
    for fault in _faults(data):
        if not fault.sqlstate:
            yield sql_syntax.at(fault, fault.message, hint=fault.hint)


@rule("DB102")
def undefined_table(data: Data) -> Iterator[Diagnostic]:
    """A statement names a table or view that no DDL of the document makes.

    So does a foreign key to a name that is much like that of a table (`artcles` for `articles`). Make the table in the
    Database Schema. Tables of PostgreSQL's own schemas are known.
    """
    for fault in _faults(data):
        if fault.sqlstate in _UNDEFINED_TABLE:
            yield undefined_table.at(fault, fault.message, hint=fault.hint)
    for finding in _findings(data, "undefined-table"):
        yield undefined_table.at(finding, finding.message, hint=finding.hint, also=_also(finding))


@rule("DB103")
def undefined_column(data: Data) -> Iterator[Diagnostic]:
    """A statement, key or index names a column that its table does not have."""
    for fault in _faults(data):
        if fault.sqlstate in _UNDEFINED_COLUMN:
            yield undefined_column.at(fault, fault.message, hint=fault.hint)
    for finding in _findings(data, "undefined-column"):
        yield undefined_column.at(finding, finding.message, hint=finding.hint, also=_also(finding))


@rule("DB104")
def duplicate_table(data: Data) -> Iterator[Diagnostic]:
    """One table is created twice.

    PostgreSQL refuses the second statement; where the two differ, the document contradicts itself besides.
    `CREATE TABLE IF NOT EXISTS` with the same columns is no fault.
    """
    for finding in _findings(data, "duplicate-table"):
        yield duplicate_table.at(finding, finding.message, hint=finding.hint, also=_also(finding))


@rule("DB105")
def duplicate_name(data: Data) -> Iterator[Diagnostic]:
    """Two columns, types, indexes or constraints have one name where it must be unique.

    Keys and indexes share their names with the tables of the schema; other constraints need a name of their own
    within their table.
    """
    for fault in _faults(data):
        if fault.sqlstate in _DUPLICATE:
            yield duplicate_name.at(fault, fault.message, hint=fault.hint)
    for finding in _findings(data, "duplicate-name"):
        yield duplicate_name.at(finding, finding.message, hint=finding.hint, also=_also(finding))


@rule("DB106", severity="warning")
def foreign_table(data: Data) -> Iterator[Diagnostic]:
    """A foreign key refers to a table that the document does not create, and none of whose tables is called alike.

    It may be the table of another component; then the key cannot hold in this component's database, and belongs
    into prose. If the table is this component's, create it.
    """
    for finding in _findings(data, "foreign-table"):
        yield foreign_table.at(finding, finding.message, hint=finding.hint, also=_also(finding))


@rule("DB107")
def key_type(data: Data) -> Iterator[Diagnostic]:
    """A foreign key cannot refer to its target: the types differ, or the target is not unique.

    Types that PostgreSQL compares without a cast (`integer` and `bigint`, `text` and `varchar`) go together.
    """
    for flaw in ("key-type", "key-target"):
        for finding in _findings(data, flaw):
            yield key_type.at(finding, finding.message, hint=finding.hint, also=_also(finding))


@rule("DB108")
def undefined_type(data: Data) -> Iterator[Diagnostic]:
    """A column has a type that neither PostgreSQL nor the document defines.

    Types of other databases are recognised: PostgreSQL's `DATETIME` is `timestamptz`, its `TINYINT` is `smallint`.
    """
    for finding in _findings(data, "undefined-type"):
        yield undefined_type.at(finding, finding.message, hint=finding.hint, also=_also(finding))


@rule("DB109")
def sql_refused(data: Data) -> Iterator[Diagnostic]:
    """PostgreSQL refuses a statement for what it means.

    The schema was made, and the patterns were prepared, in an empty scratch database; nothing was executed. The
    message is PostgreSQL's own, its SQLSTATE stands at the end.
    """
    told = _UNDEFINED_TABLE | _UNDEFINED_COLUMN | _DUPLICATE
    for fault in data.faults:
        if fault.sqlstate and fault.sqlstate not in told:
            yield sql_refused.at(fault, f"{fault.message} ({fault.sqlstate})", hint=fault.hint)


@rule("DB110", severity="note")
def not_refereed(data: Data) -> Iterator[Diagnostic]:
    """No PostgreSQL has judged a part of the SQL.

    Checking executes nothing of a document. What PostgreSQL would evaluate while it creates it, what is procedural,
    and what reads or writes data is therefore read by the grammar only.
    """
    for fault in data.unrefereed:
        yield not_refereed.at(fault, fault.message, hint=fault.hint)


@rule("DB201")
def duplicate_pattern(data: Data) -> Iterator[Diagnostic]:
    """Two patterns have one name, so that nobody can tell which of them an operation means."""
    first: dict[str, Hole] = {}
    for pattern in data.patterns:
        name = pattern.name
        known = first.setdefault(name.text, Hole(name.span, ""))
        if known.span != name.span:
            message = f"pattern `{name.text}` is defined twice"
            yield duplicate_pattern.at(name, message, hint="give one of them another name", also=[(known, "the first")])


@rule("DB202")
def malformed_pattern(data: Data) -> Iterator[Diagnostic]:
    """A pattern or a mapped class cannot be read as it is written.

    The form is `- **name** (one | maybe | many | none): what for`, then a fence with one statement.
    """
    for hole in data.holes:
        if not isinstance(hole, Remark):
            yield malformed_pattern.at(hole, hole.message, hint=hole.hint)


@rule("DB204", severity="warning")
def unread_mark(data: Data) -> Iterator[Diagnostic]:
    """The word in parentheses behind a pattern's name does not say how many rows it gives.

    The number of rows is then taken from the statement. The marks are `one`, `maybe`, `many` and `none`; remarks of
    other kinds belong behind the colon:

        - **order_by_id** (maybe): One order, from the replica.
    """
    for hole in data.holes:
        if isinstance(hole, Remark):
            yield unread_mark.at(hole, hole.message, hint=hole.hint)


@rule("DB203")
def impossible_cardinality(data: Data) -> Iterator[Diagnostic]:
    """A pattern is marked to give rows, and its statement gives none.

    An INSERT, UPDATE or DELETE gives rows only by `RETURNING`.
    """
    for pattern in data.patterns:
        statement = pattern.statement
        if pattern.mark in {"one", "maybe", "many"} and not statement.returns_rows and not statement.faults:
            message = f"`{pattern.name.text}` is marked `{pattern.mark}`, but its statement returns no rows"
            yield impossible_cardinality.at(pattern.name, message, hint="add `RETURNING`, or mark it `none`")


def _faults(data: Data) -> Iterator[Fault]:
    yield from data.faults
    for pattern in data.patterns:
        yield from pattern.statement.faults


def _findings(data: Data, flaw: Flaw) -> Iterator[Finding]:
    return (finding for finding in unsound(data.catalog) if finding.flaw == flaw)


def _also(finding: Finding) -> list[tuple[Hole, str]]:
    return [(Hole(span, ""), text) for span, text in finding.also]


RULES: tuple[Rule[Data], ...] = (
    sql_syntax,
    undefined_table,
    undefined_column,
    duplicate_table,
    duplicate_name,
    foreign_table,
    key_type,
    undefined_type,
    sql_refused,
    not_refereed,
    impossible_check,
    impossible_default,
    duplicate_pattern,
    malformed_pattern,
    unread_mark,
    impossible_cardinality,
    differing_column,
    unmapped_column,
    undefined_key_target,
)
