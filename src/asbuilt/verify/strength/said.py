"""What an answer says, so that two that say the same can be told from two that do not."""

from asbuilt.values import frozen
from asbuilt.verify.exchange import Response

# The members by which bodies of errors call their cause, the most telling first.
_NAMES = ("code", "error_code", "errorCode", "error", "type", "title", "name", "status")


@frozen
class Said:
    """A status and, of an error, the code by which its body calls the cause."""

    status: int
    code: str = ""

    def __str__(self) -> str:
        return f"{self.status} {self.code}".strip()


def said(response: Response) -> Said:
    return Said(response.status, _code(response) if response.status >= 400 else "")


def _code(response: Response) -> str:
    if len(response.body) > 20_000:
        return ""
    try:
        body = response.json()
    except ValueError:
        return ""
    for _ in range(3):
        if not isinstance(body, dict):
            return ""
        for name in _NAMES:
            if isinstance(body.get(name), str):
                return str(body[name])
        body = next((inner for inner in body.values() if isinstance(inner, dict)), None)
    return ""
