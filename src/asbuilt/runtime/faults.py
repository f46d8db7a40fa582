"""What is wrong with a request, fault by fault, each with its place."""

from typing import Literal

from asbuilt.values import frozen

Where = Literal["body", "query", "header", "path"]


@frozen
class Fault:
    """One fault of a request.

    `at` is an RFC 6901 pointer into the body (empty: the body itself), or the name of a parameter.
    """

    at: str
    message: str
    where: Where = "body"

    @property
    def field(self) -> str:
        """The place as people name it: `lines.0.sku`, `limit`, or `body`."""
        if self.where != "body":
            return self.at
        return ".".join(unescaped(token) for token in self.at.split("/")[1:]) or "body"

    def plain(self) -> dict[str, str]:
        """The fault as it is answered."""
        if self.where == "body":
            return {"pointer": self.at, "message": self.message}
        return {"in": self.where, "parameter": self.at, "message": self.message}


class Wrong(Exception):  # noqa: N818 - a value that is wrong is no error of the program
    """A value is not what its type says; the text ends the sentence "`field` ..."."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


def escaped(token: str) -> str:
    """A member's name as a token of a JSON pointer."""
    return token.replace("~", "~0").replace("/", "~1")


def unescaped(token: str) -> str:
    return token.replace("~1", "/").replace("~0", "~")
