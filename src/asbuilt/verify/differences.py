"""Two answers to one call, of implementations of one document, and where they part.

Where the document leaves a choice, so does the comparison: an answer that the other implementation could not be held to
ends the run instead of telling them apart.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

from asbuilt.component import Component, Operation
from asbuilt.component.causes import causes_of
from asbuilt.sections.api import ErrorRow
from asbuilt.values import frozen
from asbuilt.verify.conformance import Member
from asbuilt.verify.correlation import Correlation, Gap
from asbuilt.verify.counterparts import Counterparts
from asbuilt.verify.error_bodies import error_faults
from asbuilt.verify.exchange import PUT_OFF, Exchange
from asbuilt.verify.paging import MOST_PAGES
from asbuilt.verify.refusals import hole_gaps
from asbuilt.verify.resources import Listing, listing
from asbuilt.verify.sequence import Step
from asbuilt.verify.world import successes

Sort: TypeAlias = Literal["silence", "success", "refusal", "fault", "form", "value", "pages", "rows", "order"]


@frozen
class Difference:
    """Where two implementations part. `place` leads to it without the numbers of items.

    Sorts: no answer, another status of success, a success refused or a refusal not given, another fault, a body that
    has not the form, a member's value, how long the pages of a list are, its rows, their order.
    """

    step: Step
    sort: Sort
    why: str
    statuses: tuple[int, int]
    row: ErrorRow | None = None
    place: str = ""
    member: Member | None = None

    @property
    def signature(self) -> tuple[object, ...]:
        """Equal for two appearances of the same difference."""
        code = self.row.code.text if self.row else ""
        return self.step.operation.name, self.sort, self.statuses, code, self.place, self.member


class Abandoned(Exception):  # noqa: N818 - the end of a run that says nothing
    """Nothing can follow any more from what the two answer."""


@dataclass(frozen=True)
class Differences:
    """Compares the answers of a run. `free` are the differences that the reference shows against itself too."""

    component: Component
    correlation: Correlation
    free: frozenset[tuple[object, ...]]

    def first(self, step: Step, ours: Sequence[Exchange], theirs: Sequence[Exchange]) -> Difference | None:
        """None where both answer alike. Raises `Abandoned`."""
        one, other = ours[-1], theirs[-1]
        if other.response is None or other.status in PUT_OFF or other.status >= 500 or one.status in PUT_OFF:
            raise Abandoned
        statuses = one.status, other.status
        if one.response is None:
            return Difference(step, "silence", f"there was no answer: {one.fault}", statuses)
        if other.status in successes(step.operation):
            found = self._succeeded(step, ours, theirs)
        else:
            found = self._refused(step, one, other)
        return None if found is None or found.signature in self.free else found

    def _succeeded(self, step: Step, ours: Sequence[Exchange], theirs: Sequence[Exchange]) -> Difference | None:
        one, other = ours[-1], theirs[-1]
        statuses = one.status, other.status
        if one.status != other.status:
            if step.spoiled:
                raise Abandoned
            return Difference(step, "success", f"answered {one.status}, not {other.status}", statuses)
        answer = next((each for each in step.operation.endpoint.answers if each.status == other.status), None)
        if answer is None or answer.type is None or one.response is None or other.response is None:
            return None
        if one.response.media_type != other.response.media_type:
            why = f"the media type is {one.response.media_type or 'not given'}, not {other.response.media_type}"
            return Difference(step, "form", why, statuses)
        if not other.response.media_type.endswith("json"):
            return None
        found = listing(self.component, step.operation) if step.operation.endpoint.method == "GET" else None
        if found is not None:
            return self._listed(step, found, ours, theirs)
        if step.operation.endpoint.method == "GET" and not step.is_own and self._may_tell_of_others(step.operation):
            return None
        values = one.value(), other.value()
        if values[0] is None and one.response.body:
            return Difference(step, "form", "the body is no JSON", statuses)
        gaps = self.correlation.gaps(*values, answer.type)
        return self._gap(step, statuses, gaps, "value")

    def _may_tell_of_others(self, operation: Operation) -> bool:
        """Whether an answer may tell of rows that others have made."""
        return not operation.endpoint.parameters_in("path")

    def _gap(self, step: Step, statuses: tuple[int, int], gaps: Sequence[Gap], sort: Sort) -> Difference | None:
        """The first gap at a place that the reference repeats."""
        for gap in gaps:
            place = "/".join(part for part in gap.pointer.split("/") if not part.isdigit())
            why = f"{gap.pointer or 'the body'}: {gap.message}"
            found = Difference(step, "form" if gap.missing else sort, why, statuses, None, place, gap.member)
            if found.signature not in self.free:
                return found
        return None

    def _listed(
        self, step: Step, found: Listing, ours: Sequence[Exchange], theirs: Sequence[Exchange]
    ) -> Difference | None:
        statuses = ours[-1].status, theirs[-1].status
        pages = [[found.items(each.value()) for each in side] for side in (ours, theirs)]
        if any(page is None for page in pages[1]):
            raise Abandoned
        if any(page is None for page in pages[0]):
            return Difference(step, "form", "the body is no list of rows", statuses)
        if any(len(side) >= MOST_PAGES for side in (ours, theirs)):
            return None
        compared = Counterparts(self.component, self.correlation, found, step.operation)
        sides = [[page or [] for page in side] for side in pages]
        if step.is_own:
            wrong = compared.unequal_pages(sides[0], sides[1])
            if wrong:
                paged = any(len([page for page in side if page]) > 1 for side in sides)
                return Difference(step, "pages" if paged else "rows", wrong, statuses)
        elif found.limit is not None and found.cursor is None:
            return None
        rows = [[row for page in side for row in page] for side in sides]
        if not step.is_own:
            rows = [[r for r in side if self.correlation.knows(r, ours=n == 0)] for n, side in enumerate(rows)]
        if step.is_own and found.cursor is None and self._is_cut(step, found, len(rows[1])):
            return None
        wrong, gaps = compared.gaps(rows[0], rows[1])
        if gaps:
            return self._gap(step, statuses, gaps, "value")
        if wrong:
            return Difference(step, "rows", wrong, statuses)
        wrong = compared.disorder(rows[0], rows[1])
        return Difference(step, "order", wrong, statuses) if wrong else None

    def _is_cut(self, step: Step, found: Listing, count: int) -> bool:
        """Whether there may be more rows than are shown: which of them are is then for the order to say."""
        if found.limit is None:
            return False
        given = dict(step.query).get(found.limit.name.text, found.limit.default)
        return not isinstance(given, int) or count >= given

    def _refused(self, step: Step, one: Exchange, other: Exchange) -> Difference | None:
        rows = self._rows(step.operation, other)
        statuses = one.status, other.status
        row = rows[0] if rows else None
        if one.status < 400:
            if row is None or (not step.spoiled and self._is_invalid(step.operation, other.status)):
                raise Abandoned
            return Difference(
                step, "refusal", f"answered {one.status}, not {row.status} {row.code.text}", statuses, row
            )
        if one.status >= 500:
            code = f" {row.code.text}" if row else ""
            return Difference(step, "refusal", f"answered {one.status}, not {other.status}{code}", statuses, row)
        if row is None:
            return None
        if one.status != other.status:
            return Difference(step, "fault", f"answered {one.status}, not {row.status} {row.code.text}", statuses, row)
        return self._same_status(step, one, other, rows)

    def _same_status(self, step: Step, one: Exchange, other: Exchange, rows: list[ErrorRow]) -> Difference | None:
        statuses, row = (one.status, other.status), rows[0]
        if one.response is None or other.response is None:
            raise Abandoned
        wrong = [next(error_faults(self.component.types, each, one.response), None) for each in rows]
        if wrong[0] is not None and all(wrong):
            why = f"the body is not that of {row.code.text}: {wrong[0]}"
            return Difference(step, "fault", why, statuses, row)
        if len(rows) == 1:
            gaps = hole_gaps(self.correlation, row, one.value(), other.value())
            found = self._gap(step, statuses, gaps, "fault")
            return replace(found, row=row) if found else None
        return None

    def _rows(self, operation: Operation, exchange: Exchange) -> list[ErrorRow]:
        """The rows that an answer may be; those that the operation has reason for, where there are any."""
        response = exchange.response
        if response is None:
            return []
        fitting = [
            row
            for row in self.component.api.errors
            if row.status == response.status and not any(error_faults(self.component.types, row, response))
        ]
        reasons = {each.row.code.text for each in causes_of(self.component, operation) if each.row}
        return [row for row in fitting if row.code.text in reasons] or fitting

    def _is_invalid(self, operation: Operation, status: int) -> bool:
        """Whether a status says that the request is no valid one, which of this request nobody meant."""
        occurrences = causes_of(self.component, operation)
        meant = {each.status for each in occurrences if each.cause in {"raised", "listed", "no row", "conflict"}}
        return status not in meant
