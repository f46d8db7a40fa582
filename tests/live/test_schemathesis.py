"""Schemathesis attacks each example through its own OpenAPI document: no server error, no undocumented answer."""

import subprocess
import sys
from pathlib import Path

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator
from running import running

from asbuilt.frontend import load
from asbuilt.projections.openapi import openapi

ROOT = Path(__file__).parents[2]
EXAMPLES = sorted((ROOT / "examples").glob("*.md"))
CHECKS = (
    "not_a_server_error,status_code_conformance,content_type_conformance,response_headers_conformance,"
    "response_schema_conformance,unsupported_method"
)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_the_openapi_document_is_valid(example: Path) -> None:
    OpenAPIV31SpecValidator(openapi(load(example).component)).validate()


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_no_answer_is_undocumented(example: Path, state: Path) -> None:
    with running(example, state) as served:
        attack = subprocess.run(
            [
                *(sys.executable, "-m", "schemathesis.cli", "run", f"{served.url}/-/openapi.json", "--no-color"),
                *("--checks", CHECKS, "--max-examples", "25", "--seed", "1", "--generation-database", "none"),
                *("--phases", "examples,coverage,fuzzing,stateful", "--workers", "1", "--warnings", "off"),
            ],
            cwd=state,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
    assert attack.returncode == 0, attack.stdout[-8000:] + attack.stderr[-2000:]
