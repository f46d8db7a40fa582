"""What must hold of schemas: each name once, each name known, values that are possible."""

from collections.abc import Iterable, Iterator, Mapping

from asbuilt.diagnostics import Diagnostic, nearest, respelled, rule
from asbuilt.language.likeness import difference
from asbuilt.language.names import Name
from asbuilt.language.possibility import contradictions, refused
from asbuilt.language.types import Alias, Default, Definition, Named, Schema, Type, Types, names_in
from asbuilt.sections.api.model import Api, Shape, ShapeArray, ShapeHole, ShapeObject
from asbuilt.source import Span
from asbuilt.values import frozen


@frozen
class _Use:
    """A type where it is used, with the names that are variables there; in an error's body, under which name."""

    type: Type
    variables: tuple[str, ...] = ()
    hole: str = ""


@frozen
class _Place:
    span: Span


@rule("API202")
def duplicate_schema(api: Api) -> Iterator[Diagnostic]:
    """Two schemas of one name say different things.

    Which of them counts would depend on the order of the document. A schema that is repeated word for word is fine.
    """
    seen: dict[str, Definition] = {}
    for definition in api.definitions:
        first = seen.setdefault(definition.name, definition)
        found = difference(first, definition) if first is not definition else None
        if found:
            member, told = found
            where = _Place(member.span if member else definition.name_span)
            also = [(_Place(first.name_span), "it is defined here first")]
            message = f"`{definition.name}` is defined twice: {told}"
            yield duplicate_schema.at(where, message, hint="keep one of the two, or rename one", also=also)


@rule("API203")
def undefined_schema(api: Api) -> Iterator[Diagnostic]:
    """A type is used that the document does not define.

    Neither a body can be validated nor an answer be written without knowing its shape. Define it under
    Request/Response Schemas, as a class of annotated fields:

        class Order:
            id: UUID
            total_cents: int

    In the body of an error, too, a type stands where a value will be; the member's name says what fills it:

        {"code": "GONE", "message": str}
    """
    types = Types(api.definitions)
    seen: set[Span] = set()
    names: set[str] = set()
    for use in _uses(api):
        for named in names_in(use.type):
            if named.name in types or named.name in use.variables or named.span in seen:
                continue
            seen.add(named.span)
            names.add(named.name)
            known = (*types.names, *use.variables, *_SPELLINGS) if len(names) < _MOST_GUESSES else ()
            hint, fix = nearest(named.name, known), respelled(named, named.name, known)
            if use.hole and named is use.type and (named.name == use.hole or (not hint and named.name.islower())):
                hint, fix = f'write the type of what will stand there: `"{use.hole}": str`', None
            hint = hint or "define it under Request/Response Schemas"
            yield undefined_schema.at(named, f"`{named.name}` is not defined", hint=hint, fix=fix)
    for row in api.errors:
        if isinstance(row.body, Name) and row.body.text not in types:
            hint = (
                nearest(row.body.text, (*types.names, "problem")) or "the body is `problem`, a schema or a JSON shape"
            )
            fix = respelled(row.body, row.body.text, (*types.names, "problem"))
            yield undefined_schema.at(row.body, f"`{row.body.text}` is not defined", hint=hint, fix=fix)


_MOST_GUESSES = 50  # names that are compared with all known ones: whoever misspells more has another problem
# Types that are no schemas, for "did you mean".
_SPELLINGS = (
    "str",
    "int",
    "float",
    "bool",
    "UUID",
    "datetime",
    "date",
    "time",
    "timedelta",
    "Decimal",
    "bytes",
    "list",
    "dict",
)


def _uses(api: Api) -> Iterator[_Use]:
    for definition in api.definitions:
        if isinstance(definition, Alias):
            yield _Use(definition.type, definition.variables)
        else:
            yield from (_Use(base, definition.variables) for base in definition.bases)
            yield from (_Use(member.type, definition.variables) for member in definition.fields)
    for endpoint in api.endpoints:
        yield from (_Use(parameter.type) for parameter in endpoint.parameters)
        if endpoint.body and endpoint.body.type:
            yield _Use(endpoint.body.type)
        yield from (_Use(answer.type) for answer in endpoint.answers if answer.type)
        yield from (_Use(header.type) for header in endpoint.answer_headers if header.type)
    for row in api.errors:
        if row.body is not None and not isinstance(row.body, Name):
            yield from _holes(row.body)


def _holes(shape: Shape) -> Iterator[_Use]:
    match shape:
        case ShapeObject():
            for _, inner in shape.members:
                yield from _holes(inner)
        case ShapeArray():
            for inner in shape.items:
                yield from _holes(inner)
        case ShapeHole(name, type_) if type_ is not None:
            yield _Use(type_, hole=name)


@rule("API208")
def type_arguments(api: Api) -> Iterator[Diagnostic]:
    """A schema is given more types in brackets than it has type variables.

    `Page[T]` takes one type, so `Page[Room, int]` means nothing; a schema without type variables takes none:

        class Page[T]:
            items: list[T]
    """
    for named, target in _applied(api):
        count, given = len(target.variables), len(named.arguments)
        if given > count:
            shown = ", ".join(target.variables)
            message = f"`{named.name}` takes {_types_counted(count)} in brackets, not {given}"
            hint = f"write `{named.name}[{shown}]` with a type for {shown}" if count else f"write `{named.name}` alone"
            yield type_arguments.at(named, message, hint=hint, also=_defined(target))


