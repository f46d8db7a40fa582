"""Derived operations: which table, which row, which columns, and what is refused with a reason."""

import pytest

from asbuilt.postgres.derivation import (
    Assignment,
    ChildrenMember,
    ColumnMember,
    EmbeddedMember,
    Filter,
    Hop,
    ItemColumn,
    Junction,
    KeyPart,
    Link,
    LinksWrite,
    RowsWrite,
)
from specimens import Specimen, specimen

TODOS = """
    CREATE TABLE projects (id uuid PRIMARY KEY, slug text NOT NULL UNIQUE, name text NOT NULL);
    CREATE TABLE todos (
        id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        project_id uuid NOT NULL REFERENCES projects,
        title text NOT NULL,
        done boolean NOT NULL DEFAULT false,
        due_on date
    );
"""
SCHEMAS = """
    class CreateTodo:
        title: str
        done: bool = False
        dueOn: date | None | Absent = Absent

    class UpdateTodo:
        title: str | None = None
        done: bool | None = None

    class Todo:
        id: ReadOnly[int]
        projectId: UUID
        title: str
        done: bool
        due: Annotated[date | None, Column("due_on")]
"""


def todo(endpoint: str, schemas: str = SCHEMAS, sql: str = TODOS) -> Specimen:
    return specimen(endpoints=endpoint, schemas=schemas, sql=sql)


@pytest.mark.parametrize("name", ["Todo", "CreateTodo", "TodoUpdate", "NewTodo", "TodoFields", "UpdateTodoRequest"])
def test_the_table_is_called_after_the_schema(name: str) -> None:
    found = todo(f"POST /things\n  Body: {name}\n  Response: 201", f"class {name}:\n    title: str\n")
    assert found.derivation("POST /things").table == "todos"
    assert found.reasons("POST /things")[0] == f"table `todos` from schema `{name}`"


def test_the_docstring_goes_before_the_name() -> None:
    schemas = 'class Todo:\n    """Table: projects"""\n    name: str\n'
    assert todo("GET /all\n  Response: 200 list[Todo]", schemas).derivation("GET /all").table == "projects"


def test_a_docstring_is_inherited() -> None:
    schemas = 'class Common:\n    """Table: projects"""\n    name: str\n\nclass Thing(Common):\n    slug: str\n'
    assert todo("GET /all\n  Response: 200 list[Thing]", schemas).derivation("GET /all").table == "projects"


def test_without_a_schema_the_last_word_of_the_path_names_the_table() -> None:
    found = todo("DELETE /v1/todos/{id}\n  Response: 204")
    assert found.derivation("DELETE /v1/todos/{id}").table == "todos"
    assert found.reasons("DELETE /v1/todos/{id}") == (
        "table `todos` from `/todos`",
        "`{id}` is `id`, the primary key of `todos`",
    )


def test_a_row_is_read_by_its_primary_key() -> None:
    derived = todo("GET /todos/{id}\n  Response: 200 Todo").derivation("GET /todos/{id}")
    assert (derived.deed, derived.outcome) == ("read", "object")
    assert derived.key == (KeyPart("id", "id", "int"),)
    assert derived.members == (
        ColumnMember("id", "id", "int"),
        ColumnMember("projectId", "project_id", "uuid"),
        ColumnMember("title", "title", "str"),
        ColumnMember("done", "done", "bool"),
        ColumnMember("due", "due_on", "date"),
    )


@pytest.mark.parametrize(
    ("parameter", "key"),
    [("{id}", "id"), ("{project_id}", "id"), ("{slug}", "slug"), ("{projectSlug}", "slug"), ("{key}", "id")],
)
def test_a_row_is_found_by_a_unique_column_of_the_parameters_name(parameter: str, key: str) -> None:
    title = f"GET /projects/{parameter}"
    assert todo(title).derivation(title).key[0].column == key


