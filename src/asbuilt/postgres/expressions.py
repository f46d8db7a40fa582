"""Types of expressions as far as the text alone tells them; `unknown` where it does not.

Parameters are taken for not null: who binds them knows better.
"""

from asbuilt.postgres.catalog import SqlType
from asbuilt.postgres.grammar import Node
from asbuilt.postgres.naming import output_name
from asbuilt.postgres.scope import UNKNOWN, Missing, Scope, look_up
from asbuilt.postgres.sqltypes import canonical, type_of
from asbuilt.postgres.statement import ResultColumn

_DEPTH = 40
_RANKS = ("smallint", "integer", "bigint", "numeric", "real", "double precision")
_COMPARISONS = {"=", "<>", "!=", "<", ">", "<=", ">=", "~", "~*", "!~", "!~*", "~~", "@>", "<@", "&&", "?", "@@"}
_BOOLEAN, _TEXT, _BIGINT = SqlType("boolean"), SqlType("text"), SqlType("bigint")
_TIMESTAMPTZ = canonical("timestamptz")
# What functions of the core give: the type, and whether it is never null when the arguments are not.
_FUNCTIONS: dict[str, tuple[SqlType, bool]] = {
    "now": (_TIMESTAMPTZ, True),
    "clock_timestamp": (_TIMESTAMPTZ, True),
    "statement_timestamp": (_TIMESTAMPTZ, True),
    "transaction_timestamp": (_TIMESTAMPTZ, True),
    "gen_random_uuid": (SqlType("uuid"), True),
    "uuidv4": (SqlType("uuid"), True),
    "uuidv7": (SqlType("uuid"), True),
    "random": (SqlType("double precision"), True),
    "lower": (_TEXT, True),
    "upper": (_TEXT, True),
    "trim": (_TEXT, True),
    "btrim": (_TEXT, True),
    "concat": (_TEXT, True),
    "concat_ws": (_TEXT, False),
    "replace": (_TEXT, True),
    "left": (_TEXT, True),
    "right": (_TEXT, True),
    "substring": (_TEXT, False),
    "md5": (_TEXT, True),
    "to_char": (_TEXT, False),
    "string_agg": (_TEXT, False),
    "length": (SqlType("integer"), True),
    "char_length": (SqlType("integer"), True),
    "cardinality": (SqlType("integer"), True),
    "array_length": (SqlType("integer"), False),
    "row_number": (_BIGINT, True),
    "rank": (_BIGINT, True),
    "dense_rank": (_BIGINT, True),
    "json_agg": (SqlType("json"), False),
    "json_build_object": (SqlType("json"), True),
    "json_build_array": (SqlType("json"), True),
    "row_to_json": (SqlType("json"), True),
    "to_json": (SqlType("json"), True),
    "jsonb_agg": (SqlType("jsonb"), False),
    "jsonb_build_object": (SqlType("jsonb"), True),
    "jsonb_build_array": (SqlType("jsonb"), True),
    "jsonb_object_agg": (SqlType("jsonb"), False),
    "to_jsonb": (SqlType("jsonb"), True),
    "bool_and": (_BOOLEAN, False),
    "bool_or": (_BOOLEAN, False),
    "count": (_BIGINT, True),
}
_OF_ARGUMENT = {"min", "max", "abs", "greatest", "least", "lag", "lead", "first_value", "last_value", "any_value"}
_SUMS = {"smallint": "bigint", "integer": "bigint", "bigint": "numeric", "numeric": "numeric"}
_SUMS |= {"real": "real", "double precision": "double precision", "interval": "interval"}


def described(node: Node, scope: Scope, depth: int = 0) -> ResultColumn:
    """An expression as a column of a result: its name, type, whether it may be null, and the column it comes from."""
    if depth > _DEPTH:
        return ResultColumn("?column?", UNKNOWN)
    name = (output_name(node) if not depth else None) or "?column?"
    match node:
        case {"ColumnRef": {"fields": fields}}:
            return _reference(fields, scope, name)
        case {"TypeCast": {"arg": inner, "typeName": type_}}:
            return ResultColumn(name, type_of(type_), described(inner, scope, depth + 1).nullable)
        case {"A_Const": constant}:
            return _constant(constant, name)
        case {"FuncCall": call}:
            return _call(call, scope, name, depth)
        case {"A_Expr": expression}:
            return _operation(expression, scope, name, depth)
        case {"CoalesceExpr": {"args": args}}:
            parts = [described(each, scope, depth + 1) for each in args]
            return ResultColumn(name, _first([part.type for part in parts]), all(part.nullable for part in parts))
        case {"CaseExpr": case}:
            results = [described(each["CaseWhen"]["result"], scope, depth + 1) for each in case.get("args", ())]
            last = [described(case["defresult"], scope, depth + 1)] if "defresult" in case else []
            return _alternatives(name, [*results, *last], complete=bool(last))
        case {"BoolExpr": {"args": args}}:
            return ResultColumn(name, _BOOLEAN, any(described(each, scope, depth + 1).nullable for each in args))
        case {"A_ArrayExpr": {"elements": elements}}:
            item = _first([described(each, scope, depth + 1).type for each in elements])
            known = item if item == UNKNOWN else SqlType(item.name, item.modifiers, item.dimensions + 1)
            return ResultColumn(name, known, nullable=False)
    return _never_null(node, name)


