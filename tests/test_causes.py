"""Which row of the error table answers which cause."""

from pathlib import Path

import pytest

from asbuilt.component import Cause, Component
from asbuilt.component.causes import causes_of, error_row
from specimens import component, document

SQL = """
    CREATE TABLE owners (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), email text NOT NULL UNIQUE);
    CREATE TABLE pets (
        id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
        owner_id uuid NOT NULL CONSTRAINT pets_owner_fk REFERENCES owners,
        name text NOT NULL,
        age int NOT NULL CONSTRAINT pets_age_check CHECK (age >= 0)
    );
"""
SCHEMAS = """
    class CreateOwner:
        email: str

    class Owner(CreateOwner):
        id: UUID

    class CreatePet:
        ownerId: UUID
        name: str
        age: int

    class Pet(CreatePet):
        id: UUID
"""
ENDPOINTS = """
    POST /owners
      Body: CreateOwner
      Response: 201 Owner
    DELETE /owners/{id}
      Response: 204
    POST /pets
      Body: CreatePet
      Response: 201 Pet
      Errors: LISTED
    GET /pets/{id}
      Response: 200 Pet
    GET /oldest
      Operation: oldest_pet
      Response: 200 Pet
    POST /adopt
      Operation: adopt
      Body: CreatePet
      Response: 201 Pet
"""
PATTERNS = """
    - **oldest_pet** (one): the oldest
      ```sql
      SELECT * FROM pets ORDER BY age DESC LIMIT 1
      ```
    - **insert_pet**: a new one
      ```sql
      INSERT INTO pets (owner_id, name, age) VALUES (:owner_id, :name, :age) RETURNING *
      ```
"""
CODE = """
    async def adopt(body: CreatePet, db: Database) -> Pet:
        if body.age > 40:
            raise TOO_OLD(age=body.age)
        return await db.insert_pet(owner_id=body.owner_id, name=body.name, age=body.age)
"""


def pets(*rows: str) -> Component:
    table = "| Error Code | HTTP Status | Description | Response Body |\n|---|---|---|---|\n" + "\n".join(rows)
    text = document(endpoints=ENDPOINTS, schemas=SCHEMAS, sql=SQL, patterns=PATTERNS, errors=table, code=CODE)
    return component(Path("pets.md"), text)


def answer(made: Component, operation: str | None, cause: Cause, *about: str) -> str | None:
    known = next((each for each in made.operations if each.name == operation), None)
    assert known is not None or operation is None
    row = error_row(made, known, cause, about)
    return row.code.text if row else None


def test_a_row_answers_the_cause_that_it_names() -> None:
    made = pets("| GONE | 404 | `no row`: it is not there | problem |", "| BAD | 400 | `malformed` | problem |")
    assert answer(made, "read_pet", "no row", "pets") == "GONE"
    assert answer(made, None, "malformed") == "BAD"
    assert answer(made, None, "unknown route") is None


def test_names_beside_the_cause_limit_it() -> None:
    made = pets(
        "| NOBODY | 404 | `no row` of `oldest_pet`; `adopt` finds nobody | problem |",
        "| NO_PET | 404 | `no row` of `pets` | problem |",
        "| NOTHING | 404 | `no row` | problem |",
    )
    assert answer(made, "oldest_pet", "no row", "oldest_pet", "pets") == "NOBODY"
    assert answer(made, "read_pet", "no row", "read_pet", "pets") == "NO_PET"
    assert answer(made, "delete_owner", "no row", "delete_owner", "owners") == "NOTHING"
    assert answer(made, "adopt", "no row", "owners") == "NO_PET"


def test_a_constraint_goes_before_the_cause() -> None:
    made = pets("| TAKEN | 409 | `owners_email_key` | problem |", "| CONFLICT | 409 | `conflict` | problem |")
    assert answer(made, "create_owner", "conflict", "owners_email_key", "owners", "email") == "TAKEN"
    assert answer(made, "create_owner", "conflict", "owners_pkey", "owners", "id") == "CONFLICT"


def test_a_foreign_key_is_told_apart_on_delete() -> None:
    made = pets(
        "| IN_USE | 409 | `pets_owner_fk` on delete: it has pets | problem |",
        "| NO_OWNER | 422 | `pets_owner_fk`: there is no such owner | problem |",
        "| INVALID | 422 | `validation` | problem |",
    )
    assert answer(made, "delete_owner", "conflict", "pets_owner_fk", "on delete", "pets") == "IN_USE"
    assert answer(made, "create_pet", "validation", "pets_owner_fk", "ownerId", "pets") == "NO_OWNER"


@pytest.mark.parametrize(
    ("faulty", "code"), [(("email",), "EMAIL"), (("name",), "INVALID"), (("email", "name"), "INVALID")]
)
def test_a_member_answers_for_its_own_faults_only(faulty: tuple[str, ...], code: str) -> None:
    made = pets("| INVALID | 422 | `validation` | problem |", "| EMAIL | 422 | `email` is none | problem |")
    assert answer(made, "create_owner", "validation", *faulty) == code


def test_a_member_of_a_schema_is_named_with_it() -> None:
    made = pets("| OLD | 422 | `CreatePet.age` is out of range | problem |")
    assert answer(made, "create_pet", "validation", "pets_age_check", "age", "pets") == "OLD"
    assert answer(made, "create_pet", "validation", "name") is None


