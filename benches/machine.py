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


@dataclass(frozen=True, slots=True)
class Process:
    """A process's parent, and the ticks that it and its ended children have had."""

    parent: int
    ticks: int


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
    own = sum(process.ticks for process in family(os.getpid()).values())
    return Reading(clock, everybody, own)


def disturbance(before: Reading | None, after: Reading | None) -> float:
    """The share of the time between two readings that went to others, 0 to 1; 0 where nothing is known."""
    if before is None or after is None or after.clock == before.clock:
        return 0.0
    others = (after.everybody - before.everybody) - (after.family - before.family)
    return max(0.0, others / (after.clock - before.clock))


def family(ancestor: int) -> dict[int, Process]:
    """The process `ancestor`, those it started, and so on, by their ids."""
    everybody = _processes()
    members = {ancestor: everybody[ancestor]}
    # A child may have a lower id than its parent, so one pass is not enough.
    while found := {p: it for p, it in everybody.items() if it.parent in members and p not in members}:
        members |= found
    return members


def _processes() -> dict[int, Process]:
    found = {}
    for entry in _PROC.iterdir():
        if entry.name.isdigit():
            try:
                # The second field, a name in brackets, may hold anything.
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue  # ended while we looked
            found[int(entry.name)] = Process(int(fields[1]), sum(map(int, fields[11:15])))
    return found
