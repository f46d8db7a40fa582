"""What a statement changes: which tables, which of their columns, and what it says of conflicts."""

from collections.abc import Iterator
from typing import Literal

from asbuilt.postgres.cardinality import at_least_one
from asbuilt.postgres.draft import qualified
from asbuilt.postgres.grammar import Node, walk
from asbuilt.postgres.reading import tree_of
from asbuilt.postgres.statement import Statement
from asbuilt.values import frozen


@frozen
class Change:
    """Rows of a table that are inserted, updated or deleted.

    `columns` are those given a value (None: any of them). `settled` are the keys, as sets of columns or
    by their constraints' names, whose conflicts ON CONFLICT deals with; None: all of them. `followed`
    columns hold keys of rows that were found just now.
    """

    verb: Literal["insert", "update", "delete"]
    table: str
    columns: frozenset[str] | None = None
    settled: frozenset[frozenset[str] | str] | None = frozenset()
    followed: frozenset[str] = frozenset()


def changes_of(statement: Statement) -> Iterator[Change]:
    """The changes a statement makes, those of its WITH among them; none where the grammar refuses it."""
    tree = tree_of(statement) if statement.written else None
    for kind, node in walk({tree.kind: tree.node}) if tree else ():
        match kind:
            case "InsertStmt":
                yield Change("insert", qualified(node["relation"]), _names(node.get("cols")), _settled(node))
                conflict = node.get("onConflictClause", {})
                if conflict.get("action") == "ONCONFLICT_UPDATE":
                    yield Change("update", qualified(node["relation"]), _names(conflict.get("targetList")))
            case "UpdateStmt":
                yield Change("update", qualified(node["relation"]), _names(node.get("targetList")))
            case "DeleteStmt":
                yield Change("delete", qualified(node["relation"]))
            case "MergeStmt":
                yield from (Change(verb, qualified(node["relation"])) for verb in ("insert", "update", "delete"))


def always_gives_rows(statement: Statement) -> bool:
    """Whether nothing can make the statement come back without a row: it inserts given rows, or sums up others."""
    tree = tree_of(statement)
    return tree is not None and at_least_one(tree.kind, tree.node)


def _names(targets: list[Node] | None) -> frozenset[str] | None:
    return frozenset(target["ResTarget"].get("name", "") for target in targets) if targets else None


def _settled(node: Node) -> frozenset[frozenset[str] | str] | None:
    conflict = node.get("onConflictClause")
    if conflict is None:
        return frozenset()
    inferred = conflict.get("infer")
    if inferred is None:
        return None
    if "conname" in inferred:
        return frozenset({inferred["conname"]})
    columns = frozenset(each["IndexElem"].get("name", "") for each in inferred.get("indexElems", ()))
    return frozenset({columns})