def test_without_references_the_only_row_with_the_status_answers() -> None:
    made = pets("| MISSING | 404 | it is not there | problem |", "| INVALID | 400 | bad request | problem |")
    assert answer(made, "read_pet", "no row", "pets") == "MISSING"
    assert answer(made, None, "unknown route") == "MISSING"
    assert answer(made, "create_pet", "validation", "name") == "INVALID"
    assert answer(made, "create_pet", "malformed") == "INVALID"
    assert answer(made, "create_pet", "conflict") is None


def test_of_two_rows_with_the_status_none_is_the_only_one() -> None:
    made = pets("| A | 404 | this is not there | problem |", "| B | 404 | that is not there | problem |")
    assert answer(made, "read_pet", "no row") is None


def test_a_row_that_only_an_algorithm_can_fill_answers_nothing_else() -> None:
    made = pets('| TOO_OLD | 409 | far too old | `{"code": "TOO_OLD", "age": int}` |')
    assert answer(made, "adopt", "conflict", "pets_pkey", "pets") is None


def test_the_operations_own_list_goes_first() -> None:
    made = pets("| LISTED | 404 | it is not there | problem |", "| GENERAL | 404 | `no row` | problem |")
    assert answer(made, "create_pet", "no row", "pets") == "LISTED"
    assert answer(made, "read_pet", "no row", "pets") == "GENERAL"


def test_a_listed_row_that_is_raised_stands_back_behind_one_that_names_the_cause() -> None:
    code = """
    def adopt(body: CreatePet) -> Pet:
        raise TOO_OLD()
    """
    rows = ("| TOO_OLD | 422 | the pet is too old | problem |", "| INVALID | 422 | `validation` | problem |")
    listed = ENDPOINTS.replace("Operation: adopt\n", "Operation: adopt\n      Errors: TOO_OLD\n")
    table = "| Error Code | HTTP Status | Description | Response Body |\n|---|---|---|---|\n" + "\n".join(rows)
    made = component(
        Path("pets.md"),
        document(endpoints=listed, schemas=SCHEMAS, sql=SQL, patterns=PATTERNS, errors=table, code=code),
    )
    assert answer(made, "adopt", "validation", "age") == "INVALID"


def test_a_wider_cause_answers_for_the_narrower() -> None:
    made = pets("| WHO | 401 | `unauthenticated` | problem |", "| EXPIRED | 401 | `token invalid` | problem |")
    assert answer(made, None, "token missing") == "WHO"
    assert answer(made, None, "token invalid") == "EXPIRED"


def causes(made: Component, operation: str) -> set[tuple[str, str, int]]:
    """Cause, what it is about first, and status of every error of an operation."""
    known = next(each for each in made.operations if each.name == operation)
    return {(one.cause, one.about[0] if one.about else "", one.status) for one in causes_of(made, known)}


def test_an_operation_has_the_causes_of_its_request_its_rows_and_its_writes() -> None:
    made = pets("| LISTED | 418 | for show | problem |", "| TOO_OLD | 409 | `adopt`: too old | problem |")
    assert causes(made, "create_pet") == {
        ("malformed", "", 400),
        ("too large", "", 413),
        ("media type", "", 415),
        ("validation", "body", 422),
        ("validation", "ownerId", 422),
        ("validation", "name", 422),
        ("validation", "age", 422),
        ("not acceptable", "", 406),
        ("validation", "pets_owner_fk", 422),
        ("validation", "pets_age_check", 422),
        ("timeout", "", 503),
        ("unavailable", "", 503),
        ("internal", "", 500),
        ("listed", "LISTED", 418),
    }
    assert ("conflict", "owners_email_key", 409) in causes(made, "create_owner")
    assert ("conflict", "pets_owner_fk", 409) in causes(made, "delete_owner")
    assert ("no row", "delete_owner", 404) in causes(made, "delete_owner")
    assert ("no row", "oldest_pet", 404) in causes(made, "oldest_pet")


def test_an_algorithm_has_the_causes_of_the_patterns_it_calls_and_the_codes_it_raises() -> None:
    made = pets("| TOO_OLD | 409 | `adopt`: too old | problem |")
    found = causes(made, "adopt")
    assert ("raised", "TOO_OLD", 409) in found
    assert ("validation", "pets_owner_fk", 422) in found
    assert not any(cause == "no row" for cause, _, _ in found), "an INSERT of given values always gives its row"


def test_an_endpoint_is_a_reference_with_and_without_the_base_path() -> None:
    errors = """
        | Error Code | HTTP Status | Description | Response Body |
        |---|---|---|---|
        | ONE | 404 | `no row` of `GET /pets/{pet}` | problem |
        | OTHER | 404 | `no row` of `PUT /v1/owners/{id}` | problem |
    """
    endpoints = """
        Base Path: /v1

        GET /pets/{id}
          Response: 200 Pet
        PUT /owners/{id}
          Body: CreateOwner
          Response: 200 Owner
    """
    text = document(sql=SQL, schemas=SCHEMAS, endpoints=endpoints, errors=errors)
    found = component(Path("causes.md"), text)
    names = {one.endpoint.title: one.name for one in found.operations}
    assert found.clauses["ONE"][0].operations == {names["GET /v1/pets/{id}"]}
    assert found.clauses["OTHER"][0].operations == {names["PUT /v1/owners/{id}"]}
