"""SQLAlchemy's declarative classes, read from their syntax tree and never executed."""

import ast
from collections.abc import Iterable, Iterator

from asbuilt.diagnostics import Hole
from asbuilt.document import Block, Fence, flattened
from asbuilt.language.annotations import read_annotation
from asbuilt.language.constants import dotted
from asbuilt.language.names import Name
from asbuilt.language.python import Code, read_module
from asbuilt.language.types import Null, Type, Union
from asbuilt.postgres.sqltypes import canonical
from asbuilt.sections.data.model import MappedClass, MappedColumn
from asbuilt.source import Span

_COLUMN_MAKERS = {"mapped_column", "Column"}
# SQLAlchemy's generic types and those of its PostgreSQL dialect: https://docs.sqlalchemy.org/en/20/core/types.html
_SQL_TYPES = {
    "Integer": "integer",
    "INTEGER": "integer",
    "INT": "integer",
    "SmallInteger": "smallint",
    "SMALLINT": "smallint",
    "BigInteger": "bigint",
    "BIGINT": "bigint",
    "String": "character varying",
    "VARCHAR": "character varying",
    "Unicode": "character varying",
    "CHAR": "character",
    "Text": "text",
    "TEXT": "text",
    "UnicodeText": "text",
    "CITEXT": "citext",
    "Boolean": "boolean",
    "BOOLEAN": "boolean",
    "Numeric": "numeric",
    "NUMERIC": "numeric",
    "DECIMAL": "numeric",
    "Float": "double precision",
    "FLOAT": "double precision",
    "REAL": "real",
    "Double": "double precision",
    "DOUBLE_PRECISION": "double precision",
    "DateTime": "timestamp without time zone",
    "TIMESTAMP": "timestamp without time zone",
    "Date": "date",
    "DATE": "date",
    "Time": "time without time zone",
    "TIME": "time without time zone",
    "Interval": "interval",
    "INTERVAL": "interval",
    "Uuid": "uuid",
    "UUID": "uuid",
    "JSON": "json",
    "JSONB": "jsonb",
    "LargeBinary": "bytea",
    "BYTEA": "bytea",
    "INET": "inet",
    "CIDR": "cidr",
    "TSVECTOR": "tsvector",
    "HSTORE": "hstore",
}


def read_classes(blocks: Iterable[Block], holes: list[Hole]) -> Iterator[MappedClass]:
    """Every class with a `__tablename__`; other code is left to the sections it belongs to."""
    for block in flattened(blocks):
        if not isinstance(block, Fence) or "__tablename__" not in block.body.text:
            continue
        codes, broken = read_module(block.body)
        holes += broken
        for code in codes:
            for statement in code.body:
                if isinstance(statement, ast.ClassDef) and (mapped := _mapped(code, statement)) is not None:
                    yield mapped


def _mapped(code: Code, node: ast.ClassDef) -> MappedClass | None:
    table: Name | None = None
    columns: list[MappedColumn] = []
    unique: set[str] = set()
    for statement in node.body:
        match statement:
            case ast.Assign(targets=[ast.Name(id="__tablename__")], value=ast.Constant(value=str(name)) as value):
                start, end = code.range(value)
                table = Name(name, code.fragment.span(start + 1, end - 1))
            case ast.Assign(targets=[ast.Name(id="__table_args__")], value=value):
                unique |= _unique_alone(value)
            case ast.AnnAssign(target=ast.Name() as target, annotation=annotation, value=value):
                columns += _annotated(code, target, annotation, value)
            case ast.Assign(targets=[ast.Name() as target], value=ast.Call() as call) if _makes_column(call):
                columns.append(_column(code, target, None, call))
    if table is None:
        return None
    start = code.range(node)[0]
    head = code.fragment.text.index(node.name, start)
    named = tuple(_made_unique(column) if column.name.text in unique else column for column in columns)
    return MappedClass(Name(node.name, code.fragment.span(head, head + len(node.name))), table, named, code.span(node))


