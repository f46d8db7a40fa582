"""Faults in what is stored, changed and deleted."""

from foreign.faults.fault import Fault

WRITING = (
    Fault(
        "missing-row-unnoticed",
        "Error Responses",
        (
            (r"  found\((?:rows|lists|accounts)\[0\]\)\n", ""),
            (r"        if not connection\.execute\(.*\n            abort\(404\)\n", ""),
            (r"    await found\(session, .*\)\n", ""),
            (r"(?<=except )ForeignKeyViolation", "ZeroDivisionError"),
            (r"    if row is None:\n        raise NotFound\n", ""),
        ),
    ),
    Fault(
        "delete-does-nothing",
        "Endpoint Definitions",
        (
            (r"DELETE FROM (\w+) WHERE id = (\$1|%\(key\)s) RETURNING id", r"SELECT id FROM \1 WHERE id = \2"),
            (r"await session\.delete\((.*)\)(?=\n)", r"\1"),
        ),
    ),
    Fault(
        "where-widened",
        "Endpoint Definitions",
        ((r"(?<=WHERE )id = (?:\$1|%\(key\)s)(?= RETURNING)", r"(\g<0> OR true)"),),
    ),
    Fault(
        "patch-ignores-null",
        "Request/Response Schemas",
        (
            (r"name in request\.body", "request.body[name] != null"),
            (r"(?<=exclude_unset=True)", ", exclude_none=True"),
        ),
    ),
    Fault(
        "patch-sets-absent",
        "Request/Response Schemas",
        (
            (r"(?<=todo_id, body\.model_dump\()exclude_unset=True", 'exclude={"title"}'),
            (r"(?<=ChangeTodo\)\.model_dump\()exclude_unset=True", 'exclude={"title"}'),
            (r"(?<=keys\(members\))\.filter\(.*?in request\.body\)", ".slice(1)"),
        ),
    ),
    Fault(
        "put-keeps-absent",
        "Endpoint Definitions",
        (
            (r"(?<=changed\(session, todo_id, body\.model_dump\()(?=\))", "exclude_unset=True"),
            (r"(?<=changed\(key, web\.body\(CreateTodo\)\.model_dump\()(?=\))", "exclude_unset=True"),
            (
                r"(?<=note = )\$3|(?<=due = )\$5",
                lambda found: f"coalesce({found[0]}, {'note' if found[0] == '$3' else 'due'})",
            ),
        ),
    ),
    Fault(
        "nothing-committed",
        "Core Algorithms",
        (
            (r"(?<=query\(')COMMIT", "ROLLBACK"),
            (r" as opened, opened\.begin\(\)(?=:)", " as opened"),
            (r"(?<=return transfer\(connection, order\)), 201", ", connection.rollback() or 201"),
        ),
        example="ledger",
    ),
)