def test_a_create_sets_what_the_body_holds() -> None:
    derived = todo("POST /todos\n  Body: CreateTodo\n  Response: 201 Todo").derivation("POST /todos")
    assert (derived.deed, derived.outcome) == ("create", "object")
    assert derived.assignments == (
        Assignment("title", "body.title", "str"),
        Assignment("done", "body.done", "bool"),
        Assignment("due_on", "body.due_on", "date", optional=True),
    )
    assert derived.optional == {"body.due_on"}


def test_a_change_keeps_whatever_the_body_may_leave_out() -> None:
    derived = todo("PATCH /todos/{id}\n  Body: UpdateTodo\n  Response: 200 Todo").derivation("PATCH /todos/{id}")
    assert derived.deed == "change"
    assert derived.optional == {"body.title", "body.done"}


def test_what_the_path_says_the_body_cannot() -> None:
    schemas = SCHEMAS + "\n    class PutTodo:\n        id: int\n        projectId: UUID\n        title: str\n"
    derived = todo("PUT /projects/{project_id}/todos/{id}\n  Body: PutTodo\n  Response: 200 Todo", schemas)
    found = derived.derivation("PUT /projects/{project_id}/todos/{id}")
    assert [each.column for each in found.assignments] == ["title"]


def test_nothing_that_is_read_only_or_generated_is_set_and_nothing_write_only_answered() -> None:
    schemas = """
        class Todo:
            id: int
            title: ReadOnly[str]
            done: WriteOnly[bool]
    """
    derived = todo("POST /todos\n  Body: Todo\n  Response: 201 Todo", schemas).derivation("POST /todos")
    assert [each.column for each in derived.assignments] == ["done"]
    assert [member.name for member in derived.members] == ["id", "title"]


def test_parents_are_climbed_to_the_top_of_the_path() -> None:
    sql = """
        CREATE TABLE orgs (id uuid PRIMARY KEY, name text UNIQUE NOT NULL);
        CREATE TABLE teams (id uuid PRIMARY KEY, org_id uuid NOT NULL REFERENCES orgs);
        CREATE TABLE members (team_id uuid REFERENCES teams, number int, PRIMARY KEY (team_id, number));
    """
    title = "GET /orgs/{name}/teams/{team_id}/members/{number}"
    derived = todo(title, "", sql).derivation(title)
    assert derived.hops == (
        Hop("teams", KeyPart("id", "team_id", "uuid"), Link(("team_id",), ("id",))),
        Hop("orgs", KeyPart("name", "name", "str"), Link(("org_id",), ("id",))),
    )
    assert derived.key == (KeyPart("number", "number", "int"),)


def test_a_parent_is_found_by_the_column_that_the_parameter_names() -> None:
    title = "GET /projects/{slug: projects.slug}/todos"
    found = todo(f"{title}\n  Response: 200 list[Todo]")
    (operation,) = found.operations
    derived = found.derivation(operation.endpoint.title)
    assert derived.hops[0].key == KeyPart("slug", "slug", "str")
    assert operation.loads == (("slug", "projects", "slug"),)


def test_of_two_foreign_keys_the_parameter_names_one() -> None:
    sql = """
        CREATE TABLE users (id uuid PRIMARY KEY);
        CREATE TABLE tickets (id uuid PRIMARY KEY, author_id uuid REFERENCES users, owner_id uuid REFERENCES users);
    """
    derived = todo("GET /users/{owner_id}/tickets", "", sql).derivation("GET /users/{owner_id}/tickets")
    assert derived.hops[0] == Hop("users", KeyPart("id", "owner_id", "uuid"), Link(("owner_id",), ("id",)))
    hole = todo("GET /users/{id}/tickets", "", sql).hole("GET /users/{id}/tickets")
    assert hole.message == "`tickets` has 2 foreign keys to `users`"
    assert hole.hint == "name the parameter after the one that is meant: `{author_id}` or `{owner_id}`"


