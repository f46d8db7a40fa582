"""What the runtime serves, found out by asking it: whatever the document says of it."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

from asbuilt.component import Operation
from asbuilt.values import frozen
from asbuilt.verify.exchange import Exchange, Request
from asbuilt.verify.places import Path
from asbuilt.verify.strength.edits import lists, members
from asbuilt.verify.strength.said import Said, said
from asbuilt.verify.strength.variations import Kind

_OWN_HEADERS = frozenset({"content-type", "content-length", "date", "connection", "transfer-encoding"})


@dataclass
class Answers:
    """All answers of an operation that say the same. `members` holds a value of each that was seen, by its place."""

    media_type: str = ""
    headers: set[str] = field(default_factory=set)
    members: dict[Path, object] = field(default_factory=dict)
    lists: set[Path] = field(default_factory=set)

    def enter(self, exchange: Exchange) -> None:
        response = exchange.response
        if response is None:
            return
        self.media_type = response.media_type
        self.headers |= {name for name, _ in response.headers} - _OWN_HEADERS
        body = exchange.value()
        for way, value in members(body):
            if self.members.get(way) is None:
                self.members[way] = value
        self.lists |= {way for way, items in lists(body) if len(items) > 1}


@frozen
class Taken:
    """What is made of a kind of value for a member of a body: `accepted` or not."""

    way: Path
    kind: Kind
    accepted: bool


@dataclass
class Served:
    """Of one operation: its answers, the members and parameters that requests gave, what is taken and what not."""

    operation: Operation
    answers: dict[Said, Answers] = field(default_factory=lambda: defaultdict(Answers))
    accepted: list[Request] = field(default_factory=list)
    parameters: set[str] = field(default_factory=set)
    refused_parameters: set[str] = field(default_factory=set)
    taken: list[Taken] = field(default_factory=list)

    def enter(self, exchange: Exchange) -> None:
        if exchange.response is None:
            return
        self.answers[said(exchange.response)].enter(exchange)
        query = exchange.request.target.partition("?")[2]
        known = {parameter.name.text for parameter in self.operation.endpoint.parameters_in("query")}
        named = known & {name for name, _ in parse_qsl(query, keep_blank_values=True)}
        if 200 <= exchange.status < 400:
            self.accepted.append(exchange.request)
            self.parameters |= named
        elif exchange.status < 500 and len(named) == 1:
            self.refused_parameters |= named


def served(operations: Iterable[Operation], seen: Iterable[tuple[Operation, Exchange]]) -> Mapping[str, Served]:
    """By the operations' names, what was seen of each."""
    found = {operation.name: Served(operation) for operation in operations if operation.hole is None}
    for operation, exchange in seen:
        found[operation.name].enter(exchange)
    return found


def own_headers(known: Iterable[Served]) -> frozenset[str]:
    """The headers that every answer has: they are the server's, and say nothing of an operation."""
    all_headers = [answers.headers for each in known for answers in each.answers.values()]
    return frozenset(set.intersection(*all_headers)) if all_headers else frozenset()
