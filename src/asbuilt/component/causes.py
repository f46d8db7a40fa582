"""Which row of the error table answers which cause, and which causes an operation has."""

from collections.abc import Iterator
from typing import Literal

from asbuilt.component.cause import DEFAULT_STATUS, OTHER_STATUSES, WIDER, Cause
from asbuilt.component.error_clauses import ON_DELETE, Clause, fills_itself
from asbuilt.component.model import Component, Operation
from asbuilt.component.occasions import occasions, raised_by
from asbuilt.component.reach import Reach, reach_of
from asbuilt.language.names import snake
from asbuilt.sections.api import ErrorRow
from asbuilt.values import frozen

__all__ = ["DEFAULT_STATUS", "Occurrence", "causes_of", "error_row"]


@frozen
class Occurrence:
    """An error an operation can answer: for a cause of the baseline, raised by its algorithm, or merely listed.

    `row` is None where no row answers the cause: then it is a problem with the default status.
    """

    cause: Cause | Literal["raised", "listed"]
    about: tuple[str, ...]
    row: ErrorRow | None
    status: int


def error_row(
    component: Component, operation: Operation | None, cause: Cause, about: tuple[str, ...] = ()
) -> ErrorRow | None:
    """The row that answers a cause, or None: then the answer is a problem with `DEFAULT_STATUS`.

    `about` names what the cause is about, each a reference that a row's description may hold: a
    constraint (`users_email_key`), a parameter or member (`email`, `lines.0.sku`), a pattern, a table,
    and the words `on delete`. Of the rows with a clause whose references all hold, the most specific
    wins; failing references, the only row with the cause's status that has none. What the operation's
    `Errors:` list holds goes before the rest of the table, but a row that algorithms raise stands back
    behind any that refers to the cause.
    """
    reach = reach_of(component, operation) if operation else None
    listed = {name.text for name in operation.endpoint.errors} if operation else set()
    return _Search(component, reach, cause, about, frozenset(listed)).found()


def causes_of(component: Component, operation: Operation) -> tuple[Occurrence, ...]:
    """Every error an operation can answer, each cause with what it may be about.

    Causes that no endpoint has (`unknown route`, `method`) are not among them.
    """
    reach = reach_of(component, operation)
    listed = frozenset(name.text for name in operation.endpoint.errors)
    found = []
    for cause, about in dict.fromkeys(occasions(component, operation, reach)):
        row = _Search(component, reach, cause, about, listed).found()
        found.append(Occurrence(cause, about, row, row.status if row else DEFAULT_STATUS[cause]))
    rows = component.error_rows
    raised = raised_by(component, reach)
    found += [Occurrence("raised", (code,), rows[code], rows[code].status) for code in raised]
    told = {each.row.code.text for each in found if each.row}
    others = (name.text for name in operation.endpoint.errors if name.text in rows and name.text not in told)
    found += [Occurrence("listed", (code,), rows[code], rows[code].status) for code in others]
    return tuple(found)


@frozen
class _Search:
    component: Component
    reach: Reach | None
    cause: Cause
    about: tuple[str, ...]
    listed: frozenset[str]

    def found(self) -> ErrorRow | None:
        if self.listed:
            unraised = self.listed - self.component.error_table.raised
            own = self._referring(self.listed) or self._only(unraised)
            if own:
                return own
        return self._referring(None) or self._only(self.listed) or self._only(None)

    def _referring(self, among: frozenset[str] | None) -> ErrorRow | None:
        """The row that refers to the cause most specifically; of equals, the first."""
        best, heaviest = None, 0
        names = set(self.about)
        for row, clause in self.component.error_table.concerning(self._words()):
            if clause.constraints and clause.constraints.isdisjoint(names):
                continue
            if among is None or row.code.text in among:
                weight = self._weight(clause, row, names)
                best, heaviest = (row, weight) if weight > heaviest else (best, heaviest)
        return best

    def _words(self) -> set[str]:
        """What a clause may name to refer to the cause."""
        words = {each for name in self.about for each in (name, *_names_of_member(name))}
        return words.union(self.reach.operations, self.reach.tables, self.reach.schemas) if self.reach else words

    def _only(self, among: frozenset[str] | None) -> ErrorRow | None:
        """The only row with the cause's status among those that refer to no cause."""
        for status in self._statuses():
            rows = self.component.error_table.open.get(status, ())
            plain = [row for row in rows if among is None or row.code.text in among]
            if len(plain) == 1:
                return plain[0]
        return None

    def _statuses(self) -> tuple[int, ...]:
        return (DEFAULT_STATUS[self.cause], *OTHER_STATUSES.get(self.cause, ()))

    def _weight(self, clause: Clause, row: ErrorRow, about: set[str]) -> int:
        """How specifically a clause refers to the cause; 0: not at all."""
        named = self._named(clause, row)
        limits = list(self._limits(clause, about)) if named else [0]
        return 0 if 0 in limits else named + sum(limits)

    def _named(self, clause: Clause, row: ErrorRow) -> int:
        """By its cause's name; without one, by the status where the clause says what it is about."""
        if clause.causes:
            return 2 if self.cause in clause.causes else int(WIDER.get(self.cause) in clause.causes)
        return int(bool(clause.constraints) or (row.status in self._statuses() and fills_itself(row)))

    def _limits(self, clause: Clause, about: set[str]) -> Iterator[int]:
        """For each kind of reference in a clause, the weight of its holding; 0 where none of them holds."""
        reach = self.reach
        if clause.constraints:
            yield 16
        if clause.on_delete or (clause.constraints and ON_DELETE in about):
            yield int(clause.on_delete and ON_DELETE in about)
        if clause.operations:
            yield 8 * bool(clause.operations & (about | (reach.operations if reach else set())))
        if clause.members:
            yield 4 * self._all_members(clause)
        if clause.tables:
            yield 2 * bool(clause.tables & (about | (reach.tables if reach else set())))
        if clause.schemas:
            yield 2 * bool(clause.schemas & (about | (reach.schemas if reach else set())))

    def _all_members(self, clause: Clause) -> bool:
        """Whether every member or parameter that the cause is about is one of the clause's."""
        if self.cause != "validation":
            return any(_is_member(name, clause.members) for name in self.about)
        about = [name for name in self.about if name not in self.component.stored_names]
        return bool(about) and all(_is_member(name, clause.members) for name in about)


def _is_member(name: str, members: frozenset[str]) -> bool:
    """Whether a place in a request (`lines.0.sku`) is one of the members: `lines`, `sku`, `Line.sku`."""
    return not _names_of_member(name).isdisjoint(member.rpartition(".")[2] for member in members)


def _names_of_member(place: str) -> set[str]:
    parts = place.split(".")
    return {parts[0], parts[-1], snake(parts[-1])}
