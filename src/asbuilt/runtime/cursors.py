"""Cursors: the place where a page ended, as an opaque text that cannot be forged into another's.

A cursor is the last row's values in the order of the list, signed. The signature keeps texts that no page
gave from reaching a statement; it hides nothing and grants nothing: a page answers only what its operation
would answer anyway.
"""

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from collections.abc import Sequence
from hashlib import blake2b

import msgspec

from asbuilt.language.names import snake
from asbuilt.runtime.faults import Wrong
from asbuilt.values import frozen

_SIGNATURE = 12  # bytes


@frozen
class Cursors:
    """The cursors of one operation. `columns` are those of its order."""

    key: bytes
    columns: tuple[str, ...]

    def sealed(self, values: str) -> str:
        """The cursor for a JSON array of strings."""
        raw = values.encode()
        return urlsafe_b64encode(self._signature(raw) + raw).decode().rstrip("=")

    def opened(self, text: str) -> dict[str, str | None]:
        """The values in a cursor by column. Raises `Wrong` for one that no page of this operation gave."""
        try:
            sealed = urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))
        except (UnicodeEncodeError, NotBase64):
            raise Wrong("is no cursor of this list") from None
        signature, raw = sealed[:_SIGNATURE], sealed[_SIGNATURE:]
        if not hmac.compare_digest(signature, self._signature(raw)):
            raise Wrong("is no cursor of this list")
        values: Sequence[str | None] = msgspec.json.decode(raw, type=list[str | None])
        return dict(zip(map(snake, self.columns), values, strict=True))

    def _signature(self, raw: bytes) -> bytes:
        return blake2b(raw, key=self.key, digest_size=_SIGNATURE).digest()


def cursors_of(secret: str, operation: str, columns: tuple[str, ...]) -> Cursors:
    """The cursors of an operation: the same in every process that has the secret, and after every start."""
    seed = "\x00".join(("cursor", secret, operation, *columns)).encode()
    return Cursors(blake2b(seed, digest_size=32).digest(), columns)
