"""The examples implemented by hand keep their documents: what is asked of them here is what the documents state."""

import re
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
from foreign.servers import ALL, HERE, NAMES, PYTHON, Example, Foreign, Name, NotReadyError, Served, require
from servers import eventually
from test_walkthroughs import ROOT, commands, matches

from asbuilt.postgres.direct import execute, fetch

NOBODY = "5f0c5c1e-7a51-4c51-9d57-1f3f0f6c9a01"
PROBLEM = "application/problem+json"
CATALOGUE = (
    "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE connamespace = $1::text::regnamespace",
    "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = $1",
    """SELECT table_name, column_name, data_type, is_nullable, column_default, is_identity
       FROM information_schema.columns WHERE table_schema = $1""",
)


def of(example: Example) -> pytest.MarkDecorator:
    """Run with each implementation of one example, kept running from test to test."""
    pairs = [(name, example) for name in NAMES]
    return pytest.mark.parametrize("served", pairs, indirect=True, ids=NAMES)


@pytest.fixture(scope="module")
def served(request: pytest.FixtureRequest, kept_state: Path) -> Iterator[Served]:
    name, example = request.param
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ASBUILT_STATE", str(kept_state))
        with Foreign(name, example) as running:
            yield running


@pytest.fixture
def client(served: Served) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=served.url, timeout=20) as opened:
        yield opened


def refused(answer: httpx.Response, status: int, code: str) -> bool:
    body = answer.json()
    return (
        answer.status_code == status
        and answer.headers["content-type"].startswith(PROBLEM)
        and (body["status"], body["code"]) == (status, code)
    )


@pytest.mark.parametrize("served", ALL, indirect=True, ids=["-".join(pair) for pair in ALL])
def test_walkthrough(served: Served, request: pytest.FixtureRequest) -> None:
    example = request.node.callspec.params["served"][1]
    steps = list(commands((ROOT / "docs" / "walkthroughs" / f"{example}.md").read_text(encoding="utf-8")))
    mark = "--- end of a command ---"
    script = "\n".join(f"{command}\necho; echo '{mark}'" for command, _ in steps)
    script = script.replace("localhost:8080", f"127.0.0.1:{served.port}")
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, timeout=60, check=False)
    shown = done.stdout.split(mark)[:-1]
    assert len(shown) == len(steps), done.stderr
    for (command, expected), output in zip(steps, shown, strict=True):
        assert matches(expected, output), f"$ {command}\nexpected {expected}\nshown    {output}"


@pytest.mark.parametrize("served", ALL, indirect=True, ids=["-".join(pair) for pair in ALL])
def test_the_schema_is_that_of_the_document(served: Served, request: pytest.FixtureRequest) -> None:
    example: Example = request.node.callspec.params["served"][1]
    document = (ROOT / "examples" / f"{example}.md").read_text(encoding="utf-8")
    script = re.search(r"```sql\n(CREATE TABLE.*?)```", document, re.DOTALL)
    assert script
    execute(served.database.owner, "CREATE SCHEMA told", "SET search_path = told", script[1])
    request.addfinalizer(lambda: execute(served.database.owner, "DROP SCHEMA told CASCADE"))
    for query in CATALOGUE:
        told, found = fetch(served.database.owner, query, "told"), fetch(served.database.owner, query, "public")
        assert told
        assert {tuple(str(cell).replace("told.", "").replace("public.", "") for cell in row) for row in told} <= {
            tuple(str(cell).replace("public.", "") for cell in row) for row in found
        }


def new_list(client: httpx.Client) -> str:
    answer = client.post("/lists", json={"title": str(uuid4())})
    assert answer.status_code == 201
    return str(answer.json()["id"])


@of("todo")
def test_defaults_of_a_todo(client: httpx.Client) -> None:
    key = new_list(client)
    made = client.post(f"/lists/{key}/todos", json={"title": "x"})
    body = made.json()
    assert made.status_code == 201
    assert body == {**body, "listId": key, "title": "x", "note": None, "priority": "normal", "due": None, "done": False}
    assert set(body) == {"id", "listId", "title", "note", "priority", "due", "done", "createdAt"}
    assert client.get(f"/todos/{body['id']}").json() == body


BAD_MEMBERS: list[tuple[str, Any]] = [
    *[("title", value) for value in (None, "", "x" * 201, 5, True, ["x"])],
    *[("note", value) for value in ("x" * 2001, 5)],
    *[("priority", value) for value in (None, "LOW", "", 1)],
    *[("due", value) for value in ("tomorrow", "2026-02-30", "2026-12-01T00:00:00", 5, True)],
    *[("done", value) for value in (None, "true", 1, 0)],
]


