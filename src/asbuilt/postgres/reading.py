"""Statements of authors, read by PostgreSQL's grammar and never executed."""

from collections.abc import Iterator
from functools import lru_cache

from asbuilt.postgres.cardinality import implied
from asbuilt.postgres.catalog import Catalog
from asbuilt.postgres.draft import qualified
from asbuilt.postgres.grammar import Node, Refused, Tree, parse, walk
from asbuilt.postgres.naming import output_name
from asbuilt.postgres.placeholders import conditions, nameless, placeholders
from asbuilt.postgres.rendering import Rendered, rendered, whole
from asbuilt.postgres.scope import listed
from asbuilt.postgres.statement import Cardinality, Condition, Fault, OrderKey, Placeholder, Statement, Verb
from asbuilt.source import Fragment, Span

_VERBS: dict[str, Verb] = {
    "SelectStmt": "select",
    "InsertStmt": "insert",
    "UpdateStmt": "update",
    "DeleteStmt": "delete",
    "MergeStmt": "merge",
}
_MOST_VARIANTS = 40
_STANDING = "without the lines that `-- when` takes out, the rest must be a statement still"
_SPLIT = "`-- when` takes out the whole line before it: write what is conditional on a line of its own"


def read_statement(sql: Fragment) -> Statement:
    """The statement, with every fault of the grammar in it: whole, with nothing that is conditional, and between."""
    try:
        tokens = whole(sql)
    except Refused as refusal:
        return _refused(sql, (refusal.fault(sql),))
    names = tuple(placeholders(sql, tokens))
    stretches, misplaced = conditions(sql, tokens)
    faults = (*misplaced, *nameless(sql, tokens))
    draft = Statement(sql, "other", names, stretches, "none", (), (), returns_rows=False, faults=faults)
    trees: dict[frozenset[str] | None, tuple[Rendered, Tree]] = {}
    refusals: list[Fault] = []
    for present in _subsets(draft):
        made = _variant(sql, names, stretches, present)
        try:
            tree = parse(made.sql)
        except Refused as refusal:
            refusals.append(_fault(refusal, made, draft, present))
            if present is None:
                break
        else:
            if tree is not None:
                trees[present] = made, tree
            elif present is not None:
                taken = next(each for each in stretches if each.name not in present)
                refusals.append(Fault(f"without `{taken.name}` nothing of the statement is left", taken.span, _SPLIT))
    if None not in trees:
        if not refusals and not faults:
            refusals.append(Fault("no statement stands here", sql.whole))
        return Statement(
            sql, "other", names, stretches, "none", (), (), returns_rows=False, faults=(*faults, *refusals)
        )
    least = trees.get(frozenset(), trees[None])[1]
    return _described(draft, *trees[None], least, (*faults, *_once(refusals)))


def _once(refusals: list[Fault]) -> Iterator[Fault]:
    """Of the same fault with more and less missing, the one with the least."""
    least: dict[tuple[Span, str], Fault] = {}
    for fault in refusals:
        known = least.get(place := (fault.span, fault.message.rpartition(": ")[2]))
        if known is None or fault.message.count("`") < known.message.count("`"):
            least[place] = fault
    return iter(least.values())


def variant(statement: Statement, present: frozenset[str] | None) -> Rendered:
    """The statement's text for a set of present parameters; None: all. Raises `Refused`."""
    return _variant(statement.sql, statement.placeholders, statement.conditions, present)


@lru_cache(maxsize=2048)
def _variant(
    sql: Fragment,
    names: tuple[Placeholder, ...],
    stretches: tuple[Condition, ...],
    present: frozenset[str] | None,
) -> Rendered:
    return rendered(sql, whole(sql), names, stretches, present)


def variants(statement: Statement) -> Iterator[frozenset[str]]:
    """The sets of present conditions that are tried: all, none, and each one missing."""
    every = frozenset(condition.name for condition in statement.conditions)
    yield every
    if every:
        yield frozenset()
    if len(every) > 1:
        yield from (every - {name} for name in sorted(every)[:_MOST_VARIANTS])


def tree_of(statement: Statement) -> Tree | None:
    """The tree of the whole statement, every condition present; None where the grammar refuses it."""
    return _tree(variant(statement, None).sql) if not statement.faults else None


def least_tree_of(statement: Statement) -> Tree | None:
    """The tree of the statement with nothing that is conditional; None where the grammar refuses it."""
    return _tree(variant(statement, frozenset()).sql) if not statement.faults else None


def infer_cardinality(statement: Statement, catalog: Catalog) -> Cardinality:
    """How many rows the statement gives by its text and by the keys of its tables, whatever is absent."""
    if not statement.returns_rows:
        return "none"
    tree = least_tree_of(statement)
    return implied(tree, catalog) if tree is not None else statement.cardinality


@lru_cache(maxsize=2048)
def _tree(sql: str) -> Tree | None:
    try:
        return parse(sql)
    except Refused:
        return None


def _subsets(statement: Statement) -> Iterator[frozenset[str] | None]:
    yield None
    yield from list(variants(statement))[1:]


def _refused(sql: Fragment, faults: tuple[Fault, ...]) -> Statement:
    return Statement(sql, "other", (), (), "none", (), (), returns_rows=False, faults=faults)


def _fault(refusal: Refused, made: Rendered, statement: Statement, present: frozenset[str] | None) -> Fault:
    message, hint = refusal.message, refusal.hint
    if present is not None:
        gone = [each for each in statement.conditions if each.name not in present]
        message = f"without {listed(sorted({each.name for each in gone}))}: {message}"
        begins = len(statement.sql.text) - len(statement.sql.text.lstrip())
        hint = _SPLIT if gone[0].start <= begins else hint or _STANDING
    return Fault(message, made.span(refusal.start, refusal.end), hint)