@rule("API209", severity="warning")
def unbound_type(api: Api) -> Iterator[Diagnostic]:
    """A generic schema is used without a type for each of its type variables.

    Members of a type that is not given take any value, so nothing of them is validated. Write `Page[Room]`.
    """
    for named, target in _applied(api):
        left = target.variables[len(named.arguments) : len(target.variables) - target.defaulted]
        if left:
            shown = ", ".join(f"`{name}`" for name in left)
            message = f"nothing says what {shown} of `{named.name}` is, so any value is taken"
            hint = f"write `{named.name}[{', '.join(target.variables)}]` with a type for each"
            yield unbound_type.at(named, message, hint=hint, also=_defined(target))


def _applied(api: Api) -> Iterator[tuple[Named, Definition]]:
    """Each use of a definition, once for each place where it is written."""
    types = Types(api.definitions)
    seen: set[Span] = set()
    for use in _uses(api):
        for named in names_in(use.type):
            target = types.definition(named.name)
            if target is not None and named.name not in use.variables and named.span not in seen:
                seen.add(named.span)
                yield named, target


def _types_counted(count: int) -> str:
    return {0: "no types", 1: "one type"}.get(count, f"{count} types")


def _defined(target: Definition) -> list[tuple[_Place, str]]:
    library = target.name_span.end == 0
    return [] if library else [(_Place(target.name_span), "it is defined here")]


@rule("API204")
def duplicate_field(api: Api) -> Iterator[Diagnostic]:
    """A schema has two members of one name.

    Only one of them could be in a JSON object, so the other would never be seen.
    """
    for schema in _schemas(api.definitions):
        seen: dict[str, Span] = {}
        for member in schema.fields:
            first = seen.setdefault(member.name, member.span)
            if first is not member.span:
                also = [(_Place(first), "it is here already")]
                message = f"`{schema.name}` has two members `{member.name}`"
                yield duplicate_field.at(member, message, hint="rename or remove one of them", also=also)


def _schemas(definitions: Iterable[Definition]) -> Iterator[Schema]:
    return (definition for definition in definitions if isinstance(definition, Schema))


@rule("API205")
def impossible_constraint(api: Api) -> Iterator[Diagnostic]:
    """No value satisfies a type, or a default does not satisfy its own.

    `Annotated[int, Ge(10), Le(1)]` refuses every request; a default out of its own bounds is a value that callers
    could not send themselves.
    """
    seen: set[Span] = set()
    for use in _uses(api):
        for part, reason in contradictions(use.type):
            if part.span not in seen:
                seen.add(part.span)
                yield impossible_constraint.at(part, reason)
    types = Types(api.definitions)
    for name, type_, default, span in _defaults(api):
        reason = "" if any(contradictions(types.resolve(type_))) else refused(default, type_, types)
        if reason and span not in seen:
            seen.add(span)
            yield impossible_constraint.at(_Place(span), f"the default of `{name}` {reason}")


def _defaults(api: Api) -> Iterator[tuple[str, Type, Default, Span]]:
    for schema in _schemas(api.definitions):
        for member in schema.fields:
            yield member.name, member.type, member.default, member.span
    for endpoint in api.endpoints:
        for parameter in endpoint.parameters:
            yield parameter.name.text, parameter.type, parameter.default, parameter.span


@rule("API207")
def endless_schema(api: Api) -> Iterator[Diagnostic]:
    """A schema requires itself, so that no finite value exists.

    A list of itself, or a member that may be null or left out, ends the nesting: `parent: Category | None`.
    """
    types = Types(api.definitions)
    own = {schema.name for schema in types.schemas}
    needs = {schema.name: own.intersection(_needed(schema, types)) for schema in types.schemas}
    circular = _without_ends(_turned(_without_ends(needs)))
    for schema in types.schemas:
        if schema.name in circular:
            message = f"`{schema.name}` requires itself: no value of it can ever be complete"
            yield endless_schema.at(
                _Place(schema.name_span), message, hint="let a member on the way be null, or a list"
            )


def _without_ends(needs: Mapping[str, set[str]]) -> dict[str, set[str]]:
    """What is left of a graph once all that leads nowhere is taken out, again and again."""
    users = _turned(needs)
    open_needs = {name: len(targets) for name, targets in needs.items()}
    ended = [name for name, count in open_needs.items() if count == 0]
    for name in ended:
        for user in users[name]:
            open_needs[user] -= 1
            if open_needs[user] == 0:
                ended.append(user)
    gone = set(ended)
    return {name: targets - gone for name, targets in needs.items() if name not in gone}


def _turned(needs: Mapping[str, set[str]]) -> dict[str, set[str]]:
    turned: dict[str, set[str]] = {name: set() for name in needs}
    for name, targets in needs.items():
        for target in targets:
            turned[target].add(name)
    return turned


def _needed(schema: Schema, types: Types) -> Iterator[str]:
    """The schemas of which each value of this one holds one."""
    for member in schema.fields:
        resolved = types.resolve(member.type) if member.required else None
        if isinstance(resolved, Named):
            yield resolved.name


RULES = (
    duplicate_schema,
    undefined_schema,
    type_arguments,
    unbound_type,
    duplicate_field,
    impossible_constraint,
    endless_schema,
)
