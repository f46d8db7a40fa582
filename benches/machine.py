"""Whether the machine was at our disposal: what others took of it while something was measured."""

import os
from dataclasses import dataclass
from pathlib import Path

_PROC = Path("/proc")


@dataclass(frozen=True, slots=True)
class Reading:
    """Ticks since the machine's start: of a clock, of all processes and the hypervisor, of this process's family."""

    clock: int
    everybody: int
    family: int


def read(cores: frozenset[int]) -> Reading | None:
    """The counters of `cores` as they stand; None where the system does not show them."""
    if not cores or not (_PROC / "stat").exists():
        return None
    clock = everybody = 0
    for line in (_PROC / "stat").read_text().splitlines():
        name, *fields = line.split()
        if name in {f"cpu{core}" for core in cores}:
            user, nice, system, idle, iowait, interrupts, soft, steal = map(int, fields[:8])
            clock += user + nice + system + idle + iowait + interrupts + soft + steal
            everybody += user + nice + system + steal
    return Reading(clock, everybody, _family())


def disturbance(before: Reading | None, after: Reading | None) -> float:
    """The share of the time between two readings that went to others, 0 to 1; 0 where nothing is known."""
    if before is None or after is None or after.clock == before.clock:
        return 0.0
    others = (after.everybody - before.everybody) - (after.family - before.family)
    return max(0.0, others / (after.clock - before.clock))


def _family() -> int:
    """Processor time of this process, its descendants, and those of them that have ended."""
    parents: dict[int, int] = {}
    ticks: dict[int, int] = {}
    for entry in _PROC.iterdir():
        if entry.name.isdigit():
            try:
                # The second field, a name in brackets, may hold anything.
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue  # ended while we looked
            parents[int(entry.name)] = int(fields[1])
            ticks[int(entry.name)] = sum(map(int, fields[11:15]))
    return sum(ticks[pid] for pid in parents if _descends(pid, os.getpid(), parents))


def _descends(pid: int, ancestor: int, parents: dict[int, int]) -> bool:
    while pid != ancestor and pid in parents:
        pid = parents[pid]
    return pid == ancestor
