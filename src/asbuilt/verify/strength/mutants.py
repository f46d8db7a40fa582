"""All faults that are planted, from what the runtime serves: operations, times answers, times kinds of faults."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import partial

from asbuilt.component import AlgorithmStep, Operation, PatternStep
from asbuilt.ledger.api import ENDPOINTS, ERRORS, SCHEMAS
from asbuilt.values import frozen
from asbuilt.verify.error_bodies import PROBLEM
from asbuilt.verify.places import Path
from asbuilt.verify.strength import edits, faults
from asbuilt.verify.strength.between import Fault
from asbuilt.verify.strength.said import Said
from asbuilt.verify.strength.survey import Answers, Served, Taken, own_headers

ALGORITHMS, PATTERNS, TABLES = "algorithms.algorithm", "data.access-patterns", "data.database-schema"
_UNHEARD = "text/x-unheard-of"
_PROBLEM: tuple[Path, ...] = (("type",), ("title",), ("status",), ("detail",), ("instance",))
_WRITES = frozenset({"POST", "PUT", "PATCH", "DELETE"})
_OTHER_STATUS = {200: 202, 201: 200, 202: 200, 204: 200, 301: 302, 302: 307, 404: 410, 409: 400, 422: 400, 400: 422}
_EDITS: Mapping[str, edits.Edit] = {
    "removed": edits.removed,
    "renamed": edits.renamed,
    "null": edits.nulled,
    "of another type": edits.mistyped,
    "altered": edits.altered,
}
_LISTS = {
    "in reverse": edits.reversed_,
    "without half of its rows": edits.halved,
    "with its rows twice": edits.doubled,
    "with a row more": edits.lengthened,
}


@frozen
class Mutant:
    """One fault, and the section where a statement would pin down that it is one.

    `kind` says what is wrong, `place` where. `operation` is the name of the one it is planted in, None for each that
    gives such an answer; `answer` is what has to be answered for it to show, None for anything. `missing` says what
    to write where the document does not catch it. A fault that `recalls` needs that there was a success before; that
    of a `deed` may show in other operations, and where several things are done at once.
    """

    section: str
    kind: str
    place: str
    missing: str
    operation: str | None = None
    answer: Said | None = None
    fault: Fault | None = None
    sql: str = ""
    recalls: bool = False
    deed: bool = False

    @property
    def id(self) -> str:
        return f"{self.section}: {self.kind}: {self.place}"


def mutants(known: Mapping[str, Served]) -> Iterator[Mutant]:
    """Each once, in the order of the operations."""
    common = own_headers(known.values())
    for served in known.values():
        for answer, answers in sorted(served.answers.items(), key=lambda pair: str(pair[0])):
            if answer.status < 400:
                yield from _successes(served.operation, answer, answers, common)
            else:
                yield from _refusals(served.operation, answer)
        if any(answer.status < 400 for answer in served.answers):
            yield from _requests(served)
            yield from _deeds(served.operation)
    yield from _errors(known.values())


# Answers


def _successes(operation: Operation, answer: Said, answers: Answers, common: frozenset[str]) -> Iterator[Mutant]:
    title = operation.endpoint.title
    make = partial(_answered, operation, answer)
    place = f"{title} {answer}"
    other = _OTHER_STATUS.get(answer.status, 200)
    yield make(
        ENDPOINTS, "another status", f"{place}, as {other}", "a `Response:` with the status", faults.with_status(other)
    )
    if answers.media_type:
        told = "a `Response:` with a schema or a media type"
        yield make(ENDPOINTS, "another media type", place, told, faults.with_media_type(_UNHEARD))
    for name in sorted(answers.headers - common):
        told = "a header that the endpoint answers with"
        yield make(ENDPOINTS, "header dropped", f"{place}: {name}", told, faults.without_header(name))
    for way, value in answers.members.items():
        for kind, edit in _EDITS.items():
            if _shows(kind, value):
                told = "a schema of the answer with this member, its type and its bounds"
                where = f"{place}: {edits.spelled(way)}"
                yield make(SCHEMAS, f"member {kind}", where, told, faults.with_member(way, edit))
    for way in sorted(answers.lists, key=str):
        for kind, change in _LISTS.items():
            where = f"{place}: {edits.spelled(way)}" if way else place
            told = "a pattern or an algorithm that says which rows there are, in which order"
            yield make(_home(operation), f"list {kind}", where, told, faults.with_list(way, change))


def _refusals(operation: Operation, answer: Said) -> Iterator[Mutant]:
    place = f"{operation.endpoint.title} {answer}"
    other = _OTHER_STATUS.get(answer.status, 400)
    row = "a row of the error table for this error, with its cause"
    yield _answered(operation, answer, ERRORS, "another status", f"{place}, as {other}", row, faults.with_status(other))
    yield Mutant(ERRORS, "accepted", place, row, operation.name, answer, faults.accepted(answer), recalls=True)


def _errors(known: Iterable[Served]) -> Iterator[Mutant]:
    """Of each error once, wherever it is answered: its row is one."""
    merged: defaultdict[Said, list[Answers]] = defaultdict(list)
    for served in known:
        for answer, answers in served.answers.items():
            if answer.status >= 400:
                merged[answer].append(answers)
    for answer, found in sorted(merged.items(), key=lambda pair: str(pair[0])):
        row = "a row of the error table for this error"
        yield _error(answer, "another media type", str(answer), f"{row}, with a body", faults.with_media_type(_UNHEARD))
        yield _error(answer, "body emptied", str(answer), f"{row}, with a body", faults.empty_object)
        for way in sorted({way for each in found for way in each.members if len(way) == 1} - _optional(found)):
            told, where = f"{row}, with a body that has the member", f"{answer}: {edits.spelled(way)}"
            yield _error(answer, "member removed", where, told, faults.with_member(way, edits.removed))
        if answer.code:
            told = f"{row}, by this code"
            yield _error(answer, "another code", str(answer), told, faults.with_code(answer.code))


def _optional(found: Iterable[Answers]) -> set[Path]:
    """Members that a problem may leave out, whatever the document says (https://www.rfc-editor.org/rfc/rfc9457)."""
    return set(_PROBLEM) if any(each.media_type == PROBLEM for each in found) else set()


def _error(answer: Said, kind: str, place: str, missing: str, change: faults.Change) -> Mutant:
    return Mutant(ERRORS, kind, place, missing, None, answer, faults.answering(answer, change))


def _answered(
    operation: Operation, answer: Said, section: str, kind: str, place: str, missing: str, change: faults.Change
) -> Mutant:
    return Mutant(section, kind, place, missing, operation.name, answer, faults.answering(answer, change))


def _shows(kind: str, value: object) -> bool:
    """Whether a fault of that kind changes such a value."""
    if kind in {"null", "of another type"}:
        return value is not None
    return kind != "altered" or isinstance(value, bool | int | float | str)


# Requests


def _requests(served: Served) -> Iterator[Mutant]:
    operation = served.operation
    title = operation.endpoint.title
    for name in sorted(served.parameters):
        fault = faults.ignoring_parameter(name)
        told = "a parameter with its type and its default, and what is done with it"
        yield Mutant(ENDPOINTS, "parameter ignored", f"{title}: {name}", told, operation.name, None, fault)
    for name in sorted(served.refused_parameters):
        fault = faults.accepting_parameter(name)
        told = "a type for the parameter, with its bounds"
        yield Mutant(ENDPOINTS, "parameter not checked", f"{title}: {name}", told, operation.name, None, fault)
    for way in dict.fromkeys(t.way for t in served.taken if t.accepted and t.kind.name == "left out"):
        fault = faults.ignoring_member(way)
        told = "a member of the request's schema that the answer's schema has, too"
        where = f"{title}: {edits.spelled(way)}"
        yield Mutant(SCHEMAS, "request member ignored", where, told, operation.name, None, fault)
    for taken in served.taken:
        yield _taken(operation, taken)


def _taken(operation: Operation, taken: Taken) -> Mutant:
    where = f"{operation.endpoint.title}: {edits.spelled(taken.way)} {taken.kind.name}"
    if taken.accepted:
        told = "a type for the member of the request, with its bounds: how long, how much, whether null or left out"
        fault = faults.refusing_member(taken.way, taken.kind.holds)
        return Mutant(SCHEMAS, "request value refused", where, told, operation.name, None, fault)
    told = "a type for the member of the request that refuses this"
    fault = faults.accepting_member(taken.way, taken.kind.holds)
    return Mutant(SCHEMAS, "request value not checked", where, told, operation.name, None, fault, recalls=True)


# What is done


def _deeds(operation: Operation) -> Iterator[Mutant]:
    title, method = operation.endpoint.title, operation.endpoint.method
    make = partial(_deed, operation, _home(operation))
    yield Mutant(ENDPOINTS, "refused", title, "a `Response:` of success", operation.name, None, faults.refused)
    if method in _WRITES:
        told = "an endpoint that reads what this one writes"
        yield make("not done", told, faults.not_done)
        if method == "POST":  # the other ones may be repeated
            yield make("done twice", told, faults.done_twice)
        yield make("not done at once", told, faults.not_done_at_once)
    if method == "GET":
        yield make("stale", "an endpoint that writes what this one reads", faults.stale)


def _deed(operation: Operation, section: str, kind: str, missing: str, fault: Fault) -> Mutant:
    return Mutant(section, kind, operation.endpoint.title, missing, operation.name, None, fault, deed=True)


def _home(operation: Operation) -> str:
    """The section that says what an operation does; the endpoint's own where that is derived from its lines."""
    if any(isinstance(step, AlgorithmStep) for step in operation.steps):
        return ALGORITHMS
    return PATTERNS if any(isinstance(step, PatternStep) for step in operation.steps) else ENDPOINTS
