"""What an operation takes: found out by asking for it with one member of the body left out, null, empty, long..."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

from asbuilt.language.types import Type, Types
from asbuilt.verify.client import Client
from asbuilt.verify.conformance import Conformance
from asbuilt.verify.exchange import Request
from asbuilt.verify.places import Path
from asbuilt.verify.strength.edits import members
from asbuilt.verify.strength.faults import body_of, with_body
from asbuilt.verify.strength.survey import Served, Taken
from asbuilt.verify.strength.variations import Kind, Sized, anything_else, kinds, sizes

_LATEST = 6


@dataclass
class Explorer:
    """Asks; `types` are the document's: what its schema accepts is refused for a reason that is said elsewhere."""

    types: Types
    client: Client
    _count: int = 0

    def explore(self, known: Served) -> None:
        """Enters what is taken and what is not."""
        declared = known.operation.endpoint.body
        base = self._base(known.accepted, declared.type if declared else None)
        if base is None or declared is None or declared.medium != "json":
            return
        for way, value in dict(members(body_of(base))).items():
            if not isinstance(value, dict):
                known.taken += self._member(base, way, value, declared.type)

    def _member(self, base: Request, way: Path, value: object, type_: Type | None) -> Iterator[Taken]:
        told = [(kind, [self._accepts(base, way, each, type_) for each in kind.values]) for kind in kinds(value)]
        free = [self._bounds(sized, base, way, type_) for sized in sizes(value)]
        if free and not any(taken for kinds_ in free for _, taken in kinds_):
            told = told[:2]
            free = [[(anything_else(), False)]] if any(free) else []
        for kind, tried in told:
            if any(tried) or False in tried:
                yield Taken(way, kind, any(tried))
        for kinds_ in free:
            yield from (Taken(way, kind, taken) for kind, taken in kinds_)

    def _bounds(self, sized: Sized, base: Request, way: Path, type_: Type | None) -> list[tuple[Kind, bool]]:
        """Kinds of sizes, and whether they are accepted: what is large and is, what is too large."""
        tried = [(size, self._accepts(base, way, sized.make(size), type_)) for size in sized.sizes]
        accepted = [size for size, found in tried if found]
        found = [(sized.beyond(max(accepted) // 2), True)] if accepted else []
        if any(taken is False for _, taken in tried):
            found.append((sized.beyond(max(accepted, default=0)), False))
        return found

    def _base(self, accepted: list[Request], type_: Type | None) -> Request | None:
        """A request with a body that is accepted over and over again, with as many members as can be had."""
        latest = [request for request in reversed(accepted) if isinstance(body_of(request), dict)][:_LATEST]
        whole: dict[str, Any] = {}
        for request in accepted:
            body = body_of(request)
            if isinstance(body, dict):
                whole |= {n: value for n, value in body.items() if value is not None and self._is_known(n, type_)}
        wide = [replace(request, body=json.dumps(whole).encode()) for request in latest]
        return next((each for each in (*wide, *latest) if self._is_accepted(each, type_)), None)

    def _is_known(self, name: str, type_: Type | None) -> bool:
        """Whether a schema has a member of that name: others are accepted, and nothing is made of them."""
        schema = self.types.schema(self.types.present(type_)) if type_ else None
        return schema is None or schema.member(name) is not None

    def _accepts(self, base: Request, way: Path, value: object, type_: Type | None) -> bool | None:
        """Whether a value is accepted; None where that is not told by what is answered."""
        request = with_body(base, way, value)
        if request is None:
            return None
        if self._is_accepted(request, type_):
            return True
        return False if self._breaks(request, type_) else None

    def _is_accepted(self, request: Request, type_: Type | None) -> bool:
        """Also if it takes another text in one of its members, since there may be a row like that one."""
        others = () if self._breaks(request, type_) else self._renewed(request)
        return any(200 <= self.client.send(each).status < 400 for each in (request, *others))

    def _breaks(self, request: Request, type_: Type | None) -> bool:
        """Whether it is the schema that refuses the body, and not what the error table speaks of."""
        return type_ is not None and any(Conformance(self.types).mismatches(body_of(request), type_))

    def _renewed(self, request: Request) -> Iterator[Request]:
        """The request with another text in one of its members."""
        for way, value in islice(dict(members(body_of(request))).items(), _LATEST):
            if isinstance(value, str) and value and (other := with_body(request, way, self._fresh(value))):
                yield other

    def _fresh(self, text: str) -> str:
        """A text that looks like it, and was not used before."""
        self._count += 1
        number = f"{self._count:06}"
        chars, place = list(text), len(number)
        for at in range(len(chars) - 1, -1, -1):
            if place and chars[at].isalnum():
                place -= 1
                digit = number[place]
                first = "A" if chars[at].isupper() else "a"
                chars[at] = digit if chars[at].isdigit() else chr(ord(first) + int(digit))
        return "".join(chars)
