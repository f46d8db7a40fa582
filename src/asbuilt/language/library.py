"""Types that a document may use without defining them; one that defines such a name itself means its own."""

from collections.abc import Mapping

from asbuilt.language.forms import Alias, Array, Definition, Field, Named, Null, Scalar, Schema, Union
from asbuilt.language.scalars import ANYTHING, ARRAYS, MAPS, SCALARS, SETS, TUPLES, known
from asbuilt.source import Span

_NOWHERE = Span(0, 0)
_T = Named("T", _NOWHERE)
_TEXT = Scalar("str", _NOWHERE)
_CURSOR = Alias("Cursor", _TEXT, _NOWHERE, _NOWHERE)
_PAGE = Schema(
    "Page",
    (
        Field("items", Array(_T, _NOWHERE), _NOWHERE),
        Field("next", Union((Named("Cursor", _NOWHERE), Null(_NOWHERE)), _NOWHERE), _NOWHERE),
    ),
    _NOWHERE,
    _NOWHERE,
    variables=("T",),
    description="One page of a list, and the cursor of the next page (null on the last).",
)
_WORDS = {*SCALARS, *ANYTHING, *ARRAYS, *SETS, *MAPS, *TUPLES}
_FOREIGN = {name: type_ for name in sorted(_WORDS) if name[0].isupper() and (type_ := known(name, _NOWHERE))}
LIBRARY: Mapping[str, Definition] = {
    "Page": _PAGE,
    "Cursor": _CURSOR,
    **{name: Alias(name, type_, _NOWHERE, _NOWHERE) for name, type_ in _FOREIGN.items()},
}
