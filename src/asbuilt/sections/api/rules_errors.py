"""What must hold of errors: each code known, with one status and one body."""

from collections.abc import Iterator

from asbuilt.diagnostics import Diagnostic, nearest, respelled, rule
from asbuilt.language.likeness import unplaced
from asbuilt.language.names import Name
from asbuilt.sections.api.model import Api, ErrorRow
from asbuilt.source import Span

_MOST_GUESSES = 50  # codes that are compared with all known ones


@rule("API302")
def undefined_error(api: Api) -> Iterator[Diagnostic]:
    """An endpoint lists an error that no row of the error table defines.

    Its status and its body are unknown, so it could be answered in no way. Documents without an error table are not
    held to this.
    """
    known = {row.code.text: row for row in api.errors}
    if not known:
        return
    seen: set[Span] = set()
    guesses = 0
    for endpoint in api.endpoints:
        for error in endpoint.errors:
            if error.text not in known and error.span not in seen:
                seen.add(error.span)
                guesses += 1
                candidates = known if guesses < _MOST_GUESSES else ()
                hint = nearest(error.text, candidates) or "add a row for it under Error Responses"
                fix = respelled(error, error.text, candidates)
                yield undefined_error.at(error, f"no row of the error table defines `{error.text}`", hint=hint, fix=fix)


@rule("API303")
def conflicting_status(api: Api) -> Iterator[Diagnostic]:
    """One error code has two HTTP statuses.

    A caller that branches on the code, or on the status, is wrong half of the time.
    """
    for first, row in _repeated(api):
        if first.status != row.status:
            where = Name(row.code.text, row.status_span)
            also = [(Name(first.code.text, first.status_span), f"it is {first.status} here")]
            message = f"`{row.code.text}` is {row.status} here and {first.status} elsewhere"
            yield conflicting_status.at(where, message, hint="give each status a code of its own", also=also)


@rule("API304")
def duplicate_error(api: Api) -> Iterator[Diagnostic]:
    """Two rows define one error code with different bodies.

    Several rows of one code are fine: each may name causes of its own. They have to agree on what is answered.
    """
    for first, row in _repeated(api):
        if row.body is not None and first.body is not None and unplaced(row.body) != unplaced(first.body):
            also = [(first.code, "the first row is here")]
            yield duplicate_error.at(row.code, f"`{row.code.text}` has two different bodies", also=also)


def _repeated(api: Api) -> Iterator[tuple[ErrorRow, ErrorRow]]:
    """Each row of a code that an earlier row defines, after that row."""
    seen: dict[str, ErrorRow] = {}
    for row in api.errors:
        first = seen.setdefault(row.code.text, row)
        if first is not row:
            yield first, row


RULES = (undefined_error, conflicting_status, duplicate_error)
