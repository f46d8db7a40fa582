"""Faults in lists, pages and filters."""

from foreign.faults.fault import Fault

READING = (
    Fault(
        "order-dropped",
        "Data Access Patterns",
        (
            (r"ORDER BY id(?: DESC)?\s+(?=LIMIT)", ""),
            (r"\s+ORDER BY currency", ""),
            (r"\.order_by\(models\.(?:Todo\.id|Entry\.id\.desc\(\)|Account\.currency)\)", ""),
        ),
    ),
    Fault(
        "order-reversed",
        "Data Access Patterns",
        (
            (r"ORDER BY (?:id(?=\s+LIMIT)|currency(?=`|\s+\"\"\"))", r"\g<0> DESC"),
            (r"ORDER BY id DESC", "ORDER BY id"),
            (r"(?<=order_by\(models\.)(?:Todo\.id|Account\.currency)", r"\g<0>.desc()"),
            (r"(?<=Entry\.id)\.desc\(\)", ""),
        ),
    ),
    Fault(
        "cursor-repeats",
        "Data Access Patterns",
        (
            (r"(?<=models\.Todo\.id) > ", " >= "),
            (r"(?<=models\.Entry\.id) < ", " <= "),
            (r"(?<= OR id) [<>] ", lambda found: found[0].rstrip() + "= "),
        ),
    ),
    Fault(
        "cursor-skips",
        "Data Access Patterns",
        ((r"\bitems\[-1\](?=\.id|\[\"id\"\])", "rows[-1]"), (r"items\.at\(-1\)", "rows.at(-1)")),
    ),
    Fault(
        "page-short",
        "Data Access Patterns",
        ((r"(?<=rows\[:)limit", "limit - 1"), (r"(?<=slice\(0, )limit", "limit - 1")),
    ),
    Fault(
        "page-long",
        "Data Access Patterns",
        ((r"(?<=rows\[:)limit", "limit + 1"), (r"(?<=slice\(0, )limit", "limit + 1")),
    ),
    Fault(
        "last-page-unmarked",
        "Data Access Patterns",
        ((r"(?:len\(rows\)|rows\.length) > limit", lambda found: found[0].replace(">", ">=")),),
    ),
    Fault(
        "next-page-missing",
        "Data Access Patterns",
        ((r"(?<=limit\()limit \+ 1", "limit"), (r"(?<=, )limit \+ 1(?=\])", "limit"), (r"(?<=%\(limit\)s) \+ 1", "")),
    ),
    Fault(
        "filter-ignored",
        "Endpoint Definitions",
        (
            (r"(?<=IS NULL )OR (?=done|made_at)", "OR true OR "),
            (r"    if (?:done|since) is not None:\n.*\n", ""),
        ),
    ),
    Fault(
        "filter-inverted",
        "Endpoint Definitions",
        ((r"(?<=made_at) >= ", " < "), (r"(?<=OR done) = ", " <> "), (r"(?<=Todo\.done) == ", " != ")),
    ),
    Fault(
        "filter-too-wide",
        "Endpoint Definitions",
        (
            (r"(?<=WHERE )((?:list|account)_id = (?:\$1|%\(key\)s))", r"(\1 OR true)"),
            (r"\.where\(models\.(?:Todo\.list_id|Entry\.account_id) == \w+\)", ""),
        ),
    ),
)
