"""Calls from browsers on pages of another origin (https://fetch.spec.whatwg.org/#http-cors-protocol)."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TypeAlias

from asbuilt.runtime.messages import Answer, Header, Headers
from asbuilt.runtime.settings import Settings
from asbuilt.sections.api import CrossOrigin

# The headers that let a page of the request's origin read the answer; none where it may not.
Permit: TypeAlias = Callable[[Headers], tuple[Header, ...]]
# The answer to a preflight for a path that knows these methods; `Permit` adds to it as to every answer.
Preflight: TypeAlias = Callable[[Headers, Sequence[str]], Answer]


def configured(policy: CrossOrigin, settings: Settings) -> CrossOrigin:
    """The policy with each `${NAME}` among its origins replaced by the origins that the variable lists."""
    named = (
        str(settings.get(origin[2:-1], "")).replace(",", " ").split() if origin.startswith("${") else [origin]
        for origin in policy.origins
    )
    return replace(policy, origins=tuple(origin for origins in named for origin in origins))


def permit(policy: CrossOrigin) -> Permit:
    """What gives each answer its headers. A named origin is answered by name, since answers then differ by origin."""
    anybody = "*" in policy.origins and not policy.credentials
    known = frozenset(policy.origins)
    fixed: list[Header] = []
    if policy.credentials:
        fixed.append(("access-control-allow-credentials", "true"))
    if policy.exposed:
        fixed.append(("access-control-expose-headers", ", ".join(policy.exposed)))
    always = (("access-control-allow-origin", "*"), *fixed)
    unknown = (("vary", "Origin"),)

    def headers(request: Headers) -> tuple[Header, ...]:
        if anybody:
            return always
        origin = request.get("origin")
        if origin is None or (origin not in known and "*" not in known):
            return unknown
        return (("access-control-allow-origin", origin), *unknown, *fixed)

    return headers


def preflight(policy: CrossOrigin) -> Preflight:
    """What answers `OPTIONS` with `Access-Control-Request-Method`, before any other check."""
    age = () if policy.max_age is None else (("access-control-max-age", str(int(policy.max_age))),)

    def answer(request: Headers, methods: Sequence[str]) -> Answer:
        allowed = [method for method in methods if method in policy.methods] if policy.methods else methods
        asked = request.get("access-control-request-headers") or ""
        names = ", ".join(policy.headers) if policy.headers and "*" not in policy.headers else asked
        told = (("access-control-allow-methods", ", ".join(allowed)), *age)
        wanted = (("access-control-allow-headers", names),) if names else ()
        return Answer(204, (*told, *wanted))

    return answer
