"""The results as tables for people and as JSON for programs."""

import dataclasses
import os
import platform
import re
import subprocess
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import check_speed
from load import ATTEMPTS, CONNECTIONS, DISTURBED, PGBENCH_CLIENTS
from results import Results, Spread
from servers import HERE
from shop import ENDPOINTS

SUBJECT = "asbuilt"
BARE = "pgbench"
# What a release has to reach, as ratios to a peer.
BARS = {"fastapi-asyncpg": {"a": 3.0, "b": 3.0, "c": 3.0, "d": 1.8, "e": 2.5}}
_SHOWN = ("asyncpg", "fastapi", "litestar", "msgspec", "pydantic", "sqlalchemy", "starlette", "uvicorn", "uvloop")


@dataclasses.dataclass(frozen=True, slots=True)
class Circumstances:
    """Where and how it was measured."""

    seconds: int
    warm_up: int
    rounds: int
    postgres: str
    cores: str


def tables(results: Results, keys: list[str]) -> str:
    """Requests a second, ratios, and what could not be measured, in Markdown."""
    parts = [_rates(results, keys), _ratios(results, keys), _bar(results, keys), _missing(results)]
    return "\n".join(part for part in parts if part)


def document(results: Results, keys: list[str], how: Circumstances) -> str:
    """The page `docs/benchmarks.md`."""
    turns = f"{how.rounds} times over, {how.seconds} s each after {how.warm_up} s of warming up"
    return f"""\
# Benchmarks

How many requests a second one worker of asbuilt answers, beside services written by hand that give the same answers.
`make bench` measures again and writes this page; `benches/` holds everything it does.

{tables(results, keys)}
## How it is measured
- The document is [`benches/shop.md`](../benches/shop.md); each peer in `benches/peers/` is one file, written as its own
  documentation shows. Before anything is timed, every contender has to give the same answers, compared as parsed
  JSON with the rows of the database, refusals and missing rows among them.
- All use one PostgreSQL over a unix socket: 100,000 orders with 3 lines each, durability on, housekeeping off while
  a round lasts. Stored orders are removed after each round.
- asbuilt runs as users run it. The peers keep no access log and no metrics.
- `wrk` holds {CONNECTIONS} connections from one thread. The contenders take turns, {turns}.
  The table has medians; a ratio is taken within a round, and its spread is that of the rounds. A contender that gave
  a single wrong answer has no number there. A round in which other processes took more than {DISTURBED:.0%} of the
  cores is played again, {ATTEMPTS} times in all; one that stays disturbed counts only where all are.
- `pgbench -M prepared` runs the same query with {PGBENCH_CLIENTS} clients and no server at all: the limit.
- Cores: {how.cores}.

{_disturbance(results)}Read ratios, not decimals.

{_CHECK}
## Where and when
{_where(how)}
"""


_CHECK = f"""\
## How fast documents are checked
`python benches/check_speed.py` measures it, and ends with 1 when a bar is missed.
- The documents are made by `benches/warehouse.py`: kinds of parts, each with endpoints, schemas, errors, tables and
  patterns, all of them clean. The bars: {"; ".join(f"{aim.title}, {aim.seconds} s" for aim in check_speed.AIMS)}.
- What is timed is the whole command `asbuilt check --no-referee`, start of Python included: the CPU time of its
  process, which other programs disturb least, as the median of {check_speed.ROUNDS} runs. With PostgreSQL as referee,
  which is another process, it is the time on the clock: once for SQL that was never judged, once for SQL that was.
- Growth is measured on one, two and four times each document. What a document of one kind of part takes is the cost of
  starting, and is left out. Four times the size may cost {4**check_speed.STEEPEST:.1f} times as much at most (4 to the
  power of {check_speed.STEEPEST}): 4 times is in proportion, and 16 times would be the square.
"""


def as_json(results: Results, how: Circumstances) -> dict[str, object]:
    """Every round of every contender, for programs."""
    return {
        "date": _now(),
        "circumstances": dataclasses.asdict(how) | {"machine": _machine(), "versions": _versions()},
        "contenders": results.titles,
        "endpoints": {endpoint.key: endpoint.title for endpoint in ENDPOINTS},
        "rounds": [
            {"contender": contender, "endpoint": endpoint, "samples": [dataclasses.asdict(s) for s in samples]}
            for (contender, endpoint), samples in results.samples.items()
        ],
        "missing": [
            {"contender": contender, "endpoint": endpoint, "reason": reason}
            for (contender, endpoint), reason in results.missing.items()
        ],
    }


