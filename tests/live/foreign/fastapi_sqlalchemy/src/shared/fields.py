"""Types of fields that take what JSON calls by that name, and nothing that could be turned into it."""

import re
from datetime import date
from typing import Annotated, Any

from pydantic import AwareDatetime, BeforeValidator, Field

StrictInt = Annotated[int, Field(strict=True)]
StrictBool = Annotated[bool, Field(strict=True)]


def spelled(pattern: str, meaning: str) -> BeforeValidator:
    """Only texts of this form; pydantic by itself reads numbers as dates and times too."""

    def check(value: Any) -> Any:
        if not isinstance(value, str) or not re.fullmatch(pattern, value):
            raise ValueError(f"must be {meaning}")
        return value

    return BeforeValidator(check)


Day = Annotated[date, spelled(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", "a date such as 2026-01-31")]
Instant = Annotated[
    AwareDatetime, spelled(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ].+", "a date and time such as 2026-01-31T12:00:00Z")
]
