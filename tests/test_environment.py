"""What `verify` finds by starting a system that reads its environment as documented, and such that do not."""

import os
import shlex
import socket
import sys
import time
from pathlib import Path

import pytest

from asbuilt import ledger
from asbuilt.frontend import load
from asbuilt.verify.environment import environment
from asbuilt.verify.examination import Entry, examine
from asbuilt.verify.starting import Started, free_ports, ports_of, settled, started
from asbuilt.verify.target import Target

DOCUMENT = """\
# Greeter Implementation Specification

## Configuration Implementation

### Environment Variables
```env
# Required
GREETING_KEY=...             # the key that greetings are signed with
SHARDS=...                   # 1..8

# Optional
COMPONENT_PORT={port}        # 1..65535
TONE=warm                    # warm | cool
GREETING=hello
```

### Configuration Loading
1. the defaults above
2. the environment
3. the command line
"""
SERVER = """\
import http.server, os, sys

def demand(held, name):
    if not held:
        sys.exit(f"{name} is wrong or missing")

class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(404)
        self.end_headers()
    def log_message(self, *_):
        pass

port = os.environ.get("COMPONENT_PORT", os.environ.get("PORT", "DEFAULT"))
demand(os.environ.get("GREETING_KEY"), "GREETING_KEY")
demand(os.environ.get("SHARDS", "") in tuple("12345678"), "SHARDS")
demand(port.isdecimal() and 1 <= int(port) <= 65535, "COMPONENT_PORT")
demand(os.environ.get("TONE", "warm") in ("warm", "cool"), "TONE")
http.server.HTTPServer(("127.0.0.1", int(port)), Handler).serve_forever()
"""
# What is changed in the server, and what is then told of which claim.
FAULTS = (
    ('demand(os.environ.get("GREETING_KEY"), "GREETING_KEY")', "", "GREETING_KEY", "without `GREETING_KEY`: it starts"),
    (', "GREETING_KEY")', ', "a key")', "GREETING_KEY", "it ends with 1 and does not name `GREETING_KEY`"),
    ('"12345678"', '"123456789"', "SHARDS", "`SHARDS=9`: it starts all the same"),
    ("1 <= int(port)", "0 <= int(port)", "COMPONENT_PORT", "`COMPONENT_PORT=0`: it starts all the same"),
    ('get("COMPONENT_PORT", ', 'get("SERVICE_PORT", ', "COMPONENT_PORT", "it listens at"),
    ('"DEFAULT"', '"OTHER"', "COMPONENT_PORT", "without it, it listens at"),
    ('("warm", "cool")', '("warm",)', "TONE", "with `TONE=cool` it ends with 1"),
    ("\nhttp.", "\nos.environ['GREETING']\nhttp.", "GREETING", "without it, it ends with 1"),
    ("\nport =", "\nprint(os.environ.get('GREETING_KEY'))\nport =", "GREETING_KEY", "which is secret, stands in the"),
    ("sys.exit(f", "print(f", "SHARDS", "without `SHARDS`: it starts all the same"),
    ("sys.exit(f", "print(f'{name}'), sys.exit(0) #", "SHARDS", "it ends with 0"),
)


def proved(folder: Path, server: str, **target: str) -> dict[str, Entry]:
    document, program = folder / "greeter.md", folder / "greeter.py"
    default, other = free_ports(2)
    document.write_text(DOCUMENT.format(port=default))
    program.write_text(server.replace("DEFAULT", str(default)).replace("OTHER", str(other)))
    component = load(document).component
    start = shlex.join([sys.executable, "-I", "-S", str(program)])
    given = Target("http://127.0.0.1:9", **{"start": start, **target})  # type: ignore[arg-type]
    found = examine(component, ledger.read(component), given, probes=(environment,))
    return {entry.claim.names[0]: entry for entry in found.entries if entry.claim.kind in ("variable", "loading step")}


def test_what_reads_its_environment_as_documented_is_verified(tmp_path: Path) -> None:
    found = proved(tmp_path, SERVER)
    standings = {name: entry.claim.standing for name, entry in found.items()}
    assert standings == {
        "GREETING_KEY": "verified",
        "SHARDS": "verified",
        "COMPONENT_PORT": "verified",
        "TONE": "verified",
        "GREETING": "unchecked",
        "1": "verified",
        "2": "verified",
        "3": "unchecked",
    }, {name: entry.why for name, entry in found.items()}
    assert "cannot be seen from outside" in found["GREETING"].why
    assert "refused with 1" in found["GREETING_KEY"].why


