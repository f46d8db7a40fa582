"""Stands between verify and what it examines, and plants one fault into what passes."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeAlias

from asbuilt.component import Operation
from asbuilt.verify.client import Client
from asbuilt.verify.exchange import Exchange, Request
from asbuilt.verify.strength.addressing import Addresses

Forward: TypeAlias = Callable[[Request], Exchange]
Watch: TypeAlias = Callable[[Operation, Exchange], None]


@dataclass
class Memory:
    """What passed so far: the last success of each operation, the first answer to each read, what is on its way."""

    successes: dict[str, Exchange] = field(default_factory=dict)
    reads: dict[str, Exchange] = field(default_factory=dict)
    on_their_way: dict[str, int] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def success(self, operation: Operation) -> Exchange | None:
        return self.successes.get(operation.name)

    def enter(self, operation: Operation) -> bool:
        """Begin a request; whether there is another one of the operation on its way."""
        with self.lock:
            count = self.on_their_way.get(operation.name, 0)
            self.on_their_way[operation.name] = count + 1
            return count > 0

    def leave(self, operation: Operation) -> None:
        with self.lock:
            self.on_their_way[operation.name] -= 1

    def note(self, operation: Operation, exchange: Exchange) -> None:
        if 200 <= exchange.status < 400:
            self.successes[operation.name] = exchange
            if exchange.request.method == "GET":
                self.reads.setdefault(exchange.request.target, exchange)


@dataclass(frozen=True)
class Passing:
    """A request on its way to an operation. `forward` sends what it is given, as often as it is called."""

    operation: Operation
    request: Request
    forward: Forward
    memory: Memory


# Gives the answer to what passes: that of `forward`, of which something is changed, or another one.
Fault: TypeAlias = Callable[[Passing], Exchange]


def honest(passing: Passing) -> Exchange:
    """No fault at all."""
    return passing.forward(passing.request)


class Between(Client):
    """A client whose requests to operations pass a fault. `watch` is told of each answer as it came in the end."""

    def __init__(self, base_url: str, addresses: Addresses, fault: Fault = honest, watch: Watch | None = None) -> None:
        super().__init__(base_url)
        self._addresses = addresses
        self._fault = fault
        self._watch = watch
        self._memory = Memory()

    def send(self, request: Request) -> Exchange:
        operation = self._addresses.operation(request)
        if operation is None:
            return super().send(request)

        def forward(changed: Request) -> Exchange:
            exchange = super(Between, self).send(changed)
            self._memory.note(operation, exchange)
            return exchange

        found = self._fault(Passing(operation, request, forward, self._memory))
        # The report, and whoever judges, sees the request that verify made.
        exchange = found if found.request is request else Exchange(request, found.response, found.fault)
        if self._watch:
            self._watch(operation, exchange)
        return exchange
