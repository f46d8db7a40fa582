"""Lines below a heading or a bullet that say what canonical lines say: `- Operation: place_order`, `**Roles**: admin`.

Prose labels a great deal, so only what cannot be meant otherwise is taken: a key with a capital, a value that the
canonical notation understands. The rest is left to whoever reads phrases.
"""

import re
from collections.abc import Sequence

from asbuilt.diagnostics import Hole
from asbuilt.document import Text
from asbuilt.language.types import UNSET, Scalar
from asbuilt.sections.api.notation.clauses import Draft, Line, clause_key, read_clause
from asbuilt.sections.api.notation.parameters import read_parameters, trimmed
from asbuilt.source import Fragment

_KEYED = re.compile(r"[*_]*(?P<key>[A-Z][A-Za-z]*(?:[ -][A-Za-z]+){0,2})[*_]*[ \t]*:[*_]*(?=\s|$|`)")
_NAMES = re.compile(r"[A-Za-z_][\w.]*(?:\s*(?:,\s*then\b|\bthen\b|,|→|->)\s*[A-Za-z_][\w.]*)*")
# Words for what is done, which name no operation.
DEEDS = frozenset(
    {"create", "read", "update", "delete", "list", "get", "post", "put", "patch", "add", "search", "none"}
)
_PROTECTING = frozenset({"roles", "limit", "idempotency", "timeout", "transaction"})
_TYPED = re.compile(r"\w\??\s*:\s*\w|\w\?(?=\s*(?:,|$))|\w\s*=\s*\S")


def read_stated(line: Text, drafts: Sequence[Draft]) -> bool:
    """Whether a line is such a one; then what it says is in the drafts."""
    match = _KEYED.match(line.text)
    if match is None:
        return False
    key = clause_key(match.group("key"))
    value = _bare(trimmed(line.fragment, match.end(), len(line.text)))
    if value is None:
        return False
    if key in ("query", "headers"):
        return _parameters(key, value, drafts)
    if key == "operation":
        understood = bool(_NAMES.fullmatch(value.text)) and value.text not in DEEDS
    else:
        understood = key in _PROTECTING or (key == "status" and value.text.lower() == "deprecated")
    if understood:
        for draft in drafts:
            read_clause(Line(key, value, (0, 0), 0, len(value.text)), draft, [])
    return understood


def _parameters(key: str, value: Fragment, drafts: Sequence[Draft]) -> bool:
    """Parameters with types or defaults, if all of them are understood."""
    holes: list[Hole] = []
    if not _TYPED.search(value.text):
        return False
    found = read_parameters(value, "query" if key == "query" else "header", holes)
    plain = [each for each in found if isinstance(each.type, Scalar) and each.type.span == each.name.span]
    if holes or not found or (len(plain) == len(found) and all(each.default is UNSET for each in found)):
        return False
    for draft in drafts:
        known = {(each.place, each.name.text) for each in draft.parameters}
        draft.parameters += [each for each in found if (each.place, each.name.text) not in known]
        draft.spoken = True
    return True


def _bare(value: Fragment | None) -> Fragment | None:
    """The value without the backticks around it, if it is one code span."""
    if value and value.text.startswith("`") and value.text.endswith("`") and value.text.count("`") == 2:
        return trimmed(value, 1, len(value.text) - 1)
    return value
