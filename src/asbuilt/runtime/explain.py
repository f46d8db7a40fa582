"""The plan of a request, as text."""

from asbuilt.component import Component


def explain(component: Component, request: str | None) -> str:
    raise NotImplementedError
