"""Load on a contender, and what came of it: `wrk` for servers, `pgbench` for the bare database."""

import json
import re
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import machine
from cluster import OWNER, Cluster
from cores import Cores, pinned
from shop import CUSTOMERS, ORDERS, Endpoint

CONNECTIONS = 32
PGBENCH_CLIENTS = 16
# A round in which others had more than this share of the cores is played again, so many times in all.
DISTURBED = 0.1
ATTEMPTS = 3
_SCRIPT = Path(__file__).with_name("load.lua")

INSTALL_WRK = """\
the load comes from `wrk`, which is not installed; install it and try again:
  Debian, Ubuntu   apt-get install wrk
  Alpine           apk add wrk
  macOS            brew install wrk
  others           https://github.com/wg/wrk"""


@dataclass(frozen=True, slots=True)
class Sample:
    """One round against one endpoint. Latencies are in microseconds; `errors` are answers that were not wanted.

    `disturbed` is the share of the cores, 0 to 1, that went to processes which had no part in it.
    """

    rate: float
    errors: int = 0
    p50: int = 0
    p99: int = 0
    disturbed: float = 0.0

    @property
    def calm(self) -> bool:
        return self.disturbed <= DISTURBED


# Seconds of load to what came of it.
Load = Callable[[int], Sample]


def wrk() -> str:
    """Where `wrk` is. Raises SystemExit, saying how to get it."""
    found = shutil.which("wrk")
    if found is None:
        raise SystemExit(INSTALL_WRK)
    return found


def undisturbed(load: Load, seconds: int, cores: Cores) -> Sample:
    """A round in which the machine was ours, or the best of a few where it never was."""
    samples: list[Sample] = []
    while len(samples) < ATTEMPTS and not (samples and samples[-1].calm):
        before = machine.read(cores.server | cores.load)
        sample = load(seconds)
        after = machine.read(cores.server | cores.load)
        samples.append(replace(sample, disturbed=machine.disturbance(before, after)))
    best = min(samples, key=lambda sample: sample.disturbed)
    return replace(best, errors=sum(sample.errors for sample in samples))


def pgbench(cluster: Cluster) -> str:
    """Where `pgbench` is: beside the server, or installed. Raises FileNotFoundError."""
    found = shutil.which("pgbench", path=str(cluster.programs)) or shutil.which("pgbench")
    if found is None:
        raise FileNotFoundError("`pgbench` is not installed")
    return found


def command(port: int, requests: Path, seconds: int) -> list[str]:
    """32 connections, each with one request under way, that play the file `requests`."""
    how = ["-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "--timeout", "10s", "-s", str(_SCRIPT)]
    return [wrk(), *how, f"http://127.0.0.1:{port}", "--", str(requests)]


def http_load(port: int, requests: Path, cores: Cores) -> Load:
    """The load of `command`, whose errors are answers of another status than a success, or none at all."""

    def run(seconds: int) -> Sample:
        with pinned(cores.load):
            output = subprocess.run(command(port, requests, seconds), check=True, capture_output=True, text=True).stdout
        summary = json.loads(output.splitlines()[-1])
        errors = summary["refused"] + summary["broken"] + summary["timeouts"]
        rate = (summary["requests"] - summary["refused"]) / (summary["microseconds"] / 1e6)
        return Sample(rate, errors, summary["p50"], summary["p99"])

    return run


def bare_load(cluster: Cluster, endpoint: Endpoint, cores: Cores) -> Load:
    """The statement of `endpoint`, prepared, by clients that do nothing else, on the core of the servers."""
    program = pgbench(cluster)
    script = cluster.folder / f"pgbench-{endpoint.key}"
    variables = f"\\set order random(1, {ORDERS})\n\\set customer random(0, {CUSTOMERS - 1})\n"
    script.write_text(f"{variables}{endpoint.statement};\n")
    how = ["-n", "-M", "prepared", f"-c{PGBENCH_CLIENTS}", "-j1", "-f", str(script)]
    where = ["-h", str(cluster.folder), "-U", OWNER, OWNER]

    def run(seconds: int) -> Sample:
        with pinned(cores.server):
            output = subprocess.run(
                [program, *how, f"-T{seconds}", *where], check=True, capture_output=True, text=True
            ).stdout
        rate = re.search(r"^tps = ([\d.]+)", output, re.MULTILINE)
        failed = re.search(r"^number of failed transactions: (\d+)", output, re.MULTILINE)
        assert rate, output
        return Sample(float(rate[1]), int(failed[1]) if failed else 0)

    return run
