"""The values that composed calls have: few, so that rows have them in common, and near to what answers held."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field

from asbuilt.language.samples import NO_SAMPLE
from asbuilt.language.types import Choice, Field, Scalar, Type, Types
from asbuilt.sections.api import Parameter
from asbuilt.verify.conformance import Conformance
from asbuilt.verify.edges import LEFT_OUT, values
from asbuilt.verify.resources import LIMITS
from asbuilt.verify.sequence import Fresh, Template
from asbuilt.verify.values import value_of
from asbuilt.verify.world import Lacking

_MOST_SEEN = 40
_FAR = ("2000-01-02T03:04:05Z", "2999-01-02T03:04:05Z")
_FAR_DAYS = ("2000-01-02", "2999-01-02")


@dataclass
class Palette:
    """Repeatable by `chance`. It grows with the answers it learns from."""

    types: Types
    chance: random.Random
    _seen: list[int] = field(default_factory=list)
    _texts: dict[tuple[str, int], Fresh] = field(default_factory=dict)
    _count: int = 0

    def next(self) -> int:
        """A number that was not given before."""
        self._count += 1
        return self._count

    def fresh(self, type_: Type) -> Fresh:
        return Fresh(self.next(), type_)

    def familiar(self, name: str, type_: Type) -> Fresh:
        """One of a few texts, mostly the same one: rows have them in common."""
        which = 0 if self.chance.random() < 0.85 else 1
        return self._texts.setdefault((name, which), self.fresh(type_))

    def plain(self, type_: Type) -> Template:
        """Raises `Lacking`."""
        value = value_of(type_, self.types)
        if value is NO_SAMPLE:
            raise Lacking("no value could be made")
        return value

    def learn(self, answer: object) -> None:
        """Numbers in an answer are worth meeting again."""
        for number in _whole_numbers(answer):
            if number not in self._seen and len(self._seen) < _MOST_SEEN:
                self._seen.append(number)

    def of_parameter(self, parameter: Parameter) -> Template:
        """A value of a parameter that names no row. Raises `Lacking`."""
        name, type_ = parameter.name.text, parameter.type
        found: list[Template]
        match self.types.present(type_):
            case Scalar(kind="int") if name in LIMITS:
                found = [n for n in (1, 1, 2, 2, 3, 5) if self._holds(n, type_)]
            case Scalar(kind="int"):
                found = self._numbers(type_) or [self.plain(type_)]
            case Scalar(kind="str"):
                found = [mark for (known, _), mark in self._texts.items() if known == name]
            case Scalar(kind="datetime"):
                found = list(_FAR)
            case Scalar(kind="date"):
                found = list(_FAR_DAYS)
            case Scalar(kind="bool"):
                found = [True, False]
            case Choice(values=choices):
                found = [value for value in choices if value is not None]
            case _:
                found = []
        return self.chance.choice(found) if found else self.plain(type_)

    def of_member(self, member: Field, *, asks: bool) -> list[Template]:
        """The values among which chance chooses for a member; `asks`: of a call that takes from what rows hold."""
        present = self.types.present(member.type)
        edges = [each.value for each in values(member.type, self.types) if each.holds and each.value is not LEFT_OUT]
        found: list[Template] = [value for value in edges if value is not None or self.chance.random() < 0.7]
        plain = value_of(member.type, self.types)
        found += [] if plain is NO_SAMPLE else [plain]
        if isinstance(present, Scalar) and present.kind in {"int", "decimal"}:
            # Rows that hold much, and little asked of them, so that most of what is asked can be had.
            usual = value_of(member.type, self.types, "small" if asks else "large")
            found += self._numbers(member.type) * 2
            found += [usual] * len(found)
        if is_textual(present):
            mark = self.familiar(member.name, member.type)
            found += [mark] * (len(found) * 8 if _is_short(present) else 1)
        return found

    def _numbers(self, type_: Type) -> list[Template]:
        """Small numbers, and those that answers held, and what is next to them."""
        near = {n + step for n in self._seen for step in (-1, 0, 1)} | {1, 2, 5, 10}
        return [n for n in sorted(near) if self._holds(n, type_)]

    def _holds(self, value: object, type_: Type) -> bool:
        return not any(Conformance(self.types).mismatches(value, type_))


def is_textual(type_: Type) -> bool:
    return isinstance(type_, Scalar) and type_.kind in {"str", "uuid"}


def _is_short(type_: Type) -> bool:
    """Whether a text is of a form, as codes are: rows share these."""
    return isinstance(type_, Scalar) and type_.constraints.pattern is not None


def _whole_numbers(value: object) -> Iterator[int]:
    if isinstance(value, dict):
        for name, inner in value.items():
            if not str(name).lower().endswith(("id", "number")):
                yield from _whole_numbers(inner)
    elif isinstance(value, list):
        for inner in value[:5]:
            yield from _whole_numbers(inner)
    elif isinstance(value, int) and not isinstance(value, bool):
        yield value
