"""Single faults planted into the servers: every place where a declared rewrite applies, by a stable id."""

import re
import shutil
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from foreign.faults import FAULTS, Fault, Needs, Rewrite
from foreign.servers import EXAMPLES, HERE, NAMES, Example, Name

NOT_COPIED = shutil.ignore_patterns("node_modules", "__pycache__", ".*_cache", "tests", "docs", "config")


@dataclass(frozen=True, slots=True)
class Edit:
    """What stands between two offsets of a text is replaced."""

    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Mutant:
    """One server with one fault. `place` is file, line, and which one of its kind in the line when there are several.

    `section` is the document's that the server then breaks; `needs` is what it takes to see that.
    """

    server: Name
    example: Example
    kind: str
    place: str
    section: str
    needs: Needs
    file: str
    edits: tuple[Edit, ...]

    @property
    def id(self) -> str:
        return f"{self.server}/{self.example}/{self.kind}/{self.place}"

    def write(self, folder: Path) -> Path:
        """Copy the server with its fault to a new folder below `folder`; the folder is what `Foreign` takes."""
        sources = folder / re.sub(r"[^\w.-]", "-", self.id)
        shutil.copytree(HERE / self.server, sources, ignore=NOT_COPIED)
        packages = HERE / self.server / "node_modules"
        if packages.exists():
            (sources / "node_modules").symlink_to(packages)
        (sources / self.file).write_text(self.changed(), encoding="utf-8")
        return sources

    def changed(self) -> str:
        """The text of the file with the fault in it."""
        text = (HERE / self.server / self.file).read_text(encoding="utf-8")
        for edit in sorted(self.edits, key=lambda edit: edit.start, reverse=True):
            text = text[: edit.start] + edit.text + text[edit.end :]
        return text


def all() -> list[Mutant]:  # noqa: A001 - it is read as `mutants.all()`
    """Every mutant of the six servers, in the order of server, example, kind and place; no id twice."""
    return [mutant for name in NAMES for example in EXAMPLES for mutant in _of(name, example)]


def spread(mutants: Iterable[Mutant], each: int) -> list[Mutant]:
    """At most `each` mutants per server, example and kind, evenly spaced among them: a smaller run that is as fair."""
    groups: defaultdict[tuple[str, str, str], list[Mutant]] = defaultdict(list)
    for mutant in mutants:
        groups[mutant.server, mutant.example, mutant.kind].append(mutant)
    return [group[at * len(group) // each] for group in groups.values() for at in range(min(each, len(group)))]


def _of(name: Name, example: Example) -> Iterator[Mutant]:
    for path in _sources(name, example):
        text = path.read_text(encoding="utf-8")
        file = str(path.relative_to(HERE / name))
        taken: defaultdict[str, int] = defaultdict(int)
        for fault in FAULTS:
            if re.search(fault.files, file) and fault.example in ("", example):
                for edits in _planted(fault, text):
                    line = f"{path.name}:{text.count(chr(10), 0, edits[0].start) + 1}"
                    taken[f"{fault.kind}/{line}"] += 1
                    count = taken[f"{fault.kind}/{line}"]
                    place = line if count == 1 else f"{line}.{count}"
                    yield Mutant(name, example, fault.kind, place, fault.section, fault.needs, file, edits)


def _sources(name: Name, example: Example) -> list[Path]:
    """The sources of an example: its own and those that both share."""
    others = set(EXAMPLES) - {example}
    skipped = {"node_modules", "tests", "docs", "config", "__pycache__"}
    found = (path for suffix in ("py", "js", "sql") for path in (HERE / name).rglob(f"*.{suffix}"))
    inside = [(path.relative_to(HERE / name), path) for path in sorted(found)]
    return [p for rel, p in inside if not skipped & set(rel.parts) and not any(o in str(rel) for o in others)]


def _planted(fault: Fault, text: str) -> Iterator[tuple[Edit, ...]]:
    if fault.together:
        first = [next(_edits(rewrite, text), None) for rewrite in fault.rewrites]
        edits = tuple(edit for edit in first if edit)
        if len(edits) == len(first):
            yield edits
    else:
        for rewrite in fault.rewrites:
            for edit in _edits(rewrite, text):
                yield (edit,)


def _edits(rewrite: Rewrite, text: str) -> Iterator[Edit]:
    pattern, replacement = rewrite
    for found in re.finditer(pattern, text, re.MULTILINE):
        new = found.expand(replacement) if isinstance(replacement, str) else replacement(found)
        if new != found[0]:
            yield Edit(found.start(), found.end(), new)
