"""Which places of a document the models hold something of."""

from collections.abc import Iterator
from dataclasses import fields, is_dataclass

from asbuilt.component import Component
from asbuilt.document import Outline
from asbuilt.postgres.ddl import sites
from asbuilt.source import Fragment, Span

_FACTS = frozenset({"component", "componentname", "documentstatus", "status", "lastupdated", "implements"})


def used_spans(component: Component, outline: Outline) -> Iterator[Span]:
    """Where readers found the values of the models: names, types, defaults, rows.

    One of several lines shows in the values inside of it: not every line between them was read.
    """
    models = (
        component.api.endpoints,
        component.api.definitions,
        component.api.errors,
        component.api.cross_origin,
        component.data.mapped,
        component.configuration.variables,
        component.configuration.repeated,
        component.machines.machines,
    )
    text = component.source.text
    yield from (span for span in _located(models) if "\n" not in text[span.start : span.end])
    yield from (module.span for module in component.algorithms.modules if module.path is None)
    yield from (setting.span for setting in outline.front_matter if setting.name in _FACTS)


def _located(value: object) -> Iterator[Span]:
    """Every span in a value, at any depth."""
    ahead = [value]
    while ahead:
        one = ahead.pop()
        if isinstance(one, tuple):
            ahead.extend(one)
        elif isinstance(one, Span):
            yield one
        elif is_dataclass(one) and not isinstance(one, Fragment | type):
            ahead.extend(getattr(one, field.name) for field in fields(one) if field.init)


def executed_spans(component: Component) -> Iterator[Span]:
    """The statements of DDL that PostgreSQL's grammar takes: `run` executes each as it is written."""
    for fragment in component.data.ddl:
        found, _ = sites(fragment)
        yield from (site.sql.whole for site in found)
