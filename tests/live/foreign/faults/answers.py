"""Faults in what is answered when all is well."""

from foreign.faults.fault import Fault, replaced

SUCCESSES = replaced({"201": "200", "204": "200"})

ANSWERS = (
    Fault(
        "success-status",
        "Endpoint Definitions",
        (
            (r"status_code=(?:201|204)", SUCCESSES),
            (r"\.code\((?:201|204)\)", SUCCESSES),
            (r"(?<=[)\"]), (?:201|204)$", SUCCESSES),
        ),
    ),
    Fault(
        "member-renamed",
        "Request/Response Schemas",
        (
            (r'(?<=AS )"createdAt"', '"created"'),
            (r'(?<=AS )"listId"', '"list"'),
            (r"(?<=AS )(?:accounts|entries)\b", r"\g<0>_sum"),
            (r", alias_generator=AliasGenerator\(.*?\)(?=\))", ""),
            (r'"next"(?=: )', '"after"'),
            (r"(?<=return \{ items, )next", "after: next"),
        ),
    ),
    Fault(
        "member-missing",
        "Request/Response Schemas",
        (
            (r"""(?<= )(?:note|priority|due|done), (?=.*AS "createdAt"')""", ""),
            (r"(?<=, reference), made_at(?=\")", ""),
            (r"(?<=, amount), made_at(?= FROM)", ""),
            (r", balance, opened_at(?=\n)", ", balance"),
            (r"(?<=class Account\(Answer\):\n)    id: UUID\n", ""),
            (r"(?<=\n)    (?:note|reference): str \| None\n", ""),
            (r"(?<=\n)    (?:opened_at|made_at|created_at|due): (?:datetime|date \| None)\n", ""),
        ),
    ),
    Fault(
        "value-mistyped",
        "Request/Response Schemas",
        (
            (r"pg\.types\.setTypeParser\(pg\.types\.builtins\.DATE.*\n", ""),
            (r"return value\.isoformat\(\)", "return value.toordinal()"),
            (r"    due: date \| None(?=\n    done: bool\n)", "    due: datetime | None"),
        ),
        example="todo",
    ),
    Fault(
        "value-mistyped",
        "Request/Response Schemas",
        (
            (r"pg\.types\.setTypeParser\(pg\.types\.builtins\.INT8.*\n", ""),
            (r"(?<=\.isoformat\(\))\.replace\(.*?\)", '.replace("T", " at ")'),
        ),
        example="ledger",
    ),
    Fault(
        "value-lost",
        "Endpoint Definitions",
        (
            (r"(?<=Todo\(list_id=list_id, \*\*body\.model_dump\()(?=\))", 'exclude={"note"}'),
            (r"(?<=Account\(\*\*body\.model_dump\()(?=\))", 'exclude={"balance"}'),
            (r"\.model_dump\(\)(?=\)\.returning)", '.model_dump(exclude={"reference"})'),
            (r"%\((?:note|due|reference)\)s(?=[,)])", "NULL"),
            (r"(?<=, )(?:note|due|reference)(?=(?:, \w+)*\]\)?\n)", "null"),
        ),
    ),
)
