"""A component as it is run: real processes, a real PostgreSQL, clients that behave badly."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest
from running import Running, environment, running
from servers import eventually

DOCUMENTS = Path(__file__).parents[1] / "documents"


class Client(httpx.Client):
    """A client of a component, and the component itself."""

    def __init__(self, served: Running) -> None:
        super().__init__(base_url=served.url, timeout=20)
        self.served = served

    def raw(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", int(self.served.address.rpartition(":")[2])), timeout=10)


@pytest.fixture(scope="module")
def folder(kept_state: Path) -> Path:
    shutil.copy(DOCUMENTS / "stock.md", kept_state)
    return kept_state


@pytest.fixture(scope="module")
def stock(folder: Path) -> Iterator[Client]:
    with running(folder / "stock.md", folder) as served, Client(served) as client:
        yield client


def a_product(stock: Client, **members: Any) -> str:
    sku = f"P{time.monotonic_ns()}"[-15:]
    response = stock.post("/products", json={"sku": sku, "name": "n", "amount": 10, **members})
    assert response.status_code == 201, response.text
    return sku


def postmaster(folder: Path) -> int:
    (found,) = folder.rglob("postmaster.pid")
    return int(found.read_text().splitlines()[0])


def test_derived_operations(stock: Client) -> None:
    sku = a_product(stock, price="12.50")
    product = stock.get(f"/products/{sku}")
    assert '"price":12.50' in product.text
    assert product.json()["createdAt"].endswith("Z")
    assert stock.patch(f"/products/{sku}", json={"amount": 3}).json()["amount"] == 3
    assert stock.patch(f"/products/{sku}", json={}).json()["amount"] == 3
    assert stock.post(f"/products/{sku}/moves", json={"amount": 1}).status_code == 201
    assert [move["amount"] for move in stock.get(f"/products/{sku}/moves").json()] == [1]
    for response in (
        stock.get("/products/nobody"),
        stock.get("/products/nobody/moves"),
        stock.post("/products/nobody/moves", json={"amount": 1}),
        stock.patch("/products/nobody", json={"amount": 1}),
        stock.delete("/products/nobody"),
    ):
        assert (response.status_code, response.json()) == (404, {"code": "NO_PRODUCT"})


def test_what_postgresql_refuses_becomes_a_documented_error(stock: Client) -> None:
    sku = a_product(stock)
    taken = stock.post("/products", json={"sku": sku, "name": "n"})
    assert taken.json() == {"code": "SKU_TAKEN", "message": "there is one with this `sku` already"}
    stock.post(f"/products/{sku}/moves", json={"amount": 1})
    in_use = stock.delete(f"/products/{sku}")
    assert (in_use.status_code, in_use.json()) == (409, {"code": "IN_USE"})
    loose = stock.post("/moves", json={"sku": "nobody", "amount": 1})
    assert (loose.status_code, loose.json()["faults"]) == (
        422,
        [{"pointer": "/sku", "message": "refers to nothing that exists"}],
    )
    for amount in (2**31, 2**63, 2**70, -(10**200)):
        large = stock.post("/moves/any", json={"sku": sku, "amount": amount})
        assert large.status_code == 422, (amount, large.text)
        assert [fault["pointer"] for fault in large.json()["faults"]] == ["/amount"], amount


def test_pages_follow_their_cursors(stock: Client) -> None:
    skus = {a_product(stock) for _ in range(5)}
    seen: list[str] = []
    after = ""
    while True:
        page = stock.get(f"/products?limit=2{after}").json()
        seen += [item["sku"] for item in page["items"]]
        if page["next"] is None:
            break
        after = f"&after={page['next']}"
    assert seen == sorted(seen)
    assert skus <= set(seen)
    forged = stock.get("/products?after=bm9uc2Vuc2U")
    assert forged.json()["faults"] == [{"in": "query", "parameter": "after", "message": "is no cursor of this list"}]
    assert stock.get("/products?after=%00").status_code == 422


def test_a_change_is_made_only_to_what_was_seen(stock: Client) -> None:
    sku = a_product(stock)
    tag = stock.get(f"/products/{sku}").headers["etag"]
    first = stock.patch(f"/products/{sku}", json={"amount": 1}, headers={"If-Match": tag})
    assert first.json()["amount"] == 1
    second = stock.patch(f"/products/{sku}", json={"amount": 2}, headers={"If-Match": tag})
    assert (second.status_code, second.json()["code"]) == (412, "PRECONDITION")
    assert stock.get(f"/products/{sku}").json()["amount"] == 1
    assert stock.patch(f"/products/{sku}", json={"amount": 3}, headers={"If-Match": "*"}).json()["amount"] == 3
    assert stock.patch("/products/nobody", json={}, headers={"If-Match": "*"}).status_code == 404


def test_of_racing_changes_to_one_tag_one_wins(stock: Client) -> None:
    sku = a_product(stock)
    tag = stock.get(f"/products/{sku}").headers["etag"]

    def change(amount: int) -> int:
        return stock.patch(f"/products/{sku}", json={"amount": amount}, headers={"If-Match": tag}).status_code

    with ThreadPoolExecutor(8) as pool:
        statuses = list(pool.map(change, range(20, 28)))
    assert sorted(statuses) == [200] + [412] * 7


def test_algorithms_run_in_transactions(stock: Client) -> None:
    first, second = a_product(stock), a_product(stock, amount=0)
    moved = stock.post("/swap", json={"source": first, "target": second, "amount": 4})
    assert moved.status_code == 200
    assert [stock.get(f"/products/{sku}").json()["amount"] for sku in (first, second)] == [6, 4]
    few = stock.post("/swap", json={"source": first, "target": second, "amount": 40})
    assert (few.status_code, few.json()) == (409, {"code": "TOO_FEW", "available": 6})
    assert stock.post("/swap", json={"source": "nobody", "target": second, "amount": 1}).json()["code"] == "NO_PRODUCT"


def test_rows_of_the_path_are_loaded(stock: Client) -> None:
    sku = a_product(stock)
    assert stock.post(f"/products/{sku}/take", json={"amount": 4}).json()["amount"] == 6
    assert stock.post(f"/products/{sku}/take", json={"amount": 40}).json()["available"] == 6
    assert stock.post("/products/nobody/take", json={"amount": 1}).status_code == 404
    assert stock.post("/products/nobody/take", json={"amount": "x"}).status_code == 404  # rows before validation
    assert stock.post(f"/products/{sku}/take", json={"amount": "x"}).status_code == 422


def test_racing_transactions_lose_nothing(stock: Client) -> None:
    first, second = a_product(stock, amount=1000), a_product(stock, amount=1000)
    pairs = [(first, second), (second, first)] * 40

    def swap(pair: tuple[str, str]) -> int:
        source, target = pair
        return stock.post("/swap", json={"source": source, "target": target, "amount": 3}).status_code

    with ThreadPoolExecutor(8) as pool:
        statuses = list(pool.map(swap, pairs))
    assert set(statuses) == {200}
    amounts = [stock.get(f"/products/{sku}").json()["amount"] for sku in (first, second)]
    assert amounts == [1000, 1000]


def test_a_redirect_takes_its_address_from_a_column(stock: Client) -> None:
    sku = a_product(stock, name="grün & blau")
    response = stock.get(f"/products/{sku}/page")
    assert response.status_code == 303
    assert response.headers["location"] == "/pages/gr%C3%BCn%20&%20blau"
    assert response.headers["x-amount"] == "10"
    assert stock.get("/products/nobody/page").status_code == 404


def test_no_row_may_be_an_answer(stock: Client) -> None:
    assert stock.get("/products/nobody/perhaps").json() is None
    assert stock.get(f"/products/{a_product(stock)}/perhaps").json()["amount"] == 10


def test_a_plain_function_may_ask_the_database(stock: Client) -> None:
    a_product(stock)
    assert stock.get("/count").json()["products"] >= 1


def test_a_swallowed_failure_commits_nothing(stock: Client) -> None:
    response = stock.post("/careless")
    assert response.status_code == 500
    assert stock.get("/products/careless").status_code == 404


DOCUMENTS_KEPT = [
    {},
    [],
    0,
    "text",
    1.5,
    {"a": {"b": [1, 2.50, None, True, "\u2028", "😀"]}},
    [[]] * 100,
    {"": ""},
    1e300,
    -0.0,
]


@pytest.mark.parametrize("document", DOCUMENTS_KEPT, ids=repr)
def test_any_json_is_kept(stock: Client, document: object) -> None:
    response = stock.post("/documents", content=json.dumps(document), headers={"Content-Type": "application/json"})
    assert response.status_code == 200, response.text
    assert response.json() == document or float(response.text) == document


TORTURE = [
    b"[" * 100_000,
    b'{"a":' * 50_000,
    b"[" * 100_000 + b"]" * 100_000,
    b"[" * 127 + b"]" * 127,
    b"[" * 900 + b"]" * 900,
    b"1e400",
    b"1e999999999",
    b"-1e-999999999",
    b"9" * 900_000,
    b"1" * 5000,
    b'{"a":1,"a":2}',
    b'"\\u0000"',
    b'{"\\u0000":1}',
    b'"\\ud800"',
    b'"\\udc00\\ud800"',
    b'"\xff"',
    b'"\xed\xa0\x80"',
    b"\xef\xbb\xbf1",
    b"NaN",
    b"1 2",
    b"",
]


@pytest.mark.parametrize("raw", TORTURE, ids=lambda raw: repr(raw[:20]))
def test_no_json_is_a_fault_of_ours(stock: Client, raw: bytes) -> None:
    began = time.monotonic()
    for path in ("/documents", "/products", "/swap"):
        response = stock.post(path, content=raw, headers={"Content-Type": "application/json"})
        assert response.status_code < 500, response.text
    assert time.monotonic() - began < 5


def test_clients_that_leave_harm_nobody(stock: Client) -> None:
    request = b"GET /pause?seconds=0.3 HTTP/1.1\r\nHost: x\r\n\r\n"
    for _ in range(5):
        leaving = [stock.raw() for _ in range(20)]
        for client in leaving:
            client.sendall(request)
        time.sleep(0.02)
        for client in leaving:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
            client.close()
    eventually(lambda: stock.get("/count").status_code == 200)
    with ThreadPoolExecutor(20) as pool:
        statuses = list(pool.map(lambda _: stock.get("/pause").status_code, range(200)))
    assert set(statuses) == {200}


def test_a_deadline_frees_its_connection(stock: Client) -> None:
    with ThreadPoolExecutor(30) as pool:
        statuses = list(pool.map(lambda _: stock.get("/impatient").status_code, range(60)))
    assert set(statuses) == {503}
    eventually(lambda: stock.get("/pause").status_code == 200)


def test_a_line_that_is_too_long_is_told_to_come_back(stock: Client) -> None:
    """More statements than connections: those that wait longer than two seconds are refused, the others answered."""
    with ThreadPoolExecutor(48) as pool:
        responses = list(pool.map(lambda _: stock.get("/pause?seconds=1.5"), range(48)))
    statuses = [response.status_code for response in responses]
    assert set(statuses) == {200, 503}
    assert all(r.headers["retry-after"] == "1" for r in responses if r.status_code == 503)


def test_postgresql_killed_under_load(folder: Path, tmp_path: Path) -> None:
    shutil.copy(folder / "stock.md", tmp_path / "killed.md")
    with running(tmp_path / "killed.md", folder / "killed") as served, Client(served) as client:
        sku = a_product(client)
        ended = threading.Event()
        seen: set[int] = set()

        def load() -> None:
            with httpx.Client(base_url=served.url, timeout=20) as mine:
                while not ended.is_set():
                    seen.add(mine.get(f"/products/{sku}").status_code)

        callers = [threading.Thread(target=load) for _ in range(6)]
        for caller in callers:
            caller.start()
        time.sleep(0.3)
        os.kill(postmaster(folder / "killed"), signal.SIGQUIT)
        eventually(lambda: 503 in seen, 20)
        assert client.get("/-/health/live").status_code == 200
        eventually(lambda: client.get(f"/products/{sku}").status_code == 200, 30)
        ended.set()
        for caller in callers:
            caller.join(20)
        assert seen <= {200, 503}


def test_sigterm_answers_what_is_in_flight(folder: Path) -> None:
    with running(folder / "stock.md", folder / "term") as served, Client(served) as client:
        with ThreadPoolExecutor(1) as pool:
            answer = pool.submit(client.get, "/pause?seconds=1")
            time.sleep(0.3)
            served.process.send_signal(signal.SIGTERM)
            assert answer.result(10).json() == {"seconds": 1}
        assert served.process.wait(10) == 0
        with pytest.raises(httpx.ConnectError):
            client.get("/count")


def test_ctrl_c_ends_it_and_its_database(folder: Path) -> None:
    with running(folder / "stock.md", folder / "interrupted") as served, Client(served) as client:
        assert client.get("/count").status_code == 200
        served.process.send_signal(signal.SIGINT)
        assert served.process.wait(10) == 0
        assert not list((folder / "interrupted").rglob("postmaster.pid"))


def test_a_second_signal_does_not_wait(folder: Path) -> None:
    with (
        running(folder / "stock.md", folder / "second") as served,
        Client(served) as client,
        ThreadPoolExecutor(1) as pool,
    ):
        answer = pool.submit(client.get, "/pause?seconds=20")
        time.sleep(0.3)
        served.process.send_signal(signal.SIGTERM)
        time.sleep(0.3)
        began = time.monotonic()
        served.process.send_signal(signal.SIGTERM)
        assert served.process.wait(10) != 0
        assert time.monotonic() - began < 5
        with pytest.raises(httpx.HTTPError):
            answer.result(10)


def test_workers_share_their_counters_and_a_killed_one_is_replaced(folder: Path) -> None:
    with running(folder / "stock.md", folder / "workers", "--workers", "2") as served:

        def counted() -> int:
            with Client(served) as client:
                text = client.get("/-/metrics").text
            line = next((line for line in text.splitlines() if 'operation="count_plainly",status="200"' in line), " 0")
            return int(line.rpartition(" ")[2])

        for _ in range(20):  # a connection each, so that both workers are met
            with Client(served) as client:
                assert client.get("/count").status_code == 200
        assert counted() == 20
        victim = next(pid for pid in children(served.process.pid) if is_worker(pid))
        os.kill(victim, signal.SIGKILL)

        def again() -> bool:
            try:
                with Client(served) as client:
                    return client.get("/count").status_code == 200
            except httpx.HTTPError:
                return False

        eventually(lambda: victim not in children(served.process.pid), 20)
        eventually(again, 20)
        assert counted() > 20


def test_a_port_in_use_is_told(stock: Client, folder: Path) -> None:
    port = stock.served.address.rpartition(":")[2]
    said = refused(folder / "stock.md", folder / "taken", "--port", port)
    assert f"port {port} is in use" in said
    assert "--port" in said
    assert not list(folder.glob("taken/databases/*/data*")), "the port comes before the database"


def test_a_port_in_use_leaves_the_data_where_they_are(stock: Client, folder: Path) -> None:
    with running(folder / "stock.md", folder / "laid"):
        pass
    before = sorted(path.name for path in folder.glob("laid/databases/*/data*"))
    port = stock.served.address.rpartition(":")[2]
    assert f"port {port} is in use" in refused(folder / "stock.md", folder / "laid", "--port", port, "--fresh")
    assert sorted(path.name for path in folder.glob("laid/databases/*/data*")) == before == ["data"]


def test_a_database_that_can_not_be_had_is_told(folder: Path) -> None:
    said = refused(
        folder / "stock.md", folder / "nowhere", "--port", "0", "--database", "postgresql://u:hush@127.0.0.1:1/x"
    )
    assert "can't be reached" in said
    assert "hush" not in said


def test_code_that_fails_when_it_is_imported_is_told_with_its_line(folder: Path, tmp_path: Path) -> None:
    document = tmp_path / "broken.md"
    text = (folder / "stock.md").read_text().replace("### Take\n```python\n", "### Take\n```python\nLIMIT = 1 / 0\n\n")
    document.write_text(text)
    line = text.splitlines().index("LIMIT = 1 / 0") + 1
    said = refused(document, folder / "broken", "--port", "0")
    assert f"broken.md:{line}: LIMIT = 1 / 0" in said
    assert "ZeroDivisionError: division by zero" in said


def test_reload_follows_the_document(folder: Path, tmp_path: Path) -> None:
    document = tmp_path / "stock.md"
    shutil.copy(folder / "stock.md", document)
    text = document.read_text()
    with running(document, folder / "reload", "--reload") as served, Client(served) as client:
        assert client.get("/count").json() == {"products": 0}
        document.write_text(text.replace("products=len(", "products=1000 + len("))
        eventually(lambda: client.get("/count").json() == {"products": 1000}, 20)
        document.write_text(text.replace("Response:  200 Count", "Response:  200 Cuont"))
        eventually(lambda: any("Cuont" in line for line in served.output), 20)
        assert client.get("/count").json() == {"products": 1000}
        document.write_text(text.replace("### Plain functions\n```python\n", "### Plain functions\n```python\n1 / 0\n"))
        eventually(lambda: any("ZeroDivisionError" in line for line in served.output), 20)
        assert client.get("/count").json() == {"products": 1000}


def refused(document: Path, state: Path, *words: str) -> str:
    """What `asbuilt run` says when it does not begin."""
    state.mkdir(exist_ok=True)
    done = subprocess.run(
        [sys.executable, "-m", "asbuilt", "run", str(document), *words],
        capture_output=True,
        text=True,
        timeout=30,
        env=environment(state),
        check=False,
    )
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    return done.stderr


def children(pid: int) -> list[int]:
    task = Path(f"/proc/{pid}/task/{pid}/children")
    return [int(child) for child in task.read_text().split()]


def is_worker(pid: int) -> bool:
    """Workers are forks of the command; the postmaster is another program."""
    return b"asbuilt" in Path(f"/proc/{pid}/cmdline").read_bytes()
