"""The body of a request: media type, size, syntax, and then its values by the documented type."""

import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from decimal import Decimal
from email.parser import BytesParser
from email.policy import HTTP
from typing import TypeAlias

import msgspec

from asbuilt.component.targets import NOWHERE, Target
from asbuilt.language.types import ABSENT, Anything, Array, Map, Named, Scalar, Type, Types, Union, spelled
from asbuilt.runtime.decode import Decoders, anything
from asbuilt.runtime.faults import Fault, Wrong, escaped
from asbuilt.runtime.instances import attributes, fresh
from asbuilt.runtime.messages import BodyBroken, BodyTooLarge, Request
from asbuilt.runtime.patience import Patience
from asbuilt.runtime.refusals import Refusal
from asbuilt.runtime.scalars import Take
from asbuilt.runtime.texts import from_text, item, pairs
from asbuilt.sections.api import Body

Receive: TypeAlias = Callable[[Request], Awaitable[bytes]]
Parse: TypeAlias = Callable[[bytes, str, list[Fault]], object]
LARGEST = 1_000_000  # bytes
PATIENCE = 30.0  # seconds for a body to arrive
_WHOLE_DIGITS = 300
_TOO_DEEP = "the JSON is nested too deeply"

_PLAIN = msgspec.json.Decoder()
_EXACT = msgspec.json.Decoder(float_hook=Decimal)


class Upload(msgspec.Struct, frozen=True):
    """A file of a multipart body."""

    filename: str
    content_type: str
    content: bytes


Part: TypeAlias = str | Upload


def receiver(body: Body) -> Receive:
    """What takes the bytes of a body from the client, or refuses them: for their media type, or their size."""
    media = body.media_type.lower()
    patience = Patience(PATIENCE)

    async def receive(request: Request) -> bytes:
        declared = request.headers.get("content-type")
        if not (declared == media or _same_media(declared, media)):
            raise _media_refused(declared, media)
        if request.headers.get("content-encoding") not in (None, "identity"):
            raise Refusal("media type", "the body must not be compressed")
        try:
            return await patience(request.read(LARGEST))
        except TimeoutError:
            raise Refusal("malformed", f"the body was not complete after {patience.seconds:g}s") from None
        except BodyTooLarge:
            raise Refusal("too large", f"the body must not be longer than {LARGEST} bytes") from None
        except BodyBroken:
            raise Refusal("malformed", "the body ended before it was complete") from None

    return receive


def parser(body: Body, decoders: Decoders, target: Target = NOWHERE, *, partial: bool = False) -> Parse:
    """What makes the value of a body from its bytes: it adds faults, and raises `Refusal` for what has no syntax.

    `target` says which columns its members go to. `partial`: members that are left out stay absent, whatever
    their defaults.
    """
    parse = _parser(body, decoders, target, partial=partial)
    if body.required:
        return parse
    return lambda raw, content_type, faults: parse(raw, content_type, faults) if raw else ABSENT


def _same_media(declared: str | None, media: str) -> bool:
    """Whether a body of this `Content-Type` is one of the documented media type; without one it is taken for it."""
    if declared is None:
        return True
    essence, _, parameters = declared.lower().partition(";")
    essence = essence.strip()
    charset = parameters.replace(" ", "").replace('"', "").partition("charset=")[2].partition(";")[0]
    if charset not in ("", "utf-8", "utf8", "us-ascii"):
        return False
    if media == "application/json" and essence.startswith("application/") and essence.endswith("+json"):
        return True
    return essence == media or media in ("*/*", "application/octet-stream")


def _media_refused(declared: str | None, media: str) -> Refusal:
    told = f"not `{declared}`" if declared else "and there is no `Content-Type`"
    return Refusal("media type", f"the body must be `{media}` in UTF-8, {told}", headers=(("accept", media),))


def _parser(body: Body, decoders: Decoders, target: Target, *, partial: bool) -> Parse:
    match body.medium:
        case "json":
            return _json_parser(body.type, decoders, target, partial=partial)
        case "form":
            fields = _fields(body.type, decoders, target, partial=partial)
            return lambda raw, _type, faults: fields(pairs(_utf8(raw)), faults)
        case "upload":
            fields = _fields(body.type, decoders, target, partial=partial)
            return lambda raw, content_type, faults: fields(_parts(raw, content_type), faults)
        case "text":
            return lambda raw, _type, faults: _text(raw, faults)
        case "bytes":
            return lambda raw, _type, _faults: raw


def _json_parser(type_: Type | None, decoders: Decoders, target: Target, *, partial: bool) -> Parse:
    decode = anything if type_ is None else decoders.stored(type_, target, partial=partial)
    exact = type_ is None or decoders.keeps_digits(target) or _exact(type_, decoders.types, set())
    parser = _EXACT if exact else _PLAIN

    def parse(raw: bytes, _content_type: str, faults: list[Fault]) -> object:
        try:
            value: object = parser.decode(raw)
        except msgspec.ValidationError:  # a number beyond what the parser takes
            value = _with_huge_numbers(raw)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise Refusal("malformed", _syntax(raw, error)) from None
        try:
            return decode(value, "", faults)
        except RecursionError:
            raise Refusal("malformed", _TOO_DEEP) from None

    return parse