@of("todo")
def test_each_constraint_is_kept_singly(client: httpx.Client) -> None:
    key = new_list(client)
    todo = client.post(f"/lists/{key}/todos", json={"title": "x"}).json()
    for member, value in BAD_MEMBERS:
        body = {"title": "x", member: value}
        assert refused(client.post(f"/lists/{key}/todos", json=body), 422, "INVALID"), body
        assert refused(client.put(f"/todos/{todo['id']}", json=body), 422, "INVALID"), body
        assert refused(client.patch(f"/todos/{todo['id']}", json={member: value}), 422, "INVALID"), body
    assert refused(client.post("/lists", json={}), 422, "INVALID")
    assert client.get(f"/todos/{todo['id']}").json() == todo
    for body in (
        {"title": "x" * 200},
        {"title": "😀" * 200},
        {"note": "x" * 2000},
        {"note": ""},
        {"due": "2028-02-29"},
    ):
        changed = client.patch(f"/todos/{todo['id']}", json=body)
        assert (changed.status_code, changed.json()) == (200, {**changed.json(), **body})


@of("todo")
def test_put_sets_all_and_patch_what_is_there(client: httpx.Client) -> None:
    key = new_list(client)
    full = {"title": "x", "note": "n", "priority": "high", "due": "2026-12-01", "done": True}
    made = client.post(f"/lists/{key}/todos", json=full).json()
    assert made == {**made, **full}
    path = f"/todos/{made['id']}"
    assert client.patch(path, json={}).json() == made
    assert client.patch(path, json={"note": None, "due": None}).json() == {**made, "note": None, "due": None}
    replaced = {**made, "title": "y", "note": None, "priority": "normal", "due": None, "done": False}
    assert client.put(path, json={"title": "y"}).json() == replaced
    assert client.get(path).json() == replaced


@of("todo")
def test_pages_hold_each_todo_once(client: httpx.Client) -> None:
    key = new_list(client)
    other = new_list(client)
    client.post(f"/lists/{other}/todos", json={"title": "elsewhere"})
    bodies = [{"title": f"{number}", "done": number % 2 == 0} for number in range(23)]
    made = [client.post(f"/lists/{key}/todos", json=body).json() for body in bodies]
    first = client.get(f"/lists/{key}/todos").json()
    assert len(first["items"]) == 20
    assert first["next"]
    for query, wanted in (({}, made), ({"done": "true"}, [t for t in made if t["done"]])):
        for limit in (1, 4, 100):
            seen = paged(client, f"/lists/{key}/todos", {**query, "limit": limit})
            assert sorted(seen, key=lambda todo: todo["id"]) == sorted(wanted, key=lambda todo: todo["id"])
    for query in ({"limit": "0"}, {"limit": "101"}, {"limit": "many"}, {"done": "maybe"}, {"after": "no cursor"}):
        assert refused(client.get(f"/lists/{key}/todos", params=query), 422, "INVALID"), query


def paged(client: httpx.Client, path: str, query: dict[str, Any]) -> list[dict[str, Any]]:
    items, after = [], None
    while True:
        answer = client.get(path, params=query if after is None else {**query, "after": after})
        assert answer.status_code == 200
        page = answer.json()
        assert len(page["items"]) <= query["limit"]
        items += page["items"]
        after = page["next"]
        if after is None:
            return items
        assert len(page["items"]) == query["limit"]


@of("todo")
def test_what_is_not_there(client: httpx.Client) -> None:
    body = {"title": "x"}
    for answer in (
        client.get(f"/lists/{NOBODY}"),
        client.delete(f"/lists/{NOBODY}"),
        client.get(f"/lists/{NOBODY}/todos"),
        client.post(f"/lists/{NOBODY}/todos", json=body),
        client.get(f"/todos/{NOBODY}"),
        client.put(f"/todos/{NOBODY}", json=body),
        client.patch(f"/todos/{NOBODY}", json=body),
        client.delete(f"/todos/{NOBODY}"),
    ):
        assert refused(answer, 404, "NOT_FOUND"), answer.request
    key = new_list(client)
    todo = client.post(f"/lists/{key}/todos", json=body).json()["id"]
    gone = client.delete(f"/todos/{todo}")
    assert (gone.status_code, gone.content) == (204, b"")
    assert refused(client.get(f"/todos/{todo}"), 404, "NOT_FOUND")
    kept = client.post(f"/lists/{key}/todos", json=body).json()["id"]
    assert client.delete(f"/lists/{key}").status_code == 204
    assert refused(client.get(f"/todos/{kept}"), 404, "NOT_FOUND")
    assert key not in [each["id"] for each in client.get("/lists").json()]