def _described(draft: Statement, made: Rendered, tree: Tree, least: Tree, faults: tuple[Fault, ...]) -> Statement:
    tables, written = _tables(tree)
    rows = returns_rows(tree)
    return Statement(
        draft.sql,
        _VERBS.get(tree.kind, "other"),
        draft.placeholders,
        draft.conditions,
        implied(least, Catalog()) if rows else "none",
        tables,
        written,
        rows,
        tuple(_order(made, tree)),
        _limit(made, tree),
        faults,
    )


def returns_rows(tree: Tree) -> bool:
    return tree.kind == "SelectStmt" or "returningClause" in tree.node or "returningList" in tree.node


def named_in(tree: Tree) -> tuple[str, ...]:
    """The tables that a statement names, whatever it does with them."""
    own = [tree.node["relation"]] if "relation" in tree.node else []
    referred = [node["pktable"] for kind, node in walk(tree.node) if kind == "Constraint" and "pktable" in node]
    return tuple(dict.fromkeys((*map(qualified, (*own, *referred)), *_tables(tree)[0])))


def _tables(tree: Tree) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The tables a statement names and those it changes, names of its WITH queries left out."""
    own = {node["ctename"] for kind, node in walk({tree.kind: tree.node}) if kind == "CommonTableExpr"}
    named: dict[str, None] = {}
    written: dict[str, None] = {}
    for kind, node in walk({tree.kind: tree.node}):
        if kind == "RangeVar":
            named.setdefault(qualified(node))
        elif kind in {"InsertStmt", "UpdateStmt", "DeleteStmt", "MergeStmt"}:
            named.setdefault(qualified(node["relation"]))
            written.setdefault(qualified(node["relation"]))
        elif kind == "TruncateStmt":
            written |= {qualified(each["RangeVar"]): None for each in node.get("relations", ())}
    return tuple(name for name in named if name not in own), tuple(written)


def _order(made: Rendered, tree: Tree) -> Iterator[OrderKey]:
    targets = [item["ResTarget"] for item in tree.node.get("targetList", ())] if tree.kind == "SelectStmt" else []
    for item in tree.node.get("sortClause", ()):
        key = item["SortBy"]
        nulls = {"SORTBY_NULLS_FIRST": True, "SORTBY_NULLS_LAST": False}.get(key.get("sortby_nulls", ""))
        descending = key.get("sortby_dir") == "SORTBY_DESC"
        yield OrderKey(_written(made, tree, key["node"]), _output(key["node"], targets), descending, nulls)


def _written(made: Rendered, tree: Tree, node: Node) -> str:
    """The text of a key of ORDER BY, as the author wrote it."""
    starts = [tree.at(inner) for _, inner in walk(node) if inner.get("location", 0) >= 0 and "location" in inner]
    start = min(starts) if starts else 0
    depth, end = 0, start
    for token in tree.tokens:
        if token.start < start:
            continue
        if token.name in {"ASCII_40", "ASCII_41"}:
            depth += 1 if token.name == "ASCII_40" else -1
        if depth < 0 or (not depth and token.name in _AFTER_KEY):
            break
        end = token.end
    return made.source.text[made.offset(start) : made.offset(max(start, end - 1)) + 1]


_AFTER_KEY = {"ASCII_44", "ASC", "DESC", "NULLS_P", "NULLS_LA", "LIMIT", "OFFSET", "FETCH", "FOR", "USING", "ASCII_59"}


def _output(node: Node, targets: list[Node]) -> str | None:
    """The column of the result that a key of ORDER BY is; None where the result does not hold it."""
    if "A_Const" in node and "ival" in node["A_Const"]:
        number = int(node["A_Const"]["ival"].get("ival", 0))
        return _name_of(targets[number - 1]) if 0 < number <= len(targets) else None
    if "ColumnRef" not in node:
        plain = _unplaced(node)
        return next((_name_of(target) for target in targets if _unplaced(target.get("val")) == plain), None)
    fields = [part["String"]["sval"] for part in node["ColumnRef"]["fields"] if "String" in part]
    for target in targets:
        if len(fields) == 1 and _name_of(target) == fields[0]:
            return str(fields[0])
        value = target.get("val", {}).get("ColumnRef", {}).get("fields", [])
        names = [part["String"]["sval"] for part in value if "String" in part]
        starred = bool(value) and "A_Star" in value[-1]
        if starred and (not names or names == fields[:-1] or len(fields) == 1):
            return str(fields[-1])
        if names and names[-1] == fields[-1] and (len(names) == 1 or names == fields):
            return _name_of(target)
    return None


def _name_of(target: Node) -> str | None:
    return target.get("name") or output_name(target.get("val", {}))


def _unplaced(value: object) -> object:
    """A tree without its places, to compare by meaning."""
    if isinstance(value, dict):
        return {key: _unplaced(inner) for key, inner in value.items() if key != "location"}
    return [_unplaced(inner) for inner in value] if isinstance(value, list) else value


def _limit(made: Rendered, tree: Tree) -> str | None:
    """The outermost LIMIT as written: a number, or `:name`."""
    match tree.node.get("limitCount") if tree.kind == "SelectStmt" else None:
        case {"ParamRef": {"number": number}}:
            return f":{made.parameters[number - 1]}"
        case {"A_Const": {"ival": value}}:
            return str(value.get("ival", 0))
        case {"TypeCast": {"arg": {"ParamRef": {"number": number}}}}:
            return f":{made.parameters[number - 1]}"
    return None