def _exact(type_: Type, types: Types, seen: set[str]) -> bool:
    """Whether numbers must keep their digits: a decimal, or a value of any type, may be among the members."""
    resolved = types.resolve(type_)
    match resolved:
        case Scalar(kind):
            return kind == "decimal"
        case Anything():
            return True
        case Array(one) | Map(one):
            return _exact(one, types, seen)
        case Union(options):
            return any(_exact(option, types, seen) for option in options)
        case Named():
            key = spelled(resolved)
            schema = None if key in seen else types.schema(resolved)
            seen.add(key)
            return schema is not None and any(_exact(member.type, types, seen) for member in schema.fields)
        case _:
            return False


def _with_huge_numbers(raw: bytes) -> object:
    """The JSON with its numbers as decimals where they are too long to be anything else: a type refuses them later."""
    try:
        return json.loads(raw, parse_float=Decimal, parse_int=_bounded, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise Refusal("malformed", _syntax(raw, error)) from None


def _bounded(digits: str) -> int | Decimal:
    return int(digits) if len(digits) <= _WHOLE_DIGITS else Decimal(digits)


def _no_constant(name: str) -> object:
    raise ValueError(f"`{name}` is not JSON")


def _syntax(raw: bytes, error: Exception) -> str:
    """What is wrong with a text that is not JSON, and where, counted as editors do."""
    if isinstance(error, RecursionError):
        return _TOO_DEEP
    if not raw.strip():
        return "the body is empty; JSON was expected"
    try:
        json.loads(raw.decode("utf-8"), parse_int=len, parse_constant=_no_constant)
    except json.JSONDecodeError as found:
        return f"the body is not JSON: {found.msg} at line {found.lineno}, column {found.colno}"
    except UnicodeDecodeError as found:
        return f"the body is not UTF-8: byte {found.start} begins no character"
    except RecursionError:
        return _TOO_DEEP
    except ValueError as found:
        return f"the body is not JSON: {found}"
    return "the body is not JSON: a string holds one half of a surrogate pair"


def _utf8(raw: bytes) -> str:
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as found:
        raise Refusal("malformed", f"the body is not UTF-8: byte {found.start} begins no character") from None


def _text(raw: bytes, faults: list[Fault]) -> str:
    text = _utf8(raw)
    if "\x00" in text:
        faults.append(Fault("", "must not hold the character U+0000"))
    return text


def _fields(
    type_: Type | None, decoders: Decoders, target: Target, *, partial: bool
) -> Callable[[Mapping[str, Sequence[Part]], list[Fault]], object]:
    """What reads the members of a form: scalars from their texts, lists from repeated ones, bytes from files."""
    schema = decoders.types.schema(type_) if type_ else None
    if schema is None:
        return lambda given, _faults: {name: values[0] for name, values in given.items()}
    build = decoders.classes.of(schema)
    members = [
        (member, name, _part_reader(member.type, decoders, target.at(member.name)))
        for name, member in zip(attributes(schema), schema.fields, strict=True)
    ]

    def read(given: Mapping[str, Sequence[Part]], faults: list[Fault]) -> object:
        made: dict[str, object] = {}
        for member, attribute, take in members:
            at = "/" + escaped(member.name)
            if member.name in given and not member.read_only:
                try:
                    made[attribute] = take(given[member.name])
                except Wrong as wrong:
                    faults.append(Fault(at, wrong.message))
            elif not member.required or member.read_only:
                made[attribute] = ABSENT if member.required or partial else fresh(member.default)()
            else:
                faults.append(Fault(at, "is required"))
        return None if faults else build(**made)

    return read


def _part_reader(type_: Type, decoders: Decoders, target: Target) -> Callable[[Sequence[Part]], object]:
    types = decoders.types
    of = item(type_, types)
    one = types.present(of or type_)
    take = _part(decoders.text_stored(one, target) or from_text(of or type_, types), one)
    return lambda parts: take(parts[0]) if of is None else [take(part) for part in parts]


def _part(take: Take, type_: Type) -> Take:
    def taken(part: object) -> object:
        if isinstance(type_, Scalar) and type_.kind == "bytes":
            return part.content if isinstance(part, Upload) else str(part).encode()
        return part if isinstance(part, Upload) and not isinstance(type_, Scalar) else take(part)

    return taken


def _parts(raw: bytes, content_type: str) -> dict[str, list[Part]]:
    """The parts of `multipart/form-data` by name: https://www.rfc-editor.org/rfc/rfc7578."""
    message = BytesParser(policy=HTTP).parsebytes(b"Content-Type: " + content_type.encode() + b"\r\n\r\n" + raw)
    if not message.is_multipart():
        raise Refusal("malformed", "the body is not `multipart/form-data` with a boundary")
    found: dict[str, list[Part]] = {}
    for part in message.iter_parts():
        name = part.get_param("name", header="content-disposition")
        content = part.get_payload(decode=True)
        if isinstance(name, str) and isinstance(content, bytes):
            filename = part.get_filename()
            value = _utf8(content) if filename is None else Upload(filename, part.get_content_type(), content)
            found.setdefault(name, []).append(value)
    return found
