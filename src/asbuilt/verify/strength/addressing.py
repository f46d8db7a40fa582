"""Which operation a request is for."""

import re
from collections.abc import Iterable

from asbuilt.component import Operation
from asbuilt.sections.api import Literally, Route
from asbuilt.verify.exchange import Request


class Addresses:
    """The routes of a component; where several fit a path, literal segments go before variables."""

    def __init__(self, operations: Iterable[Operation]) -> None:
        served = [operation for operation in operations if operation.hole is None]
        served.sort(key=lambda each: [not isinstance(s, Literally) for s in each.endpoint.route.segments])
        self._known = [(each, _expression(each.endpoint.route)) for each in served]

    def operation(self, request: Request) -> Operation | None:
        path = request.target.partition("?")[0]
        for operation, expression in self._known:
            if operation.endpoint.method == request.method and expression.fullmatch(path):
                return operation
        return None


def _expression(route: Route) -> re.Pattern[str]:
    parts = (
        re.escape(segment.text)
        if isinstance(segment, Literally)
        else f"{re.escape(segment.prefix)}[^/]+{re.escape(segment.suffix)}"
        for segment in route.segments
    )
    return re.compile("/" + "/".join(parts) + ("/" if route.trailing and route.segments else ""))
