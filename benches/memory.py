"""How much memory an idle worker holds."""

import sys
import tempfile
import time
from dataclasses import dataclass, replace
from pathlib import Path

import cluster
import machine
import servers
import shop

WORKERS = 2
LIMIT = 80  # MB


@dataclass(frozen=True, slots=True)
class Memory:
    """What a process holds in MB: all of it, and its share where pages are held in common."""

    resident: float
    proportional: float


def main() -> int:
    if not Path("/proc/self/smaps_rollup").exists():
        raise SystemExit("memory is read from /proc, which this system does not have")
    server = servers.SERVERS[0]
    server = replace(server, command=(*server.command[:-1], str(WORKERS)))
    with (
        tempfile.TemporaryDirectory(prefix="asbuilt-bench-") as folder,
        cluster.running(frozenset()) as postgres,
    ):
        postgres.execute(shop.schema())
        with servers.running(server, postgres.url, frozenset(), Path(folder)) as running:
            time.sleep(2)
            held = {pid: memory_of(pid) for pid in machine.family(running.pid)}
    workers = [pid for pid in held if pid != running.pid] or [running.pid]
    for pid, memory in held.items():
        role = "worker" if pid in workers else "main process"
        print(f"{role:13} {memory.resident:6.1f} MB resident, {memory.proportional:6.1f} MB by share")
    worst = max(held[pid].resident for pid in workers)
    verdict = "met" if worst <= LIMIT else "MISSED"
    print(f"an idle worker holds {worst:.1f} MB, the bar is {LIMIT} MB: {verdict}")
    return 0 if worst <= LIMIT else 1


def memory_of(pid: int) -> Memory:
    """What the kernel counts for the process."""
    rollup = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:]
    kilobytes = {line.split()[0]: int(line.split()[1]) for line in rollup}
    return Memory(kilobytes["Rss:"] / 1024, kilobytes["Pss:"] / 1024)


if __name__ == "__main__":
    sys.exit(main())
