"""What is built from a document is compared with the file that was read and found good.

`ASBUILT_UPDATE=1 pytest tests/test_golden.py` writes the files anew.
"""

import json
import os
from pathlib import Path

import pytest

from asbuilt.frontend import load
from asbuilt.projections.openapi import openapi

ROOT = Path(__file__).parents[1]
EXAMPLES = sorted((ROOT / "examples").glob("*.md"))


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_openapi(example: Path) -> None:
    built = json.dumps(openapi(load(example, referee=False).component), indent=2, ensure_ascii=False) + "\n"
    golden = ROOT / "tests" / "golden" / example.stem / "openapi.json"
    if os.environ.get("ASBUILT_UPDATE"):
        golden.parent.mkdir(parents=True, exist_ok=True)
        golden.write_text(built, encoding="utf-8")
    assert built == golden.read_text(encoding="utf-8")
