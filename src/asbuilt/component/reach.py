"""What an operation gets to: the functions, patterns, tables and schemas that its steps lead to."""

from collections.abc import Iterator

from asbuilt.component.model import AlgorithmStep, Component, DerivedStep, Operation, PatternStep
from asbuilt.language.types import Type, names_in
from asbuilt.postgres.derivation import ChildrenMember, ColumnMember, Derivation, Member
from asbuilt.sections.algorithms import Algorithm
from asbuilt.sections.data import Pattern
from asbuilt.values import frozen


@frozen
class Reach:
    """`operations` are the names that the operation and its parts go by."""

    functions: tuple[Algorithm, ...]
    patterns: tuple[Pattern, ...]
    derivations: tuple[Derivation, ...]
    operations: frozenset[str]
    tables: frozenset[str]
    schemas: frozenset[str]

    @property
    def asks_database(self) -> bool:
        return bool(self.patterns or self.derivations)


def reach_of(component: Component, operation: Operation) -> Reach:
    """Everything that the steps of an operation lead to, calls of functions and patterns followed."""
    functions = tuple(_functions(component, operation))
    called = [call.name.text for function in functions for call in function.calls]
    own = [step.pattern for step in operation.steps if isinstance(step, PatternStep)]
    known = component.data.by_name
    patterns = {pattern.name.text: pattern for pattern in own}
    patterns |= {name: known[name] for name in called if name in known}
    derivations = tuple(step.derivation for step in operation.steps if isinstance(step, DerivedStep))
    tables = {table for pattern in patterns.values() for table in pattern.statement.tables}
    tables |= {table for derivation in derivations for table in _tables(derivation)}
    tables |= {table for _, table, _ in operation.loads}
    names = {operation.name, *(function.name.text for function in functions), *patterns}
    return Reach(
        functions,
        tuple(patterns.values()),
        derivations,
        frozenset(names),
        frozenset(tables),
        frozenset(_schemas(component, operation)),
    )


def _functions(component: Component, operation: Operation) -> Iterator[Algorithm]:
    known = component.algorithms.by_name
    ahead = [step.algorithm for step in operation.steps if isinstance(step, AlgorithmStep)]
    seen: set[str] = set()
    while ahead:
        function = ahead.pop()
        if function.name.text in seen:
            continue
        seen.add(function.name.text)
        yield function
        ahead += [known[name.text] for name in function.names_used if name.text in known]


def _tables(derivation: Derivation) -> Iterator[str]:
    yield derivation.table
    yield from derivation.written
    yield from (hop.parent for hop in derivation.hops)
    yield from _embedded(derivation.members)


def _embedded(members: tuple[Member, ...]) -> Iterator[str]:
    for member in members:
        if not isinstance(member, ColumnMember):
            yield member.table
            if isinstance(member, ChildrenMember) and member.junction:
                yield member.junction.table
            yield from _embedded(member.members)


def _schemas(component: Component, operation: Operation) -> set[str]:
    """The schemas of body, parameters and answers, and those inside of them."""
    endpoint = operation.endpoint
    found: set[str] = set()
    ahead: list[Type] = [parameter.type for parameter in endpoint.parameters]
    ahead += [answer.type for answer in endpoint.answers if answer.type]
    ahead += [endpoint.body.type] if endpoint.body and endpoint.body.type else []
    while ahead:
        for named in names_in(ahead.pop()):
            if named.name in found:
                continue
            found.add(named.name)
            schema = component.types.schema(named)
            resolved = component.types.resolve(named)
            ahead += [field.type for field in schema.fields] if schema else []
            ahead += [resolved] if resolved is not named and not schema else []
    return found
