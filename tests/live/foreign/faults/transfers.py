"""Faults in the algorithm, its transaction and its statements."""

from foreign.faults.fault import Fault, replaced

TRANSFERS = (
    Fault(
        "lock-dropped",
        "Core Algorithms",
        ((r"\.with_for_update\(\)", ""), (r" FOR UPDATE", "")),
        needs="at once",
    ),
    Fault(
        "transaction-missing",
        "Core Algorithms",
        (
            (r"transaction\(pool, \(client\) => (.*?, request\.body\))\)", r"((client) => \1)(pool)"),
            (r"(?=        return transfer\(connection)", "        connection.autocommit = True\n"),
            (r"(?<=pool_size=10)(?=, max)", ', isolation_level="AUTOCOMMIT"'),
        ),
        needs="at once",
        example="ledger",
    ),
    Fault(
        "lost-update",
        "Core Algorithms",
        (
            (r"\.with_for_update\(\)", ""),
            (
                r"case\(\(Account\.id == order\.source, -order\.amount\), else_=order\.amount\)",
                "case((Account.id == order.source, source.balance - order.amount), "
                "else_=target.balance + order.amount)",
            ),
            (r"change = 0(?=\n)", "change = source.balance"),
            (r"Account\.balance \+ change", "change"),
        ),
        needs="at once",
        together=True,
    ),
    Fault(
        "lost-update",
        "Core Algorithms",
        (
            (r" FOR UPDATE", ""),
            (
                r"balance \+ CASE WHEN id = \$1 THEN -\$3::bigint ELSE \$3 END",
                "CASE WHEN id = $1 THEN $4::bigint - $3::bigint ELSE $5::bigint + $3 END",
            ),
            (r"(?<=uuid`,\n    \[source, target, amount)(?=\]\))", ", balance, accounts[1].balance"),
        ),
        needs="at once",
        together=True,
    ),
    Fault(
        "lost-update",
        "Core Algorithms",
        (
            (r" FOR UPDATE", ""),
            (
                r'(?<="taken": -order\.amount)(?=\})',
                ', "left": source["balance"] - order.amount, "held": target["balance"] + order.amount',
            ),
            (
                r"balance \+ CASE WHEN id = %\(source\)s THEN %\(taken\)s ELSE %\(amount\)s",
                "CASE WHEN id = %(source)s THEN %(left)s ELSE %(held)s",
            ),
        ),
        needs="at once",
        together=True,
    ),
    Fault(
        "funds-unchecked",
        "Core Algorithms",
        (
            (r"(?<=if )(source(?:\.balance|\[\"balance\"\])) < order\.amount", r"\1 < 0"),
            (r"(?<=if \(balance <) amount", " 0"),
        ),
    ),
    Fault(
        "funds-off-by-one",
        "Core Algorithms",
        ((r"(?<=if )(source\S+) < (?=order\.amount)", r"\1 <= "), (r"(?<=if \(balance) <", " <=")),
    ),
    Fault(
        "currency-unchecked",
        "Core Algorithms",
        (
            (r"(?<=if )source\S*currency\S* != target[^:]*", "False"),
            (r"(?<=if \()accounts\[0\]\.currency !== accounts\[1\]\.currency", "false"),
        ),
    ),
    Fault(
        "sign-lost",
        "Data Access Patterns",
        (
            (r"-(?=order\.amount)", ""),
            (r"-(?=\$[34]::bigint)", ""),
        ),
    ),
    Fault(
        "sides-swapped",
        "Core Algorithms",
        (
            (r"(?<=VALUES \()%\(source\)s, %\(target\)s", "%(target)s, %(source)s"),
            (r"(?<=\n    \[)source, target(?=, amount)", "target, source"),
            (r"(?<=\[made\.id, )source, target", "target, source"),
            (r"(?<=\"account_id\": order\.)(?:source|target)", replaced({"source": "target", "target": "source"})),
            (r"for account in \(order\.source, order\.target\)", "for account in (order.target, order.source)"),
            (r"(?<=accounts = \[)source, target(?=\]\.map)", "target, source"),
        ),
    ),
    Fault(
        "statement-missing",
        "Core Algorithms",
        (
            (r"  await client\.query\(\n(?:.*\n)+?.*\]\)\n(?=  (?:await|return))", ""),
            (r"    connection\.execute\(\n(?:.*\n)+?    \)\n", ""),
            (r"    await session\.execute\(\n(?:.*\n)+?    \)\n", ""),
        ),
        files=r"(transfers\.py|ledger\.(py|js))$",
    ),
    Fault(
        "statement-per-row",
        "Core Algorithms",
        (
            (
                r"(?=  const accounts = \[source)",
                "  for (const key of [source, target]) {\n"
                "    await client.query('SELECT FROM accounts WHERE id = $1', [key])\n  }\n",
            ),
            (
                r"(?=    accounts = \{row)",
                "    for key in (order.source, order.target):\n"
                '        connection.execute("SELECT 1 FROM accounts WHERE id = %s", [key])\n',
            ),
            (
                r"(?=    accounts = \{account)",
                "    for key in (order.source, order.target):\n"
                "        await session.execute(select(Account.id).where(Account.id == key))\n",
            ),
        ),
    ),
    Fault(
        "sum-wrong",
        "Data Access Patterns",
        (
            (r"LEFT (?=JOIN)", ""),
            (r"(?<=\.)outerjoin(?=\()", "join"),
            (r"(?:func\.)?coalesce\((?:func\.)?sum\((moved(?:\.c\.moved)?)\), 0\)", r"max(\1)"),
        ),
    ),
)
