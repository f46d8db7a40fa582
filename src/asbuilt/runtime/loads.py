"""Rows that typed parameters of a path load, left to right, before the operation."""

from collections.abc import Awaitable, Callable, Sequence
from typing import TypeAlias

from asbuilt.component import Operation
from asbuilt.language.names import singular, snake
from asbuilt.postgres.driver import Row, Runs
from asbuilt.postgres.errors import Condition, StatementFailed
from asbuilt.postgres.loading import row_query
from asbuilt.runtime.calls import Call
from asbuilt.runtime.refusals import Refusal
from asbuilt.runtime.rows import records

Load: TypeAlias = Callable[[Call, Runs], Awaitable[None]]


def loaded_names(operation: Operation) -> frozenset[str]:
    """The names under which rows of the path are known: their table's, and its singular."""
    tables = [_bare(table) for _, table, _ in operation.loads]
    return frozenset(tables) | {singular(table) for table in tables}


def loader(operation: Operation) -> Load | None:
    """What loads the rows of a call's path into its values. Raises `Refusal` for one that is not there."""
    if not operation.loads:
        return None
    steps = [(snake(parameter), table, row_query(table, column)) for parameter, table, column in operation.loads]

    async def load(call: Call, runs: Runs) -> None:
        for parameter, table, sql in steps:
            rows = await _fetched(runs, sql, (call.values[parameter],))
            if not rows:
                raise Refusal("no row", about=(operation.name, table, singular(table)))
            row = records(singular(_bare(table)), rows)[0]
            call.values[_bare(table)] = call.values[singular(_bare(table))] = row

    return load


async def _fetched(runs: Runs, sql: str, values: Sequence[object]) -> Sequence[Row]:
    try:
        return (await runs.run(sql, values)).rows
    except StatementFailed as failed:
        if _unheld(failed.condition):
            return ()  # a key that the column can't hold is nobody's
        raise


def _unheld(condition: Condition) -> bool:
    return condition.argument == 0 or condition.sqlstate.startswith("22")


def _bare(table: str) -> str:
    return table.rpartition(".")[2]
