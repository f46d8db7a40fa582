"""Errors as problem details (RFC 9457)."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from sqlalchemy.exc import DBAPIError, IntegrityError
from starlette.exceptions import HTTPException


class Problem(Exception):
    """An error that the caller is told, by its code."""

    def __init__(self, status: int, code: str, detail: str) -> None:
        super().__init__(code)
        self.status, self.code, self.detail = status, code, detail


class NotFound(Problem):
    def __init__(self) -> None:
        super().__init__(404, "NOT_FOUND", "nothing has that id")


def problem(status: int, headers: Mapping[str, str] | None = None, **members: Any) -> JSONResponse:
    content = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status, **members}
    return JSONResponse(content, status, headers, media_type="application/problem+json")


def sqlstate(error: DBAPIError) -> str:
    return getattr(error.orig, "sqlstate", None) or ""


def invalid(faults: list[dict[str, str]]) -> JSONResponse:
    return problem(422, detail="the request does not match its schema", code="INVALID", faults=faults)


def fault(error: dict[str, Any]) -> dict[str, str]:
    where, *path = error["loc"] if error["type"] != "json_invalid" else ("body",)
    if where == "body":
        return {"pointer": "".join(f"/{step}" for step in path), "message": error["msg"]}
    return {"parameter": str(path[0]), "message": error["msg"]}


def handle_problems(app: FastAPI, conflicts: Mapping[str, str]) -> None:
    """Answer each error of `app`; `conflicts` are the codes of unique constraints, by their names."""

    @app.exception_handler(Problem)
    async def on_problem(request: Request, error: Problem) -> JSONResponse:
        return problem(error.status, detail=error.detail, code=error.code)

    @app.exception_handler(HTTPException)
    async def on_http(request: Request, error: HTTPException) -> JSONResponse:
        return problem(error.status_code, error.headers)

    @app.exception_handler(RequestValidationError)
    async def on_invalid(request: Request, error: RequestValidationError) -> JSONResponse:
        return invalid([fault(each) for each in error.errors()])

    @app.exception_handler(IntegrityError)
    async def on_conflict(request: Request, error: IntegrityError) -> JSONResponse:
        constraint = getattr(error.orig.__cause__, "constraint_name", None)
        if constraint not in conflicts:
            raise error
        return problem(409, detail=f"{constraint} is violated", code=conflicts[constraint])

    @app.exception_handler(DBAPIError)
    async def on_database(request: Request, error: DBAPIError) -> JSONResponse:
        if sqlstate(error).startswith("22"):  # a value that PostgreSQL can't hold, such as U+0000 in a text
            return invalid([])
        raise error