def test_a_list_filters_by_columns_of_the_same_name_and_pages_by_key() -> None:
    query = "done: bool?, dueOn: list[date]?, limit: int = 20, after: Cursor?"
    derived = todo(f"GET /todos\n  Query: {query}\n  Response: 200 Page[Todo]").derivation("GET /todos")
    assert (derived.deed, derived.outcome) == ("list", "page")
    assert derived.filters == (Filter("done", "done", "bool"), Filter("due_on", "due_on", "date", many=True))
    assert (derived.order, derived.limit, derived.cursor) == (("id",), "limit", "after")
    assert derived.cursor_names == ("after.id",)


def test_a_row_that_is_the_only_one_of_its_parent_needs_no_key() -> None:
    sql = """
        CREATE TABLE users (id uuid PRIMARY KEY);
        CREATE TABLE profiles (user_id uuid PRIMARY KEY REFERENCES users, bio text);
    """
    schemas = "class Profile:\n    bio: str | None\n"
    title = "PUT /users/{user_id}/profile"
    derived = todo(f"{title}\n  Body: Profile\n  Response: 200 Profile", schemas, sql).derivation(title)
    assert (derived.deed, derived.key) == ("replace", ())
    assert derived.hops == (Hop("users", KeyPart("id", "user_id", "uuid"), Link(("user_id",), ("id",))),)


SHOP = """
    CREATE TABLE customers (id uuid PRIMARY KEY, name text NOT NULL);
    CREATE TABLE tags (id int PRIMARY KEY, name text NOT NULL UNIQUE);
    CREATE TABLE orders (id uuid PRIMARY KEY, customer_id uuid REFERENCES customers, note text);
    CREATE TABLE order_lines (
        order_id uuid REFERENCES orders, sku text, quantity int NOT NULL, PRIMARY KEY (order_id, sku)
    );
    CREATE TABLE order_tags (
        order_id uuid REFERENCES orders, tag_id int REFERENCES tags, PRIMARY KEY (order_id, tag_id)
    );
"""


def order(members: str, more: str = "") -> Specimen:
    fields = "\n".join(f"    {member}" for member in members.splitlines())
    schemas = "class Line:\n    sku: str\n    quantity: int\n\n"
    schemas += "class Customer:\n    id: UUID\n    name: ReadOnly[str]\n\n"
    schemas += f"{more}\n\nclass Order:\n    note: str | None\n{fields}\n"
    return specimen(endpoints="POST /orders\n  Body: Order\n  Response: 201 Order", schemas=schemas, sql=SHOP)


LINES = Link(("order_id",), ("id",))
TAGS = Junction("order_tags", LINES, Link(("tag_id",), ("id",)))


def test_an_object_over_a_foreign_key_takes_its_key_and_embeds_the_row() -> None:
    derived = order("customer: Customer").derivation("POST /orders")
    assert derived.assignments[1] == Assignment("customer_id", "body.customer.id", "uuid")
    assert derived.members[1] == EmbeddedMember(
        "customer",
        "customers",
        Link(("customer_id",), ("id",)),
        (ColumnMember("id", "id", "uuid"), ColumnMember("name", "name", "str")),
    )


def test_a_list_over_a_childs_foreign_key_is_created_with_its_parent() -> None:
    derived = order("lines: list[Line]").derivation("POST /orders")
    columns = (ItemColumn("sku", ("sku",)), ItemColumn("quantity", ("quantity",)))
    assert derived.writes == (RowsWrite("body.lines", "order_lines", LINES, columns),)
    members = (ColumnMember("sku", "sku", "str"), ColumnMember("quantity", "quantity", "int"))
    assert derived.members[1] == ChildrenMember("lines", "order_lines", members, ("sku",), LINES)
    assert derived.written == ("orders", "order_lines")
    assert derived.given["order_lines", "sku"] == "body.lines"


