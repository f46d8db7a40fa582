"""Whether a database holds one thing that a document defines."""

from typing import Literal, TypeAlias

from asbuilt.values import frozen

Kind: TypeAlias = Literal["table", "column", "constraint", "index", "type", "view"]


@frozen
class Rivals:
    """Two conditions over columns of these types. `stricter`: only what `live` refuses besides is of interest."""

    columns: tuple[tuple[str, str], ...]
    ours: str
    live: str
    stricter: bool = False


@frozen
class Agreement:
    """`differs` says how the two are not the same, and is empty where they are; `remark` what is as good, or besides.

    `rivals` are conditions that are spelled so differently that only a row can show whether they differ.
    `said` is what the document's own schema makes, `held` what the live catalogue has; empty where it has nothing.
    """

    kind: Kind
    names: tuple[str, ...]
    said: str
    held: str
    differs: str = ""
    remark: str = ""
    rivals: Rivals | None = None

    @property
    def agrees(self) -> bool:
        return not self.differs
