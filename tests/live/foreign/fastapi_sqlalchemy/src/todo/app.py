"""The service of lists and todos."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, FastAPI, Query
from sqlalchemy import select

from shared.conditional import ConditionalRoute
from shared.database import KEPT, Session, connect, found, migrate
from shared.pages import After, Page, key_of, page
from shared.problems import handle_problems
from shared.settings import Settings
from todo import models, schemas

router = APIRouter(route_class=ConditionalRoute)


@router.post("/lists", status_code=201, response_model=schemas.List)
async def create_list(body: schemas.CreateList, session: Session) -> models.List:
    created = models.List(**body.model_dump())
    session.add(created)
    await session.flush()
    return created


@router.get("/lists", response_model=list[schemas.List])
async def all_lists(session: Session) -> Sequence[models.List]:
    return (await session.scalars(select(models.List).order_by(models.List.created_at, models.List.id))).all()


@router.get("/lists/{list_id}", response_model=schemas.List)
async def one_list(list_id: UUID, session: Session) -> models.List:
    return await found(session, models.List, list_id)


@router.delete("/lists/{list_id}", status_code=204)
async def delete_list(list_id: UUID, session: Session) -> None:
    await session.delete(await found(session, models.List, list_id, lock=True))


@router.post("/lists/{list_id}/todos", status_code=201, response_model=schemas.Todo)
async def create_todo(list_id: UUID, body: schemas.CreateTodo, session: Session) -> models.Todo:
    await found(session, models.List, list_id, KEPT)
    created = models.Todo(list_id=list_id, **body.model_dump())
    session.add(created)
    await session.flush()
    return created


@router.get("/lists/{list_id}/todos", response_model=Page[schemas.Todo])
async def todos_of_list(
    list_id: UUID,
    session: Session,
    done: bool | None = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
    after: After = None,
) -> dict[str, Any]:
    query = select(models.Todo).where(models.Todo.list_id == list_id).order_by(models.Todo.id).limit(limit + 1)
    if done is not None:
        query = query.where(models.Todo.done == done)
    if after is not None:
        query = query.where(models.Todo.id > key_of(after, UUID))
    await found(session, models.List, list_id)
    return page((await session.scalars(query)).all(), limit)


@router.get("/todos/{todo_id}", response_model=schemas.Todo)
async def one_todo(todo_id: UUID, session: Session) -> models.Todo:
    return await found(session, models.Todo, todo_id)


@router.put("/todos/{todo_id}", response_model=schemas.Todo)
async def replace_todo(todo_id: UUID, body: schemas.CreateTodo, session: Session) -> models.Todo:
    return await changed(session, todo_id, body.model_dump())


@router.patch("/todos/{todo_id}", response_model=schemas.Todo)
async def change_todo(todo_id: UUID, body: schemas.ChangeTodo, session: Session) -> models.Todo:
    return await changed(session, todo_id, body.model_dump(exclude_unset=True))


@router.delete("/todos/{todo_id}", status_code=204)
async def delete_todo(todo_id: UUID, session: Session) -> None:
    await session.delete(await found(session, models.Todo, todo_id, lock=True))


async def changed(session: Session, todo_id: UUID, values: dict[str, Any]) -> models.Todo:
    todo = await found(session, models.Todo, todo_id, lock=True)
    for name, value in values.items():
        setattr(todo, name, value)
    await session.flush()
    return todo


def create_app(settings: Settings) -> FastAPI:
    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        app.state.engine = connect(settings.database_url)
        await migrate(app.state.engine, "todo", "todos")
        yield
        await app.state.engine.dispose()

    app = FastAPI(title="Todo", lifespan=lifespan)
    handle_problems(app, {"lists_title_key": "LIST_EXISTS"})
    app.include_router(router)
    return app