def _annotated(code: Code, target: ast.Name, annotation: ast.expr, value: ast.expr | None) -> Iterator[MappedColumn]:
    """A column `name: Mapped[T]`, unless it is a relationship."""
    if not (isinstance(annotation, ast.Subscript) and dotted(annotation.value).rpartition(".")[2] == "Mapped"):
        return
    call = value if isinstance(value, ast.Call) and _makes_column(value) else None
    if value is not None and call is None:
        return
    type_ = read_annotation(code, annotation.slice, []).type
    yield _column(code, target, type_, call)


def _makes_column(call: ast.Call) -> bool:
    return dotted(call.func).rpartition(".")[2] in _COLUMN_MAKERS


def _column(code: Code, target: ast.Name, type_: Type | None, call: ast.Call | None) -> MappedColumn:
    name = Name(target.id, code.span(target))
    span: Span = code.span(target) if call is None else code.span(target).to(code.span(call))
    arguments = list(call.args) if call else []
    flags = {word.arg: word.value for word in call.keywords if word.arg} if call else {}
    if arguments and isinstance(arguments[0], ast.Constant) and isinstance(arguments[0].value, str):
        named = arguments.pop(0)
        start, end = code.range(named)
        name = Name(str(named.value), code.fragment.span(start + 1, end - 1))  # type: ignore[attr-defined]
    primary = _truth(flags.get("primary_key")) is True
    nullable = _truth(flags.get("nullable"))
    if nullable is None:
        nullable = not primary and (type_ is None or _is_optional(type_))
    given = [each for each in arguments if dotted(each.func if isinstance(each, ast.Call) else each)]
    sql_type = next(filter(None, (_sql_type(each) for each in [*given, *_of_keyword(flags)])), None)
    return MappedColumn(
        name,
        type_,
        span,
        sql_type,
        nullable,
        primary,
        _truth(flags.get("unique")) is True,
        next(filter(None, map(_foreign_key, arguments)), None),
    )


def _of_keyword(flags: dict[str, ast.expr]) -> list[ast.expr]:
    return [flags["type_"]] if "type_" in flags else []


def _truth(node: ast.expr | None) -> bool | None:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, bool) else None


def _is_optional(type_: Type) -> bool:
    return isinstance(type_, Union) and any(isinstance(option, Null) for option in type_.options)


def _sql_type(node: ast.expr) -> str | None:
    """The type as PostgreSQL spells it, or None for what is no type."""
    call = node if isinstance(node, ast.Call) else None
    name = dotted(call.func if call else node).rpartition(".")[2]
    if name == "ARRAY" and call and call.args:
        item = _sql_type(call.args[0])
        return f"{item}[]" if item else None
    known = _SQL_TYPES.get(name)
    if known is None or call is None:
        return known
    numbers = tuple(each.value for each in call.args if isinstance(each, ast.Constant) and type(each.value) is int)
    flags = {word.arg: word.value for word in call.keywords if word.arg}
    length = flags.get("length")
    if isinstance(length, ast.Constant) and type(length.value) is int:
        numbers = (length.value,)
    if known.startswith(("timestamp", "time ")) and _truth(flags.get("timezone")):
        known = known.replace("without", "with")
    return str(canonical(known, numbers)) if known in {"character varying", "character", "numeric"} else known


def _foreign_key(node: ast.expr) -> str | None:
    """`orders.id` of `ForeignKey("orders.id")`."""
    if isinstance(node, ast.Call) and dotted(node.func).rpartition(".")[2] == "ForeignKey" and node.args:
        first = node.args[0]
        return first.value if isinstance(first, ast.Constant) and isinstance(first.value, str) else None
    return None


def _unique_alone(value: ast.expr) -> set[str]:
    """The columns that a UniqueConstraint of one column names."""
    calls = value.elts if isinstance(value, ast.Tuple) else [value]
    found: set[str] = set()
    for call in calls:
        if isinstance(call, ast.Call) and dotted(call.func).rpartition(".")[2] == "UniqueConstraint":
            names = [each.value for each in call.args if isinstance(each, ast.Constant) and isinstance(each.value, str)]
            found |= set(names) if len(names) == 1 else set()
    return found


def _made_unique(column: MappedColumn) -> MappedColumn:
    return MappedColumn(
        column.name,
        column.type,
        column.span,
        column.sql_type,
        column.nullable,
        column.primary_key,
        unique=True,
        foreign_key=column.foreign_key,
    )
