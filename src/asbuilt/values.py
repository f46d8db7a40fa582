"""What a value is: a frozen, slotted dataclass, defined at a third of the cost.

A command defines some 250 of them before it reads a document, and `dataclasses` compiles six methods for each, which
was a quarter of the time to start. Here only `__init__` is compiled, and the others are shared by all values.
"""

from collections.abc import Callable
from dataclasses import MISSING, Field, FrozenInstanceError, dataclass, field, fields
from operator import attrgetter
from typing import Any, TypeVar, dataclass_transform

_Value = TypeVar("_Value")


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def frozen(cls: type[_Value]) -> type[_Value]:
    """As `dataclass(frozen=True, slots=True)`, for a class that inherits no fields."""
    # A dataclass without a text gets its signature for one, which takes long to find.
    cls.__doc__ = cls.__doc__ or cls.__name__
    made: Any = dataclass(init=False, repr=False, eq=False, slots=True)(cls)
    members = fields(made)
    own = {"__init__": _initialiser(made, members), **_comparisons(members), **_SHARED}
    for name, method in own.items():
        if name not in cls.__dict__:
            setattr(made, name, method)
    found: type[_Value] = made
    return found


def _initialiser(cls: type, members: tuple[Field[Any], ...]) -> Callable[..., None]:
    known: dict[str, object] = {"_put": object.__setattr__, "_absent": MISSING}
    parameters, lines = ["self"], ["pass"]
    for member in members:
        name, default = member.name, f"_default_{member.name}"
        if member.default_factory is not MISSING:
            known[default] = member.default_factory
            fresh, parameter = f"{default}()", f"{name}=_absent"
            content = f"{fresh} if {name} is _absent else {name}" if member.init else fresh
        elif member.default is not MISSING:
            known[default] = member.default
            content, parameter = name if member.init else default, f"{name}={default}"
        elif member.init:
            content = parameter = name
        else:
            continue  # for `__post_init__` to fill
        parameters += [parameter] if member.init else []
        lines.append(f"_put(self, {name!r}, {content})")
    lines += ["self.__post_init__()"] if hasattr(cls, "__post_init__") else []
    text = f"def __init__({', '.join(parameters)}):\n " + "\n ".join(lines)
    exec(text, known)  # noqa: S102 - the names are those of the class's own fields
    made: Callable[..., None] = known["__init__"]  # type: ignore[assignment]
    return made


def _comparisons(members: tuple[Field[Any], ...]) -> dict[str, Callable[..., object]]:
    names = [member.name for member in members if member.compare]
    content: Callable[[object], object] = attrgetter(*names) if names else lambda _: ()

    def equal(self: object, other: object) -> bool:
        return content(self) == content(other) if other.__class__ is self.__class__ else NotImplemented

    return {"__eq__": equal, "__hash__": lambda self: hash((content(self),))}


def _shown(self: Any) -> str:
    shown = (f"{each.name}={getattr(self, each.name)!r}" for each in fields(self) if each.repr)
    return f"{type(self).__qualname__}({', '.join(shown)})"


def _refuse(_: object, name: str, *__: object) -> None:
    raise FrozenInstanceError(f"`{name}` of a value is not to be changed")


def _state(self: Any) -> list[object]:
    return [getattr(self, each.name) for each in fields(self)]


def _restore(self: Any, state: list[object]) -> None:
    for each, content in zip(fields(self), state, strict=True):
        object.__setattr__(self, each.name, content)


_SHARED: dict[str, Callable[..., object]] = {
    "__repr__": _shown,
    "__setattr__": _refuse,
    "__delattr__": _refuse,
    "__getstate__": _state,
    "__setstate__": _restore,
}
