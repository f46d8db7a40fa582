"""What a cell, a label or a sentence says of an endpoint: methods and paths, types, statuses, codes, who may call."""

import re
from dataclasses import dataclass

from asbuilt.diagnostics import Hole
from asbuilt.document import Fence, Text
from asbuilt.language.examples import Inference
from asbuilt.language.json_schema import pascal
from asbuilt.language.names import Name
from asbuilt.language.shapes import read_json
from asbuilt.language.type_words import read_type_words
from asbuilt.language.types import Definition, Map, Named, Null, Scalar, Type
from asbuilt.sections.api.model import Answer, Body, Clause, Parameter
from asbuilt.sections.api.notation.clauses import Draft, read_body
from asbuilt.sections.api.notation.routes import METHODS, PATH, ReadPath, read_path
from asbuilt.source import Fragment, Span
from asbuilt.values import frozen

_VERBS = "|".join(METHODS)
MENTION = re.compile(
    rf"[*_`\[]*(?<![A-Za-z/])(?P<methods>(?:{_VERBS})(?:[`*]*\s*[/,|]\s*[`*]*(?:{_VERBS}))*)[`*_:]*[ \t]+[`*_]*"
    rf"(?P<path>(?:https?://[^/\s`]+|\$\{{\w+\}}|\{{\{{?\w+\}}\}}?)?{PATH})[`*_\]]*"
)
_VERB = re.compile(_VERBS)
_STATUS = re.compile(r"(?<![\w.,-])([2-5]\d\d)(?![\w.-]|,\d)")
_CODE = re.compile(r"\b[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+\b")
_BARE_CODE = re.compile(r"(?<![\w`./-])[a-z]+(?:_[a-z0-9]+)+(?![\w`./])")
_LOWER_CODE = re.compile(r"[a-z]+(?:[_.-][a-z0-9]+)+")
_PASCAL = re.compile(r"\b[A-Z][a-z0-9]+(?:[A-Z][A-Za-z0-9]*)+(?:<[A-Z]\w*>|\[[A-Z]\w*\])?(?:\[\])?")
_ONE_WORD = re.compile(r"[A-Z][A-Za-z0-9]*[a-z][A-Za-z0-9]*(?:<\w+>|\[\w+\])?(?:\[\])?")
_LIST = re.compile(r"(?:list|dict|array)[\[<]\s*[A-Za-z]\w*\s*[\]>]", re.IGNORECASE)
_MEDIA_TYPE = re.compile(
    r"\b(?:multipart/form-data|application/x-www-form-urlencoded|application/octet-stream|text/plain|text/csv)\b"
)
_QUERY_ITEM = re.compile(r"\??(?P<name>[A-Za-z_][\w.\-]*(?:\[\w*\])?)(?:=[^&\s]*)?")
_NO_TYPES = frozenset(
    {"JavaScript", "TypeScript", "GitHub", "OpenAPI", "OpenApi", "PostgreSQL", "OAuth", "WebSocket", "GraphQL"}
    | {"Bearer", "Json", "Success", "Error", "Empty", "Redirect", "Created", "Accepted", "Updated", "Deleted", "Ok"}
    | {"Returns", "Query", "Body", "Path", "Header", "Partial", "List", "Array", "Object", "File", "Stream", "Html"}
    | {"None", "Request", "Response", "Yes", "No", "Same", "FormData"}
)
_LONGEST_LINE = 400
_OPEN = re.compile(
    r"(?:none|no|public|anonymous|open|unauthenticated|not required|n/a|false|público|pública)\b|❌|✗", re.IGNORECASE
)
_DENIED = re.compile(r"\b(?:no|not|without|sem|não)\s+\w+", re.IGNORECASE)
_MAYBE = re.compile(r"optional\b", re.IGNORECASE)
_CREDENTIALS = re.compile(r"bearer|token|key|jwt|session|cookie|role|admin|secret|signature|basic", re.IGNORECASE)
_NOTHING = re.compile(r"[\s\-–—*_`]*(?:none|n/?a|empty|no body|body vazio|null)?[\s\-–—*_`.]*", re.IGNORECASE)


@frozen
class Mention:
    """A method and a path in prose; `end` is where what is said of them begins."""

    methods: tuple[str, ...]
    path: ReadPath
    span: Span
    end: int


def mention(text: Text, *, anywhere: bool = False) -> Mention | None:
    """The endpoint that a text begins with, or names anywhere."""
    match = MENTION.search(text.text) if anywhere else MENTION.match(text.text)
    if match is None:
        return None
    written = match.group("path").rstrip(".:")
    path = read_path(text.fragment.part(match.start("path"), match.start("path") + len(written)), [])
    if path is None:
        return None
    span = text.fragment.span(match.start("methods"), match.start("path") + len(written))
    methods = tuple(dict.fromkeys(_VERB.findall(match.group("methods"))))
    return Mention(methods, path, span, match.end())


def lone_mention(fence: Fence) -> Mention | None:
    """What a fence says that holds one line, a method and a path: it is a caption of what stands below."""
    if len(fence.body.text) > _LONGEST_LINE:
        return None
    lines = [line for line in Text(fence.body).lines if line.text.strip()]
    return mention(lines[0]) if len(lines) == 1 else None


def begun(found: Mention) -> list[tuple[str, ReadPath, Draft]]:
    """A draft for each method of a mention."""
    drafts = []
    for method in found.methods:
        draft = Draft(found.span)
        draft.take_path(found.path)
        drafts.append((method, found.path, draft))
    return drafts


