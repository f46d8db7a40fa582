"""A request as one line for a shell: pasted there, the same bytes are sent again."""

import re

from asbuilt.verify.exchange import Request

_PLAIN = re.compile(r"[A-Za-z0-9_@%+=:,./-]+")
# What curl would change in a URL: brackets and braces are patterns to it, `..` goes up (curl(1), --globoff).
_PATTERN = re.compile(r"[\[\]{}]")
_DOTS = re.compile(r"/\.{1,2}(?:[/?]|$)")
# curl says these by itself.
_IMPLIED = frozenset({("accept", "*/*")})


def curl(request: Request, base_url: str) -> str:
    """The request as a line of curl for bash, zsh and any POSIX.1-2024 shell. Nothing in it acts on a terminal."""
    words = [b"curl", b"-i"]
    if request.method == "HEAD":
        words[1] = b"-I"
    elif request.method != "GET" or request.body is not None:
        words += [b"-X", request.method.encode()]
    url = base_url.rstrip("/") + request.target
    words += [b"-g"] if _PATTERN.search(url) else []
    words += [b"--path-as-is"] if _DOTS.search(url) else []
    for header in _headers(request):
        words += [b"-H", header]
    body = request.body
    if body is not None and b"\0" in body:  # which no argument can hold
        words += [b"--data-binary", b"@-"]
        return f"printf {quoted(_formatted(body))} | {_line([*words, url.encode('utf-8', 'surrogatepass')])}"
    words += [b"--data-raw", body] if body is not None else []
    return _line([*words, url.encode("utf-8", "surrogatepass")])


def quoted(word: bytes) -> str:
    """One word of a shell. What cannot be seen, or is no UTF-8, is written as escapes (`$'\\n'`)."""
    text = word.decode("utf-8", "surrogateescape")
    if text.isprintable():
        return text if _PLAIN.fullmatch(text) else "'" + text.replace("'", "'\"'\"'") + "'"
    return "$'" + "".join(_escaped(char) for char in text) + "'"


def _line(words: list[bytes]) -> str:
    return " ".join(map(quoted, words))


def _headers(request: Request) -> list[bytes]:
    """The headers to name. A name and a semicolon is an empty header to curl, a name and a colon is none at all."""
    said = [
        (f"{name}: {value}" if value else f"{name};").encode("latin-1", "replace")
        for name, value in request.headers
        if (name.lower(), value) not in _IMPLIED
    ]
    typed = any(name.lower() == "content-type" for name, _ in request.headers)
    return said if typed or request.body is None else [*said, b"Content-Type:"]


def _escaped(char: str) -> str:
    if char in "'\\":
        return f"\\{char}"
    if char in _NAMED:
        return _NAMED[char]
    if char.isprintable():
        return char
    return "".join(f"\\{byte:03o}" for byte in char.encode("utf-8", "surrogateescape"))


_NAMED = {"\n": "\\n", "\t": "\\t", "\r": "\\r"}


def _formatted(body: bytes) -> bytes:
    """A body as `printf` takes it."""
    return b"".join(
        b"%%" if byte == 0x25 else b"\\\\" if byte == 0x5C else b"\\%03o" % byte if byte < 32 else bytes([byte])
        for byte in body
    )
