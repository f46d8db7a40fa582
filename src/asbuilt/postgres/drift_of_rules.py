"""The constraints and indexes of one table, in a document and in a live catalogue.

They are paired by what they do; names count where something refers to them. A condition may be spread over several
CHECKs or be one: rows are refused all the same.
"""

from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import TypeVar

from asbuilt.postgres.agreement import Agreement, Kind, Rivals
from asbuilt.postgres.canonical import Form, conjuncts, form
from asbuilt.postgres.catalog import SqlType
from asbuilt.postgres.inventory import HeldCheck, HeldIndex, HeldKey, HeldReference, HeldTable
from asbuilt.postgres.spelling import identifier
from asbuilt.postgres.sqltypes import parsed

_Rule = TypeVar("_Rule", HeldIndex, HeldCheck, HeldReference)


@dataclass(slots=True)
class RuleDrift:
    """`bound` are names of constraints that the document refers to. `met` grows: live rules that stand for ours."""

    ours: HeldTable
    live: HeldTable
    bound: AbstractSet[str]
    met: set[str] = field(default_factory=set)

    def agreements(self) -> Iterator[Agreement]:
        """One for each constraint and index of ours."""
        for index in self.ours.indexes:
            yield from self._of_index(index)
        for check in self.ours.checks:
            yield self._of_check(check)
        for reference in self.ours.references:
            yield self._of_reference(reference)

    def refusals(self) -> Iterator[tuple[str, Rivals | None]]:
        """Live constraints over documented columns that refuse what the document accepts; after `agreements`."""
        known = {column.name for column in self.ours.columns}
        for index in self.live.indexes:
            free = index.name not in self.met and index.unique and set(index.columns) <= known
            if free and not any(_implies(each, index) for each in self.ours.indexes):
                yield index.definition, None
        own = frozenset[Form]().union(*(self._conjuncts(check) for check in self.ours.checks)) | _certain(self.ours)
        for check in self.live.checks:
            free = check.name not in self.met and check.enforced and set(check.columns) <= known
            if free and self._conjuncts(check) - own:
                yield check.definition, self._demanded(check)
        for reference in self.live.references:
            if reference.name not in self.met and reference.enforced and set(reference.columns) <= known:
                yield reference.definition, None

    def _demanded(self, check: HeldCheck) -> Rivals:
        """All that ours demands of the columns of a live check, against that check."""
        names = set(check.columns)
        demands = [f"({each.expression}) IS NOT FALSE" for each in self.ours.checks if set(each.columns) <= names]
        filled = (each.name for each in self.ours.columns if each.not_null and each.name in names)
        demands += [f"{identifier(name)} IS NOT NULL" for name in filled]
        return Rivals(self._typed(names), " AND ".join(demands) or "true", check.expression, stricter=True)

    def _of_index(self, index: HeldIndex) -> Iterator[Agreement]:
        equal = [each for each in self.live.indexes if self._same_index(index, each)]
        if index.kind:
            yield self._agreement("constraint", index, self._keys_alike(index), self.live.indexes)
            return
        yield self._agreement("index", index, equal, self.live.indexes)
        if index.is_key:
            yield self._agreement("constraint", index, self._keys_alike(index), self.live.indexes)

    def _keys_alike(self, index: HeldIndex) -> list[HeldIndex]:
        """Live indexes that keep the same key unique."""
        if index.kind == "x":
            return [each for each in self.live.indexes if each.kind == "x" and _bare(each) == _bare(index)]
        return [
            each
            for each in self.live.indexes
            if each.unique
            and each.valid
            and each.predicate is None
            and not any(key.computed for key in (*each.keys, *index.keys))
            and _plain_key(each) == _plain_key(index)
            and (index.kind != "p" or each.kind == "p")
            and (each.nulls_equal, each.deferral) == (index.nulls_equal, index.deferral)
        ]

    def _same_index(self, left: HeldIndex, right: HeldIndex) -> bool:
        return right.valid and self._index_form(left) == self._index_form(right)

    def _index_form(self, index: HeldIndex) -> tuple[object, ...]:
        types = types_of(self.ours)
        turned = bool(index.keys) and index.keys[0].descending
        keys = tuple(_key_form(key, types, turned=turned) for key in index.keys)
        predicate = None if index.predicate is None else form(index.predicate, types)
        unique = (index.unique, index.nulls_equal, index.deferral)
        return (index.method, keys, frozenset(index.included), predicate, unique)

    def _of_check(self, check: HeldCheck) -> Agreement:
        demanded = self._conjuncts(check)
        equal = [each for each in self.live.checks if each.enforced and self._conjuncts(each) == demanded]
        if not equal and check.name not in self.bound:
            parts = [each for each in self.live.checks if self._is_part(check, each)]
            if demanded <= _certain(self.live).union(*map(self._conjuncts, parts)):
                self.met |= {each.name for each in parts if self._conjuncts(each) <= demanded}
                held = " and ".join(each.definition for each in parts) or "NOT NULL"
                return Agreement("constraint", (self.ours.name, check.name), check.definition, held)
        return self._agreement("constraint", check, equal, self.live.checks)

    def _is_part(self, ours: HeldCheck, live: HeldCheck) -> bool:
        """Whether a live check demands something of what one of ours does; one of its name must not demand more."""
        own = frozenset[Form]().union(*map(self._conjuncts, self.ours.checks))
        found = self._conjuncts(live)
        return live.enforced and bool(found & self._conjuncts(ours)) and (live.name != ours.name or found <= own)

    def _conjuncts(self, check: HeldCheck) -> frozenset[Form]:
        return conjuncts(check.expression, types_of(self.ours))

    def _of_reference(self, reference: HeldReference) -> Agreement:
        equal = [each for each in self.live.references if _reference_form(each) == _reference_form(reference)]
        equal = [each for each in equal if not reference.deferral or each.deferral == reference.deferral]
        return self._agreement("constraint", reference, equal, self.live.references)

    def _agreement(self, kind: Kind, ours: _Rule, equal: Sequence[_Rule], live: Sequence[_Rule]) -> Agreement:
        """Of one of ours, those that do the same, and all that might have been meant."""
        names = (ours.name,) if kind == "index" else (self.ours.name, ours.name)
        self.met |= {each.name for each in equal}
        found = next((each for each in equal if each.name == ours.name), next(iter(equal), None))
        if found is None:
            other = self._meant(ours, live)
            differs = f"the catalogue has no such {kind}"
            if other is not None:
                self.met.add(other.name)
                differs = f"the document says {_bare(ours)}, the catalogue holds {_bare(other)}"
            rivals = self._rivals(ours, other)
            return Agreement(kind, names, ours.definition, other.definition if other else "", differs, "", rivals)
        if found.name == ours.name:
            return Agreement(kind, names, ours.definition, found.definition)
        if kind == "constraint" and ours.name in self.bound:
            differs = f"the document refers to it as `{ours.name}`, the catalogue calls it `{found.name}`"
            return Agreement(kind, names, ours.definition, found.definition, differs)
        return Agreement(kind, names, ours.definition, found.definition, remark=f"there called `{found.name}`")

    def _rivals(self, ours: HeldIndex | HeldCheck | HeldReference, live: object) -> Rivals | None:
        if isinstance(ours, HeldCheck) and isinstance(live, HeldCheck) and live.enforced:
            return Rivals(self._typed({*ours.columns, *live.columns}), ours.expression, live.expression)
        return None

    def _typed(self, names: AbstractSet[str]) -> tuple[tuple[str, str], ...]:
        return tuple((column.name, column.type) for column in self.ours.columns if column.name in names)

    def _meant(self, ours: _Rule, live: Sequence[_Rule]) -> _Rule | None:
        """The live rule that was to be this one: of its name, else on its columns; none that stands for another."""
        left = [each for each in live if each.name not in self.met and not self._is_another(each)]
        named = (each for each in live if each.name == ours.name)
        alike = (each for each in left if each.columns == ours.columns and _family(each) == _family(ours))
        near = (each for each in left if set(each.columns) & set(ours.columns) and _family(each) == _family(ours))
        return next(named, None) or next(alike, None) or next(near, None)

    def _is_another(self, live: _Rule) -> bool:
        """Whether ours has a rule of this name, which then is its counterpart."""
        own: tuple[HeldIndex | HeldCheck | HeldReference, ...] = (
            *self.ours.indexes,
            *self.ours.checks,
            *self.ours.references,
        )
        return any(each.name == live.name for each in own)


