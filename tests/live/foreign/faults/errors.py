"""Faults in what is answered when something is not."""

from foreign.faults.fault import Fault, replaced

FAILURES = replaced({"404": "400", "409": "400", "422": "400", "503": "500"})
CODES = "NOT_FOUND|LIST_EXISTS|INVALID|ACCOUNT_NOT_FOUND|ACCOUNT_EXISTS|CURRENCIES_DIFFER|INSUFFICIENT_FUNDS"

ERRORS = (
    Fault(
        "error-status",
        "Error Responses",
        (
            (r"(?:Problem|ApiError|Refused|__init__|problem|abort)\((?:404|409|422)", FAILURES),
            (r"(?:error\.account\)\}|content), (?:404|409)\)", FAILURES),
        ),
    ),
    Fault(
        "error-status", "Error Responses", ((r"(?:problem|ApiError)\(503", FAILURES),), needs="outage", example="ledger"
    ),
    Fault("error-code", "Error Responses", ((rf"(?<=['\"])(?:{CODES})(?=['\"])", r"\g<0>_ERROR"),)),
    Fault("error-code", "Error Responses", ((r"(?<=['\"])TRY_AGAIN", "LATER"),), needs="outage", example="ledger"),
    Fault("error-media-type", "Error Responses", ((r"application/problem\+json", "text/plain"),)),
    Fault(
        "error-member-renamed",
        "Error Responses",
        (
            (r"(?<=_FOUND\", )\"account\"(?=:)", '"account_id"'),
            (r"(?<=_FOUND\", )account(?==)", "account_id"),
            (r"(?<=_FOUND', )account(?=:)", "account_id"),
            (r"\"balance\"(?=: error)", '"available"'),
            (r"(?<=FUNDS\", )balance(?==)", "available"),
            (r"(?<=FUNDS', )balance(?=,)", "available: balance"),
        ),
    ),
    Fault(
        "error-member-missing",
        "Error Responses",
        (
            (r", \"amount\": error\.amount", ""),
            (r", amount=order\.amount(?=\)\n    made)", ""),
            (r"(?<=FUNDS', balance), amount", ""),
        ),
    ),
    Fault(
        "error-value-wrong",
        "Error Responses",
        (
            (r"(?<=\"balance\": )error\.balance", "error.amount"),
            (r"(?<=, balance=)source\[\"balance\"\]", "order.amount"),
            (r"(?<=FUNDS', )balance(?=, amount)", "balance: amount"),
            (r"(?<=raise AccountNotFound\()account", "order.source"),
            (r"(?<=_FOUND\", account=)account", "order.source"),
            (r"(?<=_FOUND', account: )key", "source"),
        ),
    ),
    Fault(
        "conflict-unmapped",
        "Error Responses",
        ((r"lists_title_key|accounts_name_key", r"\g<0>_"), (r"(?<=except )UniqueViolation", "ZeroDivisionError")),
    ),
    Fault(
        "outage-unmapped",
        "Error Responses",
        (
            (r"    @app\.exception_handler\(OSError\)\n", ""),
            (r"(?<=errorhandler\()psycopg\.OperationalError", "psycopg.NotSupportedError"),
            (r"if \(UNAVAILABLE\.test\(error\.code\) \|\| ", "if ("),
        ),
        needs="outage",
        example="ledger",
    ),
)
