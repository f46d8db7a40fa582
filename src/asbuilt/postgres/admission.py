"""Which statements of a document a server may see at all, by an allow-list over the parse tree.

The server only ever analyses what is admitted here. Where PostgreSQL would evaluate an expression while it
creates something (a generated column, an index, a CHECK that a later ALTER simplifies, a partition's bounds, the
default of an added column or of a domain), only a few harmless functions of the core are let through. What is
not admitted is taken out of its statement if the rest stands without it, else the statement stays out.
"""

from collections.abc import Callable, Iterable, Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field

from asbuilt.postgres.ddl_tables import is_index, pieces
from asbuilt.postgres.draft import Site, dotted, qualified
from asbuilt.postgres.grammar import Node, walk
from asbuilt.postgres.salvage import without
from asbuilt.values import frozen

LONGEST = 100_000
EXTENSIONS = {
    "btree_gin",
    "btree_gist",
    "citext",
    "cube",
    "earthdistance",
    "fuzzystrmatch",
    "hstore",
    "intarray",
    "isn",
    "ltree",
    "pg_trgm",
    "pgcrypto",
    "unaccent",
    "uuid-ossp",
    "vector",
}
_SAFE_FUNCTIONS = """
abs array_length btrim cardinality ceil ceiling char_length character_length clock_timestamp concat date_part date_trunc
daterange extract floor gen_random_uuid int4range int8range isempty json_typeof jsonb_array_length jsonb_typeof left
length lower lower_inf ltrim md5 mod nextval now num_nonnulls num_nulls numrange octet_length position replace right
round rtrim setweight split_part starts_with statement_timestamp strpos substr substring timezone to_tsvector
transaction_timestamp trim tsrange tstzrange upper upper_inf uuidv4 uuidv7 int4multirange like_escape
similar_to_escape
"""
_OPERATOR_NAMES = """
= <> != < > <= >= + - * / % || ~ ~* !~ !~* ~~ ~~* !~~ !~~* @> <@ && -> ->> #> #>> ? ?| ?& @@ & | # << >> -|-
"""
_NODE_NAMES = """
A_Const ColumnRef String Integer Float Boolean BitString List A_Expr BoolExpr NullTest BooleanTest TypeCast TypeName
FuncCall CoalesceExpr MinMaxExpr CaseExpr CaseWhen A_ArrayExpr RowExpr SQLValueFunction CollateClause A_Indirection
A_Indices IndexElem PartitionElem
"""
_ALTERATION_NAMES = """
AT_AddColumn AT_DropColumn AT_AlterColumnType AT_ColumnDefault AT_SetNotNull AT_DropNotNull AT_AddConstraint
AT_DropConstraint AT_ValidateConstraint AT_AddIdentity AT_SetIdentity AT_DropIdentity AT_AttachPartition
AT_EnableRowSecurity AT_DisableRowSecurity AT_ForceRowSecurity AT_NoForceRowSecurity AT_SetStatistics AT_SetStorage
AT_AlterConstraint AT_DropExpression
"""
_SAFE = frozenset(_SAFE_FUNCTIONS.split())
_BETWEEN = {"BETWEEN", "NOT BETWEEN", "BETWEEN SYMMETRIC", "NOT BETWEEN SYMMETRIC"}
_SAFE_OPERATORS = _BETWEEN | frozenset(_OPERATOR_NAMES.split())
_SAFE_NODES = frozenset(_NODE_NAMES.split())
_ALTERATIONS = frozenset(_ALTERATION_NAMES.split())
_FUNCTION_OPTIONS = frozenset("as language volatility strict security leakproof cost rows parallel window".split())  # noqa: SIM905
_PLAIN_ONLY = "what is evaluated here may call only plain functions of PostgreSQL's own"
_EVALUATED = {"CONSTR_CHECK", "CONSTR_GENERATED", "CONSTR_EXCLUSION"}


