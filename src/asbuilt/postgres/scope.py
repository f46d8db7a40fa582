"""What names mean inside a statement: the relations of its FROM, and the columns they have."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from asbuilt.diagnostics import closest
from asbuilt.postgres.catalog import Catalog, SqlType, Table
from asbuilt.postgres.statement import ResultColumn
from asbuilt.values import frozen

UNKNOWN = SqlType("unknown")
_SYSTEM_COLUMNS = {"ctid", "xmin", "xmax", "cmin", "cmax", "tableoid", "oid"}
_SYSTEM_SCHEMAS = ("pg_", "information_schema.", "asbuilt.")


@frozen
class Relation:
    """A row source. `columns` is None where the text does not tell them: a function, a table of another tool.

    `merged` columns are those that USING has merged with those of an earlier relation.
    """

    alias: str
    columns: Mapping[str, ResultColumn] | None
    table: str | None = None
    merged: frozenset[str] = frozenset()


@dataclass(slots=True)
class Scope:
    """The relations in reach, those of the enclosing query after them; `queries` are those of WITH."""

    relations: list[Relation] = field(default_factory=list)
    outer: "Scope | None" = None
    queries: dict[str, Relation] = field(default_factory=dict)

    def chain(self) -> Iterator["Scope"]:
        scope: Scope | None = self
        while scope is not None:
            yield scope
            scope = scope.outer

    def query(self, name: str) -> Relation | None:
        return next((scope.queries[name] for scope in self.chain() if name in scope.queries), None)

    def relation(self, alias: str) -> Relation | None:
        for scope in self.chain():
            for relation in scope.relations:
                own = relation.table or relation.alias
                if alias == relation.alias or (alias == own and own.rpartition(".")[2] == relation.alias):
                    return relation
        return None

    def inside(self) -> "Scope":
        """The scope of a query inside this one."""
        return Scope(outer=self)


class Missing(Exception):  # noqa: N818  # a finding, not a failure
    """A name that means nothing here."""

    def __init__(self, name: str, message: str, hint: str, sqlstate: str) -> None:
        super().__init__(message)
        self.name, self.message, self.hint, self.sqlstate = name, message, hint, sqlstate


def look_up(fields: list[str], scope: Scope) -> ResultColumn | None:
    """The column that a reference means; None where the text cannot tell. Raises `Missing`."""
    if len(fields) > 1:
        return _qualified(fields, scope)
    name = fields[0]
    reached: list[str] = []
    open_ = False
    for level in scope.chain():
        for relation in level.relations:
            if relation.columns is None:
                open_ = True
            elif name in relation.columns:
                return relation.columns[name]
            else:
                reached += relation.columns
        if any(relation.alias == name for relation in level.relations):
            return None  # a whole row
    if open_ or name in _SYSTEM_COLUMNS:
        return None
    tables = [relation for level in scope.chain() for relation in level.relations]
    if len(tables) == 1:
        message = f"`{tables[0].table or tables[0].alias}` has no column `{name}`"
    else:
        message = f"no table of this statement has a column `{name}`" if tables else f"`{name}` is no column here"
    raise Missing(name, message, _meant(name, reached), "42703")


def _qualified(fields: list[str], scope: Scope) -> ResultColumn | None:
    alias, name = ".".join(fields[:-1]).removeprefix("public."), fields[-1]
    relation = scope.relation(alias)
    if relation is None:
        if len(fields) == 2 and any(_has(level, alias) for level in scope.chain()):
            return None  # a member of a column of a composite type
        known = [each.alias for level in scope.chain() for each in level.relations]
        owner = next((each for level in scope.chain() for each in level.relations if each.table == alias), None)
        hint = f"it is called `{owner.alias}` here" if owner else _meant(alias, known)
        raise Missing(alias, f"`{alias}` is not in the FROM of this statement", hint, "42P01")
    if relation.columns is None or name in _SYSTEM_COLUMNS:
        return None
    if name not in relation.columns:
        shown = relation.table or alias
        hint = _meant(name, relation.columns)
        raise Missing(name, f"`{shown}` has no column `{name}`", hint, "42703")
    return relation.columns[name]


def _has(scope: Scope, name: str) -> bool:
    return any(relation.columns is None or name in relation.columns for relation in scope.relations)


_LISTED = 12


def _meant(name: str, known: Iterable[str]) -> str:
    """The closest name, or all there are if they are few."""
    names = list(dict.fromkeys(known))
    close = closest(name, names)
    if close:
        return f"did you mean `{close}`?"
    return f"there {'are' if len(names) > 1 else 'is'} {listed(names)}" if 0 < len(names) <= _LISTED else ""


def listed(names: Sequence[str]) -> str:
    """`a`, `b` and `c`, in code spans."""
    quoted = [f"`{name}`" for name in names]
    return " and ".join(filter(None, (", ".join(quoted[:-1]), quoted[-1])))


def of_table(table: Table, alias: str, catalog: "Tables") -> Relation:
    columns = {
        column.name: ResultColumn(
            column.name,
            column.type,
            not (column.not_null or catalog.never_null(column.type)),
            (table.name, column.name),
        )
        for column in table.columns
    }
    return Relation(alias, columns, table.name)


def nullable(relation: Relation) -> Relation:
    """The relation on the side of an outer join that may have no row."""
    if relation.columns is None:
        return relation
    return replace(relation, columns={name: replace(each, nullable=True) for name, each in relation.columns.items()})


def renamed(relation: Relation, names: list[str]) -> Relation:
    """The relation with `AS t(a, b)`: its first columns have other names."""
    if relation.columns is None:
        return (
            Relation(relation.alias, {name: ResultColumn(name, UNKNOWN) for name in names}, None) if names else relation
        )
    columns = list(relation.columns.values())
    columns[: len(names)] = [replace(each, name=name) for each, name in zip(columns, names, strict=False)]
    return replace(relation, columns={each.name: each for each in columns})


class Tables:
    """A catalogue by name, for many look-ups."""

    def __init__(self, catalog: Catalog) -> None:
        self.tables = catalog.by_name
        self.views = {view.name: view for view in reversed(catalog.views)}
        self._never_null = {domain.name for domain in catalog.domains if domain.not_null}
        self._bases = {domain.name: domain.base for domain in catalog.domains}

    def never_null(self, type_: SqlType) -> bool:
        return type_.name in self._never_null and not type_.dimensions

    def base(self, type_: SqlType) -> SqlType:
        """The type that a domain is made of; other types are their own."""
        seen: set[str] = set()
        while type_.name in self._bases and type_.name not in seen and not type_.dimensions:
            seen.add(type_.name)
            type_ = self._bases[type_.name]
        return type_

    def missing(self, name: str) -> Missing:
        close = closest(name, [*self.tables, *self.views])
        hint = f"did you mean `{close}`?" if close else f"create `{name}` in the Database Schema"
        return Missing(name, f"no table `{name}` is in the schema", hint, "42P01")

    @staticmethod
    def is_system(name: str) -> bool:
        return name.startswith(_SYSTEM_SCHEMAS)
