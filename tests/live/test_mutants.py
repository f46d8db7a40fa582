"""The planted faults are single, listed by ids that do not change, and leave servers that start."""

import ast
import re
from pathlib import Path

import httpx
import pytest
from foreign import mutants
from foreign.faults import FAULTS
from foreign.servers import ALL, HERE, NAMES, Foreign, Name

MUTANTS = mutants.all()


def test_ids_name_one_mutant_each() -> None:
    assert len({mutant.id for mutant in MUTANTS}) == len(MUTANTS)
    assert [mutant.id for mutant in mutants.all()] == [mutant.id for mutant in MUTANTS]
    assert "flask_psycopg/ledger/lock-dropped/ledger.py:115" in {mutant.id for mutant in MUTANTS}


def test_every_server_has_its_share() -> None:
    shares = [sum((mutant.server, mutant.example) == pair for mutant in MUTANTS) for pair in ALL]
    assert min(shares) >= 50


def test_every_rewrite_finds_a_place() -> None:
    paths = [HERE / mutant.server / mutant.file for mutant in MUTANTS]
    texts = {path: path.read_text(encoding="utf-8") for path in paths}
    for fault in FAULTS:
        for pattern, _ in fault.rewrites:
            assert any(re.search(pattern, text, re.MULTILINE) for text in texts.values()), (fault.kind, pattern)


def test_each_changes_its_file_and_leaves_it_readable() -> None:
    for mutant in MUTANTS:
        text = mutant.changed()
        assert text != (HERE / mutant.server / mutant.file).read_text(encoding="utf-8"), mutant.id
        if mutant.file.endswith(".py"):
            ast.parse(text)


def test_a_spread_takes_some_of_each_kind() -> None:
    few = mutants.spread(MUTANTS, 2)
    kinds = {(mutant.server, mutant.example, mutant.kind) for mutant in MUTANTS}
    assert {(mutant.server, mutant.example, mutant.kind) for mutant in few} == kinds
    assert len({mutant.id for mutant in few}) == len(few) <= 2 * len(kinds)


@pytest.mark.parametrize("name", NAMES)
def test_one_starts_and_errs(name: Name, tmp_path: Path, state: Path) -> None:
    first = next(m for m in MUTANTS if (m.server, m.example, m.kind) == (name, "todo", "success-status"))
    with Foreign(name, "todo", sources=first.write(tmp_path)) as served:
        assert httpx.post(f"{served.url}/lists", json={"title": "x"}).status_code == 200
