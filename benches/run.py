"""Measures asbuilt and its peers side by side and prints who answers how many requests a second.

A full run writes `docs/benchmarks.md` and `docs/benchmarks.json`; a partial or quick one only prints, unless
`--output` names a folder.
"""

import argparse
import json
import signal
import sys
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import cluster
import contract
import installation
import load
import report
import servers
import shop
from cores import Cores, allot
from results import Results

DOCS = Path(__file__).resolve().parent.parent / "docs"


def main() -> int:
    arguments = parse_arguments()
    keys, peers = arguments.endpoints, arguments.peers
    load.wrk()
    if any(server.name in peers for server in servers.SERVERS[1:]):
        installation.install()
    rounds, seconds, warm_up = (1, 1, 1) if arguments.quick else (arguments.rounds, arguments.seconds, 1)
    cores = allot()
    say("starting PostgreSQL and storing 100,000 orders ...")
    with cluster.running(cores.postgres) as postgres:
        shop.fill(postgres)
        how = report.Circumstances(seconds, warm_up, rounds, postgres.version(), str(cores))
        results = measure(postgres, cores, keys, peers, how)
    print(f"\n{report.tables(results, keys)}")
    if output := arguments.output:
        output.mkdir(parents=True, exist_ok=True)
        (output / "benchmarks.md").write_text(report.document(results, keys, how))
        (output / "benchmarks.json").write_text(json.dumps(report.as_json(results, how), indent=1) + "\n")
        say(f"written to {output}")
    return 1 if results.missing else 0


def parse_arguments() -> argparse.Namespace:
    """The command line, with `output` decided: only a full run replaces what is published."""
    keys = [endpoint.key for endpoint in shop.ENDPOINTS]
    names = [*(server.name for server in servers.SERVERS), report.BARE]
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="one round of a second: does it all work?")
    parser.add_argument("--rounds", type=int, default=3, help="how often each contender is measured (3)")
    parser.add_argument("--seconds", type=int, default=3, help="how long each time (3)")
    parser.add_argument("--endpoints", type=_some_of(keys), default=keys, help=f"of {','.join(keys)}")
    parser.add_argument("--peers", type=_some_of(names), default=names, help=f"of {','.join(names)}")
    parser.add_argument("--output", type=Path, help="folder for benchmarks.md and benchmarks.json")
    arguments = parser.parse_args()
    full = arguments.endpoints == keys and arguments.peers == names and not arguments.quick
    if arguments.output is None and full and arguments.rounds >= 3:
        arguments.output = DOCS
    return arguments


def measure(
    postgres: cluster.Cluster, cores: Cores, keys: list[str], peers: list[str], how: report.Circumstances
) -> Results:
    """All contenders kept running side by side, and measured in turn."""
    titles = {server.name: server.title for server in servers.SERVERS} | {report.BARE: "limit: pgbench, no server"}
    results = Results({name: title for name, title in titles.items() if name in peers})
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="asbuilt-bench-")))
        requests = shop.write_requests(folder)
        loads: dict[tuple[str, str], load.Load] = {}
        for running in start(stack, postgres, cores, folder, keys, results):
            wrong = contract.faults(running.port, contract.read_rows(postgres.url))
            for key in keys:
                if key in wrong:
                    say(f"{running.server.name} {key}: breaks the contract: {wrong[key]}")
                    results.missing[running.server.name, key] = f"breaks the contract: {wrong[key]}"
                else:
                    loads[running.server.name, key] = load.http_load(running.port, requests[key], cores)
        shop.forget_newcomers(postgres)
        for endpoint in shop.ENDPOINTS:
            if report.BARE in peers and endpoint.statement:
                try:
                    loads[report.BARE, endpoint.key] = load.bare_load(postgres, endpoint, cores)
                except FileNotFoundError as error:
                    results.missing[report.BARE, endpoint.key] = str(error)
        play(loads, keys, postgres, cores, how, results)
    return results


def start(
    stack: ExitStack, postgres: cluster.Cluster, cores: Cores, folder: Path, keys: list[str], results: Results
) -> list[servers.Running]:
    """The contenders that start; of the others the results say why they did not."""
    started = []
    for server in servers.SERVERS:
        if server.name not in results.titles:
            continue
        say(f"starting {server.name} ...")
        try:
            started.append(stack.enter_context(servers.running(server, postgres.url, cores.server, folder)))
        except servers.CannotStartError as error:
            say(f"{server.name} does not start: {error}")
            results.missing |= {(server.name, key): f"does not start: {error}" for key in keys}
    return started


def play(
    loads: dict[tuple[str, str], load.Load],
    keys: list[str],
    postgres: cluster.Cluster,
    cores: Cores,
    how: report.Circumstances,
    results: Results,
) -> None:
    """Endpoint by endpoint, round by round, from one contender to the next."""
    for key in keys:
        contenders = [name for name in results.titles if (name, key) in loads]
        for number in range(1, how.rounds + 1):
            for name in contenders:
                loads[name, key](how.warm_up)
                sample = load.undisturbed(loads[name, key], how.seconds, cores)
                results.add(name, key, sample)
                say(f"{key}  round {number}/{how.rounds}  {name:20}{sample.rate:10,.0f}/s{remarks(sample)}")
                if key == "d":
                    shop.forget_newcomers(postgres)


def remarks(sample: load.Sample) -> str:
    """What is wrong with a sample, for the line of progress."""
    errors = f"  {sample.errors} ERRORS" if sample.errors else ""
    return errors + (f"  (others had {sample.disturbed:.0%})" if not sample.calm else "")


def say(progress: str) -> None:
    """Progress goes to standard error, the tables to standard output."""
    print(progress, file=sys.stderr, flush=True)


def _some_of(known: list[str]) -> Callable[[str], list[str]]:
    """Reads `a,b` as those of `known`, in the order of `known`."""

    def parse(text: str) -> list[str]:
        chosen = text.split(",")
        if unknown := [name for name in chosen if name not in known]:
            raise argparse.ArgumentTypeError(f"unknown: {', '.join(unknown)}; known are {', '.join(known)}")
        return [name for name in known if name in chosen]

    return parse


if __name__ == "__main__":
    # Stopped from outside or from the keyboard: all that was started is ended before we are.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