def _certain(table: HeldTable) -> frozenset[Form]:
    """What the NOT NULL of its columns says, as conditions."""
    filled = (column.name for column in table.columns if column.not_null)
    return frozenset[Form](("not", ("null?", ("column", name))) for name in filled)


def types_of(table: HeldTable) -> dict[str, SqlType]:
    return {column.name: parsed(column.type) for column in table.columns}


def _family(rule: HeldIndex | HeldCheck | HeldReference) -> str:
    if isinstance(rule, HeldIndex):
        return "key" if rule.kind else "index"
    return type(rule).__name__


def _bare(rule: HeldIndex | HeldCheck | HeldReference) -> str:
    """The definition without the name."""
    if not isinstance(rule, HeldIndex) or rule.kind == "x":
        return rule.definition
    told = {"p": "PRIMARY KEY", "u": "UNIQUE"}.get(rule.kind)
    if told is None:
        return rule.definition.replace(f"INDEX {rule.name} ON", "INDEX ON", 1)
    nulls = " NULLS NOT DISTINCT" if rule.nulls_equal else ""
    return f"{told}{nulls} ({', '.join(rule.columns)}) {rule.deferral.upper()}".rstrip()


def _plain_key(index: HeldIndex) -> tuple[tuple[str, str, str], ...]:
    return tuple((key.text, key.class_, key.collation) for key in index.keys)


def _key_form(key: HeldKey, types: dict[str, SqlType], *, turned: bool) -> tuple[object, ...]:
    """An index that is read backwards is the same index: `turned` turns each key of it round."""
    text: object = form(key.text, types) if key.computed else key.text
    return (text, key.class_, key.collation, key.descending != turned, key.nulls_first != turned)


def _reference_form(reference: HeldReference) -> tuple[object, ...]:
    pairs = frozenset(zip(reference.columns, reference.references, strict=True))
    match = reference.match if len(reference.columns) > 1 else "s"
    target = reference.target.rpartition(".")[2]
    emptied = frozenset(reference.emptied) or frozenset(reference.columns)
    emptied = emptied if reference.on_delete.startswith("SET") else frozenset()
    return (pairs, target, reference.on_delete, reference.on_update, match, emptied, reference.enforced)


def _implies(ours: HeldIndex, live: HeldIndex) -> bool:
    """Whether a key of ours keeps all rows out that a live unique index keeps out."""
    return ours.unique and ours.is_key and set(ours.columns) <= set(live.columns) and not live.nulls_equal
