"""What is sent and answered."""

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AliasGenerator, BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from shared.fields import Day, StrictBool

Title = Annotated[str, Field(min_length=1, max_length=200)]
Note = Annotated[str, Field(max_length=2000)]
Priority = Literal["low", "normal", "high"]


class CreateList(BaseModel):
    title: Title


class CreateTodo(BaseModel):
    title: Title
    note: Note | None = None
    priority: Priority = "normal"
    due: Day | None = None
    done: StrictBool = False


class ChangeTodo(CreateTodo):
    """What is left out is not set, and stays as it is: the defaults are never used."""

    title: Title = ""


class Answer(BaseModel):
    model_config = ConfigDict(from_attributes=True, alias_generator=AliasGenerator(serialization_alias=to_camel))


class List(Answer):
    id: UUID
    title: str
    created_at: datetime


class Todo(Answer):
    id: UUID
    list_id: UUID
    title: str
    note: str | None
    priority: Priority
    due: date | None
    done: bool
    created_at: datetime
