"""Small documents for tests, read as any document is."""

import textwrap
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from asbuilt.component import Component, DerivedStep, Operation
from asbuilt.diagnostics import Hole
from asbuilt.frontend import read
from asbuilt.postgres.catalog import Catalog
from asbuilt.postgres.derivation import Derivation
from asbuilt.sections.data import Data
from asbuilt.source import Source


@dataclass(frozen=True)
class Specimen:
    operations: tuple[Operation, ...]
    data: Data

    @property
    def catalog(self) -> Catalog:
        return self.data.catalog

    @property
    def sql(self) -> str:
        return "\n".join(fragment.text for fragment in self.data.ddl)

    def operation(self, title: str) -> Operation:
        return next(operation for operation in self.operations if operation.endpoint.title == title)

    def derivation(self, title: str) -> Derivation:
        operation = self.operation(title)
        assert operation.hole is None, operation.hole
        (step,) = operation.steps
        assert isinstance(step, DerivedStep)
        return step.derivation

    def reasons(self, title: str) -> tuple[str, ...]:
        (step,) = self.operation(title).steps
        assert isinstance(step, DerivedStep)
        return step.reasons

    def hole(self, title: str) -> Hole:
        hole = self.operation(title).hole
        assert hole is not None, self.operation(title).steps
        return hole


def document(
    *, endpoints: str = "", schemas: str = "", sql: str = "", patterns: str = "", errors: str = "", code: str = ""
) -> str:
    """A specification with these parts; those that are empty are left out."""
    parts = [
        ("## API Implementation", ""),
        ("### Endpoint Definitions", _fence("", endpoints)),
        ("### Request/Response Schemas", _fence("python", schemas)),
        ("### Error Responses", textwrap.dedent(errors).strip()),
        ("## Core Algorithms", ""),
        ("### Work", _fence("python", code)),
        ("## Data Models", ""),
        ("### Database Schema", _fence("sql", sql)),
        ("### Data Access Patterns", textwrap.dedent(patterns).strip()),
    ]
    kept = [f"{heading}\n{body}" for heading, body in parts if body or heading.startswith("## ")]
    return "# Specimen Implementation Specification\n\n" + "\n\n".join(kept) + "\n"


def component(path: Path, text: str) -> Component:
    """What a document says; no server is asked."""
    return read(Source(path, text), referee=False, today=date(2026, 1, 1)).component


def specimen(**parts: str) -> Specimen:
    """The operations of a small document."""
    found = component(Path("specimen.md"), document(**parts))
    return Specimen(found.operations, found.data)


def _fence(label: str, text: str) -> str:
    return f"```{label}\n{textwrap.dedent(text).strip()}\n```" if text.strip() else ""
