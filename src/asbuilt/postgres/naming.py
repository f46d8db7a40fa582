"""The names PostgreSQL gives to constraints and indexes that their author left without one.

As `makeObjectName`, `ChooseConstraintName`, `ChooseIndexName` and `FigureColname` in PostgreSQL's sources choose them.
"""

from collections.abc import Callable, Sequence

from asbuilt.postgres.grammar import Node

_LONGEST = 63


def join_names(first: str, second: str, label: str) -> str:
    """`first_second_label`, the longer of the two parts cut until all fits in 63 bytes."""
    room = _LONGEST - (len(label) + 1 if label else 0) - (1 if second else 0)
    one, two = first.encode(), second.encode()
    while len(one) + len(two) > room:
        if len(one) > len(two):
            one = one[:-1]
        else:
            two = two[:-1]
    parts = (one.decode(errors="ignore"), two.decode(errors="ignore"), label)
    return "_".join(part for part in parts if part)


def choose(first: str, second: str, label: str, taken: Callable[[str], bool]) -> str:
    """The first free name of `t_c_label`, `t_c_label1`, `t_c_label2`, ..."""
    number = 0
    name = join_names(first, second, label)
    while taken(name):
        number += 1
        name = join_names(first, second, f"{label}{number}")
    return name


def joined(columns: Sequence[str]) -> str:
    """The columns' part of a name."""
    return "_".join(columns).encode()[:_LONGEST].decode(errors="ignore")


def index_columns(parameters: Sequence[Node]) -> list[str]:
    """The names of an index's columns, made unique by numbers as PostgreSQL does."""
    names: list[str] = []
    for parameter in parameters:
        element = parameter["IndexElem"]
        origin = element.get("name") or output_name(element.get("expr", {})) or "expr"
        name, number = origin, 0
        while name in names:
            number += 1
            name = f"{origin}{number}"
        names.append(name)
    return names


def output_name(node: Node) -> str | None:
    """What PostgreSQL calls the result of an expression that has no alias; None: it says `?column?`."""
    return _figured(node)[0]


def _figured(node: Node) -> tuple[str | None, int]:
    """The name and how good it is: 2 a proper one, 1 only if nothing better is found further in."""
    match node:
        case {"ColumnRef": {"fields": fields}}:
            last = fields[-1].get("String")
            return (last.get("sval"), 2) if last else (None, 0)
        case {"A_Indirection": inner}:
            names = [part["String"]["sval"] for part in inner.get("indirection", ()) if "String" in part]
            return (names[-1], 2) if names else _figured(inner.get("arg", {}))
        case {"FuncCall": {"funcname": name}}:
            return name[-1]["String"]["sval"], 2
        case {"A_Expr": {"kind": "AEXPR_NULLIF"}}:
            return "nullif", 2
        case {"TypeCast": inner}:
            name, strength = _figured(inner.get("arg", {}))
            named: str = inner["typeName"]["names"][-1]["String"]["sval"]
            return (name, strength) if strength > 1 else (named, 1)
        case {"CollateClause": inner}:
            return _figured(inner.get("arg", {}))
        case {"CaseExpr": inner}:
            name, strength = _figured(inner.get("defresult", {}))
            return (name, strength) if strength > 1 else ("case", 1)
        case {"SubLink": inner}:
            return _of_sublink(inner)
        case _:
            return _BY_KIND.get(next(iter(node), ""), (None, 0)) if "MinMaxExpr" not in node else _of_extreme(node)


def _of_extreme(node: Node) -> tuple[str | None, int]:
    return ("greatest" if node["MinMaxExpr"].get("op") == "IS_GREATEST" else "least"), 2


def _of_sublink(inner: Node) -> tuple[str | None, int]:
    match inner.get("subLinkType"):
        case "EXISTS_SUBLINK":
            return "exists", 2
        case "ARRAY_SUBLINK":
            return "array", 2
        case "EXPR_SUBLINK":
            targets = inner["subselect"].get("SelectStmt", {}).get("targetList")
            if targets:
                target = targets[0]["ResTarget"]
                return (target["name"], 2) if target.get("name") else _figured(target.get("val", {}))
    return None, 0


_BY_KIND: dict[str, tuple[str | None, int]] = {
    "A_ArrayExpr": ("array", 2),
    "RowExpr": ("row", 2),
    "CoalesceExpr": ("coalesce", 2),
    "GroupingFunc": ("grouping", 2),
    "XmlExpr": ("xml", 2),
    "XmlSerialize": ("xmlserialize", 2),
    "JsonObjectConstructor": ("json_object", 2),
    "JsonArrayConstructor": ("json_array", 2),
    "JsonObjectAgg": ("json_objectagg", 2),
    "JsonArrayAgg": ("json_arrayagg", 2),
    "SQLValueFunction": ("current", 2),
}