@pytest.mark.parametrize(("old", "new", "name", "told"), FAULTS, ids=[fault[3] for fault in FAULTS])
def test_each_fault_is_told_at_its_variable(tmp_path: Path, old: str, new: str, name: str, told: str) -> None:
    assert old in SERVER
    found = proved(tmp_path, SERVER.replace(old, new))
    refuted = {each: entry.why for each, entry in found.items() if entry.claim.standing == "refuted"}
    assert told in refuted.get(name, ""), refuted
    evidence = found[name].evidence
    assert evidence.command in evidence.measured
    assert f"{name}=" in evidence.command or f"-u {name}" in evidence.command or "secret" in told


def test_no_secret_stands_in_the_evidence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GREETING_KEY", "a-key-of-mine")
    found = proved(tmp_path, SERVER.replace("\nport =", "\nprint(os.environ.get('GREETING_KEY'))\nport ="))
    assert found["GREETING_KEY"].claim.standing == "refuted"
    assert "a-key-of-mine" not in found["GREETING_KEY"].evidence.measured
    assert "$GREETING_KEY" in found["GREETING_KEY"].evidence.measured


def test_where_it_does_not_start_all_is_unchecked(tmp_path: Path) -> None:
    found = proved(tmp_path, "import sys; sys.exit('no licence')")
    assert {entry.claim.standing for entry in found.values()} == {"unchecked"}
    assert found["TONE"].why == (
        "started with `COMPONENT_PORT` and `PORT` set to a free port, it ended with 1: no licence"
    )


def test_a_default_that_is_taken_is_not_tried(tmp_path: Path) -> None:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        held.listen()
        port = held.getsockname()[1]
        (tmp_path / "greeter.md").write_text(DOCUMENT.format(port=port))
        (tmp_path / "greeter.py").write_text(SERVER.replace("DEFAULT", str(port)))
        component = load(tmp_path / "greeter.md").component
        target = Target("http://127.0.0.1:9", start=f"exec {sys.executable} -I -S {tmp_path / 'greeter.py'}")
        found = examine(component, ledger.read(component), target, probes=(environment,))
    step = next(entry for entry in found.entries if entry.claim.key == ("loading step", ("1",)))
    assert step.claim.standing == "unchecked"
    assert found.standing("refuted") == ()


def said(running: Started) -> str:
    deadline = time.monotonic() + 10
    while not running.look().output and time.monotonic() < deadline:
        time.sleep(0.02)
    return running.look().output.strip()


def test_all_that_a_command_has_started_is_ended(tmp_path: Path) -> None:
    """Also what it has put into the background, and what does not listen to a signal."""
    deaf = "import os, signal, time; signal.signal(15, signal.SIG_IGN); print(os.getpid(), flush=True); time.sleep(60)"
    command = f"{sys.executable} -I -S -c {shlex.quote(deaf)} & wait"
    child = 0

    def interrupted() -> None:
        nonlocal child
        with started([(command, os.environ, 9)]) as running:
            child = int(said(running[0]))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert gone(child)


def test_a_port_is_found_that_nobody_told() -> None:
    listen = (
        "import socket, time; held = socket.create_server(('127.0.0.1', 0)); "
        "print(held.getsockname()[1], flush=True); time.sleep(60)"
    )
    with started([(f"exec {sys.executable} -I -S -c {shlex.quote(listen)}", os.environ, 9)]) as running:
        port = int(said(running[0]))
        assert ports_of(running[0].session) == ({port} if Path("/proc").exists() else set())


def test_patience_ends() -> None:
    with started([("exec sleep 60", os.environ, 9)]) as running:
        assert [each.outcome for each in settled(running, 0.2)] == ["neither"]


def gone(process: int) -> bool:
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        try:
            os.kill(process, 0)
        except ProcessLookupError:
            return True
        status = Path(f"/proc/{process}/stat")
        if status.exists() and status.read_text().rpartition(")")[2].split()[0] == "Z":
            return True
        time.sleep(0.02)
    return False
