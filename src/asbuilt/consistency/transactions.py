"""What a `Transaction:` line allows must be enough for what the operation does."""

from collections.abc import Iterator

from asbuilt.component import Component, Operation
from asbuilt.component.reach import reach_of
from asbuilt.diagnostics import Diagnostic, Hole, Located, rule
from asbuilt.postgres.writes import changes_of

_VERBS = {"insert": "inserts into", "update": "updates", "delete": "deletes from"}


@rule("API425")
def read_only_write(component: Component) -> Iterator[Diagnostic]:
    """An operation with `Transaction: read only` writes.

    PostgreSQL refuses to write in such a transaction, so the operation could never succeed. Write `read committed`,
    `repeatable read` or `serializable`, or leave the line out: then a single statement is a transaction of its own,
    and several are one.
    """
    for operation in component.operations:
        clause = operation.endpoint.clause("transaction")
        if clause is None or clause.text.casefold() != "read only":
            continue
        for where, told in _writes(component, operation):
            message = f"`{operation.endpoint.title}` is read only, and {told}"
            hint = "leave the line out, or write `Transaction: serializable`"
            yield read_only_write.at(clause, message, hint=hint, also=[(where, "this writes")])
            break


def _writes(component: Component, operation: Operation) -> Iterator[tuple[Located, str]]:
    """What the operation writes, whether by itself, through a pattern, or through one that an algorithm calls."""
    reach = reach_of(component, operation)
    for pattern in reach.patterns:
        for change in changes_of(pattern.statement):
            yield pattern.name, f"pattern `{pattern.name.text}` {_VERBS[change.verb]} `{change.table}`"
    for derivation in reach.derivations:
        if derivation.deed not in ("read", "list"):
            told = f"it is derived as a {derivation.deed} of `{derivation.table}`"
            yield Hole(operation.endpoint.route.span, ""), told


RULES = (read_only_write,)
