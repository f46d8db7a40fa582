"""How long `asbuilt check` takes for large documents, and whether its cost grows in proportion to them."""

import math
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import warehouse
from servers import ASBUILT, ENVIRONMENT

ROUNDS = 3
# Growth of cost with size: 1 is in proportion, 2 would be its square.
STEEPEST = 1.25


@dataclass(frozen=True, slots=True)
class Aim:
    """A document, by its kinds of parts and the lines on each, and the seconds that its check may take."""

    title: str
    kinds: int
    remarks: int
    seconds: float


AIMS = (
    Aim("10,000 lines", 100, 15, 1.0),
    Aim("1,000 endpoints over 200 schemas", 200, 0, 1.5),
)


def main() -> int:
    failures = 0
    with tempfile.TemporaryDirectory(prefix="asbuilt-bench-") as name:
        folder = Path(name)
        floor = seconds(folder, warehouse.specification(1))
        print(f"a document of one kind of part: {floor:.2f} s")
        for aim in AIMS:
            text = warehouse.specification(aim.kinds, aim.remarks)
            taken = seconds(folder, text)
            failures += taken > aim.seconds
            verdict = "met" if taken <= aim.seconds else "MISSED"
            print(f"{aim.title} ({_lines(text):,} lines): {taken:.2f} s, the bar is {aim.seconds} s: {verdict}")
            asked = seconds(folder, text, referee=True)
            remembered = seconds(folder, text, referee=True, forget=False)
            print(f"  with PostgreSQL as referee: {asked:.2f} s; of SQL that it has judged before: {remembered:.2f} s")
        for aim in AIMS:
            failures += not proportional(folder, aim, floor)
    return 1 if failures else 0


def proportional(folder: Path, aim: Aim, floor: float) -> bool:
    """Prints the time for one, two and four times the size; whether four times costs about four times."""
    times = []
    print(f"growth from {aim.title}:")
    for factor in (1, 2, 4):
        text = warehouse.specification(aim.kinds * factor, aim.remarks)
        times.append(seconds(folder, text))
        per_line = (times[-1] - floor) / _lines(text) * 1e6
        print(f"  {factor} x: {_lines(text):7,} lines {times[-1]:6.2f} s, {per_line:4.0f} us a line")
    # What starting costs is the same for all, so it is left out.
    exponent = math.log((times[-1] - floor) / (times[0] - floor), 4)
    verdict = "in proportion" if exponent <= STEEPEST else f"STEEPER than the bar of {STEEPEST}"
    print(f"  cost grows as size to the power of {exponent:.2f}: {verdict}")
    return exponent <= STEEPEST


def seconds(folder: Path, text: str, *, referee: bool = False, forget: bool = True) -> float:
    """The median time of the whole command: CPU time, which other programs do not disturb, or, with the referee, which
    is another process, the time on the clock. `forget`: the referee is asked anew each time. Raises SystemExit when the
    document is not found to be clean.
    """
    document = folder / "warehouse.md"
    document.write_text(text)
    command = [ASBUILT, "check", document, *([] if referee else ["--no-referee"])]
    times = []
    for _ in range(ROUNDS):
        if forget:
            shutil.rmtree(folder / "state" / "verdicts", ignore_errors=True)
        started, spent = time.perf_counter(), _cpu()
        done = subprocess.run(command, check=False, capture_output=True, text=True, env=environment(folder))
        times.append(time.perf_counter() - started if referee else _cpu() - spent)
        if done.returncode != 0:
            raise SystemExit(f"`asbuilt check` ended with {done.returncode}:\n{(done.stdout + done.stderr)[:2000]}")
    return median(times)


def environment(folder: Path) -> dict[str, str]:
    """Keeps the referee's data in `folder`, whoever PostgreSQL runs as."""
    folder.chmod(0o711)
    return ENVIRONMENT | {"ASBUILT_STATE": str(folder / "state")}


def _cpu() -> float:
    """Seconds of CPU that ended children of this process have used."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _lines(text: str) -> int:
    return text.count("\n")


if __name__ == "__main__":
    sys.exit(main())
