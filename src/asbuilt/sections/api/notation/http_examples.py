"""Requests and answers as they go over the wire, and calls of curl: examples of endpoints that stand elsewhere."""

import re
from collections.abc import Iterator, Sequence

from asbuilt.document import Fence, Text
from asbuilt.language.shapes import JsonArray, JsonObject
from asbuilt.sections.api.model import Answer, Body
from asbuilt.sections.api.notation.clauses import Draft
from asbuilt.sections.api.notation.json_examples import examples
from asbuilt.sections.api.notation.phrases import Phrases, begun, mention, stem
from asbuilt.sections.api.notation.routes import METHODS, ReadPath, read_path
from asbuilt.source import Fragment
from asbuilt.values import frozen

_REQUEST = re.compile(rf"^[ \t]*+(?:{'|'.join(METHODS)})[ \t]+\S*/", re.MULTILINE)
_WIRE = re.compile(r"\bHTTP/\d|^[ \t]*+[{\[]|^[ \t]*+[1-5]\d\d\b[ \t]*(?:→|->|=>|[A-Z]|$)", re.MULTILINE)
_STATUS_LINE = re.compile(
    r"^[ \t]*+(?:HTTP/\d(?:\.\d)?[ \t]+|(?:←|<-|=>|→|->|<)[ \t]*)?(?P<status>[1-5]\d\d)\b", re.MULTILINE
)
_CURL = re.compile(r"^[ \t$]*curl\b", re.MULTILINE)
_CURL_METHOD = re.compile(rf"(?:-X|--request)[ =]*['\"]?(?P<method>{'|'.join(METHODS)})")
_CURL_URL = re.compile(r"https?://[^/\s'\"]+(?P<path>/[^\s'\"\\]*)|['\"\s]\$\{?\w+\}?(?P<relative>/[^\s'\"\\]*)")


@frozen
class Example:
    """One exchange: a draft of what it shows, with a path that may hold values instead of parameters."""

    method: str
    path: ReadPath
    draft: Draft


def is_http_example(fence: Fence) -> bool:
    text = fence.body.text
    return bool(_CURL.search(text)) or bool(_REQUEST.search(text) and _WIRE.search(text))


def read_http_examples(fences: Sequence[Fence], phrases: Phrases) -> Iterator[Example]:
    """The exchanges in the fences; what objects in them look like becomes schemas only where nothing else tells."""
    for fence in fences:
        text = fence.body
        starts = [match.start() for match in (_CURL if _CURL.search(text.text) else _REQUEST).finditer(text.text)]
        for start, end in zip(starts, [*starts[1:], len(text.text)], strict=True):
            part = text.part(start, end)
            yield from _curl(part, phrases) if _CURL.match(part.text) else _wire(part, phrases)


def _wire(text: Fragment, phrases: Phrases) -> Iterator[Example]:
    first = text.part(0, len(text.text.split("\n", 1)[0]))
    told = mention(Text(first), anywhere=True)
    if told is None:
        return
    method, path, draft = begun(told)[0]
    answers = [(match.start(), int(match.group("status"))) for match in _STATUS_LINE.finditer(text.text)]
    owner = stem(method, path)
    for _, value in examples(text):
        at = value.span.start
        before = [status for start, status in answers if text.offset(start) <= at]
        _show(draft, value, owner, phrases, before[-1] if before else None)
    known = {answer.status for answer in draft.answers}
    draft.answers += [Answer(s, None, text.span(at, at + 3)) for at, s in answers if s < 400 and s not in known]
    yield Example(method, path, draft)


def _curl(text: Fragment, phrases: Phrases) -> Iterator[Example]:
    url = _CURL_URL.search(text.text)
    if url is None:
        return
    group = "path" if url.group("path") else "relative"
    path = read_path(text.part(*url.span(group)), [])
    if path is None:
        return
    stated = _CURL_METHOD.search(text.text)
    found = next(examples(text), None)
    method = stated.group("method") if stated else "POST" if found else "GET"
    draft = Draft(text.span(*url.span(group)))
    if found and method not in ("GET", "DELETE"):
        _show(draft, found[1], stem(method, path), phrases, None)
    yield Example(method, path, draft)


def _show(draft: Draft, value: JsonObject | JsonArray, owner: str, phrases: Phrases, status: int | None) -> None:
    if status is None:
        if draft.body is None:
            draft.body = Body(phrases.inference.type(value, owner + "Body"), "json", value.span)
    elif status < 400 and not any(answer.status == status for answer in draft.answers):
        draft.answers.append(Answer(status, phrases.inference.type(value, owner + "Response"), value.span))
