"""What `asbuilt run` says and keeps when the world around it is not as it should be."""

import asyncio
import os
import pwd
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import asyncpg
import httpx
import pytest
from running import Running, environment, running
from servers import ROOT, eventually, passable_folder
from test_server import DOCUMENTS

from asbuilt.postgres import server
from asbuilt.postgres.account import Account, server_account
from asbuilt.postgres.providers import Search, find

SCREEN = 25
SECRET = "hush-9d1f"  # noqa: S105 - that it is never shown is what is tested
as_root = pytest.mark.skipif(not ROOT, reason="needs root")


def run(document: Path, state: Path, *words: str, **variables: str) -> "subprocess.CompletedProcess[str]":
    """`asbuilt run` of what is not to begin."""
    done = subprocess.run(
        [sys.executable, "-m", "asbuilt", "run", str(document), "--port", "0", *words],
        capture_output=True,
        text=True,
        timeout=60,
        env=environment(state, **variables),
        check=False,
    )
    said = done.stdout + done.stderr
    assert "Traceback" not in said, said
    assert SECRET not in said
    assert "ready at" not in said, said
    assert said.count("\n") <= SCREEN, said
    return done


@pytest.fixture(scope="module")
def shop_text(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("new")
    subprocess.run([sys.executable, "-m", "asbuilt", "new", "shop"], cwd=folder, check=True, stdout=subprocess.DEVNULL)
    return (folder / "shop.md").read_text()


@pytest.fixture
def shop(tmp_path: Path, shop_text: str) -> Path:
    (tmp_path / "shop.md").write_text(shop_text)
    return tmp_path / "shop.md"


def add_item(url: str, name: str) -> str:
    answer = httpx.post(f"{url}/items", json={"name": name, "price_cents": 1}, timeout=20)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


# The document


def test_a_document_with_errors_does_not_serve(shop: Path, state: Path) -> None:
    shop.write_text(shop.read_text().replace("Response:  200 Item\n", "Response:  200 Itme\n"))
    done = run(shop, state)
    assert done.returncode == 1
    assert "did you mean `Item`?" in done.stderr
    assert "has errors" in done.stderr
    assert not (state / "databases").exists()


@pytest.mark.parametrize(
    "clause", ["Auth: required", "Roles: admin", "Limit: 5 per minute per caller", "Idempotency: Idempotency-Key"]
)
def test_what_protects_and_is_not_enacted_is_not_served_without_it(shop: Path, state: Path, clause: str) -> None:
    shop.write_text(shop.read_text().replace("POST /items\n", f"POST /items\n  {clause}\n", 1))
    done = run(shop, state)
    assert done.returncode == 1, done.stderr
    assert "not enacted" in done.stderr
    assert f"shop.md:{shop.read_text().split(clause)[0].count(chr(10)) + 1}" in done.stderr


def test_faults_of_the_configuration_are_told_together(shop: Path, state: Path) -> None:
    env = f"# Required\nFIRST=...\nAPI_SECRET=...\nSIZE=5  # 1..10\nMODE=a  # a | b\nKEY_SECRET={3}\n"
    shop.write_text(
        f"{shop.read_text()}\n## Configuration Implementation\n\n### Environment Variables\n```env\n{env}```\n"
    )
    with socket.create_server(("127.0.0.1", 0)) as taken:  # the port is not so much as tried
        port = str(taken.getsockname()[1])
        done = run(shop, state, "--port", port, SIZE=SECRET, MODE=SECRET, KEY_SECRET=SECRET, COMPONENT_PORT="70000")
    assert done.returncode == 78, done.stderr
    for name in ("FIRST", "API_SECRET", "SIZE", "MODE"):
        assert f"`{name}`" in done.stderr
    assert not (state / "databases").exists()


# The port


@as_root
def test_a_privileged_port(shop: Path) -> None:
    """As `nobody`, who has no folder of its own: one is given."""
    with an_ordinary_user() as (account, folder):
        shutil.copy(shop, folder / "shop.md")
        done = as_user(account, folder, "run", "shop.md", "--port", "80")
    if done.returncode == 0 or "may not be used" not in done.stderr:
        low = Path("/proc/sys/net/ipv4/ip_unprivileged_port_start")
        assert low.read_text().strip() == "0", done.stdout + done.stderr
        pytest.skip("this machine lets everybody use low ports")
    assert done.returncode == 2
    assert "--port 8080" in done.stderr


def test_no_address_of_this_machine(shop: Path, state: Path) -> None:
    done = run(shop, state, "--host", "192.0.2.1")
    assert done.returncode == 2
    assert "`192.0.2.1` is no address of this machine" in done.stderr


# A database that was named


@dataclass
class Foreign:
    """A PostgreSQL server that is not ours: its address, and a database for each test."""

    port: int

    def url(self, user: str = "postgres", password: str = SECRET, database: str = "shop") -> str:
        return f"postgresql://{user}:{password}@127.0.0.1:{self.port}/{database}"

    def run(self, sql: str, database: str = "postgres") -> None:
        async def go() -> None:
            connection = await asyncpg.connect(self.url(database=database))
            try:
                for each in sql.split(";"):
                    await connection.execute(each)
            finally:
                await connection.close()

        asyncio.run(go())


@pytest.fixture(scope="module")
def foreign() -> Iterator[Foreign]:
    folder = passable_folder()
    account = server_account(folder / "data")
    programs = find(Search(account, folder / "binaries"))
    home = folder / "home"
    home.mkdir(mode=0o700)
    (home / "password").write_text(SECRET)
    for path in (home, home / "password"):
        os.chown(path, account.uid, account.gid)
    data = str(home / "data")
    who = ("-U", "postgres", "-A", "scram-sha-256", f"--pwfile={home / 'password'}")
    made = account.run([programs.program("initdb"), "-D", data, *who, "--no-sync"])
    assert made.returncode == 0, made.stdout
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with (folder / "log").open("wb") as log, Path(os.devnull).open() as nothing:
        where = ("-p", str(port), "-k", str(home), "-c", "listen_addresses=127.0.0.1")
        process = account.spawn(
            [programs.program("postgres"), "-D", data, *where, "-F"], lifeline=nothing.fileno(), log=log
        )
    known = Foreign(port)
    try:

        def answers() -> bool:
            with suppress(OSError, asyncpg.PostgresError):
                known.run("SELECT 1")
                return True
            return False

        eventually(answers, 30)
        yield known
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(30)
        shutil.rmtree(folder)


@pytest.fixture
def database(foreign: Foreign) -> Foreign:
    foreign.run("DROP DATABASE IF EXISTS shop WITH (FORCE); CREATE DATABASE shop")
    return foreign


def test_databases_that_can_not_be_had(shop: Path, state: Path, foreign: Foreign) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        nobody = closed.getsockname()[1]
    for url, said in (
        (f"postgresql://u:{SECRET}@127.0.0.1:{nobody}/x", "can't be reached"),
        (foreign.url(password=f"{SECRET}x"), "check user and password"),
        (foreign.url(user="stranger"), "check user and password"),
        (foreign.url(database="atlantis"), "create the database"),
        (f"{SECRET}", "postgresql://user:password@host:5432/name"),
        (f"mysql://u:{SECRET}@127.0.0.1/x", "postgresql://user:password@host:5432/name"),
        (f"postgresql://u:{SECRET}@127.0.0.1:port/x", "postgresql://user:password@host:5432/name"),
        (f"postgresql://u:{SECRET}@[::1/x", "postgresql://user:password@host:5432/name"),
    ):
        done = run(shop, state, DATABASE_URL=url)
        assert done.returncode == 2, (said, done.stdout, done.stderr)
        assert said in done.stderr, (url, done.stderr)


def test_a_database_that_is_named_is_never_laid_aside(shop: Path, state: Path, database: Foreign) -> None:
    done = run(shop, state, "--fresh", DATABASE_URL=database.url())
    assert done.returncode == 2
    assert "--fresh" in done.stderr


@pytest.mark.parametrize(
    ("declared", "code", "said"),
    [
        ("# Required\nDATABASE_URL=...", 78, "`DATABASE_URL` is required and not set"),
        ("DATABASE_URL=postgresql://user:password@localhost:9/name", 2, "can't be reached"),
    ],
)
def test_a_document_that_wants_a_database_is_served_without_one_on_request(
    shop: Path, state: Path, declared: str, code: int, said: str
) -> None:
    variables = f"## Configuration Implementation\n\n### Environment Variables\n```env\n{declared}\n```\n"
    order = "### Configuration Loading\n1. the defaults above\n2. the environment\n"
    shop.write_text(f"{shop.read_text()}\n{variables}\n{order}")
    refused = run(shop, state)
    assert refused.returncode == code, refused.stderr
    assert said in refused.stderr
    assert "`--database embedded`" in refused.stderr
    with running(shop, state, "--database", "embedded", DATABASE_URL="postgresql://nobody@127.0.0.1:9/x") as served:
        assert add_item(served.url, "Green tea")


def test_a_database_that_is_in_use_is_not_changed(shop: Path, state: Path, database: Foreign) -> None:
    database.run("CREATE TABLE items (id int); INSERT INTO items VALUES (1)", "shop")
    done = run(shop, state, DATABASE_URL=database.url())
    assert done.returncode == 2
    assert "not at the schema of the document" in done.stderr
    database.run("SELECT id FROM items", "shop")


def test_a_read_only_database_answers_reads(shop: Path, state: Path, database: Foreign) -> None:
    database.run("ALTER DATABASE shop SET default_transaction_read_only = on")
    done = run(shop, state, DATABASE_URL=database.url())
    assert done.returncode == 2, "an empty database can't be given tables"
    assert "read-only" in done.stderr
    database.run("ALTER DATABASE shop RESET default_transaction_read_only")
    with running(shop, state, DATABASE_URL=database.url()) as served:
        item = add_item(served.url, "kept")
    database.run("ALTER DATABASE shop SET default_transaction_read_only = on")
    with running(shop, state, DATABASE_URL=database.url()) as served, httpx.Client(base_url=served.url) as client:
        assert client.get(f"/items/{item}").json()["name"] == "kept"
        assert len(client.get("/items").json()["items"]) == 1
        for answer in (
            client.post("/items", json={"name": "new", "price_cents": 1}),
            client.patch(f"/items/{item}", json={"name": "other"}),
            client.delete(f"/items/{item}"),
        ):
            assert answer.status_code == 503, answer.text
            assert answer.headers["retry-after"]
            assert "transaction" not in answer.text


def test_a_role_that_may_not_create(shop: Path, state: Path, database: Foreign) -> None:
    database.run(f"DROP ROLE IF EXISTS clerk; CREATE ROLE clerk LOGIN PASSWORD '{SECRET}'")
    done = run(shop, state, DATABASE_URL=database.url(user="clerk"))
    assert done.returncode == 2
    assert "permission denied" in done.stderr
    assert "the right to create" in done.stderr
    with running(shop, state, DATABASE_URL=database.url()) as served:
        item = add_item(served.url, "kept")
    database.run("GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO clerk", "shop")
    with running(shop, state, DATABASE_URL=database.url(user="clerk")) as served:
        assert httpx.get(f"{served.url}/items/{item}").status_code == 200
        assert add_item(served.url, "another")
        assert any("not compared" in line for line in served.output)


# A database of its own


@as_root
def test_data_of_another_owner_and_of_another_version(shop: Path, state: Path) -> None:
    with running(shop, state) as served:
        item = add_item(served.url, "kept")
    data = server.data_folder(shop)
    owner = data.stat().st_uid
    os.chown(data, pwd.getpwnam("daemon").pw_uid, -1)
    done = run(shop, state)
    assert done.returncode == 2
    assert "belongs to `daemon`" in done.stderr
    os.chown(data, owner, -1)
    version = (data / "PG_VERSION").read_text()
    (data / "PG_VERSION").write_text("13\n")
    done = run(shop, state)
    assert done.returncode == 2
    assert "was written by PostgreSQL 13" in done.stderr
    assert "--fresh" in done.stderr
    (data / "PG_VERSION").write_text(version)
    with running(shop, state, "--fresh") as served:
        assert httpx.get(f"{served.url}/items").json()["items"] == []
        assert any("the old data are kept in" in line for line in served.output)
    (kept,) = [folder for folder in data.parent.iterdir() if folder.name.startswith("data-")]
    shutil.rmtree(data)
    kept.rename(data)
    with running(shop, state) as served:
        assert httpx.get(f"{served.url}/items/{item}").json()["name"] == "kept"


def test_a_second_run_of_the_same_document(shop: Path, state: Path) -> None:
    with running(shop, state) as served:
        done = run(shop, state)
        assert done.returncode == 2
        assert f"in use by process {served.process.pid}" in done.stderr
        fresh = run(shop, state, "--fresh")
        assert fresh.returncode == 2
        assert add_item(served.url, "still here")


@as_root
def test_a_full_disk(shop: Path, state: Path) -> None:
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=120m,mode=711", "tmpfs", state], check=False).returncode:
        pytest.skip("this machine lets nobody mount")
    try:
        with running(shop, state) as served:
            item = add_item(served.url, "kept")
            filler = state / "filler"
            with suppress(OSError), filler.open("wb", buffering=0) as file:
                while file.write(bytes(65536)):
                    pass
            with httpx.Client(base_url=served.url, timeout=20) as client:
                long = {"price_cents": 1, "note": "n" * 500}
                answers = [client.post("/items", json={"name": f"more {i}", **long}) for i in range(300)]
                assert {answer.status_code for answer in answers} <= {201, 503}
                assert 500 not in {client.get(f"/items/{item}").status_code for _ in range(5)}
        assert served.process.returncode == 0
        filler.unlink()
        with running(shop, state) as served:
            assert httpx.get(f"{served.url}/items/{item}").json()["name"] == "kept"
    finally:
        subprocess.run(["umount", state], check=True)


# A document that changes while it is served


def told(served: Running, words: str) -> None:
    eventually(lambda: words in "".join(served.output), 40)


def test_reload(shop: Path, state: Path) -> None:
    text = shop.read_text()
    wider = (
        text.replace("    note        text,\n", "    note        text,\n    colour      text,\n")
        .replace("    note: str | None\n", "    note: str | None\n    colour: str | None\n")
        .replace("class NewItem:\n", "class NewItem:\n    colour: str | None = None\n")
    )
    with running(shop, state, "--reload") as served:
        item = add_item(served.url, "kept")

        def serves() -> bool:
            answer = httpx.get(f"{served.url}/items/{item}", timeout=20)
            return answer.status_code == 200 and answer.json()["name"] == "kept"

        shop.unlink()
        told(served, "does not exist")
        assert serves()
        for faulty, words in (
            (text.replace("Response:  200 Item\n", "Response:  200 Itme\n"), "did you mean `Item`?"),
            (text.replace("POST /items\n", "POST /items\n  Auth: required\n", 1), "not enacted"),
            ("\0", "is binary"),
            ("", "is empty"),
            (re.sub(r"    note\b.*\n", "", text), "would lose"),
        ):
            shop.write_text(faulty)
            told(served, words)
            assert serves(), words
        assert "`items.note`" in "".join(served.output)
        shop.write_text(wider)
        told(served, "is served anew")
        eventually(lambda: "colour" in httpx.get(f"{served.url}/items/{item}", timeout=20).json(), 40)

        def takes() -> bool:
            """The worker with the version before answers for a moment yet."""
            red = {"name": f"red {time.monotonic_ns()}", "price_cents": 1, "colour": "red"}
            return bool(httpx.post(f"{served.url}/items", json=red, timeout=20).json().get("colour") == "red")

        eventually(takes, 40)
        assert serves()
        assert "Traceback" not in "".join(served.output)


# The end


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("after", ["", "preparing", "added"])
def test_a_signal_at_the_start(shop: Path, state: Path, number: int, after: str) -> None:
    command = [sys.executable, "-m", "asbuilt", "run", str(shop), "--port", "0"]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment(state)
    )
    assert process.stdout is not None
    with process.stdout as output:
        said = []
        while after and not (said and after in said[-1]):
            said.append(output.readline())
            assert said[-1], "".join(said)
        process.send_signal(number)
        said.append(output.read())
    code = process.wait(60)
    assert "Traceback" not in "".join(said), "".join(said)
    assert code in (0, 130, -number), code  # before the program has begun, the signal's own end
    assert not list(state.rglob("postmaster.pid"))
    with running(shop, state) as served:
        assert add_item(served.url, "begins all the same")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_the_end_under_load_with_two_workers(state: Path, tmp_path: Path, number: int) -> None:
    """Whoever was let in is answered; whoever comes later finds nobody."""
    shutil.copy(DOCUMENTS / "stock.md", tmp_path)
    with running(tmp_path / "stock.md", state, "--workers", "2") as served:

        def call(_: int) -> int:
            with httpx.Client(base_url=served.url, timeout=30) as client:
                return client.get("/pause?seconds=4").status_code

        with ThreadPoolExecutor(8) as pool:
            answers = [pool.submit(call, each) for each in range(8)]
            time.sleep(2)
            served.process.send_signal(number)
            assert [answer.result(30) for answer in answers] == [200] * 8
        assert served.process.wait(60) == 0
    assert not list(state.rglob("postmaster.pid"))


