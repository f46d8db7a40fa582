"""What was verified once stays verified: the baseline only ever grows tighter."""

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from asbuilt.ledger import Claim
from asbuilt.verify import baseline
from asbuilt.verify.baseline import Kept, UnreadableBaseline
from asbuilt.verify.examination import Entry, Examination
from examined import examination, found, seen, todo, unchecked


def verified(claim: Claim) -> Entry:
    return found(claim, "verified", "as documented", seen())


ALL = todo(verified)
HALF = todo(lambda claim: verified(claim) if claim.section.startswith("api.") else unchecked(claim))
TEXT = ALL.component.source.text


def stored(path: Path, examined: Examination) -> tuple[Kept, ...]:
    path.write_text(baseline.written(baseline.verified(examined)))
    kept = baseline.read(path)
    assert kept is not None
    return kept


def test_it_is_read_as_it_was_written(tmp_path: Path) -> None:
    assert stored(tmp_path / "kept.json", ALL) == baseline.verified(ALL)
    assert baseline.read(tmp_path / "none.json") is None
    assert stored(tmp_path / "empty.json", todo(unchecked)) == ()


def test_it_has_a_line_for_each_claim_in_a_steady_order() -> None:
    text = baseline.written(baseline.verified(ALL))
    assert baseline.written(tuple(reversed(baseline.verified(ALL)))) == text
    lines = [line.strip(" ,") for line in text.splitlines() if '"id"' in line]
    assert len(lines) == len(ALL.standing("verified"))
    keys = [(one["section"], one["statement"], one["id"]) for one in map(json.loads, lines)]
    assert keys == sorted(keys)
    more = set(text.splitlines()) ^ set(baseline.written(baseline.verified(HALF)).splitlines())
    assert len(more) <= len(ALL.standing("verified")) - len(HALF.standing("verified")) + 2


def test_what_is_lost_and_what_is_gained(tmp_path: Path) -> None:
    kept = stored(tmp_path / "kept.json", ALL)
    compared = baseline.compare(kept, HALF)
    assert [entry for _, entry in compared.lost] == sorted(
        HALF.standing("unchecked"), key=lambda entry: (entry.claim.section, entry.claim.statement, entry.claim.id)
    )
    assert (compared.gone, compared.gained) == ((), ())
    back = baseline.compare(baseline.verified(HALF), ALL)
    assert (back.lost, back.gone, len(back.gained)) == ((), (), len(compared.lost))


def test_a_refuted_claim_is_lost() -> None:
    refuted = todo(lambda claim: found(claim, "refuted", "no", seen()))
    assert len(baseline.compare(baseline.verified(ALL), refuted).lost) == len(ALL.standing("verified"))


def test_a_claim_that_the_document_no_longer_makes_is_gone() -> None:
    text = ALL.component.source.text
    shorter = examination(
        text.replace("    note: str | None\n    priority: Priority\n", "    note: str | None\n"), verified
    )
    compared = baseline.compare(baseline.verified(ALL), shorter)
    assert [one.statement.partition(":")[0] for one in compared.gone] == ["Todo.priority"]
    assert compared.lost == ()
    assert baseline.tightened(baseline.verified(ALL), shorter) == baseline.verified(shorter)


def test_it_outlives_what_moves() -> None:
    moved = examination(
        ALL.component.source.text.replace("## Implementation Overview", "\n\n## Implementation Overview"), verified
    )
    compared = baseline.compare(baseline.verified(ALL), moved)
    assert (compared.lost, compared.gone, compared.gained) == ((), (), ())


def test_tightening_never_lets_go() -> None:
    assert baseline.tightened(baseline.verified(ALL), HALF) == baseline.verified(ALL)
    assert baseline.tightened(baseline.verified(HALF), ALL) == baseline.verified(ALL)


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"version": 1}', '{"version": 1, "verified": [1]}', "\0", "[" * 100_000, '{"version": 2}']
)
def test_what_is_no_baseline_says_so(tmp_path: Path, text: str) -> None:
    (tmp_path / "kept.json").write_text(text)
    with pytest.raises(UnreadableBaseline) as refusal:
        baseline.read(tmp_path / "kept.json")
    assert "kept.json" in refusal.value.message
    assert refusal.value.hint


@settings(max_examples=50, deadline=None)
@given(st.lists(st.builds(Kept, st.text(), st.text(st.characters(exclude_categories=["Cs"])), st.text()), unique=True))
def test_any_claim_survives(tmp_path_factory: pytest.TempPathFactory, kept: list[Kept]) -> None:
    path = tmp_path_factory.mktemp("kept") / "kept.json"
    path.write_text(baseline.written(tuple(kept)), encoding="utf-8")
    assert baseline.read(path) == tuple(sorted(kept))
