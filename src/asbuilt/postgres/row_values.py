"""Which columns a statement sets straight from parameters."""

from collections.abc import Iterator

from asbuilt.postgres.catalog import Catalog
from asbuilt.postgres.draft import qualified
from asbuilt.postgres.grammar import Node, Refused, Tree, walk
from asbuilt.postgres.predicates import constant_value
from asbuilt.postgres.reading import tree_of, variant
from asbuilt.postgres.statement import Statement
from asbuilt.values import frozen


@frozen
class RowValue:
    """A column that a statement sets: to one parameter as it is, to a text that stands there, or to anything else."""

    column: str
    parameter: str | None
    constant: str | None = None


@frozen
class WrittenRow:
    """A row that is inserted (`fresh`), or rows that are updated."""

    table: str
    fresh: bool
    values: tuple[RowValue, ...]


def written_row(statement: Statement, catalog: Catalog) -> WrittenRow | None:
    """The row that an INSERT of one row, or an UPDATE, writes; None for any other statement.

    A parameter that the statement compares with something as well is no plain value: the comparison may
    keep it from being written.
    """
    if statement.verb not in ("insert", "update"):
        return None
    try:
        tree = tree_of(statement)
        names = variant(statement, None).parameters
    except Refused:
        return None
    if tree is None:
        return None
    compared = _compared(tree)
    table = qualified(tree.node["relation"])
    pairs = _inserted(tree, table, catalog) if tree.kind == "InsertStmt" else _updated(tree)
    if pairs is None:
        return None
    values = []
    for column, value in pairs:
        number = _parameter(value)
        direct = number is not None and number not in compared and number <= len(names)
        constant = constant_value(value)
        parameter = names[number - 1] if direct and number else None
        values.append(RowValue(column, parameter, constant if isinstance(constant, str) else None))
    return WrittenRow(table, tree.kind == "InsertStmt", tuple(values))


def _inserted(tree: Tree, table: str, catalog: Catalog) -> list[tuple[str, Node]] | None:
    rows = tree.node.get("selectStmt", {}).get("SelectStmt", {}).get("valuesLists", [])
    if len(rows) != 1:
        return None
    values = rows[0]["List"]["items"]
    named = [item["ResTarget"]["name"] for item in tree.node.get("cols", ())]
    known = catalog.table(table)
    columns = named or [column.name for column in known.columns] if known else named
    pairs = zip(columns, values, strict=False)
    return [(column, value) for column, value in pairs if "SetToDefault" not in value]


def _updated(tree: Tree) -> list[tuple[str, Node]]:
    targets = (item["ResTarget"] for item in tree.node.get("targetList", ()))
    return [(target["name"], target["val"]) for target in targets if "indirection" not in target]


def _parameter(value: Node) -> int | None:
    """The number of the parameter that a value is, casts aside."""
    while "TypeCast" in value:
        value = value["TypeCast"]["arg"]
    return int(value["ParamRef"].get("number", 0)) if "ParamRef" in value else None


def _compared(tree: Tree) -> frozenset[int]:
    """The numbers of the parameters that occur in a condition."""
    clauses = [tree.node.get(clause) for clause in ("whereClause", "fromClause", "withClause", "onConflictClause")]
    return frozenset(_numbers(clauses))


def _numbers(root: object) -> Iterator[int]:
    return (int(node.get("number", 0)) for kind, node in walk(root) if kind == "ParamRef")