def stem(method: str, path: ReadPath) -> str:
    """The name of an endpoint that has none: `PostOrdersPay` for `POST /orders/{id}/pay`."""
    words = [segment.text for segment in path.route.segments if hasattr(segment, "text")]
    return pascal("_".join((method.lower(), *words))) or method.title()


@dataclass(slots=True)
class Phrases:
    """Reads phrases into drafts. What objects in them look like becomes schemas of `inference`."""

    inference: Inference

    def body(self, text: Text, draft: Draft, owner: str) -> None:
        for word in _MEDIA_TYPE.findall(text.text):
            draft.body = read_body(Fragment(word, (text.span.start,)), [])
            draft.spoken = True
            return
        type_ = self.type(text, owner + "Body")
        if type_ is not None and not isinstance(type_, Null):
            draft.body = Body(type_, "json", text.span)
            draft.spoken = True

    def response(self, text: Text, draft: Draft, owner: str, status: int | None = None) -> None:
        """`201` OrderResponse; `204`; `Order[]`. `status` is the one that the label names."""
        found = statuses(text.plain) or ([status] if status else [])
        good = [status for status in found if status < 400]
        if found and not good:
            return
        type_ = self.type(text, owner + "Response")
        type_ = None if isinstance(type_, Null) else type_
        if not good and type_ is None:
            return
        known = {answer.status for answer in draft.answers}
        for code in good or [200]:
            bodiless = code in (204, 205, 304)
            if code not in known:
                draft.answers.append(Answer(code, None if bodiless else type_, text.span))
        draft.spoken = True

    def errors(self, text: Text, draft: Draft) -> None:
        known = {error.text for error in draft.errors}
        for code in codes(text):
            if code.text not in known:
                known.add(code.text)
                draft.errors.append(code)

    def query(self, text: Text, draft: Draft) -> None:
        """Names in code spans: `status`, `?page=1&size=20`."""
        for span in text.code_spans:
            for piece in re.finditer(r"[^&,\s]+", span.text):
                match = _QUERY_ITEM.fullmatch(piece.group())
                if match is None or span.text.startswith(("{", "/", "[")):
                    continue
                at = span.fragment.text.find(match.group("name"))
                name = Name(match.group("name"), span.fragment.span(at, at + len(match.group("name"))))
                if not any(p.place == "query" and p.name.text == name.text for p in draft.parameters):
                    draft.parameters.append(Parameter(name, "query", Scalar("str", name.span), span.span, default=None))

    def auth(self, text: Text, draft: Draft) -> None:
        plain = text.plain.strip()
        value = "optional" if _MAYBE.match(plain) else "required"
        if _OPEN.match(plain) and not _CREDENTIALS.search(_DENIED.sub("", plain)):
            value = "none"
        if plain.strip("-–— ") and not any(clause.key == "auth" for clause in draft.clauses):
            draft.clauses.append(Clause("auth", value, text.span))

    def type(self, text: Text, owner: str) -> Type | None:
        """The type that a phrase names: in a code span, as a link, as a word with humps, or as the only word."""
        if _NOTHING.fullmatch(text.plain):
            return Null(text.span) if text.plain.strip(" -–—") else None
        for span in text.code_spans:
            found = self._of_code(span.fragment, owner)
            if found is not None:
                return found
        for link in text.links:
            if not link.image and _ONE_WORD.fullmatch(link.text) and link.text not in _NO_TYPES:
                at = text.text.find(link.text)
                return self._words(text.fragment.part(at, at + len(link.text)), owner)
        return self._of_words(text, owner)

    def _of_code(self, code: Fragment, owner: str) -> Type | None:
        if code.text.startswith(("{", "[")):
            value = read_json(code)
            return None if isinstance(value, Hole) else self.inference.type(value, owner)
        if code.text.rstrip("[]") in _NO_TYPES:
            return None
        if _ONE_WORD.fullmatch(code.text) or _LIST.fullmatch(code.text):
            return self._words(code, owner)
        return Null(code.whole) if code.text == "null" else None

    def _of_words(self, text: Text, owner: str) -> Type | None:
        plain = _STATUS.sub("", text.plain).strip(" -–—→>:.,()*`")
        match = _LIST.search(text.text) or next(
            (m for m in _PASCAL.finditer(text.text) if m.group() not in _NO_TYPES), None
        )
        if match is None and _ONE_WORD.fullmatch(plain) and plain not in _NO_TYPES:
            match = re.search(re.escape(plain), text.text)
        return self._words(text.fragment.part(*match.span()), owner) if match else None

    def _words(self, words: Fragment, owner: str) -> Type | None:
        found = read_type_words(words, owner)
        if found is None:
            return None
        type_, definitions = found
        self.define(definitions)
        return type_

    def define(self, definitions: tuple[Definition, ...]) -> None:
        self.inference.definitions += definitions
        self.inference.taken |= {definition.name for definition in definitions}

    def is_guess(self, type_: Type | None) -> bool:
        if isinstance(type_, Map) or type_ is None:
            return True
        return isinstance(type_, Named) and type_.name in self.inference.taken


def statuses(plain: str) -> list[int]:
    """The HTTP statuses in a phrase, each once."""
    return list(dict.fromkeys(int(status) for status in _STATUS.findall(plain)))


def codes(text: Text) -> list[Name]:
    """The error codes in a phrase: words in capitals with underscores, and code spans with underscores."""
    found = [Name(m.group(), text.fragment.span(*m.span())) for m in _CODE.finditer(text.text)]
    found += (Name(span.text, span.span) for span in text.code_spans if _LOWER_CODE.fullmatch(span.text))
    found += (Name(m.group(), text.fragment.span(*m.span())) for m in _BARE_CODE.finditer(text.text))
    return sorted(found, key=lambda code: code.span.start)