def test_a_reader_of_the_output_that_leaves(shop: Path, state: Path) -> None:
    """`asbuilt run shop.md | head -n 1` goes on serving, or ends; it never fails."""
    command = [sys.executable, "-m", "asbuilt", "run", str(shop), "--port", "0"]
    with tempfile.TemporaryFile("w+") as errors:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, text=True, env=environment(state))
        assert process.stdout is not None
        process.stdout.readline()
        process.stdout.close()
        time.sleep(2)
        if process.poll() is None:
            process.terminate()
        assert process.wait(60) == 0
        errors.seek(0)
        assert "Traceback" not in errors.read()
    assert not list(state.rglob("postmaster.pid"))


# An ordinary user


@contextmanager
def an_ordinary_user() -> Iterator[tuple[Account, Path]]:
    """`nobody`, and a home for it that others may not enter."""
    nobody = pwd.getpwnam("nobody")
    account = Account("nobody", nobody.pw_uid, nobody.pw_gid, lent=True)
    try:
        reachable = account.run([sys.executable, "-c", "import asbuilt"]).returncode == 0
    except PermissionError:
        reachable = False
    if not reachable:
        pytest.skip("`nobody` may not enter the folder of this Python")
    folder = passable_folder()
    home = folder / "home"
    home.mkdir(mode=0o700)
    os.chown(home, account.uid, account.gid)
    try:
        yield account, home
    finally:
        shutil.rmtree(folder)


def as_user(account: Account, home: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "asbuilt", *words],
        cwd=home,
        capture_output=True,
        text=True,
        timeout=60,
        env={"HOME": str(home), "PATH": os.environ["PATH"]},
        user=account.uid,
        group=account.gid,
        extra_groups=[],
        check=False,
    )


@as_root
def test_an_ordinary_user(shop: Path) -> None:
    with an_ordinary_user() as (account, home):
        assert as_user(account, home, "new", "shop").returncode == 0
        assert as_user(account, home, "check", "shop.md").returncode == 0
        process = subprocess.Popen(
            [sys.executable, "-m", "asbuilt", "run", "shop.md", "--port", "0"],
            cwd=home,
            stdout=subprocess.PIPE,
            text=True,
            env={"HOME": str(home), "PATH": os.environ["PATH"]},
            user=account.uid,
            group=account.gid,
            extra_groups=[],
        )
        assert process.stdout is not None
        with process.stdout as output:
            url = next(line for line in output if "ready at" in line).rpartition(" ")[2].strip()
            assert add_item(url, "mine")
            process.terminate()
        assert process.wait(60) == 0
        assert (home / ".local" / "state" / "asbuilt").is_dir()
