"""What PostgreSQL said against a statement, as the refusal a caller is told: never its words, never its values."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from asbuilt.component import Component, DerivedStep, Operation
from asbuilt.component.routed import columns_of_path
from asbuilt.component.violations import members_derived
from asbuilt.language.names import snake
from asbuilt.postgres.catalog import Catalog
from asbuilt.postgres.errors import Condition
from asbuilt.runtime.faults import Fault, Where, escaped
from asbuilt.runtime.refusals import Refusal
from asbuilt.runtime.transactions import mode_of

RETRY_AFTER = (("retry-after", "1"),)
_MESSAGES: Mapping[str, str] = {
    "check": "is not allowed by the rules of the data",
    "not null": "must not be null",
    "length": "is too long",
    "range": "is out of range",
    "value": "is out of range",
    "characters": "holds a character that can't be stored",
}
_COUNTS: Mapping[str, str] = {"2201W": "limit", "2201X": "offset"}  # negative ones


@dataclass(frozen=True)
class Places:
    """Where in a request the value of a column came from. `columns` leads to members of the body, by pointer.

    `parameters` are those of the request by snake_case name, each with its own name and place. `read_only`: the
    document wants the operation to change nothing. `routed` are the columns, by table, that parameters of the
    path fill. `bodied`: the request has a body.
    """

    catalog: Catalog
    columns: Mapping[str, str] = field(default_factory=dict)
    parameters: Mapping[str, tuple[str, Where]] = field(default_factory=dict)
    read_only: bool = False
    routed: Mapping[tuple[str, str], str] = field(default_factory=dict)
    bodied: bool = False

    def fault(self, column: str, message: str, table: str = "") -> Fault | None:
        if (table, column) in self.routed:
            return Fault(self.routed[table, column], message, "path")
        if column in self.columns:
            return Fault(self.columns[column], message)
        return None

    def named(self, name: str, message: str) -> Fault | None:
        """A fault of the value a statement knows by this name; None for one of the path."""
        head, _, rest = name.partition(".")
        if head == "body":
            return Fault("".join("/" + escaped(part) for part in rest.split(".") if part), message)
        own, place = self.parameters.get(snake(head), ("", "path"))
        if place != "path":
            return Fault(own, message, place)
        return self.fault(name, message)

    def whole(self, message: str) -> tuple[Fault, ...]:
        """A fault of some value of the request: of its body, or of the one value that it has. None: who knows."""
        if self.bodied:
            return (Fault("", message),)
        only = [Fault(own, message, place) for own, place in self.parameters.values()]
        return tuple(only) if len(only) == 1 else ()


def places_of(operation: Operation, component: Component) -> Places:
    """The places of an operation: members of its body by the column of the same name, or that it is derived to set."""
    endpoint = operation.endpoint
    columns: dict[str, str] = {}
    schema = (
        component.types.schema(component.types.present(endpoint.body.type))
        if endpoint.body and endpoint.body.type
        else None
    )
    for member in schema.fields if schema else ():
        columns.setdefault(member.column or snake(member.name), "/" + escaped(member.name))
    for step in operation.steps:
        if isinstance(step, DerivedStep):
            held = members_derived(step.derivation, endpoint, component.types)
            # A column of the row itself goes before one of the same name in the rows of a list.
            for (_, column), name in sorted(held.items(), key=lambda item: item[0][0] == step.derivation.table):
                columns[column] = "/" + escaped(name)
    return Places(
        component.data.catalog,
        columns,
        {snake(parameter.name.text): (parameter.name.text, parameter.place) for parameter in endpoint.parameters},
        mode_of(operation, several=False).read_only,
        columns_of_path(operation, component),
        endpoint.body is not None,
    )


def refusal_of(condition: Condition, names: Sequence[str], written: Sequence[str], places: Places) -> Refusal:
    """Why a request is refused when a statement of it failed.

    `names` are the parameters of the statement in order, `written` the tables it changes.
    """
    match condition.kind:
        case "unique" | "exclusion":
            return _conflict(condition, places)
        case "foreign key" if condition.sqlstate == "23001" or condition.table not in written:
            about = (condition.constraint, "on delete", condition.table)
            return Refusal("conflict", f"`{condition.table}` still refers to it", about=about)
        case "foreign key" if _names_of_path(condition, places):
            return Refusal("no row", about=(condition.constraint, condition.table))
        case "foreign key":
            return _at_columns(condition, "refers to nothing that exists", _key_columns(condition, places), places)
        case "check" | "not null" | "length" | "range" | "value" | "characters":
            if condition.kind == "check" and not condition.table:
                return _of_domain(condition, written, places)
            return _unstorable(condition, names, places)
        case "serialization" | "deadlock":
            return Refusal("unavailable", "too many requests change the same data at once", headers=RETRY_AFTER)
        case "timeout" | "lock":
            return Refusal("timeout", "the database took too long", headers=RETRY_AFTER)
        case "read only" if places.read_only:
            return Refusal("internal")  # by the document's own word: to try again is of no use
        case "unavailable" | "read only":
            return Refusal("unavailable", "the database can't answer now", headers=RETRY_AFTER)
        case _:
            return Refusal("internal")


def _conflict(condition: Condition, places: Places) -> Refusal:
    columns = _key_columns(condition, places)
    members = tuple(fault.field for column in columns if (fault := places.fault(column, "")))
    about = (condition.constraint, condition.table, *columns, *members)
    named = " and ".join(f"`{name}`" for name in members or columns)
    # What an exclusion constraint compares need not be equal: only the row that claims it knows what is wrong.
    alike = f"there is one with this {named} already" if named and condition.kind == "unique" else ""
    return Refusal("conflict", alike, about=about)


def _unstorable(condition: Condition, names: Sequence[str], places: Places) -> Refusal:
    """A value the database does not take: the fault of a member where it can be told which, else a conflict."""
    message = _MESSAGES[condition.kind]
    counts = [name for name in names if condition.sqlstate in _COUNTS and _COUNTS[condition.sqlstate] in snake(name)]
    if len(counts) == 1 and (fault := places.named(counts[0], "must not be negative")):
        return Refusal("validation", f"`{fault.field}` {fault.message}", about=(fault.field,), faults=(fault,))
    if condition.argument is not None and condition.argument < len(names):
        name = names[condition.argument]
        fault = places.named(name, message)
        if fault:
            return Refusal("validation", f"`{fault.field}` {message}", about=(fault.field,), faults=(fault,))
        if snake(name) in places.parameters:
            return Refusal("no row")  # a key that no column can hold is nobody's
    if (condition.sqlstate.startswith("22") or condition.argument is not None) and not condition.column:
        faults = places.whole(message)
        about = tuple(fault.field for fault in faults)
        return Refusal(
            "validation", f"`{about[0]}` {message}" if about else f"a value {message}", about=about, faults=faults
        )
    columns = (condition.column,) if condition.column else _key_columns(condition, places)
    return _at_columns(condition, message, columns, places)


def _of_domain(condition: Condition, written: Sequence[str], places: Places) -> Refusal:
    """A CHECK of a domain, which PostgreSQL tells of no column: the one that has the domain, if there is but one."""
    message = _MESSAGES["check"]
    domains = {one.name for one in places.catalog.domains if any(c.name == condition.constraint for c in one.checks)}
    tables = [table for name in written if (table := places.catalog.table(name))]
    columns = [(table.name, each.name) for table in tables for each in table.columns if each.type.name in domains]
    found = [fault for table, column in columns if (fault := places.fault(column, message, table))]
    faults = tuple(found) if len(found) == 1 else places.whole(message)
    about = (condition.constraint, *(fault.field for fault in faults))
    return Refusal(
        "validation", f"`{about[1]}` {message}" if faults else f"a value {message}", about=about, faults=faults
    )


def _at_columns(condition: Condition, message: str, columns: Sequence[str], places: Places) -> Refusal:
    faults = tuple(fault for column in columns if (fault := places.fault(column, message, condition.table)))
    about = (condition.constraint, *(fault.field for fault in faults), condition.table)
    if faults:
        return Refusal("validation", f"`{faults[0].field}` {message}", about=about, faults=faults)
    return Refusal("conflict", about=tuple(name for name in about if name))


def _names_of_path(condition: Condition, places: Places) -> bool:
    """Whether the path alone says what a foreign key refers to: then there is nothing at that path."""
    columns = _key_columns(condition, places)
    return bool(columns) and all((condition.table, column) in places.routed for column in columns)


def _key_columns(condition: Condition, places: Places) -> tuple[str, ...]:
    """The columns of the constraint that was violated."""
    for table, constraint in places.catalog.constraints():
        if constraint.name == condition.constraint and table.name == condition.table:
            return constraint.columns
    for index in places.catalog.indexes:
        if index.name == condition.constraint:
            return tuple(column for column in index.columns if column)
    return ()