def test_a_list_is_counted_by_the_rest_of_its_childrens_key() -> None:
    sql = """
        CREATE TABLE songs (id int PRIMARY KEY, title text);
        CREATE TABLE verses (
            song_id int REFERENCES songs, number int, verse text NOT NULL, PRIMARY KEY (song_id, number)
        );
    """
    schemas = "class Song:\n    id: int\n    verses: list[str]\n"
    derived = todo("POST /songs\n  Body: Song\n  Response: 201 Song", schemas, sql).derivation("POST /songs")
    columns = (ItemColumn("verse"), ItemColumn("number", counted=True))
    assert derived.writes == (RowsWrite("body.verses", "verses", Link(("song_id",), ("id",)), columns),)
    (_, verses) = derived.members
    assert isinstance(verses, ChildrenMember)
    assert verses.order == ("number",)


def test_a_junction_is_written_from_objects_keys_and_names() -> None:
    tag = "class Tag:\n    id: int\n    name: ReadOnly[str]\n"
    by_object = order("tags: list[Tag]", tag).derivation("POST /orders")
    assert by_object.writes == (LinksWrite("body.tags", "tags", TAGS, "id", ("id",)),)
    by_reference = order("tags: list[Ref]", "class Ref:\n    id: int\n").derivation("POST /orders")
    assert by_reference.writes == by_object.writes
    by_key = order("tagIds: list[int]").derivation("POST /orders")
    assert by_key.writes == (LinksWrite("body.tag_ids", "tags", TAGS, "id"),)
    assert by_key.members[1] == ChildrenMember(
        "tagIds", "order_tags", (), ("tag_id",), LINES, None, ColumnMember("tag_id", "tag_id", "int")
    )
    by_name = order("tags: list[str]").derivation("POST /orders")
    assert by_name.writes == (LinksWrite("body.tags", "tags", TAGS, "name"),)
    only_name = order("tags: list[Tag]", "class Tag:\n    name: str\n").derivation("POST /orders")
    assert only_name.writes == (LinksWrite("body.tags", "tags", TAGS, "name", ("name",)),)


def test_deleting_beyond_a_junction_deletes_the_connection() -> None:
    title = "DELETE /orders/{order_id}/tags/{tag_id}"
    derived = specimen(endpoints=f"{title}\n  Response: 204", sql=SHOP).derivation(title)
    assert derived.table == "order_tags"
    assert derived.key == (KeyPart("tag_id", "tag_id", "int"),)
    assert derived.hops == (Hop("orders", KeyPart("id", "order_id", "uuid"), LINES),)


