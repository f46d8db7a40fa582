"""What the rows of the error table refer to must be there: else a row answers more than it says, or nothing."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import get_args

from asbuilt.component import Cause, Component
from asbuilt.component.error_clauses import ON_DELETE, Clause
from asbuilt.consistency.lexicon import is_slip
from asbuilt.consistency.references import names_of, slips
from asbuilt.diagnostics import Diagnostic, nearest, rule
from asbuilt.language.names import Name, snake
from asbuilt.sections.api import ErrorRow

_COMPOUND = re.compile(r"[A-Za-z]\w*_\w*")
_CONSTRAINT = re.compile(r"_(?:f?key|pkey|fk|pk|check|excl|unique|uq)$")
_CAUSES = (*get_args(Cause), ON_DELETE)


@rule("API416")
def undefined_cause(component: Component) -> Iterator[Diagnostic]:
    """The description of an error refers to an operation, a constraint or a cause that is not there.

    The references of a description are the causes of its row, and all of them must hold: one that is
    nothing is left out, and `no row` of a pattern that does not exist answers every `no row`. Only rows
    that refer to a cause are looked at, and names like those of constraints; else code spans are prose.
    """
    told = {span.span.start for span, _ in slips(component)}
    known = {snake(name) for name in names_of(component)} | {snake(name) for name in component.elsewhere}
    for row in component.api.errors:
        caused = any(reference.text.strip() in _CAUSES for reference in row.references)
        for reference in row.references:
            text = reference.text.strip()
            if (
                reference.span.start not in told
                and _is_nothing(text, known)
                and (caused or not _COMPOUND.fullmatch(text) or _constrains(text, component))
            ):
                yield _finding(component, row, reference)


def _is_nothing(text: str, known: set[str]) -> bool:
    if text in _CAUSES or snake(text) in known:
        return False
    if any(is_slip(text, cause) for cause in _CAUSES):
        return True
    return bool(_COMPOUND.fullmatch(text))


def _constrains(text: str, component: Component) -> bool:
    """Whether a name can only be that of a constraint: by its ending, or because it is close to one."""
    catalog = component.data.catalog
    names = [constraint.name for _, constraint in catalog.constraints()]
    return bool(catalog.tables) and (bool(_CONSTRAINT.search(text)) or bool(nearest(text, names)))


def _finding(component: Component, row: ErrorRow, reference: Name) -> Diagnostic:
    text = reference.text.strip()
    catalog = component.data.catalog
    candidates = [
        *_CAUSES,
        *(operation.name for operation in component.operations),
        *(pattern.name.text for pattern in component.data.patterns),
        *(function.name.text for function in component.algorithms.functions),
        *(constraint.name for _, constraint in catalog.constraints()),
        *(index.name for index in catalog.indexes if index.unique),
    ]
    hint = nearest(text, candidates) or "name an operation, a pattern, a constraint, a parameter or a cause"
    message = f"`{text}`, which `{row.code.text}` refers to, is defined nowhere"
    return undefined_cause.at(reference, message, hint=hint)


@rule("API417")
def rival_rows(component: Component) -> Iterator[Diagnostic]:
    """Two codes claim the same cause with the same references, so that one of them is never answered.

    Where an endpoint can answer both, the first row of the table wins. Let each refer to something of its own, such as
    a table, an operation or a constraint, or list each under `Errors` of the endpoints it is for:

        | ORDER_NOT_FOUND | 404 | `no row` of `orders` | problem |
        | ITEM_NOT_FOUND  | 404 | `no row` of `items`  | problem |

    A code that an algorithm raises is left alone.
    """
    told: set[str] = set()
    for first, second, where in _rivals(component):
        if second.code.text not in told:
            told.add(second.code.text)
            message = f"`{first.code.text}` and `{second.code.text}` claim the same cause{where}"
            hint = "refer in each to what tells them apart, or keep one of the two"
            yield rival_rows.at(second.code, message, hint=hint, also=[(first.code, "this one is answered")])


def _rivals(component: Component) -> Iterator[tuple[ErrorRow, ErrorRow, str]]:
    """Rows with a clause in common that one endpoint lists, or of which the second is listed nowhere."""
    rows, raised = component.error_rows, component.error_table.raised
    order = {row.code.text: place for place, row in enumerate(component.api.errors)}
    claims: dict[str, list[Clause]] = {}
    for row, clause in component.error_table.referring:
        if row.code.text not in raised:
            claims.setdefault(row.code.text, []).append(clause)
    listed: set[str] = set()
    for operation in component.operations:
        names = {name.text for name in operation.endpoint.errors if name.text in claims}
        listed |= names
        title = operation.endpoint.title
        for first, second in _sharing(sorted(names, key=order.__getitem__), claims):
            yield rows[first], rows[second], f", and `{title}` lists both"
    for first, second in _sharing(claims, claims) if component.operations else ():
        if second not in listed:
            yield rows[first], rows[second], ""


def _sharing(codes: Iterable[str], claims: Mapping[str, Sequence[Clause]]) -> Iterator[tuple[str, str]]:
    """Each code after the first that has the same clause."""
    seen: dict[Clause, str] = {}
    for code in codes:
        for clause in claims[code]:
            first = seen.setdefault(clause, code)
            if first != code:
                yield first, code


RULES = (undefined_cause, rival_rows)
