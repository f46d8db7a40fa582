"""What is decided before the first request: for every route one function, of nothing but what the document says."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from asbuilt.component import Component, Operation
from asbuilt.component.causes import error_row
from asbuilt.language.values import duration
from asbuilt.postgres.driver import Database
from asbuilt.runtime.algorithms import Surroundings
from asbuilt.runtime.answers import media_types
from asbuilt.runtime.bodies import receiver
from asbuilt.runtime.calls import Call
from asbuilt.runtime.cross_origin import Permit, Preflight, configured, permit, preflight
from asbuilt.runtime.decode import Decoders
from asbuilt.runtime.encode import Encoders
from asbuilt.runtime.errors import Errors
from asbuilt.runtime.faults import Fault
from asbuilt.runtime.instances import Classes
from asbuilt.runtime.messages import Answer, Request
from asbuilt.runtime.namespace import namespace_of
from asbuilt.runtime.negotiation import acceptable
from asbuilt.runtime.observations import Observation
from asbuilt.runtime.operations import Perform, Workshop, performer
from asbuilt.runtime.parameters import header_reader, path_reader
from asbuilt.runtime.proxies import base_urls
from asbuilt.runtime.refusals import DocumentedError, Refusal, invalid
from asbuilt.runtime.reserved import Reserved
from asbuilt.runtime.routing import Routes
from asbuilt.runtime.service import Service
from asbuilt.values import frozen

Serve: TypeAlias = Callable[[Request, Sequence[str], str], Awaitable[Answer]]


@frozen
class Served:
    """What answers one method of one path. `reads`: its answers get an ETag; `quiet`: it is not worth a line of log."""

    name: str
    serve: Serve
    reads: bool = False
    quiet: bool = False


@dataclass(frozen=True)
class Plan:
    """A component, decided. `errors` answers what no operation does; `permit` is there where `Cross-Origin` is."""

    component: Component
    routes: Routes[Served]
    errors: Errors
    permit: Permit | None = None
    preflight: Preflight | None = None

    def unlisted(self, request: Request, methods: Mapping[str, Served]) -> Served:
        """What answers a method that a known path does not list: HEAD as GET, OPTIONS; else `Refusal`."""
        method = request.method
        if method == "HEAD" and "GET" in methods:
            return methods["GET"]
        allowed = sorted({*methods, "OPTIONS", *(("HEAD",) if "GET" in methods else ())})
        allow = (("allow", ", ".join(allowed)),)
        if method == "OPTIONS":
            asked = request.headers.get("access-control-request-method")
            answer = self.preflight(request.headers, allowed) if self.preflight and asked else Answer(204, allow)
            return Served("", _always(answer), quiet=True)
        raise Refusal("method", f"`{method[:20]}` is none of {', '.join(allowed)}", headers=allow)


def plan(
    service: Service, database: Database | None, observe: Callable[[Observation], None], reserved: Reserved
) -> Plan:
    """Everything about a component that can be decided now. Raises what its own code raises while it is imported."""
    component, settings = service.component, service.settings
    classes, encoders = Classes(component.types), Encoders(component.types)
    errors = Errors(component, encoders)
    around = Surroundings(namespace_of(component, classes, errors.classes), settings, observe)
    decoders = Decoders(component.types, classes, component.data.catalog)
    shop = Workshop(component, database, decoders, encoders, errors, around, service.secret)
    base_url = base_urls(settings.get("TRUSTED_PROXIES"))
    routes: Routes[Served] = Routes(())
    for operation in component.operations:
        served = Served(operation.name, _server(operation, shop, base_url), operation.endpoint.method == "GET")
        routes.add(operation.endpoint.method, operation.endpoint.route, served)
    for method, route, name, serve in reserved.routes():
        documented = routes.find(route.template)
        if documented is None or method not in documented.methods:
            routes.add(method, route, Served(name, serve, quiet=True))
    if component.api.cross_origin is None:
        return Plan(component, routes, errors)
    policy = configured(component.api.cross_origin, settings)
    return Plan(component, routes, errors, permit(policy), preflight(policy))


def _server(operation: Operation, shop: Workshop, base_url: Callable[[Request], str]) -> Serve:
    """The stages of one operation in the order of its checks, each there only if something asks for it."""
    endpoint, types = operation.endpoint, shop.component.types
    offered = media_types(endpoint.answers)
    read_path = path_reader(endpoint.route, endpoint.parameters_in("path"), types)
    read_headers = header_reader(endpoint.parameters_in("header"), types)
    receive = receiver(endpoint.body) if endpoint.body else None
    perform = _within(operation, performer(operation, shop))
    nowhere = _nowhere(operation, shop)

    async def serve(request: Request, texts: Sequence[str], request_id: str) -> Answer:
        accept = request.headers.get("accept")
        if accept is not None and accept != "*/*" and offered and not acceptable(accept, offered):
            raise Refusal("not acceptable", f"the answer is {' or '.join(offered)}")
        call = Call(request, request_id, {}, {}, b"", base_url)
        if read_path is not None and not read_path(texts, call.values):
            raise nowhere()
        if read_headers is not None:
            faults: list[Fault] = []
            read_headers(request.headers, call.values, faults)
            if faults:
                raise invalid(faults)
        if receive is not None:
            call.raw = await receive(request)
        try:
            return await perform(call)
        except (Refusal, DocumentedError) as refused:
            refused.given = call.values
            raise

    return serve


def _within(operation: Operation, perform: Perform) -> Perform:
    """The operation with the time its `Timeout:` gives it."""
    clause = operation.endpoint.clause("timeout")
    seconds = duration(clause.text, unit="s") if clause else None
    if seconds is None:
        return perform

    async def hurried(call: Call) -> Answer:
        try:
            async with asyncio.timeout(seconds):
                return await perform(call)
        except TimeoutError:
            raise Refusal("timeout", f"it took longer than {seconds:g}s", headers=(("retry-after", "1"),)) from None

    return hurried


def _nowhere(operation: Operation, shop: Workshop) -> Callable[[], Refusal]:
    """For a path value that is not of its type: nothing can be there, as if the row were missing."""
    about = (operation.name,)
    row = error_row(shop.component, operation, "no row", about)
    known = row is not None and row.status == 404
    return lambda: Refusal("no row", about=about) if known else Refusal("unknown route")


def _always(answer: Answer) -> Serve:
    async def serve(_request: Request, _texts: Sequence[str], _request_id: str) -> Answer:
        return answer

    return serve
