"""What each endpoint does: an algorithm, a pattern, or what is derived from path, schemas and tables."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from asbuilt.component.derivations import derive
from asbuilt.component.model import AlgorithmStep, DerivedStep, MachineStep, Operation, PatternStep, Step
from asbuilt.component.paths import is_any_text
from asbuilt.component.subjects import World, sound
from asbuilt.diagnostics import Hole, nearest
from asbuilt.language.names import Name, plural, singular, snake
from asbuilt.language.types import Choice, Scalar, Type, Types
from asbuilt.postgres.catalog import Key, SqlType
from asbuilt.postgres.derivation import Derivation
from asbuilt.postgres.spelling import kind_of
from asbuilt.postgres.statement import Signature
from asbuilt.sections.algorithms import Algorithms
from asbuilt.sections.api import Api, Endpoint, Literally, Parameter
from asbuilt.sections.data import Data
from asbuilt.sections.state_machines import StateMachines
from asbuilt.source import Span

_NOWHERE = Span(0, 0)
_NO_MACHINES = StateMachines()


def resolve_operations(
    api: Api,
    data: Data,
    algorithms: Algorithms,
    types: Types,
    signatures: Iterable[tuple[str, Signature]] = (),
    elsewhere: frozenset[str] = frozenset(),
    machines: StateMachines = _NO_MACHINES,
) -> tuple[Operation, ...]:
    """The operation of every endpoint, in the document's order, names unique; a hole says why there are no steps.

    An operation's endpoint is that of the document, but for parameters without a type: they have that of
    the column they are compared with, of the pattern's parameter or the algorithm's argument of their
    name. `signatures` are PostgreSQL's words on the patterns, by name; `elsewhere` are names that sections without a
    reader define, and operations of theirs are pending, as are events of `machines`.
    """
    world = World(sound(data.catalog), types, api.endpoints)
    known = dict(signatures)
    taken: set[str] = set()
    found = []
    for endpoint in api.endpoints:
        operation = _resolved(endpoint, data, algorithms, world, machines, elsewhere)
        operation = replace(operation, endpoint=_typed(operation, known, world))
        name = next(name for name in _names(operation) if name not in taken)
        taken.add(name)
        found.append(replace(operation, name=name))
    return tuple(found)


def _resolved(
    endpoint: Endpoint,
    data: Data,
    algorithms: Algorithms,
    world: World,
    machines: StateMachines,
    elsewhere: frozenset[str],
) -> Operation:
    loads = _loads(endpoint, world)
    if isinstance(loads, Hole):
        return Operation("", endpoint, (), hole=loads)
    waiting = _waiting(endpoint, machines, elsewhere)
    if waiting is not None:
        return Operation("", endpoint, tuple(_fired(endpoint, machines)), loads, waiting, pending=True)
    steps = _named(endpoint, data, algorithms, world, machines) if endpoint.operations else _derived(endpoint, world)
    if isinstance(steps, Hole):
        return Operation("", endpoint, (), loads, steps)
    return Operation("", endpoint, steps, loads)


def _waiting(endpoint: Endpoint, machines: StateMachines, elsewhere: frozenset[str]) -> Hole | None:
    """Why an operation that the document defines cannot be carried out yet; None where it can."""
    for name in endpoint.operations:
        head, dot, event = name.text.partition(".")
        machine = machines.machine(head) if dot else None
        if machine and machine.on(event):
            return Hole(name.span, f"`{name.text}` is an event of a state machine, and those are not enacted yet")
        if machine:
            return Hole(name.span, f"`{machine.name.text}` has no event `{event}`")
        if dot and head in elsewhere:
            return Hole(name.span, f"`{name.text}` is of a section that is not enacted yet")
    return None


def _fired(endpoint: Endpoint, machines: StateMachines) -> Iterator[MachineStep]:
    """The events of machines that an endpoint names."""
    for name in endpoint.operations:
        head, _, event = name.text.partition(".")
        machine = machines.machine(head)
        if machine and machine.on(event):
            yield MachineStep(machine, event)


def _named(
    endpoint: Endpoint, data: Data, algorithms: Algorithms, world: World, machines: StateMachines
) -> tuple[Step, ...] | Hole:
    """The steps that `Operation:` names. One name that is nobody's may be that of a derived operation."""
    steps: list[Step] = []
    for name in endpoint.operations:
        algorithm, pattern = algorithms.function(name.text), data.pattern(name.text)
        if algorithm:
            steps.append(AlgorithmStep(algorithm))
        elif pattern:
            steps.append(PatternStep(pattern))
        else:
            unknown = _unknown(name, data, algorithms, machines)
            alone = len(endpoint.operations) == 1 and not unknown.hint
            derived = derive(endpoint, world) if alone else unknown
            return unknown if isinstance(derived, Hole) else (derived,)
    return tuple(steps)


def _unknown(name: Name, data: Data, algorithms: Algorithms, machines: StateMachines) -> Hole:
    known = [function.name.text for function in algorithms.functions] + [each.name.text for each in data.patterns]
    known += [f"{machine.identifier}.{event}" for machine in machines.machines for event in machine.fired]
    hint = nearest(name.text, known)
    message = f"`{name.text}` is neither an algorithm nor a data access pattern"
    if not hint and "." in name.text:
        return Hole(name.span, f"{message}, and no state machine has it as an event")
    return Hole(name.span, message if hint else f"{message}, and nothing can be derived for it", hint)


def _derived(endpoint: Endpoint, world: World) -> tuple[Step, ...] | Hole:
    step = derive(endpoint, world)
    return step if isinstance(step, Hole) else (step,)


