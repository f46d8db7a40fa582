"""What a schema and its patterns must satisfy by themselves."""

from collections.abc import Iterator

from asbuilt.diagnostics import Diagnostic, Rule, rule
from asbuilt.sections.data.model import Data


@rule("DB101")
def sql_syntax(data: Data) -> Iterator[Diagnostic]:
    """PostgreSQL's grammar refuses a statement."""
    for fault in data.faults:
        if not fault.sqlstate:
            yield sql_syntax.at(fault, fault.message, hint=fault.hint)


RULES: tuple[Rule[Data], ...] = (sql_syntax,)
