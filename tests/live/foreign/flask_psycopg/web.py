"""What both services share: the application and its errors, validation, pages, the database, the server."""

import base64
import binascii
import os
import signal
import sys
from collections.abc import Callable
from datetime import UTC, date, datetime
from http import HTTPStatus
from pathlib import Path
from typing import Any, TypeVar

import psycopg
import waitress
from flask import Flask, Response, jsonify, request
from flask.json.provider import DefaultJSONProvider
from psycopg.rows import dict_row
from psycopg_pool import ConnectionPool
from pydantic import BaseModel, ValidationError
from werkzeug.exceptions import HTTPException

Model = TypeVar("Model", bound=BaseModel)
Key = TypeVar("Key")
Row = dict[str, Any]


class Problem(Exception):
    """An error that the caller is told: as a problem (RFC 9457) with these members."""

    def __init__(self, status: int, code: str, detail: str, **more: Any) -> None:
        super().__init__(code)
        self.status, self.members = status, {"detail": detail, "code": code, **more}


class Invalid(Problem):
    def __init__(self, *faults: dict[str, str]) -> None:
        super().__init__(422, "INVALID", "the request does not match its schema", faults=list(faults))


class Json(DefaultJSONProvider):
    sort_keys = False

    @staticmethod
    def default(value: Any) -> Any:
        if isinstance(value, datetime):
            return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
        if isinstance(value, date):
            return value.isoformat()
        return DefaultJSONProvider.default(value)


def create_app(name: str) -> Flask:
    app = Flask(name)
    app.json = Json(app)

    @app.errorhandler(Problem)
    def on_problem(error: Problem) -> Response:
        return problem(error.status, **error.members)

    @app.errorhandler(HTTPException)
    def on_http(error: HTTPException) -> Response:
        if error.code == 404:
            return problem(404, detail="nothing has that id", code="NOT_FOUND")
        answer = problem(error.code or 500)
        answer.headers.extend((key, value) for key, value in error.get_headers() if key == "Allow")
        return answer

    @app.errorhandler(ValidationError)
    def on_invalid(error: ValidationError) -> Response:
        faults = [{"pointer": pointer(fault["loc"]), "message": fault["msg"]} for fault in error.errors()]
        return on_problem(Invalid(*faults))

    @app.errorhandler(psycopg.DataError)
    def on_unfit(error: psycopg.DataError) -> Response:
        """A value that PostgreSQL can't hold, such as U+0000 in a text."""
        return on_problem(Invalid())

    @app.after_request
    def conditional(response: Response) -> Response:
        if request.method in ("GET", "HEAD") and response.status_code == 200:
            response.add_etag()
            response.make_conditional(request)
        return response

    return app


def problem(status: int, **members: Any) -> Response:
    response = jsonify(type="about:blank", title=HTTPStatus(status).phrase, status=status, **members)
    response.status_code, response.mimetype = status, "application/problem+json"
    return response


def pointer(path: tuple[int | str, ...]) -> str:
    return "".join(f"/{step}" for step in path)


def body(model: type[Model]) -> Model:
    return model.model_validate_json(request.get_data(), strict=True)


def query(model: type[Model]) -> Model:
    try:
        return model.model_validate(request.args.to_dict())
    except ValidationError as error:
        faults = [{"parameter": str(fault["loc"][0]), "message": fault["msg"]} for fault in error.errors()]
        raise Invalid(*faults) from None


def page(rows: list[Row], limit: int) -> dict[str, Any]:
    """The first `limit` of `rows`, of which one more was asked for, and a cursor to the rest."""
    items = rows[:limit]
    more = len(rows) > limit
    return {"items": items, "next": base64.urlsafe_b64encode(str(items[-1]["id"]).encode()).decode() if more else None}


def key_of(cursor: str | None, kind: Callable[[str], Key]) -> Key | None:
    if cursor is None:
        return None
    try:
        return kind(base64.urlsafe_b64decode(cursor).decode())
    except (ValueError, binascii.Error):
        raise Invalid({"parameter": "after", "message": "is no cursor of this list"}) from None


def connect(schema: str) -> ConnectionPool:
    """A pool on the database, whose schema is there; several instances may start at once."""
    pool = ConnectionPool(
        os.environ["DATABASE_URL"], kwargs={"row_factory": dict_row}, min_size=2, max_size=16, timeout=5, open=True
    )
    with pool.connection() as connection:
        connection.execute("SELECT pg_advisory_xact_lock(hashtext('schema'))")
        connection.execute((Path(__file__).parent / schema).read_bytes())
    return pool


def serve(app: Flask, port: int) -> None:
    """Serve on the loopback until SIGTERM."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    waitress.serve(app, host="127.0.0.1", port=port, threads=16, clear_untrusted_proxy_headers=True)