@frozen
class Exclusion:
    """What of a statement the server does not see, from `start` to `end`, and why."""

    reason: str
    start: int
    end: int


@dataclass(slots=True)
class Judgement:
    """`text` is what the server may see (None: nothing), as long as the original; `makes` are names it would make."""

    text: str | None
    exclusions: list[Exclusion] = field(default_factory=list)
    makes: set[str] = field(default_factory=set)


def judged(site: Site, tables: AbstractSet[str]) -> Judgement:
    """What of a statement may be tried; foreign keys to tables outside `tables` are left out without a word."""
    node, kind, text = site.tree.node, site.tree.kind, site.tree.text
    makes = set(_made(kind, node))
    if len(text) > LONGEST:
        return _refused(text, "it is too long", makes)
    if kind == "CreateStmt":
        return _table(site, tables, makes)
    judge = _JUDGES.get(kind)
    reason = judge(node) if judge else _REASONS.get(kind, "statements of this kind are not tried")
    if reason:
        return _refused(text, reason, makes)
    if kind == "IndexStmt" and node.get("concurrent"):
        text = _blank_word(site, "CONCURRENTLY")
    return Judgement(text, makes=makes)


def _refused(text: str, reason: str, makes: set[str]) -> Judgement:
    return Judgement(None, [Exclusion(reason, 0, len(text))], makes)


def _blank_word(site: Site, name: str) -> str:
    text = site.tree.text
    for token in site.tree.tokens:
        if token.name == name:
            return text[: token.start] + " " * (token.end - token.start) + text[token.end :]
    return text


def harmless(expression: object) -> bool:
    """Whether PostgreSQL may evaluate an expression: nothing in it but the core's plain functions and operators."""
    for kind, node in walk(expression):
        if kind not in _SAFE_NODES:
            return False
        if kind == "FuncCall" and not _is_safe_call(node["funcname"]):
            return False
        if kind == "A_Expr" and any(
            part["String"]["sval"] not in _SAFE_OPERATORS for part in node.get("name", ())[-1:]
        ):
            return False
    return True


def _is_safe_call(name: list[Node]) -> bool:
    return name[-1]["String"]["sval"] in _SAFE and _of_core(name)


def _of_core(name: list[Node]) -> bool:
    return len(name) == 1 or name[0]["String"]["sval"] == "pg_catalog"


def _table(site: Site, tables: AbstractSet[str], makes: set[str]) -> Judgement:
    node, text = site.tree.node, site.tree.text
    for refused, reason in (
        (node["relation"].get("relpersistence") == "t", "temporary tables are not tried"),
        (not _constant_bounds(node.get("partbound", {})), "the bounds of a partition may only be constants here"),
        (
            not harmless(node.get("partspec", {}).get("partParams")),
            _PLAIN_ONLY,
        ),
    ):
        if refused:
            return _refused(text, reason, makes)
    judgement = Judgement(text, makes=makes)
    places: list[tuple[int, int]] = []
    gone: list[tuple[int, int]] = []
    for start, end, element in _elements(site):
        places.append((start, end))
        if is_index(element.get("ColumnDef", {})):
            gone.append((start, end))
        elif "ColumnDef" in element:
            for constraint, first, last in pieces(site, element["ColumnDef"]):
                if _keeps_out(constraint, tables, judgement, (first, last)):
                    text = text[:first] + " " * (last - first) + text[last:]
        elif "Constraint" in element and _keeps_out(element["Constraint"], tables, judgement, (start, end)):
            gone.append((start, end))
    judgement.text = without(text, places, gone) if gone else text
    return judgement


def _elements(site: Site) -> Iterator[tuple[int, int, Node]]:
    """The elements of a CREATE TABLE with their places; LIKE has none in the tree, and lies between the others."""
    found = site.elements()
    for (start, end), element in zip(found, site.tree.node.get("tableElts", ()), strict=False):
        yield start, end, element


