"""The lines of an endpoint, each `Key: value`."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache

from asbuilt.diagnostics import Hole
from asbuilt.language.annotations import read_annotation_text
from asbuilt.language.names import Name
from asbuilt.language.types import Anything, Scalar, Type
from asbuilt.sections.api.model import (
    Answer,
    AnswerHeader,
    Body,
    Clause,
    Endpoint,
    Medium,
    Parameter,
)
from asbuilt.sections.api.notation.parameters import read_parameters, split, trimmed
from asbuilt.sections.api.notation.routes import ReadPath
from asbuilt.source import Fragment, Span
from asbuilt.values import frozen

_ENACTED_ELSEWHERE = ("auth", "roles", "idempotency", "limit", "timeout", "transaction", "check order", "status")
_SYNONYMS: Mapping[str, str] = {
    "operations": "operation",
    "operation id": "operation",
    "handler": "operation",
    "description": "summary",
    "purpose": "summary",
    "title": "summary",
    "path parameters": "path",
    "path params": "path",
    "params": "path",
    "query parameters": "query",
    "query params": "query",
    "query string": "query",
    "header": "headers",
    "request headers": "headers",
    "request": "body",
    "request body": "body",
    "payload": "body",
    "responses": "response",
    "returns": "response",
    "success": "response",
    "success response": "response",
    "response header": "response headers",
    "error": "errors",
    "error codes": "errors",
    "error responses": "errors",
    "authentication": "auth",
    "authorization": "auth",
    "role": "roles",
    "rate limit": "limit",
    "transactions": "transaction",
    "idempotency key": "idempotency",
}
_STATUS = re.compile(r"(?P<status>[1-5]\d\d)\b(?::|(?!\S))?\s*")
_REASONS = re.compile(
    r"(?:OK|Created|Accepted|No Content|Moved Permanently|Found|See Other|Not Modified|Temporary Redirect"
    r"|Permanent Redirect|Reset Content|Partial Content|Multi-Status|Non-Authoritative Information)"
    r"(?:\s*[-–—:,]\s*|\s+|$)",
    re.IGNORECASE,
)
_MEDIA_TYPE = re.compile(r"[a-z]+/(?:[a-z0-9][\w.+-]*|\*)(?:;\s*[\w-]+=[^\s,;]+)*")
_REMARK = re.compile(r"\s+(?:[-–—]|//)\s+|\s+(?=\()")
_NOTHING = re.compile(r"(?:none|no body|no content|empty|nothing|-|–|—|n/a)\.?", re.IGNORECASE)
_CODE = re.compile(r"[A-Za-z][\w.-]*")
_OPERATION = re.compile(r"[A-Za-z_][\w.-]*")
_THEN = re.compile(r"\s*(?:,\s*then\b|\bthen\b|,|→|->)\s*")
_MEDIA: Mapping[str, tuple[Medium, str]] = {
    "json": ("json", "application/json"),
    "text": ("text", "text/plain"),
    "bytes": ("bytes", "application/octet-stream"),
    "binary": ("bytes", "application/octet-stream"),
    "form": ("form", "application/x-www-form-urlencoded"),
    "upload": ("upload", "multipart/form-data"),
    "multipart": ("upload", "multipart/form-data"),
    "file": ("upload", "multipart/form-data"),
}


@frozen
class Line:
    """A line of an endpoint within a text: its key as it is compared and as it stands, and where its value begins."""

    key: str
    text: Fragment
    written: tuple[int, int]
    value: int
    end: int

    @property
    def key_span(self) -> Span:
        return self.text.span(*self.written)


@dataclass(slots=True)
class Draft:
    """An endpoint while its lines are being read. `spoken` says that it has lines at all."""

    span: Span
    operations: list[Name] = field(default_factory=list)
    summary: str = ""
    parameters: list[Parameter] = field(default_factory=list)
    body: Body | None = None
    answers: list[Answer] = field(default_factory=list)
    answer_headers: list[AnswerHeader] = field(default_factory=list)
    errors: list[Name] = field(default_factory=list)
    clauses: list[Clause] = field(default_factory=list)
    spoken: bool = False

    def take_path(self, path: ReadPath) -> None:
        self.parameters += path.parameters
        if path.query is not None:
            self.parameters += query_of_path(path.query)

    def remark(self, text: Fragment | None) -> None:
        """What stands behind the path, on its line."""
        if text is not None:
            self.summary = text.text

    def take_operation(self, name: Fragment) -> None:
        """The operation by its name, where the text is one."""
        if _OPERATION.fullmatch(name.text):
            self.operations.append(Name(name.text, name.whole))

    def endpoint(self, method: str, path: ReadPath) -> Endpoint:
        return Endpoint(
            method,
            path.route,
            self.span,
            tuple(self.operations),
            self.summary,
            tuple(self.parameters),
            self.body,
            tuple(self.answers),
            tuple(self.answer_headers),
            tuple(self.errors),
            tuple(self.clauses),
        )

    def inherit(self, shared: "Draft") -> None:
        """What is said of all endpoints, unless this one says otherwise."""
        own = {(parameter.place, parameter.name.text.casefold()) for parameter in self.parameters}
        self.parameters += [p for p in shared.parameters if (p.place, p.name.text.casefold()) not in own]
        self.body = self.body or shared.body
        statuses = {answer.status for answer in self.answers}
        self.answers += [answer for answer in shared.answers if answer.status not in statuses]
        headers = {header.name.text.casefold() for header in self.answer_headers}
        self.answer_headers += [h for h in shared.answer_headers if h.name.text.casefold() not in headers]
        codes = {error.text for error in self.errors}
        self.errors += [error for error in shared.errors if error.text not in codes]
        keys = {clause.key for clause in self.clauses}
        self.clauses += [clause for clause in shared.clauses if clause.key not in keys]


@lru_cache(maxsize=1024)
def clause_key(written: str) -> str:
    """A key as it is compared: lower case, single spaces; `Rate-Limit` and `rate limit` are `limit`."""
    key = " ".join(re.split(r"[\s_-]+", written.strip().lower()))
    return _SYNONYMS.get(key, key)


def read_clause(line: Line, draft: Draft, holes: list[Hole]) -> None:
    """Add what a line says to an endpoint. An unknown key stays as a clause, whose span is that of the key."""
    draft.spoken = True
    value = trimmed(line.text, line.value, line.end)
    reader = _READERS.get(line.key)
    written = line.text.text[slice(*line.written)]
    if reader is None:
        known = line.key in _ENACTED_ELSEWHERE
        span = value.whole if known and value else line.key_span
        text = " ".join(value.text.split()) if value else ""
        draft.clauses.append(Clause(line.key if known else written, text, span))
    elif value is None:
        holes.append(Hole(line.key_span, f"`{written}` has no value", "write one, or leave the line out"))
    else:
        reader(value, draft, holes)


def _operations(value: Fragment, draft: Draft, holes: list[Hole]) -> None:
    start = 0
    for match in (*_THEN.finditer(value.text), None):
        end = match.start() if match else len(value.text)
        item = trimmed(value, start, end)
        name = item.text.strip("`") if item else ""
        if item and _OPERATION.fullmatch(name):
            begin = item.text.index(name)
            draft.operations.append(Name(name, item.span(begin, begin + len(name))))
        elif item:
            hint = "an operation is the name of an algorithm, a pattern or an event: `a`, or `a, then b`"
            holes.append(Hole(item.whole, f"`{item.text}` is not the name of an operation", hint))
        start = match.end() if match else end


def _summary(value: Fragment, draft: Draft, holes: list[Hole]) -> None:  # noqa: ARG001 - all readers are called alike
    draft.summary = " ".join(value.text.split())


def _path(value: Fragment, draft: Draft, holes: list[Hole]) -> None:
    """Types for the parameters of the path. One that the path does not hold stays, for a rule to find."""
    if _NOTHING.fullmatch(value.text):
        return
    for parameter in read_parameters(value, "path", holes):
        for index, known in enumerate(draft.parameters):
            if known.place == "path" and known.name.text == parameter.name.text:
                draft.parameters[index] = replace(parameter, span=known.span, name=known.name, column=known.column)
                break
        else:
            draft.parameters.append(parameter)


def _query(value: Fragment, draft: Draft, holes: list[Hole]) -> None:
    if not _NOTHING.fullmatch(value.text):
        draft.parameters += read_parameters(value, "query", holes)


def _headers(value: Fragment, draft: Draft, holes: list[Hole]) -> None:
    if not _NOTHING.fullmatch(value.text):
        draft.parameters += read_parameters(value, "header", holes)


def _body(value: Fragment, draft: Draft, holes: list[Hole]) -> None:
    draft.body = read_body(value, holes)


def _response(value: Fragment, draft: Draft, holes: list[Hole]) -> None:
    draft.answers += read_answers(value, holes)


def _response_headers(value: Fragment, draft: Draft, holes: list[Hole]) -> None:
    for parameter in read_parameters(value, "header", holes):
        written = parameter.type.span != parameter.name.span
        draft.answer_headers.append(AnswerHeader(parameter.name, parameter.type if written else None, parameter.span))


def _errors(value: Fragment, draft: Draft, holes: list[Hole]) -> None:
    if _NOTHING.fullmatch(value.text):
        return
    for item in split(value, ",;|\n"):
        words = [match for match in _CODE.finditer(item.text) if item.text[match.start() - 1 : match.start()] != "("]
        if words:
            match = words[0]
            draft.errors.append(Name(match.group(), item.span(*match.span())))
        else:
            hint = "name the code of a row of the error table, such as `ORDER_NOT_FOUND`"
            holes.append(Hole(item.whole, f"`{item.text}` is not the code of an error", hint))


_READERS: Mapping[str, Callable[[Fragment, Draft, list[Hole]], None]] = {
    "operation": _operations,
    "summary": _summary,
    "path": _path,
    "query": _query,
    "headers": _headers,
    "body": _body,
    "response": _response,
    "response headers": _response_headers,
    "errors": _errors,
}
KEYS: tuple[str, ...] = (*_READERS, *_ENACTED_ELSEWHERE)


def read_body(value: Fragment, holes: list[Hole]) -> Body | None:
    """`PlaceOrder`, `text/plain`, `bytes`, `form Login`, `upload`; a `?` makes it optional."""
    text = value.text
    if _NOTHING.fullmatch(text):
        return None
    required = True
    for mark in ("(optional)", "optional", "?"):
        if text.endswith(mark) and len(text) > len(mark):
            text, required = text[: -len(mark)].rstrip(), False
    head, _, rest = text.partition(" ")
    medium, media_type, begin = _medium(head)
    typed = trimmed(value, len(head) if begin else 0, len(text))
    if begin and not rest.strip():
        typed = None
    if typed is None:
        implied: Mapping[Medium, Type] = {"text": Scalar("str", value.whole), "bytes": Scalar("bytes", value.whole)}
        return Body(implied.get(medium), medium, value.whole, media_type, required)
    return Body(read_annotation_text(typed, holes).type, medium, value.whole, media_type, required)


def _medium(word: str) -> tuple[Medium, str, bool]:
    """The medium a word names, its media type, and whether it names one at all."""
    known = _MEDIA.get(word.lower())
    if known:
        return *known, True
    if not _MEDIA_TYPE.fullmatch(word):
        return "json", "application/json", False
    if word == "application/json" or word.endswith("+json"):
        return "json", word, True
    if word == "multipart/form-data":
        return "upload", word, True
    if word == "application/x-www-form-urlencoded":
        return "form", word, True
    return ("text" if _is_text(word) else "bytes"), word, True


def _is_text(media_type: str) -> bool:
    return media_type.startswith("text/") or media_type.endswith(("/xml", "+xml", "/javascript", "/yaml"))


def read_answers(value: Fragment, holes: list[Hole]) -> tuple[Answer, ...]:
    """`201 Order`, `204`, `200 text/html`, `Order` (which is a 200). Several stand on lines or after commas."""
    found = (_answer(item, holes) for item in split(value, ",;\n"))
    return tuple(answer for answer in found if answer is not None)


def _answer(item: Fragment, holes: list[Hole]) -> Answer | None:
    status = _STATUS.match(item.text)
    begin = status.end() if status else 0
    if status is None and item.text[:1].isdigit():
        hint = "write a status and the body's type, as in `200 Order`"
        holes.append(Hole(item.whole, f"`{item.text}` is not a response", hint))
        return None
    reason = _REASONS.match(item.text, begin)
    begin = reason.end() if status and reason else begin
    code = int(status.group("status")) if status else 200
    typed, description = _without_remark(item, begin)
    if typed is None or _NOTHING.fullmatch(typed.text):
        # A lone `Accepted` may yet be the name of a schema: whoever knows them all decides.
        phrase = reason.group().strip() if status and reason else ""
        return Answer(code, None, item.whole, description=description or phrase)
    head = typed.text.split(maxsplit=1)[0]
    medium, media_type, explicit = _medium(head)
    rest = trimmed(typed, len(head), len(typed.text)) if explicit else typed
    if rest is not None:
        return Answer(code, read_annotation_text(rest, holes).type, item.whole, media_type, description)
    implied: Mapping[Medium, Type] = {
        "text": Scalar("str", typed.whole),
        "bytes": Scalar("bytes", typed.whole),
        "json": Anything(typed.whole),
    }
    return Answer(code, implied.get(medium), item.whole, media_type, description)


def _without_remark(item: Fragment, begin: int) -> tuple[Fragment | None, str]:
    """What is said of the type, and the remark behind it: `200 Order - as it is now`, `200 Order (as it is now)`."""
    match = _REMARK.search(item.text, begin)
    end = match.start() if match else len(item.text)
    remark = item.text[match.end() :].strip(" ()") if match else ""
    return trimmed(item, begin, end), remark


def query_of_path(query: Fragment) -> Iterable[Parameter]:
    """The parameters in `?status=<status>&limit=20`: all are optional, their values are examples."""
    seen: set[str] = set()
    for item in split(query, "&"):
        match = re.match(r"[A-Za-z_][\w.\[\]-]*", item.text)
        if match and match.group() not in seen:
            seen.add(match.group())
            name = Name(match.group(), item.span(*match.span()))
            yield Parameter(name, "query", Scalar("str", name.span), item.whole, default=None)
