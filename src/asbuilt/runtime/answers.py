"""From what an operation found or made to its answer: one of the successes that its endpoint documents."""

from collections.abc import Callable, Mapping, Sequence
from itertools import zip_longest
from typing import TypeAlias
from urllib.parse import quote

import msgspec

from asbuilt.component import DerivedStep, Operation
from asbuilt.language.names import snake
from asbuilt.postgres.driver import Result, Row
from asbuilt.runtime.calls import Call
from asbuilt.runtime.cursors import Cursors
from asbuilt.runtime.encode import Encode, Encoders, Unfit, plain, to_json
from asbuilt.runtime.messages import Answer, Header
from asbuilt.runtime.refusals import Refusal
from asbuilt.runtime.statements import Asked
from asbuilt.sections.api import Answer as Documented

FromResult: TypeAlias = Callable[[Result], Answer]
FromValue: TypeAlias = Callable[[object, Call], Answer]
Locate: TypeAlias = Callable[[Row], Header]
_TOKEN = frozenset("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyz")
# A page may have styles of its own, pictures and forms, but no scripts, unless its algorithm says otherwise.
_PAGES = (
    "content-security-policy",
    "default-src 'none'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; form-action 'self'; "
    "frame-ancestors 'none'",
)
_ADDRESSES = frozenset({"location", "content-location"})
# What an address holds as it is (RFC 3986); `%` among it, since what is encoded already stays so.
_OF_ADDRESSES = "!#$%&'()*+,/:;=?@[]~"


def success(operation: Operation) -> Documented | None:
    """The success an operation answers with by itself: the first one it documents."""
    answers = operation.endpoint.answers
    return next((answer for answer in answers if 200 <= answer.status < 400), answers[0] if answers else None)


def from_result(asked: Asked, operation: Operation, cursors: Cursors | None, *, text: bool) -> FromResult:
    """What makes the answer from the one row with JSON that a statement gave. `text`: a string, sent as it is."""
    documented = success(operation)
    located = _located(operation)
    if asked.outcome == "nothing":
        return _nothing(asked, documented, [header.name.text for header in operation.endpoint.answer_headers], located)
    status = documented.status if documented else 200
    media = documented.media_type if documented else "application/json"
    headers = _content_type(media)
    page = asked.outcome == "page"
    bare = text and not _is_json(media)

    def answer(result: Result) -> Answer:
        row = result.rows[0] if result.rows else None
        body = row[0] if row is not None else None
        if not isinstance(body, str) or row is None:
            if asked.demanding or asked.outcome != "object":
                raise Refusal("no row", about=asked.about)
            return Answer(status, headers, b"null")
        if page:
            return Answer(status, headers, _page(body, row, cursors))
        if bare:
            body = msgspec.json.decode(body, type=str)
        return Answer(status, (*headers, located(row)) if located else headers, body.encode())

    return answer


def _located(operation: Operation) -> Locate | None:
    """What makes the address of a new row, out of the values that follow its body, where it is to be told."""
    step = operation.steps[-1]
    parts = step.derivation.address if isinstance(step, DerivedStep) else ()
    texts = [part.text for part in parts]

    def locate(row: Row) -> Header:
        values = [quote(str(value), safe="") for value in [*row][1:]]
        return "location", "".join(text + value for text, value in zip_longest(texts, values, fillvalue=""))

    return locate if parts else None


def _nothing(asked: Asked, documented: Documented | None, headers: Sequence[str], located: Locate | None) -> FromResult:
    """An answer without a body; a header that the document names is the column of that name, or a new row's address."""
    made = Answer(documented.status if documented else 204, ())

    def answer(result: Result) -> Answer:
        if asked.demanding and not result.count:
            raise Refusal("no row", about=asked.about)
        if not headers or not result.rows:
            return made
        if located:
            return Answer(made.status, (located(result.rows[0]),))
        row = dict(zip(result.rows[0].keys(), result.rows[0], strict=True))
        found = {name: row[snake(name)] for name in headers if row.get(snake(name)) is not None}
        return Answer(made.status, _own(found))

    return answer


