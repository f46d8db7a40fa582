"""Whether two answers say the same where each implementation makes keys and moments of its own."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from decimal import Decimal, InvalidOperation

from asbuilt.language.names import snake
from asbuilt.language.types import Anything, Array, Choice, Map, Named, Null, Scalar, Schema, Type, Types, Union
from asbuilt.values import frozen
from asbuilt.verify.conformance import Conformance, Member, shown
from asbuilt.verify.likeness import alike

_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d([T ]\d\d:\d\d.*)?")
_KEY_WORDS = frozenset({"id", "number", "no", "nr", "key", "seq", "sequence"})
_SHORTEST = 4
_CLOSE = Decimal("1e-9")


@frozen
class Gap:
    """Where two answers part. `member` is the schema's member it stands in, where it stands in one.

    `key` says that the values are the keys of rows, which are then not the same; `missing`, that there is no value.
    """

    pointer: str
    message: str
    member: Member | None = None
    key: bool = False
    missing: bool = False


@dataclass
class Correlation:
    """What the one side made, by what the other made in the same place. It grows with every answer compared.

    `counted` are the names of columns that hold numbers made by the database; `sent` are the texts of all values that
    a request held.
    """

    types: Types
    counted: frozenset[str]
    sent: set[str] = field(default_factory=set)
    _forward: dict[tuple[str, str], str] = field(default_factory=dict)
    _backward: dict[tuple[str, str], str] = field(default_factory=dict)
    _pending: list[tuple[str, str, str]] = field(default_factory=list)

    def gaps(self, ours: object, theirs: object, type_: Type) -> list[Gap]:
        """Where the answers part. Keys in the same place stand for each other from now on."""
        found = list(self._gaps(ours, theirs, type_, "", None))
        self._settle(keep=True)
        return found

    def tried(self, ours: object, theirs: object, type_: Type) -> list[Gap]:
        """As `gaps`, and nothing is remembered."""
        found = list(self._gaps(ours, theirs, type_, "", None))
        self._settle(keep=False)
        return found

    def pair(self, ours: object, theirs: object) -> None:
        """Two values that stand for each other, as every part of a sequence made them."""
        self._pending.append(("", str(ours).lower(), str(theirs).lower()))
        self._settle(keep=True)

    def knows(self, value: object, *, ours: bool) -> bool:
        """Whether a value, or one inside of it, was made in this run."""
        known = self._forward if ours else self._backward
        if isinstance(value, dict):
            return any(self.knows(each, ours=ours) for each in value.values())
        if isinstance(value, list):
            return any(self.knows(each, ours=ours) for each in value)
        return isinstance(value, str) and ("", value.lower()) in known

    def _settle(self, *, keep: bool) -> None:
        for domain, ours, theirs in self._pending:
            self._forward.pop((domain, ours), None)
            self._backward.pop((domain, theirs), None)
            if keep:
                self._forward[domain, ours] = theirs
                self._backward[domain, theirs] = ours
        self._pending = []

    def _gaps(self, ours: object, theirs: object, type_: Type, pointer: str, member: Member | None) -> Iterator[Gap]:
        if ours is None or theirs is None:
            if ours is not theirs:
                yield Gap(pointer, f"{shown(ours)} is not {shown(theirs)}", member)
            return
        resolved = self.types.present(type_)
        match resolved:
            case Scalar(kind=kind):
                yield from self._scalar(ours, theirs, kind, pointer, member)
            case Choice():
                if not alike(ours, theirs):
                    yield Gap(pointer, f"{shown(ours)} is not {shown(theirs)}", member)
            case Array(item=item):
                yield from self._array(ours, theirs, item, pointer, member)
            case Map(value=value):
                yield from self._map(ours, theirs, value, pointer, member)
            case Union(options=options):
                yield from self._gaps(ours, theirs, self._option(theirs, options), pointer, member)
            case Named() if (schema := self.types.schema(resolved)) is not None:
                yield from self._object(ours, theirs, schema, pointer)
            case Anything() | Named() | Null():
                return

    def _option(self, value: object, options: tuple[Type, ...]) -> Type:
        held = (option for option in options if not any(Conformance(self.types).mismatches(value, option)))
        return next(held, Anything(options[0].span))

    def _object(self, ours: object, theirs: object, schema: Schema, pointer: str) -> Iterator[Gap]:
        if not isinstance(ours, dict) or not isinstance(theirs, dict):
            yield Gap(pointer, f"{shown(ours)} is no {schema.name}")
            return
        for each in schema.fields:
            place = (schema.name, each.name)
            there = f"{pointer}/{each.name}"
            if each.write_only or each.name not in theirs:
                continue
            if each.name not in ours and each.required:
                yield Gap(there, f"`{each.name}` is missing", place, missing=True)
            else:
                yield from self._gaps(ours.get(each.name), theirs[each.name], each.type, there, place)

    def _array(self, ours: object, theirs: object, item: Type, pointer: str, member: Member | None) -> Iterator[Gap]:
        """The document says of no list inside an answer in which order it comes."""
        if not isinstance(ours, list) or not isinstance(theirs, list):
            yield Gap(pointer, f"{shown(ours)} is no list", member)
            return
        if len(ours) != len(theirs):
            yield Gap(pointer, f"{len(ours)} items, not {len(theirs)}", member)
            return
        left = list(theirs)
        for number, each in enumerate(ours):
            held = next((other for other in left if not self._probed(each, other, item, member)), None)
            if held is None:
                nearest = theirs[number]
                found = list(self._gaps(each, nearest, item, f"{pointer}/{number}", member))
                yield from found or [Gap(f"{pointer}/{number}", "has no like", member)]
                return
            left.remove(held)
            list(self._gaps(each, held, item, pointer, member))

    def _probed(self, ours: object, theirs: object, item: Type, member: Member | None) -> bool:
        """Whether two items part; what comparing them would teach is not kept."""
        before = list(self._pending)
        found = any(True for _ in self._gaps(ours, theirs, item, "", member))
        self._undo(before)
        return found

    def _undo(self, before: list[tuple[str, str, str]]) -> None:
        for domain, ours, theirs in self._pending[len(before) :]:
            self._forward.pop((domain, ours), None)
            self._backward.pop((domain, theirs), None)
        self._pending = before

    def _map(self, ours: object, theirs: object, value: Type, pointer: str, member: Member | None) -> Iterator[Gap]:
        if not isinstance(ours, dict) or not isinstance(theirs, dict) or len(ours) != len(theirs):
            yield Gap(pointer, f"{shown(ours)} is not {shown(theirs)}", member)
            return
        for name in theirs.keys() & ours.keys():
            yield from self._gaps(ours[name], theirs[name], value, f"{pointer}/{name}", member)

    def _scalar(self, ours: object, theirs: object, kind: str, pointer: str, member: Member | None) -> Iterator[Gap]:
        gap = Gap(pointer, f"{shown(ours)} is not {shown(theirs)}", member)
        if kind == "uuid" or (kind == "str" and _is_uuid(ours) and _is_uuid(theirs)):
            if not self._stand_for_each_other("", str(ours).lower(), str(theirs).lower()):
                yield replace(gap, key=True)
        elif kind in {"datetime", "date", "time"} or (kind == "str" and _is_moment(ours) and _is_moment(theirs)):
            # Moments that nobody sent are of the servers' own clocks.
            if not alike(ours, theirs) and (self._was_sent(ours) or self._was_sent(theirs)):
                yield gap
        elif kind == "int" and self._is_counted(member):
            domain = ".".join(member or ())
            if not self._stand_for_each_other(domain, str(ours), str(theirs)):
                yield replace(gap, key=True)
        elif kind == "float":
            if not _close(ours, theirs):
                yield gap
        elif not alike(ours, theirs) and not self._mean_the_same(ours, theirs):
            yield gap

    def _is_counted(self, member: Member | None) -> bool:
        name = snake(member[1]) if member else ""
        return name in self.counted or name.split("_")[-1] in _KEY_WORDS

    def _was_sent(self, value: object) -> bool:
        return any(alike(value, known) for known in self.sent if _is_moment(known))

    def _stand_for_each_other(self, domain: str, ours: str, theirs: str) -> bool:
        known = self._forward.get((domain, ours))
        if known is not None:
            return known == theirs
        if (domain, theirs) in self._backward:
            return False
        if not domain and (ours in self.sent or theirs in self.sent):
            return ours == theirs
        self._pending.append((domain, ours, theirs))
        self._forward[domain, ours] = theirs
        self._backward[domain, theirs] = ours
        return True

    def _mean_the_same(self, ours: object, theirs: object) -> bool:
        """Whether two texts are the same once what our side made is exchanged for what stands for it."""
        if not isinstance(ours, str) or not isinstance(theirs, str):
            return False
        text = ours.lower()
        if self._forward.get(("", text)) == theirs.lower():
            return True
        if "://" in ours and "://" in theirs and not {text, theirs.lower()} & self.sent:
            return True  # where a server says it is found is for whoever runs it to say
        for (domain, made), other in self._forward.items():
            if not domain and len(made) >= _SHORTEST:
                text = text.replace(made, other)
        return text == theirs.lower()


def _close(ours: object, theirs: object) -> bool:
    try:
        one, other = Decimal(str(ours)), Decimal(str(theirs))
        return abs(one - other) <= _CLOSE * max(abs(one), abs(other))
    except InvalidOperation:
        return ours == theirs


def _is_uuid(value: object) -> bool:
    return isinstance(value, str) and _UUID.fullmatch(value) is not None


def _is_moment(value: object) -> bool:
    return isinstance(value, str) and _MOMENT.fullmatch(value) is not None
