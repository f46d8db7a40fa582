"""The walk-throughs of `docs/` are executed as written: real server, real curl, real PostgreSQL."""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from running import Running, running

ROOT = Path(__file__).parents[2]
WALKS = sorted((ROOT / "docs" / "walkthroughs").glob("*.md"))
CONSOLE = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def commands(text: str) -> Iterator[tuple[str, str]]:
    """Each command of the console blocks, and the output that stands below it."""
    for block in CONSOLE.findall(text):
        for step in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, _, output = step.partition("\n")
            yield command, output


def matches(expected: str, shown: str) -> bool:
    pattern = ".*?".join(re.escape(part) for part in expected.strip().split("…"))
    return re.fullmatch(pattern, shown.strip(), re.DOTALL) is not None


@pytest.fixture
def component(request: pytest.FixtureRequest, state: Path) -> Iterator[Running]:
    path: Path = request.param
    with running(ROOT / "examples" / path.name, state) as served:
        yield served


@pytest.mark.parametrize(
    ("component", "walk"), [(w, w) for w in WALKS], indirect=["component"], ids=[w.stem for w in WALKS]
)
def test_walkthrough(component: Running, walk: Path) -> None:
    steps = list(commands(walk.read_text(encoding="utf-8")))
    assert steps
    mark = "--- end of a command ---"
    script = "\n".join(f"{command}\necho; echo '{mark}'" for command, _ in steps)
    script = script.replace("localhost:8080", component.address)
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, timeout=60, check=False)
    shown = done.stdout.split(mark)[:-1]
    assert len(shown) == len(steps), done.stderr
    for (command, expected), output in zip(steps, shown, strict=True):
        told = output.replace(component.address, "localhost:8080")
        assert matches(expected, told), f"$ {command}\nexpected {expected}\nshown    {told}"
