"""OpenAPI 3.0 and 3.1 in YAML or JSON, whole or in parts, and schemas in JSON Schema beside it."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from asbuilt.diagnostics import Hole
from asbuilt.document.yamltree import Mapping, Node, read_yaml
from asbuilt.document.yamltree import Scalar as Leaf
from asbuilt.document.yamltree import Sequence as Items
from asbuilt.language.json_schema import SchemaReader, is_schema, pascal, value_of
from asbuilt.language.names import Name
from asbuilt.language.shapes import JsonArray, JsonConstant, JsonHole, JsonObject, read_json
from asbuilt.language.types import UNSET, Scalar, Type
from asbuilt.sections.api.model import Answer, AnswerHeader, Body, Clause, Endpoint, Medium, Parameter, Place
from asbuilt.sections.api.notation.contribution import Contribution, Found
from asbuilt.sections.api.notation.pieces import Piece
from asbuilt.sections.api.notation.routes import METHODS, ReadPath, read_path
from asbuilt.source import Fragment, Span
from asbuilt.values import frozen

LOOKS_STRUCTURED = re.compile(
    r"^[ \t]*+[{]?[ \t]*+(?:[\"']?(?:openapi|swagger|paths|components|schemas|definitions|\$defs|\$schema|type"
    r"|properties|allOf|oneOf|anyOf|info|servers)[\"']?\s*:|[\"']?/[^\s:]*[\"']?\s*:|[\"']?[A-Z]\w*[\"']?\s*:\s*(?:$|\{))",
    re.MULTILINE,
)
_PLACES: dict[str, Place] = {"path": "path", "query": "query", "header": "header"}
_CODE = re.compile(r"\b[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+\b")
_STATUS = re.compile(r"[1-5](?:\d\d|XX)")
_ROOTS = ("openapi", "paths", "components", "schemas", "definitions", "$defs")
_REFERENCES = 8  # a reference to a reference to ...


@frozen
class Part:
    """A fence that holds OpenAPI or JSON Schema, and the name its place in the document gives to its schema."""

    root: Mapping
    caption: Name | None


def structured(piece: Piece) -> Part | None:
    """The mapping in a fence, if it is one of OpenAPI or JSON Schema. What cannot be read as one is left to others."""
    text = piece.fence.body.text
    if not LOOKS_STRUCTURED.search(text):
        return None
    root = read_tree(piece.fence.body)
    if not isinstance(root, Mapping):
        return None
    if any(isinstance(root.get(key), Mapping) for key in _ROOTS[1:]) or root.get("openapi") is not None:
        return Part(root, piece.caption)
    keys = [key.text for key, _ in root.entries]
    if keys and all(key.startswith("/") for key in keys):
        return Part(Mapping(((root.entries[0][0], root),), root.span), piece.caption)
    if is_schema(root) and (
        isinstance(root.get("properties"), Mapping) or root.get("$schema") is not None or piece.caption
    ):
        return Part(root, piece.caption)
    if keys and all(key[:1].isupper() and is_schema(value) for key, value in _pairs(root)):
        return Part(root, piece.caption)
    return None


def read_tree(fragment: Fragment) -> Node | None:
    """JSON or YAML as located nodes; JSON is read as such first, since YAML forbids its tabs."""
    if fragment.text.lstrip().startswith("{"):
        found = read_json(fragment)
        if not isinstance(found, Hole):
            return _node(found)
    return read_yaml(fragment).root


def _node(value: JsonObject | JsonArray | JsonConstant | JsonHole) -> Node:
    match value:
        case JsonObject():
            entries = tuple((_key(member.name), _node(member.value)) for member in value.members)
            return Mapping(entries, value.span)
        case JsonArray():
            return Items(tuple(map(_node, value.items)), value.span)
        case JsonHole():
            return Leaf(value.text, quoted=False, span=value.span)
        case JsonConstant(value=bool() as flag):
            return _leaf_at("true" if flag else "false", value.span, quoted=False)
        case JsonConstant(value=constant):
            text = "null" if constant is None else str(constant)
            return _leaf_at(text, value.span, quoted=isinstance(constant, str))


def _key(name: Name) -> Leaf:
    return _leaf_at(name.text, name.span, quoted=True)


def _leaf_at(text: str, span: Span, *, quoted: bool) -> Leaf:
    inset = 1 if quoted and span.end - span.start == len(text) + 2 else 0
    return Leaf(Fragment(text, (span.start + inset,) * (text.count("\n") + 1)), quoted, span)


def read_openapi(parts: Sequence[Part]) -> Contribution:
    """All parts as one description: what one defines under `components`, the others may refer to."""
    reader = _Reader(parts)
    for part in parts:
        reader.schemas_of(part)
    found = tuple(Found(endpoint, complete=True) for part in parts for endpoint in reader.endpoints_of(part.root))
    return Contribution(
        found,
        tuple(reader.schemas.definitions),
        endpoint_holes=tuple(reader.holes),
        schema_holes=tuple(reader.schemas.holes),
    )


@dataclass(slots=True)
class _Reader:
    parts: Sequence[Part]
    schemas: SchemaReader = field(default_factory=SchemaReader)
    holes: list[Hole] = field(default_factory=list)
    identities: dict[str, str] = field(default_factory=dict)

    def schemas_of(self, part: Part) -> None:
        root = part.root
        components = root.get("components")
        found = [root.get(key) for key in ("schemas", "definitions", "$defs")]
        found += [components.get("schemas")] if isinstance(components, Mapping) else []
        for group in found:
            if isinstance(group, Mapping):
                for key, value in group.entries:
                    self.schemas.define(key.text, value, key.span)
        if is_schema(root):
            title = root.get("title")
            named = Name(title.text.replace(" ", ""), title.span) if isinstance(title, Leaf) else part.caption
            if named and (isinstance(root.get("properties"), Mapping) or root.get("type") or part.caption):
                self.schemas.define(named.text, root, named.span)
        elif not any(root.get(key) for key in _ROOTS):
            for key, value in root.entries:
                if is_schema(value) and not key.text.startswith("/"):
                    self.schemas.define(key.text, value, key.span)

    def endpoints_of(self, root: Mapping) -> Iterator[Endpoint]:
        paths = root.get("paths")
        if paths is None and root.entries and root.entries[0][0].text.startswith("/"):
            paths = root.entries[0][1]
        if not isinstance(paths, Mapping):
            return
        base = _server(root)
        for key, item in paths.entries:
            if isinstance(item, Mapping) and not key.text.startswith("x-"):
                yield from self._of_path(key, item, base, root)

    def _of_path(self, key: Leaf, item: Mapping, base: Leaf | None, root: Mapping) -> Iterator[Endpoint]:
        path = read_path(key.fragment, self.holes)
        if path is None:
            self._hole(key.span, f"`{key.text}` is not a path", "a path begins with `/`")
            return
        prefix = read_path(base.fragment, []) if base else None
        if prefix:
            route = replace(path.route, segments=(*prefix.route.segments, *path.route.segments))
            path = replace(path, route=route)
        for method, operation in item.entries:
            if method.text.upper() in METHODS and isinstance(operation, Mapping):
                yield self._endpoint(method, operation, item, path, root)

    def _endpoint(self, method: Leaf, operation: Mapping, item: Mapping, path: ReadPath, root: Mapping) -> Endpoint:
        identity = operation.get("operationId")
        operations = (Name(identity.text, identity.span),) if isinstance(identity, Leaf) else ()
        for name in operations:
            self._identify(name, f"{method.text.upper()} {path.route.template}")
        stem = pascal(
            operations[0].text
            if operations
            else f"{method.text} {path.route.template}".replace("{", " ").replace("}", " ")
        )
        parameters = list(path.parameters)
        for source in (item, operation):
            for node in _items(source.get("parameters")):
                self._add(parameters, self._parameter(node, stem))
        answers, headers, errors = self._responses(operation, stem)
        summary = operation.get("summary") or operation.get("description")
        return Endpoint(
            method.text.upper(),
            path.route,
            method.span.to(operation.span),
            operations,
            summary.text if isinstance(summary, Leaf) else "",
            tuple(parameters),
            self._body(operation, stem),
            answers,
            headers,
            errors,
            tuple(_clauses(operation, root)),
        )

    def _identify(self, name: Name, title: str) -> None:
        """OpenAPI 3.1, 4.8.10: an operationId is unique among all operations."""
        first = self.identities.setdefault(name.text, title)
        if first != title:
            message = f"the operationId `{name.text}` is that of `{first}` already"
            self._hole(name.span, message, "give each operation an id of its own")

    def _add(self, parameters: list[Parameter], found: Parameter | None) -> None:
        """Add a parameter; one of the same place and name gives way, as an operation's does for its path's."""
        if found is None:
            return
        for index, known in enumerate(parameters):
            if (known.place, known.name.text) == (found.place, found.name.text):
                parameters[index] = found
                return
        parameters.append(found)

    def _parameter(self, node: Node, stem: str) -> Parameter | None:
        found = self._resolved(node)
        if not isinstance(found, Mapping):
            return None
        node = found
        name, where = node.get("name"), node.get("in")
        if not isinstance(name, Leaf) or not isinstance(where, Leaf):
            self._hole(node.span, "a parameter needs `name` and `in`")
            return None
        if where.text not in _PLACES:
            self._hole(
                where.span,
                f"parameters in `{where.text}` are not read",
                "a parameter is in `path`, `query` or `header`",
            )
            return None
        schema = node.get("schema")
        type_: Type = self.schemas.type(schema, stem + pascal(name.text)) if schema else Scalar("str", name.span)
        default = UNSET if where.text == "path" or _true(node.get("required")) else None
        written = schema.get("default") if isinstance(schema, Mapping) else None
        described = node.get("description")
        return Parameter(
            Name(name.text, name.span),
            _PLACES[where.text],
            type_,
            node.span,
            value_of(written) if written is not None else default,
            description=described.text if isinstance(described, Leaf) else "",
        )

    def _body(self, operation: Mapping, stem: str) -> Body | None:
        written = operation.get("requestBody")
        node = self._resolved(written) if written else None
        content = node.get("content") if isinstance(node, Mapping) else None
        if not isinstance(node, Mapping) or not isinstance(content, Mapping) or not content.entries:
            return None
        media, described = _preferred(content)
        schema = described.get("schema") if isinstance(described, Mapping) else None
        type_ = self.schemas.type(schema, stem + "Body") if schema else None
        required = node.get("required")
        needed = _true(required) or required is None
        return Body(type_, _medium(media.text), media.span, media.text, required=needed)

    def _responses(
        self, operation: Mapping, stem: str
    ) -> tuple[tuple[Answer, ...], tuple[AnswerHeader, ...], tuple[Name, ...]]:
        answers: list[Answer] = []
        headers: dict[str, AnswerHeader] = {}
        errors: dict[str, Name] = {}
        responses = operation.get("responses")
        for key, written in responses.entries if isinstance(responses, Mapping) else ():
            node = self._resolved(written)
            if not _STATUS.fullmatch(key.text):
                if key.text != "default" and not key.text.startswith("x-"):
                    self._hole(key.span, f"`{key.text}` is not an HTTP status", "write three digits, such as `'200'`")
                continue
            status = int(key.text.replace("X", "0"))
            if not isinstance(node, Mapping):
                continue
            if status >= 400:
                errors |= {name.text: name for name in _codes(node) if name.text not in errors}
                continue
            answers.append(self._answer(status, key, node, stem))
            written_headers = node.get("headers")
            for name, header in written_headers.entries if isinstance(written_headers, Mapping) else ():
                described = self._resolved(header)
                schema = described.get("schema") if isinstance(described, Mapping) else None
                type_ = self.schemas.type(schema, stem + pascal(name.text)) if schema else None
                headers.setdefault(name.text.lower(), AnswerHeader(Name(name.text, name.span), type_, name.span))
        return tuple(answers), tuple(headers.values()), tuple(errors.values())

    def _answer(self, status: int, key: Leaf, node: Mapping, stem: str) -> Answer:
        described = node.get("description")
        told = described.text if isinstance(described, Leaf) else ""
        content = node.get("content")
        if not isinstance(content, Mapping) or not content.entries:
            return Answer(status, None, key.span, description=told)
        media, value = _preferred(content)
        schema = value.get("schema") if isinstance(value, Mapping) else None
        implied: Type | None = Scalar("str", media.span) if media.text.startswith("text/") else None
        type_ = self.schemas.type(schema, stem + "Response") if schema else implied
        return Answer(status, type_, key.span, media.text, told)

    def _resolved(self, node: Node) -> Node | None:
        """What a local reference to a parameter, response or body leads to."""
        for _ in range(_REFERENCES):
            reference = node.get("$ref") if isinstance(node, Mapping) else None
            if not isinstance(reference, Leaf):
                return node
            target = self._target(reference.text)
            if target is None:
                hint = "" if reference.text.startswith("#/") else "only references that begin with `#/` are followed"
                self._hole(reference.span, f"`{reference.text}` leads nowhere in this document", hint)
                return None
            node = target
        return None

    def _target(self, pointer: str) -> Node | None:
        if not pointer.startswith("#/"):
            return None
        for part in self.parts:
            node: Node | None = part.root
            for step in pointer[2:].split("/"):
                node = node.get(step.replace("~1", "/").replace("~0", "~")) if isinstance(node, Mapping) else None
            if node is not None:
                return node
        return None

    def _hole(self, span: Span, message: str, hint: str = "") -> None:
        self.holes.append(Hole(span, message, hint))


def _server(root: Mapping) -> Leaf | None:
    """The path under which the first server has its endpoints."""
    servers = _items(root.get("servers"))
    url = servers[0].get("url") if servers and isinstance(servers[0], Mapping) else None
    if not isinstance(url, Leaf) or "{" in url.text:
        return None
    path = re.sub(r"^https?://[^/]*", "", url.text).rstrip("/")
    if not path.startswith("/"):
        return None
    begin = url.text.index(path)
    return Leaf(url.fragment.part(begin, begin + len(path)), url.quoted, url.span)


def _clauses(operation: Mapping, root: Mapping) -> Iterator[Clause]:
    security = operation.get("security") or root.get("security")
    if isinstance(security, Items):
        kinds = [isinstance(item, Mapping) and bool(item.entries) for item in security.items]
        auth = "none" if not any(kinds) else "required" if all(kinds) else "optional"
        yield Clause("auth", auth, security.span)
    deprecated = operation.get("deprecated")
    if isinstance(deprecated, Leaf) and _true(deprecated):
        yield Clause("status", "deprecated", deprecated.span)


def _codes(response: Mapping) -> Iterator[Name]:
    """The error codes that a response lists under `x-errors`, or names in its description."""
    listed = response.get("x-errors")
    if isinstance(listed, Items):
        yield from (Name(item.text, item.span) for item in listed.items if isinstance(item, Leaf))
    described = response.get("description")
    if isinstance(described, Leaf):
        for match in _CODE.finditer(described.text):
            yield Name(match.group(), described.fragment.span(*match.span()))


def _preferred(content: Mapping) -> tuple[Leaf, Node]:
    """The JSON among several media types, else the first."""
    found = [entry for entry in content.entries if "json" in entry[0].text]
    return (found or list(content.entries))[0]


def _medium(media_type: str) -> Medium:
    if "json" in media_type:
        return "json"
    if media_type == "multipart/form-data":
        return "upload"
    if media_type == "application/x-www-form-urlencoded":
        return "form"
    return "text" if media_type.startswith("text/") else "bytes"


def _true(node: Node | None) -> bool:
    return isinstance(node, Leaf) and node.text.lower() == "true"


def _items(node: Node | None) -> tuple[Node, ...]:
    return node.items if isinstance(node, Items) else ()


def _pairs(root: Mapping) -> Iterator[tuple[str, Node]]:
    return ((key.text, value) for key, value in root.entries)
