"""What is to be proved of, and what was given to prove it with."""

from typing import Literal, TypeAlias

from asbuilt.values import frozen

Need: TypeAlias = Literal["http", "database", "disposable", "start", "reference"]
# What a user gives so that a claim can be proved.
HOW: dict[Need, str] = {
    "http": "needs a running system: --target URL",
    "database": "needs its database: --database URL",
    "disposable": "needs a database that may be written to: --database URL --disposable",
    "start": "needs the command that starts it: --start CMD",
    "reference": "needs an implementation to compare with: --against URL",
}


@frozen
class Target:
    """A running system. `own` says that asbuilt serves it: then it is held to the HTTP baseline, else to the document.

    `database` is the URL of its database, `disposable` whether that may be written to. `start` is the command that
    starts it, as a shell takes it; it reads its settings from the environment. `reference` is the base URL of an
    implementation of the same document to compare with.
    """

    base_url: str
    own: bool = False
    database: str | None = None
    disposable: bool = False
    start: str | None = None
    reference: str | None = None

    def lacks(self, needs: frozenset[Need]) -> Need | None:
        """The first of the needs that was not given."""
        given: dict[Need, bool] = {
            "http": bool(self.base_url),
            "database": self.database is not None,
            "disposable": self.database is not None and self.disposable,
            "start": self.start is not None,
            "reference": self.reference is not None,
        }
        return next((need for need in HOW if need in needs and not given[need]), None)