def _keeps_out(constraint: Node, tables: AbstractSet[str], judgement: Judgement, place: tuple[int, int]) -> bool:
    """Whether a constraint must not be tried; all but a foreign key to another service's table is said."""
    if constraint["contype"] == "CONSTR_FOREIGN":
        return qualified(constraint["pktable"]) not in tables
    if constraint["contype"] not in _EVALUATED or harmless([constraint.get(part) for part in _EXPRESSIONS]):
        return False
    judgement.exclusions.append(Exclusion(_PLAIN_ONLY, *place))
    return True


_EXPRESSIONS = ("raw_expr", "exclusions", "where_clause")


def _constant_bounds(bound: Node) -> bool:
    """Whether the bounds of a partition are constants; anything else is evaluated at once."""
    values = [bound.get(part) for part in ("listdatums", "lowerdatums", "upperdatums")]
    for kind, node in walk(values):
        if kind == "ColumnRef":  # MINVALUE and MAXVALUE
            continue
        if kind not in {"A_Const", "TypeCast", "TypeName", "String", "A_Expr"}:
            return False
        if kind == "A_Expr" and node.get("name", [{}])[-1].get("String", {}).get("sval") != "-":
            return False
    return True


def _alter(node: Node) -> str:
    for item in node.get("cmds", ()):
        command = item["AlterTableCmd"]
        if command["subtype"] not in _ALTERATIONS:
            return "this form of ALTER TABLE is not tried"
        definition = command.get("def", {})
        if command["subtype"] == "AT_ColumnDefault":
            continue  # stored, and not evaluated
        if not _constant_bounds(definition.get("PartitionCmd", {}).get("bound", {})):
            return "the bounds of a partition may only be constants here"
        if not _harmless_definition(definition):
            return _PLAIN_ONLY
    return ""


def _harmless_definition(definition: Node) -> bool:
    """Of an added or changed column even the default is evaluated."""
    column = definition.get("ColumnDef", {})
    constraints = [item["Constraint"] for item in column.get("constraints", ())]
    constraints += [definition["Constraint"]] if "Constraint" in definition else []
    expressions = [constraint.get(part) for constraint in constraints for part in _EXPRESSIONS]
    return harmless([*expressions, column.get("raw_default")])


def _index(node: Node) -> str:
    expressions = [node.get("indexParams"), node.get("indexIncludingParams"), node.get("whereClause")]
    inner = [element["IndexElem"].get("expr") for part in expressions[:2] for element in part or ()]
    return "" if harmless([*inner, node.get("whereClause")]) else _PLAIN_ONLY


def _domain(node: Node) -> str:
    constraints = [item["Constraint"] for item in node.get("constraints", ())]
    constraints += [node["def"]["Constraint"]] if "Constraint" in node.get("def", {}) else []
    kept = all(harmless(constraint.get("raw_expr")) for constraint in constraints) and harmless(_default(node))
    return "" if kept else _PLAIN_ONLY


def _default(node: Node) -> object:
    return node.get("def") if "Constraint" not in node.get("def", {}) else None


def _function(node: Node) -> str:
    if node.get("is_procedure"):
        return "procedures are not tried"
    options = {item["DefElem"]["defname"]: item["DefElem"].get("arg", {}) for item in node.get("options", ())}
    language = options.get("language", {}).get("String", {}).get("sval", "sql").lower()
    if language != "sql":
        return f"functions in {language} are not tried"
    return "" if set(options) <= _FUNCTION_OPTIONS else "functions with such options are not tried"


def _range(node: Node) -> str:
    names = {item["DefElem"]["defname"] for item in node.get("params", ())}
    return "" if names <= {"subtype", "multirange_type_name"} else "ranges with functions are not tried"


def _extension(node: Node) -> str:
    known = node["extname"] in EXTENSIONS and not node.get("options")
    return "" if known else f"the extension `{node['extname']}` is not tried"


