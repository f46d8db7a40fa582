"""Operations: what an endpoint names, what it is called, and the types its parameters take."""

from pathlib import Path

from asbuilt.component import AlgorithmStep, DerivedStep, PatternStep
from asbuilt.component.operations import resolve_operations
from asbuilt.language.types import Choice, Scalar
from asbuilt.postgres.sqltypes import parsed
from asbuilt.postgres.statement import Signature
from specimens import component, document, specimen

SQL = """
    CREATE TYPE state AS ENUM ('open', 'closed');
    CREATE TABLE tickets (id bigint PRIMARY KEY, code text NOT NULL UNIQUE, state state NOT NULL, at timestamptz);
    CREATE TABLE notes (id uuid PRIMARY KEY, ticket_id bigint NOT NULL REFERENCES tickets);
"""
PATTERNS = """
    - **open_tickets** (many): those to be worked on
      ```sql
      SELECT * FROM tickets WHERE state = 'open'
      ```
    - **close_ticket**: one is done
      ```sql
      UPDATE tickets SET state = 'closed' WHERE id = :id RETURNING *
      ```
    - **open_since**: the newer ones
      ```sql
      SELECT * FROM tickets WHERE at > :since AND code = :text
      ```
"""
CODE = """
    async def close(id: int, db: Database) -> None:
        await db.close_ticket(id=id)
"""


def test_a_name_is_an_algorithm_else_a_pattern() -> None:
    found = specimen(
        endpoints="""
            POST /tickets/{id}/close
              Operation: close
              Response: 204
            GET /open
              Operation: open_tickets
              Response: 200 list[Any]
            POST /both
              Operation: close, then open_tickets
              Response: 204
        """,
        sql=SQL,
        patterns=PATTERNS,
        code=CODE,
    )
    kinds = [tuple(type(step) for step in operation.steps) for operation in found.operations]
    assert kinds == [(AlgorithmStep,), (PatternStep,), (AlgorithmStep, PatternStep)]
    assert [operation.name for operation in found.operations] == ["close", "open_tickets", "close_then_open_tickets"]


def test_an_unknown_name_is_a_hole_that_names_the_nearest() -> None:
    endpoints = "POST /a\n  Operation: close_tikcet\n\nPOST /b\n  Operation: fulfilment.pay\n"
    found = specimen(endpoints=endpoints, sql=SQL, patterns=PATTERNS, code=CODE)
    first, second = (operation.hole for operation in found.operations)
    assert first is not None
    assert first.message == "`close_tikcet` is neither an algorithm nor a data access pattern"
    assert first.hint == "did you mean `close_ticket`?"
    assert second is not None
    assert (
        second.message
        == "`fulfilment.pay` is neither an algorithm nor a data access pattern, and no state machine has it as an event"
    )


def test_names_are_unique_and_say_what_is_done() -> None:
    found = specimen(
        endpoints="""
            GET /tickets
            GET /tickets/{id}
            DELETE /tickets/{id}
              Response: 204
            GET /notes
            GET /tickets/{id}/notes
            GET /all/notes
            GET /a
              Operation: open_tickets
            POST /b
              Operation: open_tickets
            GET /nowhere
        """,
        sql=SQL,
        patterns=PATTERNS,
    )
    assert [operation.name for operation in found.operations] == [
        "list_tickets",
        "read_ticket",
        "delete_ticket",
        "list_notes",
        "list_notes_of_ticket",
        "get_all_notes",
        "open_tickets",
        "open_tickets_by_post",
        "get_nowhere",
    ]


def test_a_parameter_without_a_type_takes_that_of_its_column() -> None:
    found = specimen(endpoints="GET /tickets\n  Query: state?, at?, code?\n\nGET /tickets/{id}\n", sql=SQL)
    listing, reading = found.operations
    types = {parameter.name.text: parameter.type for parameter in listing.endpoint.parameters}
    state = types["state"]
    assert isinstance(state, Choice)
    assert state.values == ("open", "closed")
    assert isinstance(types["at"], Scalar)
    assert types["at"].kind == "datetime"
    assert isinstance(types["code"], Scalar)
    assert types["code"].kind == "str"
    (id_,) = reading.endpoint.parameters
    assert isinstance(id_.type, Scalar)
    assert id_.type.kind == "int"


def test_a_parameter_without_a_type_takes_that_of_the_argument_or_the_pattern_it_is_for() -> None:
    endpoints = """
        POST /close/{id}
          Operation: close
          Response: 204
        GET /open
          Operation: open_since
          Query: since?, text?
          Response: 200 list[Any]
    """
    made = component(Path("t.md"), document(endpoints=endpoints, sql=SQL, patterns=PATTERNS, code=CODE))
    signature = Signature((("since", parsed("timestamp with time zone")), ("text", parsed("text"))), (), refereed=True)
    known = (("open_since", signature),)
    close, listing = resolve_operations(made.api, made.data, made.algorithms, made.types, known)
    kinds = [
        (parameter.name.text, parameter.type.kind)
        for operation in (close, listing)
        for parameter in operation.endpoint.parameters
        if isinstance(parameter.type, Scalar)
    ]
    assert kinds == [("id", "int"), ("since", "datetime"), ("text", "str")]


def test_rows_on_the_path_are_loaded_left_to_right() -> None:
    endpoint = "POST /t/{id: tickets.id}/{note: notes.id}\n  Operation: close\n  Response: 204\n"
    found = specimen(endpoints=endpoint, sql=SQL, patterns=PATTERNS, code=CODE)
    (operation,) = found.operations
    assert operation.loads == (("id", "tickets", "id"), ("note", "notes", "id"))
    kinds = [parameter.type.kind for parameter in operation.endpoint.parameters if isinstance(parameter.type, Scalar)]
    assert kinds == ["int", "uuid"]


def test_a_row_is_not_loaded_by_a_column_that_is_missing_or_not_unique() -> None:
    endpoints = "GET /t/{id: tickets.idd}\n  Operation: close\n\nGET /u/{id: tickets.state}\n  Operation: close\n"
    found = specimen(endpoints=endpoints, sql=SQL, patterns=PATTERNS, code=CODE)
    first, second = (operation.hole for operation in found.operations)
    assert first is not None
    assert (first.message, first.hint) == ("`tickets.idd` is not a column of a table", "did you mean `tickets.id`?")
    assert second is not None
    assert second.message == "`tickets.state` is not unique, so it does not say which row to load"


def test_a_derived_operation_has_reasons() -> None:
    found = specimen(endpoints="GET /tickets/{ticket_id}/notes\n", sql=SQL)
    (step,) = found.operations[0].steps
    assert isinstance(step, DerivedStep)
    assert step.reasons == (
        "table `notes` from `/notes`",
        "`notes.ticket_id` leads to `tickets`, whose `id` is `{ticket_id}`",
        "in the order of `id`",
    )
