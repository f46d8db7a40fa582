"""What is sent and answered."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from shared.fields import StrictInt

Currency = Annotated[str, Field(pattern=r"^[A-Z]{3}$")]


class OpenAccount(BaseModel):
    name: Annotated[str, Field(min_length=1, max_length=100)]
    currency: Currency
    balance: Annotated[StrictInt, Field(ge=0, le=1_000_000_000_000)] = 0


class NewTransfer(BaseModel):
    source: UUID
    target: UUID
    amount: Annotated[StrictInt, Field(ge=1, le=1_000_000_000_000)]
    reference: Annotated[str, Field(max_length=140)] | None = None


class Answer(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class Account(Answer):
    id: UUID
    name: str
    currency: Currency
    balance: int
    opened_at: datetime


class Transfer(Answer):
    id: UUID
    source: UUID
    target: UUID
    amount: int
    reference: str | None
    made_at: datetime


class Entry(Answer):
    id: int
    transfer_id: UUID
    amount: int
    made_at: datetime


class Balance(Answer):
    currency: Currency
    accounts: int
    entries: int
