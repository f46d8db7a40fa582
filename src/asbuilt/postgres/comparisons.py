"""Which columns a statement compares with its parameters: what a value must be the key of for rows to be found."""

from collections.abc import Iterator

from asbuilt.postgres.catalog import Catalog
from asbuilt.postgres.draft import qualified
from asbuilt.postgres.grammar import Node, Refused, walk
from asbuilt.postgres.reading import least_tree_of, tree_of, variant
from asbuilt.postgres.statement import Statement
from asbuilt.values import frozen

_EQUALS = frozenset({"AEXPR_OP", "AEXPR_OP_ANY", "AEXPR_IN", "AEXPR_NOT_DISTINCT"})


@frozen
class Comparison:
    """`table.column` must equal the parameter, or one of its items where it is `many`."""

    table: str
    column: str
    parameter: str
    many: bool = False


def comparisons(statement: Statement, catalog: Catalog) -> Iterator[Comparison]:
    """Every equality of a column with a parameter, wherever it stands; none where the grammar refuses the text."""
    root, names = _read(statement)
    aliases = _aliases(root)
    for node in _operated(root, "="):
        if node["kind"] in _EQUALS:
            yield from _compared(node, aliases, names, catalog)


def _read(statement: Statement) -> tuple[Node, tuple[str, ...]]:
    """The tree of a statement with all its conditions, and its parameters by number; nothing where it is refused."""
    try:
        tree = tree_of(statement)
        names = variant(statement, None).parameters
    except Refused:
        return {}, ()
    return ({tree.kind: tree.node} if tree else {}), names


def _operated(root: Node, *operators: str) -> Iterator[Node]:
    """The expressions with one of these operators."""
    for kind, node in walk(root):
        if kind == "A_Expr" and node.get("name") and node["name"][-1]["String"]["sval"] in operators:
            yield node


@frozen
class Bound:
    """`table.column` must be on one side of the parameter: `at_least` it (or above), else at most (or below)."""

    table: str
    column: str
    parameter: str
    at_least: bool


def bounds(statement: Statement, catalog: Catalog) -> Iterator[Bound]:
    """Every comparison of a column with a parameter by `<`, `<=`, `>` or `>=`."""
    root, names = _read(statement)
    aliases = _aliases(root)
    for node in _operated(root, "<", "<=", ">", ">="):
        sides = (node.get("lexpr", {}), node.get("rexpr", {}))
        upward = node["name"][-1]["String"]["sval"].startswith(">")
        for (one, other), at_least in ((sides, upward), (sides[::-1], not upward)):
            place, number = _place(one, aliases, catalog), _parameter(other)
            if place and number and number <= len(names):
                yield Bound(*place, names[number - 1], at_least)


def shows_all(statement: Statement) -> bool:
    """Whether the statement, all conditions left out, shows each row whose columns equal its parameters.

    It is a SELECT from one table: no join, no grouping, no other condition keeps a row back.
    """
    try:
        tree = least_tree_of(statement)
    except Refused:
        return False
    if tree is None or tree.kind != "SelectStmt":
        return False
    node = tree.node
    sources = node.get("fromClause", [])
    plain = not any(node.get(key) for key in ("groupClause", "havingClause", "distinctClause", "withClause"))
    plain = plain and node.get("op", "SETOP_NONE") == "SETOP_NONE"
    one_table = len(sources) == 1 and "RangeVar" in sources[0]
    return plain and one_table and all(map(_is_equality, _conjuncts(node.get("whereClause"))))


def _conjuncts(node: Node | None) -> list[Node]:
    found, ahead = [], [node] if node else []
    while ahead:
        each = ahead.pop()
        inner = each.get("BoolExpr", {})
        if inner.get("boolop") == "AND_EXPR":
            ahead.extend(inner["args"])
        else:
            found.append(each)
    return found


def _is_equality(node: Node) -> bool:
    inner = node.get("A_Expr", {})
    if inner.get("kind") != "AEXPR_OP" or inner["name"][-1]["String"]["sval"] != "=":
        return False
    sides = (inner.get("lexpr", {}), inner.get("rexpr", {}))
    return any("ColumnRef" in one and _parameter(other) for one, other in (sides, sides[::-1]))


def _compared(node: Node, aliases: dict[str, str], names: tuple[str, ...], catalog: Catalog) -> Iterator[Comparison]:
    left, right = node.get("lexpr", {}), node.get("rexpr", {})
    items = right.get("List", {}).get("items", [right]) if isinstance(right, dict) else [right]
    many = node["kind"] == "AEXPR_OP_ANY" or len(items) > 1
    for one, other in ((left, item) for item in items):
        for column, value in ((one, other), (other, one)):
            place, number = _place(column, aliases, catalog), _parameter(value)
            if place and number and number <= len(names):
                yield Comparison(*place, names[number - 1], many)


def _aliases(root: Node) -> dict[str, str]:
    """The tables by the names that they go by anywhere in the statement."""
    found = {}
    for kind, node in walk(root):
        relation = node if kind == "RangeVar" else node.get("relation")
        if isinstance(relation, dict) and "relname" in relation:
            found[relation.get("alias", {}).get("aliasname") or relation["relname"]] = qualified(relation)
    return found


def _place(node: Node, aliases: dict[str, str], catalog: Catalog) -> tuple[str, str] | None:
    parts = [part["String"]["sval"] for part in node.get("ColumnRef", {}).get("fields", ()) if "String" in part]
    if len(parts) > 1:
        return (aliases[parts[-2]], parts[-1]) if parts[-2] in aliases else None
    owners = {
        name
        for name in aliases.values()
        for table in (catalog.table(name),)
        if parts and table and table.column(parts[0])
    }
    return (owners.pop(), parts[0]) if len(owners) == 1 else None


def _parameter(node: Node) -> int | None:
    while "TypeCast" in node:
        node = node["TypeCast"]["arg"]
    number = node.get("ParamRef", {}).get("number")
    return int(number) if number else None
