"""Values are what frozen, slotted dataclasses are."""

import copy
from collections.abc import Callable
from dataclasses import FrozenInstanceError, dataclass, field, fields, is_dataclass, replace
from typing import Any

import pytest

from asbuilt.values import frozen


def told(decorator: Callable[[Any], Any]) -> Any:
    @decorator
    class Told:
        a: int
        b: str = "b"
        c: list[int] = field(default_factory=list)
        d: str = field(default="secret", repr=False)
        e: int = field(default=7, compare=False)
        f: int = field(init=False, repr=False, compare=False)
        g: int = field(default=3, init=False)

        def __post_init__(self) -> None:
            object.__setattr__(self, "f", self.a * 2)

    return Told


class Bare:
    """A class without members."""


class Shown:
    word: str

    def __repr__(self) -> str:
        return self.word


QUICK, USUAL = told(frozen), told(dataclass(frozen=True, slots=True))


def seen(cls: Any) -> list[object]:
    """Everything that can be observed of a class's instances, the class left out."""
    made = [cls(1), cls(1, c=[]), cls(1, e=8), cls(2), cls(1, "x", [3], "y", 9), cls(a=1, d="other")]
    return [
        [repr(each) for each in made],
        [each == other for each in made for other in [*made, 1, None]],
        [[getattr(each, member.name) for member in fields(cls)] for each in made],
        repr(replace(made[4], b="z")),
        copy.deepcopy(made[4]) == copy.copy(made[4]) == made[4],
        copy.deepcopy(made[4]).c is made[4].c,
        made[0].c is made[1].c,
        cls.__match_args__,
        hasattr(made[0], "__dict__"),
        is_dataclass(cls),
    ]


def test_a_value_is_what_a_frozen_dataclass_is() -> None:
    assert seen(QUICK) == seen(USUAL)


@pytest.mark.parametrize("cls", [QUICK, USUAL])
def test_it_cannot_be_changed(cls: Any) -> None:
    made = cls(1)
    with pytest.raises(FrozenInstanceError):
        made.a = 2
    with pytest.raises(FrozenInstanceError):
        del made.a
    with pytest.raises(TypeError, match=r"missing 1 required positional argument: 'a'"):
        cls()
    with pytest.raises(TypeError, match="unhashable"):
        hash(made)


def test_equal_values_have_one_hash() -> None:
    one = frozen(Shown)
    assert len({one("a"), one("a"), one("b")}) == 2
    assert repr(one("a")) == "a"
    bare: Any = frozen(Bare)
    assert len({bare(), bare()}) == 1
    assert repr(bare()) == "Bare()"
    assert bare.__doc__ == "A class without members."