def _loads(endpoint: Endpoint, world: World) -> tuple[tuple[str, str, str], ...] | Hole:
    """The rows that path parameters with a column load. A hole names a column that is not there."""
    found = []
    for parameter in endpoint.parameters_in("path"):
        if parameter.column is None:
            continue
        name, _, column = parameter.column.text.rpartition(".")
        table = world.tables.get(name)
        if table is None or table.column(column) is None:
            known = [f"{each.name}.{one.name}" for each in world.catalog.tables for one in each.columns]
            message = f"`{parameter.column.text}` is not a column of a table"
            return Hole(parameter.column.span, message, nearest(parameter.column.text, known))
        if not table.unique(frozenset({column})):
            message = f"`{parameter.column.text}` is not unique, so it does not say which row to load"
            return Hole(parameter.column.span, message, "make it UNIQUE, or choose a column that is")
        found.append((snake(parameter.name.text), name, column))
    return tuple(found)


def _typed(operation: Operation, signatures: Mapping[str, Signature], world: World) -> Endpoint:
    """The endpoint, each parameter that may be any text with the type of what it is used as."""
    endpoint = operation.endpoint
    used = dict(_uses(operation, signatures, world))
    parameters = tuple(_of_use(parameter, used, world) for parameter in endpoint.parameters)
    return endpoint if parameters == endpoint.parameters else replace(endpoint, parameters=parameters)


def _uses(operation: Operation, signatures: Mapping[str, Signature], world: World) -> Iterator[tuple[str, Type]]:
    """What the operation's parameters are used as, by their snake_case names; of several uses the last counts."""
    for step in operation.steps:
        match step:
            case AlgorithmStep(algorithm):
                yield from ((each.name.text, each.type) for each in algorithm.arguments if each.type)
            case PatternStep(pattern):
                signature = signatures.get(pattern.name.text)
                for name, stored in signature.parameters if signature else ():
                    yield from _as_stored(name, stored, world)
            case DerivedStep(derivation):
                for name, table, column in _compared(derivation):
                    yield from _as_column(name, table, column, world)
            case MachineStep(machine):
                governed = world.tables.get(machine.table)
                for name, column in _of_key(operation.endpoint, governed.primary_key if governed else None):
                    yield from _as_column(name, machine.table, column, world)
    for name, table, column in operation.loads:
        yield from _as_column(name, table, column, world)


def _compared(derivation: Derivation) -> Iterator[tuple[str, str, str]]:
    """The parameters of a derivation that are compared with a column, and with which."""
    for part in derivation.key:
        yield part.parameter, derivation.table, part.column
    for hop in derivation.hops:
        yield hop.key.parameter, hop.parent, hop.key.column
    for each in derivation.filters:
        if not each.many:
            yield each.parameter, derivation.table, each.column


def _of_key(endpoint: Endpoint, key: Key | None) -> Iterator[tuple[str, str]]:
    """The last parameters of a path, which say at which row an event is fired, and the columns of its key."""
    path = [snake(parameter.name.text) for parameter in endpoint.parameters_in("path")]
    if key and len(path) >= len(key.columns):
        yield from zip(path[-len(key.columns) :], key.columns, strict=True)


def _as_column(name: str, table_name: str, column_name: str, world: World) -> Iterator[tuple[str, Type]]:
    table = world.tables.get(table_name)
    column = table.column(column_name) if table else None
    if column:
        yield from _as_stored(name, column.type, world)


def _as_stored(name: str, stored: SqlType, world: World) -> Iterator[tuple[str, Type]]:
    """The type of a value that is stored, or compared with what is stored, as an SQL type."""
    enum = world.catalog.enum(stored.name)
    kind = kind_of(stored, world.catalog)
    if enum and not stored.dimensions:
        yield name, Choice(enum.values, _NOWHERE)
    elif kind and not stored.dimensions:
        yield name, Scalar(kind, _NOWHERE)


def _of_use(parameter: Parameter, used: Mapping[str, Type], world: World) -> Parameter:
    type_ = used.get(snake(parameter.name.text))
    if type_ is None or not is_any_text(parameter, world):
        return parameter
    present = world.types.present(type_)
    if not isinstance(present, Scalar | Choice) or (isinstance(present, Scalar) and present.kind == "str"):
        return parameter
    return replace(parameter, type=replace(present, span=parameter.type.span))


def _names(operation: Operation) -> Iterator[str]:
    """What an operation may be called, best first, without end."""
    endpoint = operation.endpoint
    path = "_".join(s.text if isinstance(s, Literally) else s.name for s in endpoint.route.segments)
    by_path = snake(f"{endpoint.method} {path}".replace("*", "all")) or endpoint.method.lower()
    step = operation.steps[0] if operation.steps else None
    if endpoint.operations:
        own = "_then_".join(snake(name.text) for name in endpoint.operations)
        yield own
        yield f"{own}_by_{endpoint.method.lower()}"
    elif isinstance(step, DerivedStep):
        yield from _derived_names(step.derivation)
    yield by_path
    number = 2
    while True:
        yield f"{by_path}_{number}"
        number += 1


def _derived_names(derivation: Derivation) -> Iterator[str]:
    """`list_todos`, `create_todo`; where that is taken `list_todos_of_project`."""
    word = derivation.table.replace(".", "_")
    one = singular(word)
    own = f"{derivation.deed}_{plural(one) if derivation.deed == 'list' else one}"
    yield own
    if derivation.hops:
        yield f"{own}_of_{singular(derivation.hops[0].parent.replace('.', '_'))}"
