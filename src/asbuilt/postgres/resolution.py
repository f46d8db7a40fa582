"""A statement held against the catalogue: what its names mean, what it gives, what its parameters are."""

from collections.abc import Iterable
from dataclasses import replace

from asbuilt.postgres.catalog import SqlType
from asbuilt.postgres.draft import qualified
from asbuilt.postgres.expressions import described
from asbuilt.postgres.grammar import Node, Refused, Tree, parse
from asbuilt.postgres.scope import (
    UNKNOWN,
    Missing,
    Relation,
    Scope,
    Tables,
    listed,
    look_up,
    nullable,
    of_table,
    renamed,
)
from asbuilt.postgres.sqltypes import element, type_of
from asbuilt.postgres.statement import ResultColumn

_DEPTH = 30
_TEXT_OPERATORS = {"~~", "~~*", "!~~", "!~~*", "~", "~*", "!~", "!~*"}
_SIZE = SqlType("bigint")


def resolved(tree: Tree, tables: Tables) -> "Resolution | None":
    """The resolution of a statement; None for one that nests beyond what is worth following."""
    try:
        return Resolution(tree, tables)
    except RecursionError:
        return None


class Resolution:
    """The names, results and parameters of one statement; `missing` collects what means nothing."""

    def __init__(self, tree: Tree, tables: Tables) -> None:
        self.tables = tables
        self.parameters: dict[int, SqlType] = {}
        self.missing: list[tuple[Missing, Node]] = []
        self._depth = 0
        found = self._query({tree.kind: tree.node}, Scope())
        self.columns = tuple(found or ())
        self.complete = found is not None

    def _query(self, query: Node, outer: Scope) -> list[ResultColumn] | None:
        """The result of a query; None where the text does not tell."""
        if self._depth > _DEPTH:
            return None
        self._depth += 1
        try:
            ((kind, node),) = query.items()
            scope = outer.inside()
            self._with(node, scope)
            match kind:
                case "SelectStmt":
                    return self._select(node, scope)
                case "InsertStmt":
                    return self._insert(node, scope)
                case "UpdateStmt" | "DeleteStmt":
                    return self._change(node, scope)
                case "MergeStmt":
                    return self._merge(node, scope)
            return None
        finally:
            self._depth -= 1

    def _with(self, node: Node, scope: Scope) -> None:
        clause = node.get("withClause", {})
        for item in clause.get("ctes", ()):
            query = item["CommonTableExpr"]
            name = query["ctename"]
            names = [part["String"]["sval"] for part in query.get("aliascolnames", ())]
            inner = query["ctequery"]
            if clause.get("recursive") and (first := inner.get("SelectStmt", {}).get("larg")):
                scope.queries[name] = Relation(name, None)
                scope.queries[name] = _relation(name, self._query({"SelectStmt": first}, scope), names)
            scope.queries[name] = _relation(name, self._query(inner, scope), names)

    def _select(self, node: Node, scope: Scope) -> list[ResultColumn] | None:
        self._sizes(node, scope)
        if node.get("op", "SETOP_NONE") != "SETOP_NONE":
            return self._combined(node, scope)
        if "valuesLists" in node:
            return self._values(node["valuesLists"], scope, [])
        self._from(node.get("fromClause", ()), scope)
        columns = self._targets(node.get("targetList", ()), scope)
        names = {column.name for column in columns or ()}
        for clause in ("whereClause", "havingClause", "windowClause"):
            self.visit(node.get(clause), scope)
        self._ordered(
            [*node.get("groupClause", ()), *node.get("distinctClause", ()), *node.get("sortClause", ())], names, scope
        )
        if any("GroupingSet" in item for item in node.get("groupClause", ())):
            return [replace(column, nullable=True) for column in columns or ()]
        return columns

    def _sizes(self, node: Node, scope: Scope) -> None:
        for clause in ("limitCount", "limitOffset"):
            self._expect(node.get(clause), _SIZE)
            if "ColumnRef" not in node.get(clause, {}):  # of which PostgreSQL says itself that it cannot be
                self.visit(node.get(clause), scope)

    def _ordered(self, items: Iterable[Node], names: set[str], scope: Scope) -> None:
        """Keys of GROUP BY and ORDER BY, which may be names of the result."""
        for item in items:
            key = item.get("SortBy", {}).get("node", item) if item else item
            fields = key.get("ColumnRef", {}).get("fields", [])
            if not (len(fields) == 1 and fields[0].get("String", {}).get("sval") in names):
                self.visit(key, scope)

    def _combined(self, node: Node, scope: Scope) -> list[ResultColumn] | None:
        left = self._query({"SelectStmt": node["larg"]}, scope)
        right = self._query({"SelectStmt": node["rarg"]}, scope)
        if left is None or right is None or len(left) != len(right):
            return left
        return [
            ResultColumn(one.name, one.type if one.type != UNKNOWN else other.type, one.nullable or other.nullable)
            for one, other in zip(left, right, strict=True)
        ]

    def _values(self, rows: Iterable[Node], scope: Scope, into: list[SqlType]) -> list[ResultColumn]:
        first: list[ResultColumn] = []
        for row in rows:
            items = row["List"].get("items", [])
            for at, item in enumerate(items):
                if at < len(into):
                    self._expect(item, into[at])
                self.visit(item, scope)
            if not first:
                first = [replace(described(item, scope), name=f"column{at}") for at, item in enumerate(items, 1)]
        return first

    def _from(self, items: Iterable[Node], scope: Scope) -> None:
        for item in items:
            scope.relations += self._enter(item, scope)

    def _enter(self, item: Node, scope: Scope) -> list[Relation]:
        match item:
            case {"RangeVar": node}:
                return [self._table(node, scope)]
            case {"RangeSubselect": node}:
                outer = scope if node.get("lateral") else Scope(outer=scope.outer, queries=scope.queries)
                alias, names = _alias(node, "")
                return [_relation(alias, self._query(node["subquery"], outer), names)]
            case {"RangeFunction": node}:
                self.visit(node.get("functions"), scope)
                alias, names = _alias(node, "")
                defined = [part["ColumnDef"]["colname"] for part in node.get("coldeflist", ())]
                listed = [] if node.get("ordinality") and len(names) == 1 else names or defined
                return [renamed(Relation(alias or _function_name(node), None), listed)]
            case {"JoinExpr": node}:
                return self._join(node, scope)
        return [Relation("", None)]

    def _table(self, node: Node, scope: Scope) -> Relation:
        name = qualified(node)
        alias, names = _alias(node, node["relname"])
        query = scope.query(name) if "." not in name else None
        if query is not None:
            return renamed(replace(query, alias=alias), names)
        table = self.tables.tables.get(name)
        if table is not None:
            return renamed(of_table(table, alias, self.tables), names)
        if name in self.tables.views:
            return renamed(self._view(name, alias), names)
        if not self.tables.is_system(name):
            self.missing.append((self.tables.missing(name), node))
        return Relation(alias, None, name)

    def _view(self, name: str, alias: str) -> Relation:
        view = self.tables.views[name]
        try:
            tree = parse(view.query)
        except Refused:
            tree = None
        if tree is None or self._depth > _DEPTH:
            return Relation(alias, None, name)
        known, parameters = self.missing, self.parameters
        self.missing, self.parameters = [], {}
        columns = self._query({tree.kind: tree.node}, Scope())
        self.missing, self.parameters = known, parameters
        plain = [replace(column, source=None) for column in columns or ()]
        return replace(_relation(alias, plain if columns is not None else None, list(view.columns)), table=name)

    def _join(self, node: Node, scope: Scope) -> list[Relation]:
        left = self._enter(node["larg"], scope)
        inner = Scope(left, scope.outer, scope.queries)
        inner.relations = [*scope.relations, *left]
        right = self._enter(node["rarg"], inner)
        kind = node.get("jointype", "JOIN_INNER")
        merged = {part["String"]["sval"] for part in node.get("usingClause", ())}
        if node.get("isNatural"):
            merged = {name for each in left for name in each.columns or ()}
        right = [replace(relation, merged=relation.merged | merged) for relation in right]
        self.visit(node.get("quals"), Scope([*scope.relations, *left, *right], scope.outer, scope.queries))
        if kind in {"JOIN_LEFT", "JOIN_FULL"}:
            right = [nullable(relation) for relation in right]
        if kind in {"JOIN_RIGHT", "JOIN_FULL"}:
            left = [nullable(relation) for relation in left]
        return [*left, *right]

    def _targets(self, targets: Iterable[Node], scope: Scope) -> list[ResultColumn] | None:
        """The columns of a list of results; None if a `*` stands for columns nobody knows."""
        found: list[ResultColumn] = []
        known = True
        for item in targets:
            target = item["ResTarget"]
            fields = target.get("val", {}).get("ColumnRef", {}).get("fields", [])
            if fields and "A_Star" in fields[-1]:
                starred = self._star(target["val"]["ColumnRef"], scope)
                known = known and starred is not None
                found += starred or ()
                continue
            self.visit(target.get("val"), scope)
            if "A_Indirection" in target.get("val", {}) and _is_starred(target["val"]):
                known = False
            column = self._result(target.get("val", {}), scope)
            found.append(replace(column, name=target.get("name") or column.name))
        return found if known else None

    def _result(self, value: Node, scope: Scope) -> ResultColumn:
        link = value.get("SubLink", {})
        if link.get("subLinkType") == "EXPR_SUBLINK":
            kept = self.missing
            self.missing = []  # it has been visited already
            columns = self._query(link["subselect"], scope)
            self.missing = kept
            if columns:
                return replace(columns[0], nullable=True, source=None)
        return described(value, scope)

    def _star(self, node: Node, scope: Scope) -> list[ResultColumn] | None:
        names = [part["String"]["sval"] for part in node["fields"][:-1]]
        relations = scope.relations
        if names:
            relation = scope.relation(".".join(names).removeprefix("public."))
            if relation is None:
                alias = ".".join(names)
                known = [each.alias for each in scope.relations if each.alias]
                hint = f"there is {listed(known)}" if known else ""
                message = f"`{alias}` is not in the FROM of this statement"
                self.missing.append((Missing(alias, message, hint, "42P01"), node))
                return None
            relations = [relation]
        if any(relation.columns is None for relation in relations):
            return None
        return [
            column
            for relation in relations
            for name, column in (relation.columns or {}).items()
            if names or name not in relation.merged
        ]

    def _insert(self, node: Node, scope: Scope) -> list[ResultColumn] | None:
        target = self._table(node["relation"], scope)
        names = [item["ResTarget"]["name"] for item in node.get("cols", ())]
        for item in node.get("cols", ()):
            self._column_of(target, item["ResTarget"])
        columns = target.columns or {}
        into = [columns[name].type if name in columns else UNKNOWN for name in names or columns]
        source = node.get("selectStmt", {}).get("SelectStmt")
        if source is not None and "valuesLists" in source:
            self._values(source["valuesLists"], scope, into)
        elif source is not None:
            for item, type_ in zip(source.get("targetList", ()), into, strict=False):
                self._expect(item["ResTarget"].get("val"), type_)
            self._query({"SelectStmt": source}, scope)
        self._on_conflict(node.get("onConflictClause"), target, scope)
        return self._returning(node, target, scope, [target])

    def _on_conflict(self, node: Node | None, target: Relation, scope: Scope) -> None:
        if node is None:
            return
        inner = Scope([target, replace(target, alias="excluded", table=None)], scope.outer, scope.queries)
        for item in node.get("infer", {}).get("indexElems", ()):
            if "name" in item["IndexElem"]:
                self._column_of(target, {**item["IndexElem"], "location": node["infer"].get("location", 0)})
        self._assignments(node.get("targetList", ()), target, inner)
        self.visit(node.get("whereClause"), inner)

    def _change(self, node: Node, scope: Scope) -> list[ResultColumn] | None:
        target = self._table(node["relation"], scope)
        scope.relations.append(target)
        self._from([*node.get("fromClause", ()), *node.get("usingClause", ())], scope)
        self._assignments(node.get("targetList", ()), target, scope)
        self.visit(node.get("whereClause"), scope)
        return self._returning(node, target, scope, scope.relations)

    def _merge(self, node: Node, scope: Scope) -> list[ResultColumn] | None:
        target = self._table(node["relation"], scope)
        source = self._enter(node["sourceRelation"], scope)
        scope.relations += [target, *source]
        self.visit(node.get("joinCondition"), scope)
        for item in node.get("mergeWhenClauses", ()):
            clause = item["MergeWhenClause"]
            self.visit(clause.get("condition"), scope)
            self._assignments(clause.get("targetList", ()), target, scope)
            names = [each["ResTarget"]["name"] for each in clause.get("targetList", ()) if "name" in each["ResTarget"]]
            for name, value in zip(names, clause.get("values", ()), strict=False):
                self._expect(value, _type_in(target, name))
            self.visit(clause.get("values"), scope)
        return self._returning(node, target, scope, scope.relations)

    def _returning(
        self, node: Node, target: Relation, scope: Scope, relations: list[Relation]
    ) -> list[ResultColumn] | None:
        targets = node.get("returningClause", {}).get("exprs") or node.get("returningList") or ()
        sides = [Relation(name, nullable(target).columns) for name in ("old", "new")]
        own = Scope(relations, Scope(sides, scope.outer), scope.queries)
        return self._targets(targets, own)

    def _assignments(self, targets: Iterable[Node], target: Relation, scope: Scope) -> None:
        for item in targets:
            assigned = item["ResTarget"]
            if "name" not in assigned:
                continue
            self._column_of(target, assigned)
            if "indirection" not in assigned:
                self._expect(assigned.get("val"), _type_in(target, assigned["name"]))
            self.visit(assigned.get("val"), scope)

    def _column_of(self, target: Relation, node: Node) -> None:
        """Reports a column that the target of a write does not have."""
        if target.columns is None:
            return
        try:
            look_up([node["name"]], Scope([replace(target, alias="")]))
        except Missing as missing:
            self.missing.append((missing, node))

    def visit(self, root: object, scope: Scope) -> None:
        """Looks up every name in an expression, and learns the types of parameters from what stands beside them."""
        stack = [root]
        while stack:
            value = stack.pop()
            if isinstance(value, list):
                stack.extend(reversed(value))
            elif isinstance(value, dict):
                stack.extend(self._visit_node(value, scope))

    def _visit_node(self, value: Node, scope: Scope) -> list[object]:
        match value:
            case {"ColumnRef": {"fields": fields} as node}:
                names = [part["String"]["sval"] for part in fields if "String" in part]
                if names and "A_Star" not in fields[-1]:
                    try:
                        look_up(names, scope)
                    except Missing as missing:
                        self.missing.append((missing, node))
                return []
            case {"SubLink": node}:
                columns = self._query(node["subselect"], scope)
                if columns and "testexpr" in node:
                    self._expect(node["testexpr"], columns[0].type)
                return [node.get("testexpr")]
            case {"A_Expr": node}:
                self._beside(node, scope)
            case {"TypeCast": {"arg": inner, "typeName": type_}}:
                self._expect(inner, type_of(type_))
            case {"CoalesceExpr": {"args": args}} | {"MinMaxExpr": {"args": args}}:
                known = described(value, scope).type
                for each in args:
                    self._expect(each, known)
        return list(reversed(value.values()))

    def _beside(self, node: Node, scope: Scope) -> None:
        """Operators whose two sides have one type, ANY, IN, BETWEEN and LIKE."""
        left, right = node.get("lexpr"), node.get("rexpr")
        operator = node["name"][-1]["String"]["sval"] if node.get("name") else ""
        kind = node.get("kind", "AEXPR_OP")
        if left is None or right is None or operator in {"->", "->>", "#>", "#>>"}:
            return
        rows = left.get("RowExpr", {}).get("args"), right.get("RowExpr", {}).get("args")
        if rows[0] and rows[1]:
            for one, other in zip(*rows, strict=False):
                self._beside({"name": node["name"], "lexpr": one, "rexpr": other}, scope)
            return
        if operator in _TEXT_OPERATORS:
            self._expect(left, SqlType("text"))
            self._expect(right, SqlType("text"))
            return
        items = right.get("List", {}).get("items", [])
        if items:
            for item in items:
                self._expect(item, described(left, scope).type)
            self._expect(left, described(items[0], scope).type)
        elif kind in {"AEXPR_OP_ANY", "AEXPR_OP_ALL"}:
            item_type = described(left, scope).type
            if item_type != UNKNOWN:
                self._expect(right, SqlType(item_type.name, item_type.modifiers, 1))
            self._expect(left, element(described(right, scope).type))
        else:
            self._expect(right, described(left, scope).type)
            self._expect(left, described(right, scope).type)

    def _expect(self, node: Node | None, type_: SqlType) -> None:
        """What a parameter is, from its place; the first place that tells counts. Lengths are no part of it."""
        match node:
            case {"TypeCast": {"arg": {"ParamRef": {"number": number}}, "typeName": cast}}:
                type_ = type_of(cast)
            case {"ParamRef": {"number": number}} if type_ != UNKNOWN:
                pass
            case _:
                return
        self.parameters.setdefault(number, SqlType(type_.name, (), type_.dimensions))


def _relation(name: str, columns: list[ResultColumn] | None, names: list[str]) -> Relation:
    if columns is None:
        return renamed(Relation(name, None), names)
    return renamed(Relation(name, {column.name: column for column in columns}), names)


def _alias(node: Node, otherwise: str) -> tuple[str, list[str]]:
    alias = node.get("alias", {})
    return alias.get("aliasname", otherwise), [part["String"]["sval"] for part in alias.get("colnames", ())]


def _function_name(node: Node) -> str:
    for item in node.get("functions", ()):
        for call in item.get("List", {}).get("items", ()):
            if "FuncCall" in call:
                return str(call["FuncCall"]["funcname"][-1]["String"]["sval"])
    return ""


def _is_starred(value: Node) -> bool:
    return any("A_Star" in part for part in value["A_Indirection"].get("indirection", ()))


def _type_in(relation: Relation, name: str) -> SqlType:
    column = (relation.columns or {}).get(name)
    return column.type if column else UNKNOWN