def _page(items: str, row: Row, cursors: Cursors | None) -> bytes:
    """`Page[T]`: the items as PostgreSQL wrote them, and the cursor of the next page."""
    last = row[1]
    sealed = f'"{cursors.sealed(last)}"' if isinstance(last, str) and cursors else "null"
    return f'{{"items":{items},"next":{sealed}}}'.encode()


def from_value(operation: Operation, encoders: Encoders) -> FromValue:
    """What makes the answer from the value an algorithm gave. Raises `Unfit` for what the document does not promise.

    With several documented answers the value is `(status, value)`; a success that is the only one
    need not be named.
    """
    documented = operation.endpoint.answers
    makers = {answer.status: _maker(answer, encoders) for answer in documented}
    usual = success(operation)
    sole = usual.status if usual and sum(200 <= a.status < 400 for a in documented) == 1 else None

    def answer(value: object, call: Call) -> Answer:
        status = sole
        if isinstance(value, tuple) and len(value) == 2 and type(value[0]) is int and (value[0] in makers or not sole):
            status, value = value
        if not makers:
            return _undocumented(value)
        if status is None or status not in makers:
            raise Unfit(f"has the status {status}, which `{operation.name}` does not document")
        made = makers[status](value)
        return Answer(status, (*made.headers, *_own(call.headers)), made.body) if call.headers else made

    return answer


def _maker(documented: Documented, encoders: Encoders) -> Callable[[object], Answer]:
    status, media = documented.status, documented.media_type
    if documented.type is None:
        bare = Answer(status, ())
        return lambda _value: bare
    headers = _content_type(media)
    encode = encoders.encoder(documented.type)
    if not _is_json(media):
        return lambda value: Answer(status, headers, _raw(value, encode))
    return lambda value: Answer(status, headers, to_json(encode(value)))


def _raw(value: object, encode: Encode) -> bytes:
    """The body of a media type that is not JSON: text in UTF-8, or bytes as they are."""
    if isinstance(value, bytes | bytearray):
        return bytes(value)
    if isinstance(value, str):
        return value.encode()
    encode(value)
    raise Unfit(f"is of type `{type(value).__name__}`, neither text nor bytes")


def _undocumented(value: object) -> Answer:
    """An endpoint that documents no answer gives what its algorithm gave."""
    if value is None:
        return Answer(204, ())
    return Answer(200, _content_type("application/json"), to_json(plain(value)))


def _own(headers: Mapping[str, object]) -> tuple[Header, ...]:
    """The headers an algorithm has set; one that could break out of its line is never sent."""
    made = []
    for name, value in headers.items():
        text = _header_text(value)
        if name.lower() in _ADDRESSES:
            text = quote(text, safe=_OF_ADDRESSES)
        if not name or not set(name.lower()) <= _TOKEN or any(ord(c) < 32 or ord(c) > 255 or c == "\x7f" for c in text):
            raise Unfit(f"has a header `{name}` that HTTP can't carry")
        made.append((name.lower(), text))
    return tuple(made)


def _header_text(value: object) -> str:
    """A value as a header bears it: as JSON has it, without quotes."""
    made = plain(value)
    return made if isinstance(made, str) else to_json(made).decode()


def _content_type(media: str) -> tuple[Header, ...]:
    if media.partition(";")[0].strip() == "text/html":
        return (("content-type", "text/html; charset=utf-8"), _PAGES)
    with_charset = media.startswith("text/") and "charset" not in media
    return (("content-type", f"{media}; charset=utf-8" if with_charset else media),)


def _is_json(media: str) -> bool:
    essence = media.partition(";")[0].strip()
    return essence == "application/json" or essence.endswith("+json")


def media_types(answers: Sequence[Documented]) -> tuple[str, ...]:
    """The media types of what an endpoint answers, without parameters."""
    return tuple(dict.fromkeys(a.media_type.partition(";")[0].strip().lower() for a in answers if a.type))