def _schema(node: Node) -> str:
    plain = "schemaElts" not in node and "authrole" not in node
    return "" if plain else "schemas with contents or owners are not tried"


def _view(node: Node) -> str:
    return "temporary views are not tried" if node["view"].get("relpersistence") == "t" else ""


def _rename(node: Node) -> str:
    allowed = {"OBJECT_TABLE", "OBJECT_COLUMN", "OBJECT_TABCONSTRAINT", "OBJECT_INDEX", "OBJECT_TYPE", "OBJECT_VIEW"}
    return "" if node.get("renameType") in allowed else "this form of RENAME is not tried"


def _drop(node: Node) -> str:
    allowed = {"OBJECT_TABLE", "OBJECT_INDEX", "OBJECT_TYPE", "OBJECT_VIEW", "OBJECT_DOMAIN", "OBJECT_SEQUENCE"}
    return "" if node.get("removeType") in allowed else "this form of DROP is not tried"


def _freely(_: Node) -> str:
    return ""


_JUDGES: dict[str, Callable[[Node], str]] = {
    "AlterTableStmt": _alter,
    "IndexStmt": _index,
    "CreateDomainStmt": _domain,
    "AlterDomainStmt": _domain,
    "CreateFunctionStmt": _function,
    "CreateRangeStmt": _range,
    "CreateExtensionStmt": _extension,
    "CreateSchemaStmt": _schema,
    "ViewStmt": _view,
    "RenameStmt": _rename,
    "DropStmt": _drop,
    "CreateEnumStmt": _freely,
    "AlterEnumStmt": _freely,
    "CompositeTypeStmt": _freely,
    "CreateSeqStmt": _freely,
    "AlterSeqStmt": _freely,
    "CommentStmt": _freely,
}
_REASONS = {
    "CreateTableAsStmt": "its query is not run",
    "RefreshMatViewStmt": "its query is not run",
    "DoStmt": "its code is not run",
    "CopyStmt": "COPY is not run",
    "CreateTrigStmt": "triggers are not tried",
    "CreateEventTrigStmt": "event triggers are not tried",
    "RuleStmt": "rules are not tried",
    "CreatePolicyStmt": "policies are not tried",
    "AlterPolicyStmt": "policies are not tried",
    "InsertStmt": "statements on data are not run",
    "UpdateStmt": "statements on data are not run",
    "DeleteStmt": "statements on data are not run",
    "SelectStmt": "statements on data are not run",
    "CallStmt": "statements on data are not run",
    "GrantStmt": "roles are not tried",
    "GrantRoleStmt": "roles are not tried",
    "CreateRoleStmt": "roles are not tried",
    "AlterRoleStmt": "roles are not tried",
    "AlterOwnerStmt": "roles are not tried",
    "TransactionStmt": "transactions mean nothing in a schema",
    "VariableSetStmt": "settings of a session are not tried",
}


def _made(kind: str, node: Node) -> Iterable[str]:
    """The names of what a statement makes, without their schemas."""
    match kind:
        case "CreateStmt":
            return [node["relation"]["relname"]]
        case "ViewStmt":
            return [node["view"]["relname"]]
        case "CreateTableAsStmt":
            return [node["into"]["rel"]["relname"]]
        case "CreateFunctionStmt":
            return [node["funcname"][-1]["String"]["sval"]]
        case "CreateEnumStmt" | "CreateRangeStmt":
            return [dotted(node["typeName"]).rpartition(".")[2]]
        case "CreateDomainStmt":
            return [dotted(node["domainname"]).rpartition(".")[2]]
        case "CompositeTypeStmt":
            return [node["typevar"]["relname"]]
        case "CreateSeqStmt":
            return [node["sequence"]["relname"]]
        case "IndexStmt":
            return [node["idxname"]] if "idxname" in node else []
        case "CreateSchemaStmt":
            return [node["schemaname"]] if "schemaname" in node else []
    return []
