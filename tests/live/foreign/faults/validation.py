"""Faults in what is taken of a request."""

from foreign.faults.fault import Fault, by

UPPER = r"(\b(?:max_length|le)=|\b(?:maxLength|maximum): |paging\(\d+, |\bMOST = )([\d_]+)"
LOWER = r"(\b(?:min_length|ge)=|\b(?:minLength|minimum): )([\d_]+)"

VALIDATION = (
    Fault(
        "limit-loosened",
        "Request/Response Schemas",
        ((UPPER, by(1)), (LOWER, by(-1))),
        files=r"^(?!.*settings).*(py|js)$",
    ),
    Fault(
        "limit-tightened",
        "Request/Response Schemas",
        ((UPPER, by(-1)), (LOWER, by(1))),
        files=r"^(?!.*settings).*(py|js)$",
    ),
    Fault(
        "pattern-dropped",
        "Request/Response Schemas",
        ((r"pattern=r\"\^\[A-Z\]\{3\}\$\"", ""), (r", pattern: '\^\[A-Z\]\{3\}\$'", "")),
    ),
    Fault("pattern-widened", "Request/Response Schemas", ((r"\[A-Z\]\{3\}", "[A-Za-z]{3}"),)),
    Fault(
        "choices-dropped",
        "Request/Response Schemas",
        ((r"Literal\[\"low\".*?\]", "str"), (r"enum: \['low'.*?\]", "type: 'string'")),
    ),
    Fault("choice-missing", "Request/Response Schemas", ((r", (['\"])high\1(?=\])", ""),)),
    Fault("format-dropped", "Request/Response Schemas", ((r", format: 'date(?:-time)?'", ""),)),
    Fault(
        "required-dropped",
        "Request/Response Schemas",
        ((r"  required: \[.*\],\n", ""), (r"required: \['title'\], ", "")),
    ),
    Fault(
        "values-coerced",
        "Request/Response Schemas",
        (
            (r"(?<=get_data\(\)), strict=True", ""),
            (r"validators\(false\)", "validators(true)"),
        ),
    ),
    Fault("values-coerced", "Request/Response Schemas", ((r"(?<=bool, Field\()strict=True", ""),), example="todo"),
    Fault("values-coerced", "Request/Response Schemas", ((r"(?<=int, Field\()strict=True", ""),), example="ledger"),
    Fault(
        "null-refused",
        "Request/Response Schemas",
        (
            (r"(?<=note: Note) \| None(?= = None)", ""),
            (r"(?<=due: Day) \| None(?= = None)", ""),
            (r"(?<=due: date) \| None(?= = None)", ""),
            (r"(?<=max_length=140\)\]) \| None(?= = None)", ""),
            (r"\['string', 'null'\]", "'string'"),
        ),
    ),
    Fault(
        "default-wrong",
        "Request/Response Schemas",
        (
            (r"(?<== )\"normal\"(?=\n)", '"high"'),
            (r"(?<=default: )'normal'", "'high'"),
            (r"(?<=ool = )False", "True"),
            (r"(?<=default: )false", "true"),
            (r"(?<=\] = )0(?=\n)", "1"),
            (r"(?<=default: )0", "1"),
        ),
    ),
    Fault("page-size-wrong", "Endpoint Definitions", ((r"(?<=\] = )[25]0\b", "10"), (r"(?<=paging\()[25]0", "10"))),
)
