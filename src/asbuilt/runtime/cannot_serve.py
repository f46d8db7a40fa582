"""What keeps a component from being served, told so that a person can mend it."""


class CannotServe(Exception):  # noqa: N818 - named by what is the matter
    """`message` says why, `hint` what to do about it."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message, hint)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message}\n{self.hint}" if self.hint else self.message
