"""How evidence is shown: requests and responses in a line each, and what to type to see it again."""

from dataclasses import replace
from urllib.parse import urlsplit, urlunsplit

from asbuilt.verify import shell
from asbuilt.verify.examination import Examination
from asbuilt.verify.exchange import Exchange, Request, Response
from asbuilt.verify.target import Target
from asbuilt.verify.verdict import Evidence

# The port of `asbuilt run`: a document that was served for the examination only is served there again.
_OWN = "http://127.0.0.1:8080"
_LONGEST = 240  # characters of a body in a line
_LONGEST_COMMAND = 100_000  # Linux takes no longer argument than 128 KiB (execve(2))
_EXPECTED = {"accept": "*/*", "content-type": "application/json"}


def base_url(target: Target) -> str:
    """Where the requests of a reproduction go."""
    return _OWN if target.own else without_login(target.base_url)


def place(found: Examination) -> str:
    """What was examined, as a reader knows it."""
    return "asbuilt's own runtime" if found.target.own else without_login(found.target.base_url)


def without_login(url: str) -> str:
    """A URL without the name and password it may hold."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))


def discreet(evidence: Evidence, target: Target) -> Evidence:
    """Evidence that may be given away: the database's URL, which holds a password, is named instead."""
    if not target.database:
        return evidence
    texts = {name: getattr(evidence, name) for name in ("plan", "measured", "command")}
    return replace(evidence, **{name: text.replace(target.database, "$DATABASE_URL") for name, text in texts.items()})


def reproduction(evidence: Evidence, target: Target) -> str:
    """One line for a shell that shows the same; empty where there is none."""
    if evidence.command:
        return evidence.command
    return curl(evidence.exchanges[-1], target) if evidence.exchanges else ""


def again(target: Target) -> str:
    """How to call a reproduction."""
    return "again, after `asbuilt run`" if target.own else "again"


def curl(exchange: Exchange, target: Target) -> str:
    """The request as one line; empty where no shell takes a line of that length."""
    line = shell.curl(exchange.request, base_url(target))
    return line if len(line) <= _LONGEST_COMMAND else ""


def asked(request: Request) -> str:
    """A request in one line: what is the same in all is left out."""
    headers = "".join(
        f" ({name}: {value})" for name, value in request.headers if _EXPECTED.get(name.lower()) != value.lower()
    )
    return f"{request.method} {request.target}{headers} {in_line(request.body or b'')}".rstrip()


def answered(exchange: Exchange) -> str:
    """What came back, in one line."""
    response = exchange.response
    if response is None:
        return f"no answer ({exchange.fault})"
    return f"{response.status} {_unusual(response)}{in_line(response.body)}".rstrip()


def in_line(body: bytes) -> str:
    """A body in one line, cut to what can be read."""
    text = " ".join(body[: 4 * _LONGEST].decode("utf-8", "replace").split())
    return text if len(text) <= _LONGEST and len(body) <= 4 * _LONGEST else f"{text[:_LONGEST]}… ({len(body):,} bytes)"


def _unusual(response: Response) -> str:
    usual = not response.body or response.media_type.endswith("json")
    return "" if usual else f"({response.media_type or 'no media type'}) "