def new_account(client: httpx.Client, balance: int = 0, currency: str = "EUR") -> str:
    body = {"name": str(uuid4()), "currency": currency, "balance": balance}
    answer = client.post("/accounts", json=body)
    assert answer.status_code == 201
    return str(answer.json()["id"])


@of("ledger")
def test_transfers_at_once_overdraw_nobody(client: httpx.Client) -> None:
    accounts = [new_account(client, 20) for _ in range(3)]
    orders = [
        {"source": accounts[n % 3], "target": accounts[(n + 1 + n // 3 % 2) % 3], "amount": 1 + n % 13}
        for n in range(192)
    ]
    with ThreadPoolExecutor(64) as pool:
        answers = list(pool.map(lambda order: client.post("/transfers", json=order), orders))
    assert {answer.status_code for answer in answers} == {201, 409}
    assert all(answer.json()["code"] == "INSUFFICIENT_FUNDS" for answer in answers if answer.status_code == 409)
    balances = [client.get(f"/accounts/{account}").json()["balance"] for account in accounts]
    assert sum(balances) == 60
    assert min(balances) >= 0
    for account, balance in zip(accounts, balances, strict=True):
        entries = paged(client, f"/accounts/{account}/statement", {"limit": 17})
        assert 20 + sum(entry["amount"] for entry in entries) == balance
        assert [entry["id"] for entry in entries] == sorted({entry["id"] for entry in entries}, reverse=True)
    assert all(line["entries"] == 0 for line in client.get("/trial-balance").json())


@of("ledger")
def test_transfers_that_are_refused_leave_nothing(client: httpx.Client) -> None:
    source, target, dollars = new_account(client, 5), new_account(client), new_account(client, 5, "USD")
    order = {"source": source, "target": target, "amount": 1}
    for change, status, body in (
        ({"source": NOBODY}, 404, {"code": "ACCOUNT_NOT_FOUND", "account": NOBODY}),
        ({"target": NOBODY, "amount": 9}, 404, {"code": "ACCOUNT_NOT_FOUND", "account": NOBODY}),
        ({"amount": 6}, 409, {"code": "INSUFFICIENT_FUNDS", "balance": 5, "amount": 6}),
        ({"source": target}, 409, {"code": "INSUFFICIENT_FUNDS", "balance": 0, "amount": 1}),
    ):
        answer = client.post("/transfers", json={**order, **change})
        assert (answer.status_code, answer.json()) == (status, body)
        assert answer.headers["content-type"].startswith("application/json")
    assert refused(client.post("/transfers", json={**order, "target": dollars}), 409, "CURRENCIES_DIFFER")
    for change in ({"amount": 0}, {"amount": 10**12 + 1}, {"amount": "1"}, {"amount": True}, {"reference": "x" * 141}):
        assert refused(client.post("/transfers", json={**order, **change}), 422, "INVALID"), change
    assert client.get(f"/accounts/{source}").json()["balance"] == 5
    assert client.get(f"/accounts/{source}/statement").json() == {"items": [], "next": None}


@of("ledger")
def test_the_largest_transfer(client: httpx.Client) -> None:
    source, target = new_account(client, 10**12), new_account(client)
    order = {"source": source, "target": target, "amount": 10**12, "reference": "x" * 140}
    assert client.post("/transfers", json={**order, "amount": 1, "reference": None}).json()["reference"] is None
    client.post("/transfers", json={"source": target, "target": source, "amount": 1})
    assert client.post("/transfers", json=order).json()["amount"] == 10**12
    balances = [client.get(f"/accounts/{account}").json()["balance"] for account in (source, target)]
    assert balances == [0, 10**12]


@of("ledger")
def test_a_transfer_to_oneself_moves_nothing(client: httpx.Client) -> None:
    account = new_account(client, 5)
    answer = client.post("/transfers", json={"source": account, "target": account, "amount": 5, "reference": ""})
    made = answer.json()
    assert answer.status_code == 201
    assert made == {**made, "source": account, "target": account, "amount": 5, "reference": ""}
    assert client.get(f"/transfers/{made['id']}").json() == made
    assert client.get(f"/accounts/{account}").json()["balance"] == 5
    entries = client.get(f"/accounts/{account}/statement").json()["items"]
    assert [(entry["transfer_id"], entry["amount"]) for entry in entries] == [(made["id"], 5), (made["id"], -5)]


@of("ledger")
def test_the_trial_balance_is_of_all_accounts(client: httpx.Client) -> None:
    before = {line["currency"]: line["accounts"] for line in client.get("/trial-balance").json()}
    for currency in ("USD", "AAA", "ZZZ", "EUR"):
        new_account(client, 3, currency)
    lines = client.get("/trial-balance").json()
    assert [line["currency"] for line in lines] == sorted({"USD", "AAA", "ZZZ", "EUR", *before})
    for line in lines:
        assert line["entries"] == 0
        assert line["accounts"] == before.get(line["currency"], 0) + 3 * (
            line["currency"] in ("USD", "AAA", "ZZZ", "EUR")
        )


@of("ledger")
def test_accounts(client: httpx.Client) -> None:
    name = str(uuid4())
    made = client.post("/accounts", json={"name": name, "currency": "EUR"}).json()
    assert made == {**made, "name": name, "currency": "EUR", "balance": 0}
    assert refused(client.post("/accounts", json={"name": name, "currency": "USD"}), 409, "ACCOUNT_EXISTS")
    for change in (
        *({"name": value} for value in ("", "x" * 101, None, 5)),
        *({"currency": value} for value in ("eur", "EURO", "EU", "EUR\n", "", None, 5)),
        *({"balance": value} for value in (-1, 10**12 + 1, "5", 1.5, True, None)),
    ):
        body = {"name": str(uuid4()), "currency": "EUR", **change}
        assert refused(client.post("/accounts", json=body), 422, "INVALID"), change
    for path in (f"/accounts/{NOBODY}", f"/accounts/{NOBODY}/statement", f"/transfers/{NOBODY}"):
        assert refused(client.get(path), 404, "NOT_FOUND")


@of("ledger")
def test_statements(client: httpx.Client) -> None:
    source, target = new_account(client, 100), new_account(client)
    made = [client.post("/transfers", json={"source": source, "target": target, "amount": 1}).json() for _ in range(52)]
    path = f"/accounts/{target}/statement"
    first = client.get(path).json()
    assert [entry["transfer_id"] for entry in first["items"]] == [transfer["id"] for transfer in made[:1:-1]]
    assert len(client.get(path, params={"after": first["next"]}).json()["items"]) == 2
    later = client.get(path, params={"since": made[-2]["made_at"], "limit": 500}).json()["items"]
    assert {made[-1]["id"], made[-2]["id"]} <= {entry["transfer_id"] for entry in later}
    assert client.get(path, params={"since": "2999-01-01T00:00:00+02:00"}).json() == {"items": [], "next": None}
    for query in ({"limit": "0"}, {"limit": "501"}, {"since": "yesterday"}, {"since": "5"}, {"after": "no cursor"}):
        assert refused(client.get(path, params=query), 422, "INVALID"), query


@pytest.mark.parametrize(("name", "example"), ALL)
def test_sigterm_ends_it(name: Name, example: Example, state: Path) -> None:
    with Foreign(name, example) as running, httpx.Client(base_url=running.url) as client:
        assert client.get("/lists" if example == "todo" else "/trial-balance").json() == []
        running.stop(within=5)
        with pytest.raises(httpx.ConnectError):
            client.get("/lists")


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("variable", ["COMPONENT_PORT", "LOG_LEVEL"])
def test_what_the_document_does_not_allow_is_refused_by_name(name: Name, variable: str, state: Path) -> None:
    wrong = {"COMPONENT_PORT": "65536", "LOG_LEVEL": "loud"}[variable]
    with pytest.raises(NotReadyError, match=variable), Foreign(name, "ledger", variables={variable: wrong}):
        pass


@pytest.mark.parametrize("name", NAMES)
def test_try_again_while_the_database_is_gone(name: Name, state: Path) -> None:
    server = Foreign(name, "ledger", variables={"LOG_LEVEL": "warning"})
    with server as running, httpx.Client(base_url=running.url, timeout=20) as client:
        assert client.get("/trial-balance").status_code == 200
        with running.outage():
            for path in ("/trial-balance", f"/accounts/{NOBODY}"):
                assert refused(client.get(path), 503, "TRY_AGAIN")
        eventually(lambda: client.get("/trial-balance").status_code == 200)


def test_the_tests_that_one_brings_along(state: Path) -> None:
    require("fastapi_sqlalchemy")
    with Foreign("fastapi_sqlalchemy", "ledger") as running:
        done = subprocess.run(
            [PYTHON, "-m", "pytest", "-q", "-p", "no:cacheprovider"],
            cwd=HERE / "fastapi_sqlalchemy",
            env={"DATABASE_URL": running.database_url},
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.returncode == 0, done.stdout
    assert "skipped" not in done.stdout