@pytest.mark.parametrize(
    ("endpoint", "message", "hint"),
    [
        (
            "GET /todos/stats\n  Response: 200 Stats",
            "no table is called after `Stats` or `/stats`",
            "write `Table: ...` in the docstring of `Stats`, or write a pattern or an algorithm, "
            "and name it with `Operation:`",
        ),
        (
            "GET /todos/count\n  Response: 200 int",
            "`int` is not a row of one table",
            "write a pattern that selects it, and name it with `Operation:`",
        ),
        ("POST /todos/{id}/complete\n  Response: 200 Todo", "`complete` does not say what is done to `todos`", ""),
        (
            "GET /projects/{id}/todos/done\n  Response: 200 list[Todo]",
            "`done` does not say what is done to `todos`",
            "",
        ),
        ("GET /projects/{id}\n  Response: 200 Todo", "the path is about `projects`, the schemas are about `todos`", ""),
        (
            "POST /projects\n  Body: CreateTodo\n  Response: 201 Project",
            "the endpoint is about more than one table: `todos` (`CreateTodo`) and `projects` (`Project`)",
            "",
        ),
        (
            "GET /todos/{done}\n  Response: 200 Todo",
            "`todos.done` is not unique, so `{done}` does not name one row",
            "",
        ),
        (
            "GET /todos/{id: UUID}\n  Response: 200 Todo",
            "`id` is `UUID`, but `todos.id` is `int`",
            "give both the same type",
        ),
        (
            "GET /todos\n  Response: 200 Todo",
            "`GET /todos` finds many rows of `todos`, and answers one",
            "answer `list[Todo]` or `Page[Todo]`, or write a pattern or an algorithm, and name it with `Operation:`",
        ),
        ("GET /todos/{id}\n  Response: 200 list[Todo]", "`GET /todos/{id}` is about one row, and answers a list", ""),
        (
            "GET /todos\n  Query: dune: bool?\n  Response: 200 list[Todo]",
            "`dune` is no column of `todos` to list by",
            "did you mean `done`?",
        ),
        (
            "GET /todos/{id}\n  Response: 200 Wrong",
            "`Wrong.titel` is no column of `todos`, and no foreign key leads to it",
            "did you mean `title`?",
        ),
        ("DELETE /todos\n  Response: 204", "the path of `DELETE /todos` does not name one row of `todos`", ""),
        (
            "GET /people/{id}/todos\n  Response: 200 list[Todo]",
            "no foreign key leads from `todos` to `/people/{id}`",
            "",
        ),
        (
            "PUT /todos/{id}\n  Body: bytes\n  Response: 204",
            "a body that is no schema cannot be stored without being told how",
            "",
        ),
        ("GET /tree\n  Response: 200 list[Tree]", "`Tree` holds itself, so it has no end that could be derived", ""),
    ],
)
def test_what_cannot_be_derived_says_why(endpoint: str, message: str, hint: str) -> None:
    schemas = (
        SCHEMAS
        + """
    class Project:
        id: UUID
        name: str

    class Stats:
        open: int

    class Wrong:
        \"\"\"Table: todos\"\"\"
        titel: str

    class Tree:
        \"\"\"Table: nodes\"\"\"
        id: int
        children: list[Tree]
    """
    )
    sql = TODOS + "CREATE TABLE nodes (id int PRIMARY KEY, parent_id int REFERENCES nodes);"
    (operation,) = todo(endpoint, schemas, sql).operations
    assert operation.hole is not None, operation.steps
    assert operation.hole.message == message
    assert not hint or operation.hole.hint == hint


def test_a_name_that_fits_two_tables_is_told() -> None:
    sql = "CREATE TABLE todo (id int PRIMARY KEY); CREATE TABLE todos (id int PRIMARY KEY);"
    hole = todo("GET /list\n  Response: 200 list[Todo]", "class Todo:\n    id: int\n", sql).hole("GET /list")
    assert hole.message == "`Todo` may be the table `todo` or `todos`"
    assert hole.hint == "write `Table: todo` in the schema's docstring"


def test_a_document_without_tables_derives_nothing() -> None:
    hole = specimen(endpoints="GET /todos\n  Response: 200").hole("GET /todos")
    assert (
        hole.message
        == "nothing says what this endpoint does: it has no `Operation:`, and there are no tables to derive one from"
    )


@pytest.mark.parametrize(
    ("reader", "told"),
    [
        ("GET /notes/{id: int}", "/notes/{id}"),
        ("GET /v2/notes/{noteId: int}/", "/v2/notes/{id}/"),
        ("GET /notes/{id: int}.json", "/notes/{id}.json"),
        ("GET /notes/{at: datetime}", None),
        ("GET /notes", None),
        ("DELETE /notes/{id: int}", None),
    ],
)
def test_a_new_row_is_read_by_the_path_of_an_endpoint(reader: str, told: str | None) -> None:
    answer = "204" if reader.startswith("DELETE") else "200 list[Note]" if reader.endswith("notes") else "200 Note"
    found = specimen(
        endpoints=(
            "POST /notes\n  Body: Note\n  Response: 201 Note\n  Response Headers: Location\n"
            f"{reader}\n  Response: {answer}\n"
        ),
        schemas="class Note:\n    text: str\n",
        sql="CREATE TABLE notes (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, text text, at timestamptz UNIQUE);",
    )
    reasons = [reason for reason in found.reasons("POST /notes") if "Location" in reason]
    assert reasons == ([f"`Location` is `{told}`"] if told else [])