def _reference(fields: list[Node], scope: Scope, name: str) -> ResultColumn:
    try:
        found = look_up([part["String"]["sval"] for part in fields if "String" in part], scope)
    except (Missing, IndexError):
        found = None
    return found or ResultColumn(name, UNKNOWN)


def _alternatives(name: str, results: list[ResultColumn], *, complete: bool) -> ResultColumn:
    """What a CASE gives, which is null where nothing applies."""
    return ResultColumn(name, _first([each.type for each in results]), not complete or any(r.nullable for r in results))


def _never_null(node: Node, name: str) -> ResultColumn:
    match node:
        case {"ParamRef": _}:
            return ResultColumn(name, UNKNOWN, nullable=False)
        case {"NullTest": _} | {"BooleanTest": _} | {"SubLink": {"subLinkType": "EXISTS_SUBLINK"}}:
            return ResultColumn(name, _BOOLEAN, nullable=False)
        case {"SQLValueFunction": {"op": operation}}:
            return ResultColumn(name, _VALUES.get(operation.removesuffix("_N"), _TEXT), nullable=False)
    return ResultColumn(name, UNKNOWN)


_VALUES = {
    "SVFOP_CURRENT_TIMESTAMP": _TIMESTAMPTZ,
    "SVFOP_LOCALTIMESTAMP": canonical("timestamp"),
    "SVFOP_CURRENT_DATE": SqlType("date"),
    "SVFOP_CURRENT_TIME": canonical("timetz"),
    "SVFOP_LOCALTIME": canonical("time"),
}


def _constant(constant: Node, name: str) -> ResultColumn:
    if constant.get("isnull"):
        return ResultColumn(name, UNKNOWN)
    kinds = {"ival": "integer", "fval": "numeric", "boolval": "boolean", "sval": "text"}
    kind = next((kinds[each] for each in kinds if each in constant), "unknown")
    return ResultColumn(name, SqlType(kind), nullable=False)


def _call(call: Node, scope: Scope, name: str, depth: int) -> ResultColumn:
    function = call["funcname"][-1]["String"]["sval"]
    parts = [described(each, scope, depth + 1) for each in call.get("args", ())]
    if function in _OF_ARGUMENT and parts:
        return ResultColumn(name, _first([part.type for part in parts]))
    if function == "sum" and parts:
        return ResultColumn(name, SqlType(_SUMS.get(parts[0].type.name, "unknown")))
    if function == "avg" and parts:
        exact = parts[0].type.name in {"smallint", "integer", "bigint", "numeric"}
        return ResultColumn(name, SqlType("numeric") if exact else parts[0].type)
    if function == "array_agg" and parts and parts[0].type != UNKNOWN:
        item = parts[0].type
        return ResultColumn(name, SqlType(item.name, item.modifiers, item.dimensions + 1))
    type_, total = _FUNCTIONS.get(function, (UNKNOWN, False))
    strict = function in {"count", "concat", "json_build_object", "jsonb_build_object"} or function.endswith("_array")
    return ResultColumn(name, type_, not (total and (strict or not any(part.nullable for part in parts))))


def _operation(expression: Node, scope: Scope, name: str, depth: int) -> ResultColumn:
    operator = expression["name"][-1]["String"]["sval"] if expression.get("name") else ""
    sides = [described(expression[side], scope, depth + 1) for side in ("lexpr", "rexpr") if side in expression]
    unknown = any(side.nullable for side in sides)
    kind = expression.get("kind", "AEXPR_OP")
    if kind in {"AEXPR_DISTINCT", "AEXPR_NOT_DISTINCT"}:
        return ResultColumn(name, _BOOLEAN, nullable=False)
    if kind == "AEXPR_NULLIF":
        return ResultColumn(name, sides[0].type)
    if kind != "AEXPR_OP" or operator in _COMPARISONS:
        return ResultColumn(name, _BOOLEAN, unknown)
    types = [side.type for side in sides]
    if operator in {"->>", "#>>"}:
        return ResultColumn(name, _TEXT)
    if operator in {"->", "#>"}:
        return ResultColumn(name, types[0])
    if operator == "||":
        special = next((type_ for type_ in types if type_.name in {"jsonb", "bytea"} or type_.dimensions), _TEXT)
        return ResultColumn(name, special, unknown)
    return ResultColumn(name, _arithmetic(operator, types), unknown)


def _arithmetic(operator: str, types: list[SqlType]) -> SqlType:
    names = [type_.name for type_ in types]
    if all(each in _RANKS for each in names):
        return SqlType(max(names, key=_RANKS.index))
    times = [each for each in names if each.startswith("timestamp")]
    if times and operator == "-" and len(times) == 2:
        return SqlType("interval")
    if times and "interval" in names:
        return SqlType(times[0])
    return UNKNOWN


def _first(types: list[SqlType]) -> SqlType:
    """The type of the first alternative that has one, the widest of numbers."""
    known = [type_ for type_ in types if type_ != UNKNOWN]
    if known and all(type_.name in _RANKS and not type_.dimensions for type_ in known):
        return max(known, key=lambda type_: _RANKS.index(type_.name))
    strict = [type_ for type_ in known if type_ != _TEXT]
    return (strict or known or [UNKNOWN])[0]