def _rates(results: Results, keys: list[str]) -> str:
    rows = []
    for name, title in results.titles.items():
        spreads = (results.rates(name, key) for key in keys)
        rows.append([title, *("" if spread is None else f"{spread.median:,.0f}" for spread in spreads)])
    return _table(["requests/s", *_headings(keys)], rows)


def _ratios(results: Results, keys: list[str]) -> str:
    rows = []
    for name, title in results.titles.items():
        spreads = [results.ratios(SUBJECT, name, key) for key in keys]
        if name != SUBJECT and any(spreads):
            rows.append([title, *map(_ratio, spreads)])
    return _table(["asbuilt is so many times as fast as", *_headings(keys)], rows) if rows else ""


def _bar(results: Results, keys: list[str]) -> str:
    rows = []
    for name, bar in BARS.items():
        spreads = {key: results.ratios(SUBJECT, name, key) for key in keys}
        if any(spreads.values()):
            rows.append([f"against {results.titles[name]}", *(_verdict(spreads[key], bar[key]) for key in keys)])
    return _table(["the bar of the first release", *keys], rows) if rows else ""


def _missing(results: Results) -> str:
    """Contenders and endpoints without a number, each with its reason; nothing is dropped in silence."""
    reasons: dict[tuple[str, str], list[str]] = {}
    for (contender, endpoint), reason in results.missing.items():
        reasons.setdefault((contender, reason), []).append(endpoint)
    for contender, endpoint in results.samples:
        if errors := results.errors(contender, endpoint):
            reasons.setdefault((contender, f"{errors} answers were wrong or missing"), []).append(endpoint)
    lines = (
        f"- {results.titles[contender]}, {', '.join(endpoints)}: {reason}\n"
        for (contender, reason), endpoints in reasons.items()
    )
    return f"Not measured:\n\n{''.join(lines)}" if reasons else ""


def _disturbance(results: Results) -> str:
    """A sentence on the rounds in which the machine had other work."""
    samples = [sample for samples in results.samples.values() for sample in samples]
    disturbed = sum(not sample.calm for sample in samples)
    return f"Other processes disturbed {disturbed} of {len(samples)} rounds. " if disturbed else ""


def _headings(keys: list[str]) -> list[str]:
    return [f"{endpoint.key}: {endpoint.title}" for endpoint in ENDPOINTS if endpoint.key in keys]


def _ratio(spread: Spread | None) -> str:
    return "" if spread is None else f"{spread.median:.2f} ({spread.least:.2f}..{spread.greatest:.2f})"


def _verdict(spread: Spread | None, bar: float) -> str:
    if spread is None:
        return ""
    return f"{bar:g}: {'met' if spread.median >= bar else f'missed, {spread.median:.2f}'}"


def _table(heading: list[str], rows: list[list[str]]) -> str:
    lines = [heading, ["---", *["---:"] * (len(heading) - 1)], *rows]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines)


def _where(how: Circumstances) -> str:
    facts = {"Date": _now(), "Machine": _machine(), "PostgreSQL": how.postgres} | _versions()
    return "\n".join(f"- {name}: {fact}" for name, fact in facts.items())


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%d")


def _machine() -> str:
    model = platform.processor() or platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists() and (found := re.search(r"^model name\s*: (.+)$", cpuinfo.read_text(), re.MULTILINE)):
        model = found[1]
    return f"{model}, {os.cpu_count()} cores, {platform.system()} {platform.release()}"


def _versions() -> dict[str, str]:
    """What asbuilt runs on, and what the lock gives its peers."""
    locked = dict(re.findall(r"^([\w-]+)==(\S+)", (HERE / "requirements.lock").read_text(), re.MULTILINE))
    own = ", ".join(f"{name} {version(name)}" for name in ("asbuilt", "asyncpg", "granian", "msgspec", "uvloop"))
    tool = subprocess.run(["wrk", "-v"], check=False, capture_output=True, text=True).stdout.split(" [")[0]
    return {
        "Python": platform.python_version(),
        "asbuilt": own,
        "Peers": ", ".join(f"{name} {locked[name]}" for name in _SHOWN),
        "Load": tool or "wrk",
    }
