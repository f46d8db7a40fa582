"""What must hold of statuses: HTTP knows them, and an error's is one of an error."""

from collections.abc import Iterator
from http import HTTPStatus

from asbuilt.diagnostics import Diagnostic, Hole, rule
from asbuilt.sections.api.model import Api
from asbuilt.source import Span

_REGISTERED = tuple(map(int, HTTPStatus))
# In no registry, and in use: by frameworks, proxies and clouds.
_IN_USE = frozenset({419, 420, 430, 440, 444, 449, 450, 460, 463, *range(494, 500), 509, *range(520, 531)}) | {
    561,
    598,
    599,
}


@rule("API112", severity="warning")
def unknown_status(api: Api) -> Iterator[Diagnostic]:
    """A status is none that HTTP knows.

    Callers, proxies and libraries treat a status they do not know as the first of its hundred: 442 as 400, 299 as
    200. Mostly it is a slip of the pen. Known are the statuses that IANA has registered
    (https://www.iana.org/assignments/http-status-codes), and those that widespread software answers besides.
    """
    seen: set[Span] = set()
    for status, span in _statuses(api):
        if status not in _REGISTERED and status not in _IN_USE and span not in seen:
            seen.add(span)
            yield unknown_status.at(Hole(span, ""), f"{status} is not a status that HTTP knows", hint=_hint(status))


def _statuses(api: Api) -> Iterator[tuple[int, Span]]:
    for endpoint in api.endpoints:
        yield from ((answer.status, answer.span) for answer in endpoint.answers)
    yield from ((row.status, row.status_span) for row in api.errors)
    yield from api.raised


def _hint(status: int) -> str:
    """The registered statuses that are a digit away, or two digits swapped."""
    alike = [known for known in _REGISTERED if known // 100 == status // 100 and _is_slip(str(known), str(status))]
    if not alike:
        return "write one that IANA has registered"
    shown = [f"`{known}`" for known in alike]
    return f"did you mean {', '.join(shown[:-1])}{' or ' if shown[1:] else ''}{shown[-1]}?"


def _is_slip(known: str, written: str) -> bool:
    return sum(a != b for a, b in zip(known, written, strict=True)) == 1 or known == written[0] + written[:0:-1]


@rule("API306", severity="warning")
def successful_error(api: Api) -> Iterator[Diagnostic]:
    """A row of the error table has a status that means success.

    Callers look at the status first: with 200, no client library, retry or alert would notice the error. Answer
    400 or more, or list what is no error under the `Response` of its endpoint.
    """
    for row in api.errors:
        if row.status < 300:
            where = Hole(row.status_span, "")
            hint = "give the error a status from 400, or make it a `Response`"
            yield successful_error.at(
                where, f"{row.status} tells callers of `{row.code.text}` that all is well", hint=hint
            )


RULES = (unknown_status, successful_error)
