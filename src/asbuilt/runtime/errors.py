"""From a refusal, or an error an algorithm raised, to its answer: the document's row for it, or a problem."""

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache

from asbuilt.component import Cause, Component, Operation
from asbuilt.component.causes import DEFAULT_STATUS, error_row
from asbuilt.runtime.encode import Encoders, to_json
from asbuilt.runtime.error_bodies import Fill, Occasion, filler
from asbuilt.runtime.messages import Answer, Header
from asbuilt.runtime.refusals import DocumentedError, Refusal
from asbuilt.sections.api import ErrorRow

_REMEMBERED = 1024  # answers to "which row", kept; names of faulty members come from callers, so not all of them


class Errors:
    """Every error a component answers. `classes` holds, by code, what its algorithms raise."""

    def __init__(self, component: Component, encoders: Encoders) -> None:
        self._component = component
        self._encoders = encoders
        self._rows = {row.code.text: row for row in component.api.errors}
        self._operations = {operation.name: operation for operation in component.operations}
        self._envelopes = {
            operation.name: name for operation in component.operations if (name := _envelope(operation, component))
        }
        self._fillers: dict[str | None, tuple[Fill, str]] = {}
        self._row = lru_cache(_REMEMBERED)(self._find)
        self.classes: Mapping[str, type[DocumentedError]] = {
            code: type(code, (DocumentedError,), {"code": code, "__module__": "errors"}) for code in self._rows
        }

    def code(self, refusal: Refusal, operation: str | None) -> str:
        """The code that a refusal is answered with."""
        row = self._row(operation, refusal.cause, refusal.about)
        return row.code.text if row else refusal.cause.upper().replace(" ", "_")

    def exception(self, refusal: Refusal, operation: str | None) -> Exception:
        """The refusal as an algorithm may catch it: by the code it is answered with, where there is one."""
        row = self._row(operation, refusal.cause, refusal.about)
        if row is None or refusal.cause in ("internal", "unavailable", "timeout"):
            return refusal
        error = self.classes[row.code.text](refusal.detail)
        error.refusal = refusal
        return error

    def refused(self, refusal: Refusal, operation: str | None, request_id: str, path: str = "") -> Answer:
        row = self._row(operation, refusal.cause, refusal.about)
        status = row.status if row else DEFAULT_STATUS[refusal.cause]
        code = self.code(refusal, operation)
        occasion = Occasion(
            code,
            status,
            _described(row),
            refusal.detail,
            request_id,
            _now(),
            refusal.faults,
            given=refusal.given,
            envelope=self._envelopes.get(operation or "", ""),
            path=path,
        )
        return self._answer(row, occasion, refusal.headers)

    def raised(self, error: DocumentedError, operation: str | None, request_id: str, path: str = "") -> Answer:
        if isinstance(error.refusal, Refusal):
            error.refusal.given = error.given
            return self.refused(error.refusal, operation, request_id, path)
        row = self._rows[error.code]
        occasion = Occasion(
            error.code,
            row.status,
            _described(row),
            error.detail,
            request_id,
            _now(),
            holes=error.holes,
            given=error.given,
            path=path,
        )
        return self._answer(row, occasion, ())

    def _find(self, operation: str | None, cause: Cause, about: tuple[str, ...]) -> ErrorRow | None:
        known: Operation | None = self._operations.get(operation) if operation else None
        return error_row(self._component, known, cause, about)

    def _answer(self, row: ErrorRow | None, occasion: Occasion, headers: tuple[Header, ...]) -> Answer:
        known = row.code.text if row else None
        if known not in self._fillers:
            self._fillers[known] = filler(row, self._component.types, self._encoders)
        fill, media_type = self._fillers[known]
        return Answer(occasion.status, (("content-type", media_type), *headers), to_json(fill(occasion)))


def _envelope(operation: Operation, component: Component) -> str:
    """The one member of an operation's body, if that is an object: `user` of `{"user": {"name": ...}}`."""
    body, types = operation.endpoint.body, component.types
    schema = types.schema(types.present(body.type)) if body and body.type else None
    members = [member for member in schema.fields if not member.read_only] if schema else []
    return members[0].name if len(members) == 1 and types.schema(types.present(members[0].type)) else ""


def _described(row: ErrorRow | None) -> str:
    return row.sentence if row else ""


def _now() -> str:
    return datetime.now(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"
