"""Expressions brought to one form, so that two that PostgreSQL or plain logic makes the same compare equal.

Input is PostgreSQL's own text of an analysed expression (`pg_get_expr`), where implicit casts are written out.
Only what holds for all values, null among them, is rewritten: IN, ANY and OR; BETWEEN and two comparisons;
NOT pushed inwards; which side of a comparison a constant stands on; `> 0` and `>= 1` of whole numbers; casts that
change nothing; functions with two names. https://www.postgresql.org/docs/18/functions.html
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import TypeAlias

from asbuilt.postgres.catalog import SqlType
from asbuilt.postgres.grammar import Node, Refused, parse
from asbuilt.postgres.sqltypes import type_of

# A form: nested tuples, compared with `==`. Its first member says what it is.
Form: TypeAlias = tuple["str | Form", ...]

_WHOLE = {"smallint": 0, "integer": 1, "bigint": 2}
_RANK = {**_WHOLE, "numeric": 3}
_NUMBERS = {*_RANK, "real", "double precision"}
_TEXTS = {"text", "character varying", "bpchar"}
_LENGTHS = {"length", "octet_length", "bit_length", "cardinality", "array_length", "jsonb_array_length", "strpos"}
_TEXT_CALLS = {"lower", "upper", "btrim", "ltrim", "rtrim", "replace", "substring", "concat", "left", "right"}
_SAME_CALLS = {
    "char_length": "length",
    "character_length": "length",
    "transaction_timestamp": "now",
    "substr": "substring",
    "date_part": "extract",
    "uuid_generate_v4": "gen_random_uuid",
    "uuidv4": "gen_random_uuid",
    "ceiling": "ceil",
    "pow": "power",
}
_SAME_OPERATORS = {"!=": "<>", "~~": "LIKE", "~~*": "ILIKE"}
_NEGATIONS = {"!~": "~", "!~*": "~*", "!~~": "LIKE", "!~~*": "ILIKE"}
_OPPOSITES = {"=": "<>", "<>": "=", "<": ">=", ">=": "<", ">": "<=", "<=": ">"}
_TURNED = {">": "<", ">=": "<="}
_COMMUTING = {"+", "*", "=", "<>", "&&", "&", "|"}
_SEQUENCE_CALL = "nextval"
_PLAIN_ARRAY = re.compile(r"\{([\w.:-]+(?:,[\w.:-]+)*)?\}")
_PLACES = {"location", "list_start", "list_end", "rexpr_list_start", "rexpr_list_end", "typemod", "funcformat", "inh"}


def same(left: str | None, right: str | None, types: Mapping[str, SqlType] | None = None) -> bool:
    """Whether two expressions over columns of these types mean the same."""
    return left == right or (left is not None and right is not None and form(left, types) == form(right, types))


def form(expression: str, types: Mapping[str, SqlType] | None = None) -> Form:
    """The form of an expression; of one that the grammar refuses or that is nested too deeply, its text."""
    try:
        tree = parse(f"SELECT {expression}")
        if tree is not None and tree.node.get("targetList"):
            return _Reader(types or {}).read(tree.node["targetList"][0]["ResTarget"]["val"])
    except (Refused, RecursionError):
        pass
    return ("text", " ".join(expression.split()))


def conjuncts(expression: str, types: Mapping[str, SqlType] | None = None) -> frozenset[Form]:
    """What a condition demands one by one: `a AND b` demands two things."""
    whole = form(expression, types)
    return frozenset(whole[1:]) if whole[0] == "and" else frozenset({whole})  # type: ignore[arg-type]


def default_form(expression: str | None, type_: SqlType, types: Mapping[str, SqlType] | None = None) -> Form | None:
    """The form of a default of a column of a type: what PostgreSQL converts to that type anyway, is not converted."""
    if expression is None:
        return None
    found = form(expression, types)
    while found[0] == "cast" and found[1] in {type_.name, str(type_)} and isinstance(found[2], tuple):
        found = found[2]
    if found[0] == "null":
        return None
    if found[0] == "const":
        return ("const", "", found[2])
    if found[0] == "call" and found[1] == _SEQUENCE_CALL:
        return ("sequence",)
    return found


def query_form(query: str, types: Mapping[str, SqlType] | None = None) -> Form:
    """The form of a whole query over columns of these types; the names its tables go by are of no account."""
    try:
        tree = parse(query.rstrip().rstrip(";"))
        if tree is not None:
            return _Reader(types or {}).anything(tree.node)
    except (Refused, RecursionError):
        pass
    return ("text", " ".join(query.split()))


def _number(text: str) -> Form:
    try:
        value = Decimal(text)
    except InvalidOperation:
        return ("const", "number", text)
    return ("const", "number", format(value.normalize() + 0, "f") if value.is_finite() else text)


@dataclass(slots=True)
class _Reader:
    """Reads one tree. `aliases` are the names that a query gives its tables, by their order."""

    types: Mapping[str, SqlType]
    aliases: dict[str, str] = field(default_factory=dict)

    def read(self, node: Node) -> Form:
        ((kind, inner),) = node.items()
        match kind:
            case "A_Const":
                return self._constant(inner)
            case "ColumnRef":
                return self._column(inner)
            case "TypeCast":
                return self._cast(self.read(inner["arg"]), type_of(inner["typeName"]))
            case "BoolExpr":
                return self._boolean(inner)
            case "A_Expr":
                return self._operation(inner)
            case "FuncCall" if not inner.keys() & {
                "over",
                "agg_filter",
                "agg_order",
                "agg_distinct",
                "agg_within_group",
            }:
                return self._call(inner)
            case "SQLValueFunction":
                return _value(inner)
            case "NullTest":
                test = ("null?", self.read(inner["arg"]))
                return self._not(test) if inner["nulltesttype"] == "IS_NOT_NULL" else test
            case "A_ArrayExpr":
                return ("array", *(self.read(each) for each in inner.get("elements", ())))
        return (kind, self.anything(inner))

    def anything(self, value: object) -> Form:
        """Any part of a tree, member by member, without places."""
        if isinstance(value, list):
            return ("list", *map(self.anything, value))
        if not isinstance(value, dict):
            return ("is", str(value))
        if "fromClause" in value:
            self._name_tables(value["fromClause"])
        if "RangeVar" in value:
            return ("table", str(value["RangeVar"]["relname"]))
        if len(value) == 1:
            ((kind, inner),) = value.items()
            if kind in {"A_Const", "ColumnRef", "TypeCast", "BoolExpr", "A_Expr", "FuncCall", "SQLValueFunction"} | {
                "NullTest",
                "A_ArrayExpr",
            }:
                return self.read(value)
            if kind == "ResTarget" and "name" in inner and _own_name(inner.get("val")) == inner["name"]:
                return ("ResTarget", self.anything({"val": inner["val"]}))
        return tuple((key, self.anything(inner)) for key, inner in sorted(value.items()) if key not in _PLACES)

    def _name_tables(self, clause: object) -> None:
        found = list(_ranges(clause))
        alone = len(found) == 1
        for number, node in enumerate(found):
            name = node.get("alias", {}).get("aliasname") or node.get("relname", "")
            self.aliases[name] = "" if alone else f"{node.get('relname', '')}#{number}"

    def _constant(self, inner: Node) -> Form:
        if inner.get("isnull"):
            return ("null",)
        if "ival" in inner:
            return _number(str(inner["ival"].get("ival", 0)))
        if "fval" in inner:
            return _number(inner["fval"]["fval"])
        if "boolval" in inner:
            return ("true",) if inner["boolval"].get("boolval") else ("false",)
        return ("const", "text", str(next(iter(next(v for k, v in inner.items() if k != "location").values()), "")))

    def _column(self, inner: Node) -> Form:
        fields = [part["String"]["sval"] if "String" in part else "*" for part in inner["fields"]]
        if len(fields) > 1:
            table = self.aliases.get(fields[-2], fields[-2])
            return ("column", fields[-1], table) if table else ("column", fields[-1])
        return ("column", fields[0])

    def _cast(self, inner: Form, type_: SqlType) -> Form:
        name = str(SqlType(type_.name.rpartition(".")[2], type_.modifiers, min(type_.dimensions, 1)))
        if type_.dimensions:
            return self._array(inner, type_, name)
        if inner[0] == "null":
            return inner
        if inner[0] == "const" and inner[1] in {"text", "number"} and not type_.modifiers:
            return _typed(str(inner[2]), name)
        if not type_.modifiers and name in _TEXTS and self._is_text(inner):
            return inner
        if inner[0] == "column" and not type_.modifiers and self._type(inner) == type_.name:
            return inner
        return ("cast", name, inner)

    def _array(self, inner: Form, type_: SqlType, name: str) -> Form:
        element = SqlType(type_.name, type_.modifiers)
        if inner[0] == "const":
            plain = _PLAIN_ARRAY.fullmatch(str(inner[2]))
            if plain is None:
                return ("const", name, inner[2])
            items = plain[1].split(",") if plain[1] else []
            inner = ("array", *(("const", "text", item) for item in items))
        if inner[0] != "array":
            return ("cast", name, inner)
        return ("array", *(self._cast(each, element) for each in inner[1:] if isinstance(each, tuple)))

    def _boolean(self, inner: Node) -> Form:
        args = [self.read(each) for each in inner["args"]]
        match inner["boolop"]:
            case "NOT_EXPR":
                return self._not(args[0])
            case "AND_EXPR":
                return _joined("and", args)
        return _joined("or", args)

    def _operation(self, node: Node) -> Form:
        kind = node.get("kind", "AEXPR_OP")
        operator = node["name"][-1]["String"]["sval"] if node.get("name") else ""
        right = node.get("rexpr", {})
        if kind in {"AEXPR_IN", "AEXPR_BETWEEN", "AEXPR_NOT_BETWEEN"}:
            items = [self.read(each) for each in right["List"]["items"]]
            return self._listed(kind, operator, self.read(node["lexpr"]), items)
        if kind in {"AEXPR_OP_ANY", "AEXPR_OP_ALL"}:
            left, array = self.read(node["lexpr"]), self.read(right)
            if array[0] != "array":
                return (kind, operator, left, array)
            parts = [self._compared(operator, left, each) for each in array[1:] if isinstance(each, tuple)]
            return _joined("or" if kind == "AEXPR_OP_ANY" else "and", parts)
        if kind in {"AEXPR_LIKE", "AEXPR_ILIKE"}:
            operator, kind = operator or "~~", "AEXPR_OP"
        if kind != "AEXPR_OP":
            return (kind, operator, *(self.anything(node.get(side)) for side in ("lexpr", "rexpr")))
        if "lexpr" not in node:
            inner = self.read(right)
            if operator == "-" and inner[:2] == ("const", "number"):
                return _number(f"-{inner[2]}".replace("--", ""))
            return inner if operator == "+" else ("op", operator, inner)
        return self._compared(operator, self.read(node["lexpr"]), self.read(right))

    def _listed(self, kind: str, operator: str, left: Form, items: list[Form]) -> Form:
        if kind == "AEXPR_IN":
            parts = [self._compared(operator, left, each) for each in items]
            return _joined("or" if operator == "=" else "and", parts)
        low, high = items
        within = _joined("and", [self._compared(">=", left, low), self._compared("<=", left, high)])
        return within if kind == "AEXPR_BETWEEN" else self._not(within)

    def _compared(self, operator: str, left: Form, right: Form) -> Form:
        operator = _SAME_OPERATORS.get(operator, operator)
        if operator in _NEGATIONS:
            return self._not(self._compared(_NEGATIONS[operator], left, right))
        if operator in _OPPOSITES:
            return self._comparison(operator, self._narrowed(left), self._narrowed(right))
        if operator in _COMMUTING:
            left, right = sorted((left, right), key=repr)
        return ("op", operator, left, right)

    def _not(self, inner: Form) -> Form:
        """The opposite; null stays null."""
        match inner:
            case ("not", tuple() as twice):
                return twice
            case ("and", *parts):
                return _joined("or", [self._not(each) for each in parts if isinstance(each, tuple)])
            case ("or", *parts):
                return _joined("and", [self._not(each) for each in parts if isinstance(each, tuple)])
            case ("op", ("<" | "<=") as operator, tuple() as left, tuple() as right):
                return self._comparison("<=" if operator == "<" else "<", right, left)
            case ("true",):
                return ("false",)
            case ("false",):
                return ("true",)
        return ("not", inner)

    def _comparison(self, operator: str, left: Form, right: Form) -> Form:
        if operator in _TURNED:
            operator, left, right = _TURNED[operator], right, left
        if operator in {"=", "<>"}:
            left, right = sorted((left, right), key=_constants_last)
            if right[0] in {"true", "false"}:
                return left if (right[0] == "true") == (operator == "=") else self._not(left)
        elif operator == "<":
            whole = _whole(left), _whole(right)
            if whole[1] is not None and self._is_whole(left):
                operator, right = "<=", _number(str(whole[1] - 1))
            elif whole[0] is not None and self._is_whole(right):
                operator, left = "<=", _number(str(whole[0] + 1))
        if operator == "<>":
            return self._not(("op", "=", left, right))
        if operator == "<=" and left == _number("1") and right[:2] == ("call", "length") and self._is_text(right[2]):
            return self._not(("op", "=", right[2], ("const", "text", "")))
        return ("op", operator, left, right)

    def _narrowed(self, side: Form) -> Form:
        """Without a conversion to a wider kind of number, which no comparison notices."""
        if side[0] == "cast" and isinstance(side[2], tuple) and side[1] in _RANK:
            known = self._type(side[2])
            if known in _RANK and _RANK[known] <= _RANK[str(side[1])]:
                return side[2]
        return side

    def _call(self, inner: Node) -> Form:
        name = str(inner["funcname"][-1]["String"]["sval"])
        name = _SAME_CALLS.get(name, name)
        args = tuple(self.read(each) for each in inner.get("args", ()))
        if name == "timezone" and len(args) == 2:
            args = (args[0], args[1])
        return ("call", name, *args)

    def _type(self, side: Form) -> str:
        """The type of a form where it is known."""
        if side[0] == "column":
            known = self.types.get(str(side[1]))
            return known.name if known is not None and not known.dimensions else ""
        return "integer" if side[0] == "call" and side[1] in _LENGTHS else ""

    def _is_whole(self, side: Form) -> bool:
        return self._type(side) in _WHOLE

    def _is_text(self, side: "str | Form") -> bool:
        if isinstance(side, str):
            return False
        if side[0] == "call":
            return side[1] in _TEXT_CALLS
        if side[0] == "op" and side[1] == "||":
            return any(self._is_text(each) for each in side[2:])
        return self._type(side) in {"text", "character varying"} or side[:2] == ("const", "text")


def _value(inner: Node) -> Form:
    """CURRENT_TIMESTAMP and its like."""
    now: Form = ("call", "now")
    match inner["op"]:
        case "SVFOP_CURRENT_TIMESTAMP":
            return now
        case "SVFOP_CURRENT_DATE":
            return ("cast", "date", now)
        case "SVFOP_LOCALTIMESTAMP":
            return ("cast", "timestamp without time zone", now)
    return ("value", str(inner["op"]), str(inner.get("typmod", -1)))


def _typed(text: str, name: str) -> Form:
    """A constant of a type."""
    if name in _NUMBERS:
        return _number(text)
    if name in _TEXTS:
        return ("const", "text", text)
    if name == "boolean":
        return ("true",) if text.lower() in {"t", "true", "on", "yes", "1", "y"} else ("false",)
    return ("const", name, text)


def _joined(how: str, parts: Iterable[Form]) -> Form:
    flat: set[Form] = set()
    for part in parts:
        flat |= {each for each in part[1:] if isinstance(each, tuple)} if part[0] == how else {part}
    return next(iter(flat)) if len(flat) == 1 else (how, *sorted(flat, key=repr))


def _whole(side: Form) -> int | None:
    if side[:2] != ("const", "number"):
        return None
    text = str(side[2])
    return int(text) if text.lstrip("-").isdecimal() else None


def _constants_last(side: Form) -> tuple[bool, str]:
    return side[0] in {"const", "true", "false", "null"}, repr(side)


def _own_name(value: object) -> str | None:
    """The name that a column of a result has without being given one."""
    if isinstance(value, dict) and "ColumnRef" in value:
        last = value["ColumnRef"]["fields"][-1]
        return str(last["String"]["sval"]) if "String" in last else None
    return None


def _ranges(clause: object) -> Iterable[Node]:
    if isinstance(clause, list):
        for each in clause:
            yield from _ranges(each)
    elif isinstance(clause, dict):
        if "RangeVar" in clause:
            yield clause["RangeVar"]
        elif "JoinExpr" in clause:
            yield from _ranges(clause["JoinExpr"].get("larg"))
            yield from _ranges(clause["JoinExpr"].get("rarg"))
        elif "RangeSubselect" in clause:
            yield clause["RangeSubselect"]
        elif "RangeFunction" in clause:
            yield clause["RangeFunction"]
