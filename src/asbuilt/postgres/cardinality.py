"""How many rows a statement can give: at most one, or many; and whether it can give none.

At most one: a unique key is bound whole, a single row is inserted, LIMIT 1, an aggregate without GROUP BY.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from asbuilt.postgres.catalog import Catalog, Table
from asbuilt.postgres.draft import qualified
from asbuilt.postgres.grammar import Node, Tree, walk
from asbuilt.postgres.statement import Cardinality

_AGGREGATE_NAMES = """
count sum avg min max array_agg string_agg bool_and bool_or every bit_and bit_or bit_xor json_agg jsonb_agg any_value
json_object_agg jsonb_object_agg xmlagg stddev stddev_pop stddev_samp variance var_pop var_samp corr covar_pop
covar_samp percentile_cont percentile_disc mode range_agg range_intersect_agg
"""
_SET_RETURNING_NAMES = """
unnest generate_series generate_subscripts regexp_matches regexp_split_to_table string_to_table json_each jsonb_each
json_each_text jsonb_each_text json_array_elements jsonb_array_elements json_array_elements_text
jsonb_array_elements_text json_object_keys jsonb_object_keys json_to_recordset jsonb_to_recordset
json_populate_recordset jsonb_populate_recordset
"""
_AGGREGATES = frozenset(_AGGREGATE_NAMES.split())
_SET_RETURNING = frozenset(_SET_RETURNING_NAMES.split())


@dataclass(slots=True)
class _Scope:
    """The relations of one FROM: of each alias its unique keys (None: it has at most one row anyway)."""

    keys: dict[str, tuple[frozenset[str], ...] | None] = field(default_factory=dict)
    owners: dict[str, str] = field(default_factory=dict)
    equal: list[tuple[tuple[str, str], tuple[str, str] | None]] = field(default_factory=list)
    optional: set[str] = field(default_factory=set)


def implied(tree: Tree, catalog: Catalog) -> Cardinality:
    """What the text implies for a statement that returns rows."""
    try:
        return "maybe" if _at_most_one(tree.kind, tree.node, catalog.by_name) else "many"
    except RecursionError:
        return "many"


def _at_most_one(kind: str, node: Node, tables: Mapping[str, Table]) -> bool:
    match kind:
        case "SelectStmt":
            return _select(node, tables)
        case "InsertStmt":
            return "selectStmt" not in node or _select(node["selectStmt"]["SelectStmt"], tables)
        case "UpdateStmt" | "DeleteStmt":
            target = [{"RangeVar": node["relation"]}]
            others = node.get("fromClause", []) + node.get("usingClause", [])
            return _bound([*target, *others], node.get("whereClause"), tables)
    return False


def _select(node: Node, tables: Mapping[str, Table]) -> bool:
    if _constant(node.get("limitCount")) == 1:
        return True
    if node.get("op", "SETOP_NONE") != "SETOP_NONE":
        return False
    if "valuesLists" in node:
        return len(node["valuesLists"]) == 1
    targets = node.get("targetList", [])
    functions = set(_functions(targets))
    if functions & _SET_RETURNING:
        return False
    if "groupClause" not in node and (functions & _AGGREGATES or "havingClause" in node):
        return True
    return _bound(node.get("fromClause", []), node.get("whereClause"), tables)


def at_least_one(kind: str, node: Node) -> bool:
    """Whether it is certain that a statement gives a row, if it is carried out at all."""
    match kind:
        case "InsertStmt":
            conflict = node.get("onConflictClause", {})
            if conflict.get("action") == "ONCONFLICT_NOTHING" or "whereClause" in conflict:
                return False
            return "selectStmt" not in node or _never_empty(node["selectStmt"]["SelectStmt"], _parts(node))
        case "SelectStmt":
            return _never_empty(node, _parts(node))
    return False


def _parts(node: Node) -> Mapping[str, Node]:
    """The parts of a WITH, by name."""
    parts = (part["CommonTableExpr"] for part in node.get("withClause", {}).get("ctes", ()))
    return {part["ctename"]: part["ctequery"] for part in parts}


def _never_empty(node: Node, parts: Mapping[str, Node]) -> bool:
    """Given values, an aggregate over whatever there is, a row from nowhere, or all rows of such a part of a WITH."""
    cut = "limitOffset" in node or ("limitCount" in node and not _constant(node["limitCount"]))
    if cut or "havingClause" in node or node.get("op", "SETOP_NONE") != "SETOP_NONE":
        return False
    functions = set(_functions(node.get("targetList", [])))
    if "valuesLists" in node or functions & _SET_RETURNING:
        return "valuesLists" in node
    if functions & _AGGREGATES and "groupClause" not in node:
        return True
    if "whereClause" in node:
        return False
    match node.get("fromClause", []):
        case []:
            return True
        case [{"RangeVar": {"relname": name}}] if name in parts:
            return any(at_least_one(kind, inner) for kind, inner in parts[name].items())
    return False


def _constant(node: Node | None) -> int | None:
    value = (node or {}).get("A_Const", {})
    return int(value["ival"].get("ival", 0)) if "ival" in value else None


def _functions(targets: list[Node]) -> Iterator[str]:
    """The functions called in a list of results, those with OVER and those inside subqueries left out."""
    stack: list[object] = [targets]
    while stack:
        value = stack.pop()
        if isinstance(value, list):
            stack.extend(value)
        elif isinstance(value, dict) and "SubLink" not in value:
            call = value.get("FuncCall")
            if isinstance(call, dict) and "over" not in call:
                yield call["funcname"][-1]["String"]["sval"]
            stack.extend(value.values())


def _bound(sources: Iterable[Node], where: Node | None, tables: Mapping[str, Table]) -> bool:
    """Whether equalities fix a whole key of every relation, one after the other."""
    scope = _Scope()
    if not all(_enter(scope, source, tables) for source in sources):
        return False
    _equalities(scope, where)
    fixed = {alias for alias, keys in scope.keys.items() if keys is None}
    growing = True
    while growing:
        growing = False
        for alias, keys in scope.keys.items():
            if alias in fixed or keys is None:
                continue
            columns = {
                mine[1] for mine, other in scope.equal if mine[0] == alias and (other is None or other[0] in fixed)
            }
            if any(key <= columns for key in keys):
                fixed.add(alias)
                growing = True
    return len(fixed) == len(scope.keys)


def _enter(scope: _Scope, source: Node, tables: Mapping[str, Table]) -> bool:
    """Adds a relation of FROM; False for one of which nothing is known."""
    match source:
        case {"RangeVar": node}:
            table = tables.get(qualified(node))
            if table is None:
                return False
            alias = node.get("alias", {}).get("aliasname") or node["relname"]
            scope.keys[alias] = tuple(frozenset(key.columns) for key in table.keys)
            for column in table.columns:
                scope.owners[column.name] = "" if column.name in scope.owners else alias
            return True
        case {"JoinExpr": node}:
            if not (_enter(scope, node["larg"], tables) and _enter(scope, node["rarg"], tables)):
                return False
            return _join(scope, node)
        case {"RangeSubselect": node} if "SelectStmt" in node["subquery"]:
            alias = node.get("alias", {}).get("aliasname", "")
            scope.keys[alias] = None
            return _select(node["subquery"]["SelectStmt"], tables)
    return False


def _join(scope: _Scope, node: Node) -> bool:
    kind = node.get("jointype", "JOIN_INNER")
    left, right = _aliases(node["larg"]), _aliases(node["rarg"])
    for name in node.get("usingClause", ()):
        column = name["String"]["sval"]
        pairs = [((one, column), (other, column)) for one in left for other in right]
        scope.equal += pairs + [(other, one) for one, other in pairs]
        scope.owners[column] = left[0] if left else ""
    found = _Scope(owners=scope.owners)
    _equalities(found, node.get("quals"))
    # An outer join fixes only rows of the side that may be missing.
    loose = {"JOIN_LEFT": right, "JOIN_RIGHT": left}.get(kind, left + right)
    scope.equal += [pair for pair in found.equal if pair[0][0] in loose]
    return kind in {"JOIN_INNER", "JOIN_LEFT", "JOIN_RIGHT"} and not node.get("isNatural")


def _aliases(source: Node) -> list[str]:
    names = []
    for kind, node in walk(source):
        if kind in {"RangeVar", "RangeSubselect"}:
            names.append(node.get("alias", {}).get("aliasname") or node.get("relname", ""))
    return names


def _equalities(scope: _Scope, where: Node | None) -> None:
    """The columns that AND-ed equalities bind: to a value, or to a column of another relation."""
    stack = [where] if where else []
    while stack:
        node = stack.pop()
        match node:
            case {"BoolExpr": {"boolop": "AND_EXPR", "args": args}}:
                stack.extend(args)
            case {"A_Expr": {"kind": "AEXPR_OP", "name": [{"String": {"sval": "="}}], "lexpr": left, "rexpr": right}}:
                _equality(scope, left, right)
            case {"A_Expr": {"kind": "AEXPR_IN", "name": [{"String": {"sval": "="}}], "lexpr": left, "rexpr": right}}:
                items = right.get("List", {}).get("items", [])
                if len(items) == 1:
                    _equality(scope, left, items[0])


def _equality(scope: _Scope, left: Node, right: Node) -> None:
    rows = left.get("RowExpr", {}).get("args"), right.get("RowExpr", {}).get("args")
    if rows[0] and rows[1]:
        for one, other in zip(*rows, strict=False):
            _equality(scope, one, other)
        return
    for one, other in ((left, right), (right, left)):
        column = _column(scope, one)
        if column is None:
            continue
        against = _column(scope, other)
        if against is not None:
            scope.equal.append((column, against))
        elif not any(kind == "ColumnRef" for kind, _ in walk(other)):
            scope.equal.append((column, None))


def _column(scope: _Scope, node: Node) -> tuple[str, str] | None:
    fields = [part["String"]["sval"] for part in node.get("ColumnRef", {}).get("fields", ()) if "String" in part]
    if len(fields) == 1:
        return (scope.owners.get(fields[0], ""), fields[0])
    return (fields[-2], fields[-1]) if fields else None
