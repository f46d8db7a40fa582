"""A catalogue while statements are still changing it."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from itertools import islice

from asbuilt.postgres.catalog import Catalog, Check, Column, Domain, EnumType, ForeignKey, Index, Key, Table, View
from asbuilt.postgres.grammar import Node, Tree
from asbuilt.postgres.naming import choose
from asbuilt.postgres.salvage import elements
from asbuilt.postgres.statement import Fault
from asbuilt.source import Fragment, Span
from asbuilt.values import frozen


def qualified(relation: Node) -> str:
    """A relation's name as the catalogue holds it: with its schema, unless that is `public`."""
    schema = relation.get("schemaname", "")
    name: str = relation["relname"]
    return f"{schema}.{name}" if schema not in {"", "public"} else name


def dotted(names: Iterable[Node]) -> str:
    """The same for a list of name parts."""
    parts = [part["String"].get("sval", "") for part in names]
    return ".".join(parts[1:] if parts[0] == "public" and len(parts) > 1 else parts)


def schema_of(name: str) -> str:
    return name.rpartition(".")[0]


def local(name: str) -> str:
    return name.rpartition(".")[2]


@dataclass(slots=True)
class TableDraft:
    """`columns`, `keys` and the others are by name, in order."""

    name: str
    span: Span
    columns: dict[str, Column] = field(default_factory=dict)
    keys: dict[str, Key] = field(default_factory=dict)
    foreign_keys: dict[str, ForeignKey] = field(default_factory=dict)
    checks: dict[str, Check] = field(default_factory=dict)

    def built(self) -> Table:
        keys = sorted(self.keys.values(), key=lambda key: not key.primary)
        return Table(
            self.name,
            tuple(self.columns.values()),
            self.span,
            tuple(keys),
            tuple(self.foreign_keys.values()),
            tuple(self.checks.values()),
        )

    def require(self, names: Iterable[str]) -> None:
        """Makes columns NOT NULL."""
        for name in names:
            if name in self.columns:
                self.columns[name] = replace(self.columns[name], not_null=True)


@dataclass(slots=True)
class Draft:
    """All that the statements read so far have made. A second table of one name is kept beside the first."""

    tables: list[TableDraft] = field(default_factory=list)
    enums: list[EnumType] = field(default_factory=list)
    domains: list[Domain] = field(default_factory=list)
    indexes: list[Index] = field(default_factory=list)
    views: list[View] = field(default_factory=list)
    types: list[str] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    constraints: set[str] = field(default_factory=set)
    relations: set[str] = field(default_factory=set)
    known: dict[str, TableDraft] = field(default_factory=dict)

    def table(self, name: str) -> TableDraft | None:
        return self.known.get(name)

    def add(self, table: TableDraft) -> None:
        self.tables.append(table)
        self.known.setdefault(table.name, table)
        self.relations.add(table.name)

    def drop(self, name: str) -> None:
        self.tables = [table for table in self.tables if table.name != name]
        gone = self.known.pop(name, None)
        self.indexes = [index for index in self.indexes if index.table != name]
        for table in self.tables:
            table.foreign_keys = {n: key for n, key in table.foreign_keys.items() if key.table != name}
        if gone is not None:
            for constraint in (*gone.keys, *gone.foreign_keys, *gone.checks):
                self.constraints.discard(_within(name, constraint))
            self.relations -= {name, *(_within(name, key) for key in gone.keys)}

    def name_constraint(self, table: str, columns: str, label: str) -> str:
        """The name PostgreSQL chooses for a CHECK or a foreign key."""
        return choose(local(table), columns, label, lambda name: _within(table, name) in self.constraints)

    def name_relation(self, table: str, columns: str, label: str) -> str:
        """The name PostgreSQL chooses for a key, an index or a sequence."""

        def taken(name: str) -> bool:
            return _within(table, name) in self.relations or _within(table, name) in self.constraints

        return choose(local(table), columns, label, taken)

    def take(self, table: str, name: str, *, relation: bool) -> None:
        """Marks a constraint's name as used in the schema of its table."""
        self.constraints.add(_within(table, name))
        if relation:
            self.relations.add(_within(table, name))

    def built(self) -> Catalog:
        tables = tuple(table.built() for table in self.tables)
        primary = {table.name: key.columns for table in reversed(tables) if (key := table.primary_key)}
        return Catalog(
            tuple(_with_targets(table, primary) for table in tables),
            tuple(self.enums),
            tuple(self.domains),
            tuple(self.indexes),
            tuple(self.views),
            tuple(self.types),
        )


