"""What the text and the catalogue alone tell of a statement: its signature, and names that mean nothing."""

from dataclasses import replace

from asbuilt.postgres.catalog import Catalog, SqlType
from asbuilt.postgres.grammar import Node, Tree, word
from asbuilt.postgres.reading import tree_of, variant
from asbuilt.postgres.rendering import Rendered
from asbuilt.postgres.resolution import resolved
from asbuilt.postgres.scope import Missing, Tables
from asbuilt.postgres.statement import Fault, ResultColumn, Signature, Statement


def static_signature(statement: Statement, catalog: Catalog) -> Signature:
    """The signature without a server. Types that the text does not tell are `unknown`, or parameters left out."""
    return examined(statement, Tables(catalog))[0]


def examined(statement: Statement, tables: Tables) -> tuple[Signature, tuple[Fault, ...]]:
    """The static signature, and a fault for each table or column that the catalogue does not have."""
    tree = tree_of(statement)
    resolution = resolved(tree, tables) if tree is not None else None
    if tree is None or resolution is None:
        return Signature((), (), refereed=False), ()
    made = variant(statement, None)
    faults = tuple(dict.fromkeys(_fault(missing, node, tree, made) for missing, node in resolution.missing))
    names = made.parameters
    numbered = sorted(resolution.parameters.items())  # a `$9` of the author's own has no name
    known = ((names[number - 1], type_) for number, type_ in numbered if number <= len(names))
    return Signature(tuple(known), resolution.columns, refereed=False), faults


def sourced(
    columns: tuple[ResultColumn, ...], types: tuple[tuple[str, SqlType], ...], tables: Tables
) -> tuple[ResultColumn, ...]:
    """Names and types as PostgreSQL gives them, with what the text proved of the same columns.

    PostgreSQL describes results without lengths, and domains by their base types: there the text knows more.
    """
    if [column.name for column in columns] != [name for name, _ in types]:
        return tuple(ResultColumn(name, type_) for name, type_ in types)
    return tuple(
        replace(column, type=column.type if _is_finer(column.type, type_, tables) else type_)
        for column, (_, type_) in zip(columns, types, strict=True)
    )


def _is_finer(known: SqlType, told: SqlType, tables: Tables) -> bool:
    return known.dimensions == told.dimensions and told.name in {known.name, tables.base(known).name}


def _fault(missing: Missing, node: Node, tree: Tree, made: Rendered) -> Fault:
    """The fault at the word that is wrong, which stands at the node or a little after it."""
    start = tree.at(node)
    following = [token for token in tree.tokens if token.start >= start]
    wrong = missing.name.rpartition(".")[2].casefold()
    meant = (token for token in following if word(tree.text, token).strip('"').casefold() == wrong)
    token = next(meant, following[0] if following else tree.tokens[-1])
    return Fault(missing.message, made.span(token.start, token.end), missing.hint, missing.sqlstate)
