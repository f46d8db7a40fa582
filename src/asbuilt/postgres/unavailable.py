"""What keeps a database from being had, told so that a person can mend it."""
# ruff: noqa: N818 - these are named by what is the matter


class DatabaseUnavailable(Exception):
    """The database can't be had: `message` says why, `hint` what to do about it."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message, hint)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message}\n{self.hint}" if self.hint else self.message


class NoPostgres(DatabaseUnavailable):
    """No program `postgres` of version 14 or later works here."""


class AlreadyRunning(DatabaseUnavailable):
    """Another process uses the same data folder."""


class FolderRefused(DatabaseUnavailable):
    """A folder belongs to somebody else, or can't be entered, read or written."""


class OtherVersion(DatabaseUnavailable):
    """The data was written by a major version of PostgreSQL that is not at hand."""


class DiskFull(DatabaseUnavailable):
    """There is no space left for the database."""


class ServerFailed(DatabaseUnavailable):
    """PostgreSQL was started and did not come up, or a program of it failed."""