def _within(table: str, name: str) -> str:
    schema = schema_of(table)
    return f"{schema}.{name}" if schema else name


def _with_targets(table: Table, primary: dict[str, tuple[str, ...]]) -> Table:
    """The table with each foreign key that names no columns led to the primary key of its target."""
    if all(key.references for key in table.foreign_keys):
        return table
    keys = (
        key if key.references else replace(key, references=primary.get(key.table, ())) for key in table.foreign_keys
    )
    return replace(table, foreign_keys=tuple(keys))


@frozen
class Site:
    """One statement in the document: its text, its tree, and spans and slices of both."""

    sql: Fragment
    tree: Tree

    def span(self, start: int, end: int) -> Span:
        return self.sql.span(start, end)

    def text(self, start: int, end: int) -> str:
        return self.sql.text[start:end]

    def index(self, offset: int) -> int:
        """The number of the first token at or after an offset."""
        low, high = 0, len(self.tree.tokens)
        while low < high:
            middle = (low + high) // 2
            if self.tree.tokens[middle].start < offset:
                low = middle + 1
            else:
                high = middle
        return low

    def name_span(self, node: Node) -> Span:
        """The span of the dotted name that stands where `node` says."""
        start = self.tree.at(node)
        return self.span(start, self.name_end(self.index(start)))

    def name_end(self, index: int) -> int:
        tokens = self.tree.tokens
        while index + 2 < len(tokens) and tokens[index + 1].name == "ASCII_46":
            index += 2
        return tokens[index].end if index < len(tokens) else len(self.sql.text)

    def element_end(self, start: int) -> int:
        """Where the element of a list that begins at `start` ends: before its comma or parenthesis."""
        depth, end = 0, start
        for token in islice(self.tree.tokens, self.index(start), None):
            if token.name in {"ASCII_40", "ASCII_91"}:
                depth += 1
            elif token.name in {"ASCII_41", "ASCII_93"}:
                if not depth:
                    return end
                depth -= 1
            elif token.name == "ASCII_44" and not depth:
                return end
            end = token.end
        return end

    def elements(self) -> list[tuple[int, int]]:
        """Where each element in the first parentheses of the statement begins and ends."""
        tokens = self.tree.tokens
        opening = next((at for at, token in enumerate(tokens) if token.name == "ASCII_40"), len(tokens))
        return list(elements(tokens, opening))

    def group(self, start: int, end: int) -> str:
        """What stands in the first parentheses after `start`."""
        depth, opened = 0, start
        for token in islice(self.tree.tokens, self.index(start), self.index(end)):
            if token.name == "ASCII_40":
                if not depth:
                    opened = token.end
                depth += 1
            elif token.name == "ASCII_41":
                depth -= 1
                if not depth:
                    return self.text(opened, token.start).strip()
        return self.text(start, end)

    def after(self, keyword: str, start: int, end: int) -> str:
        """The text between the first `keyword` token after `start` and `end`."""
        for token in islice(self.tree.tokens, self.index(start), self.index(end)):
            if token.name == keyword:
                return self.text(token.end, end).strip()
        return self.text(start, end)

    def name_after(self, *keywords: str) -> Span:
        """The span of the name that follows the first of these tokens; without one, the whole statement."""
        skipped = {"IF_P", "NOT", "EXISTS", "CONCURRENTLY", "ONLY"}
        tokens = self.tree.tokens
        at = next((number for number, token in enumerate(tokens) if token.name in keywords), len(tokens)) + 1
        while at < len(tokens) and tokens[at].name in skipped:
            at += 1
        return self.span(tokens[at].start, self.name_end(at)) if at < len(tokens) else self.sql.whole
