"""The path of a request, on one page: read, admit and do, answer."""

import traceback
from collections.abc import Callable, Sequence
from time import perf_counter_ns

from asbuilt.runtime.encode import Unfit
from asbuilt.runtime.identity import request_ids, trace_id
from asbuilt.runtime.messages import Answer, Header, Request
from asbuilt.runtime.observations import Answered, Failed, Observation
from asbuilt.runtime.plan import Plan, Served
from asbuilt.runtime.refusals import DocumentedError, Refusal
from asbuilt.runtime.tags import has_already, tag_of

AT_ONCE = 1024  # requests in the works in one process; more are told to come back
SECURITY: tuple[Header, ...] = (
    ("server", "asbuilt"),
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
    ("referrer-policy", "no-referrer"),
    ("content-security-policy", "default-src 'none'; frame-ancestors 'none'"),
)


class App:
    """A component, ready to answer. Makes an answer for every request and raises nothing."""

    def __init__(self, plan: Plan, observe: Callable[[Observation], None], at_once: int = AT_ONCE) -> None:
        self._plan = plan
        self._observe = observe
        self._at_once = at_once
        self._identify = request_ids()
        self.in_flight = 0

    async def __call__(self, request: Request) -> Answer:
        began = perf_counter_ns()
        request_id = self._identify(request.headers)
        served, code = None, ""
        self.in_flight += 1
        try:
            served, texts = self._route(request)
            answer = await served.serve(request, texts, request_id)
        except Exception as error:  # whatever it is, the caller gets an answer
            answer, code = self._failed(error, served.name if served else None, request_id, request.path)
        finally:
            self.in_flight -= 1
        answer = _finished(answer, request, request_id, served)
        if self._plan.permit is not None:
            answer = Answer(answer.status, (*answer.headers, *self._plan.permit(request.headers)), answer.body)
        name, quiet = (served.name, served.quiet) if served else ("", False)
        took = perf_counter_ns() - began
        self._observe(Answered(name, answer.status, code, took, request_id, trace_id(request.headers), quiet))
        return answer

    def _route(self, request: Request) -> tuple[Served, Sequence[str]]:
        if self.in_flight > self._at_once:
            raise Refusal("unavailable", "too many requests at once", headers=(("retry-after", "1"),))
        found = self._plan.routes.find(request.path)
        if found is None:
            raise Refusal("unknown route", f"nothing is served at `{request.path[:200]}`")
        served = found.methods.get(request.method)
        if served is None:
            served = self._plan.unlisted(request, found.methods)
        return served, found.values

    def _failed(self, error: Exception, operation: str | None, request_id: str, path: str) -> tuple[Answer, str]:
        """The answer to what went wrong, and its code, also where the body of the error can't be made."""
        try:
            return self._refused(error, operation, request_id, path)
        except Exception as worse:
            self._observe(Failed(operation or "", request_id, str(worse), "".join(traceback.format_exception(worse))))
            return Answer(500, ()), "INTERNAL"

    def _refused(self, error: Exception, operation: str | None, request_id: str, path: str) -> tuple[Answer, str]:
        """The answer the document has for what went wrong. What is not for the caller goes to the log."""
        errors = self._plan.errors
        if isinstance(error, DocumentedError):
            return errors.raised(error, operation, request_id, path), error.code
        if not isinstance(error, Refusal) or error.cause in ("internal", "unavailable"):
            reason = error.__cause__ if isinstance(error, Refusal) and error.__cause__ else error
            expected = isinstance(error, Refusal | Unfit)
            trace = "" if expected else "".join(traceback.format_exception(error))
            self._observe(Failed(operation or "", request_id, str(reason) or type(reason).__name__, trace))
        refusal = error if isinstance(error, Refusal) else Refusal("internal")
        return errors.refused(refusal, operation, request_id, path), errors.code(refusal, operation)


def _finished(answer: Answer, request: Request, request_id: str, served: Served | None) -> Answer:
    """The answer with what every answer bears; a read gets its ETag, and 304 where the caller has it already."""
    headers = [*answer.headers, *_guards(answer.headers), ("x-request-id", request_id)]
    if answer.status == 200 and served is not None and served.reads:
        etag = answer.tag or tag_of(answer.body)
        headers.append(("etag", etag))
        known = request.headers.get("if-none-match")
        if known is not None and has_already(known, etag):
            return Answer(304, [header for header in headers if header[0] != "content-type"])
    return Answer(answer.status, headers, answer.body)


def _guards(headers: Sequence[Header]) -> tuple[Header, ...]:
    """The headers that guard an answer; what it says of them itself counts."""
    if len(headers) < 2:
        return SECURITY
    own = {name for name, _ in headers}
    return tuple(header for header in SECURITY if header[0] not in own)
