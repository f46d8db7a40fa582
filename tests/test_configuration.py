"""Environment variables and the loading order, in the forms in which people write them."""

import random
import time
from datetime import timedelta
from pathlib import Path

import pytest

from asbuilt.diagnostics import Diagnostic
from asbuilt.document import read_blocks, read_outline
from asbuilt.language.types import Choice, Scalar, spelled
from asbuilt.sections.configuration import Configuration, notation, rules, value_of
from asbuilt.source import Source, Span

NOWHERE = Span(0, 0)


def read(block: str, heading: str = "Environment Variables") -> tuple[Configuration, Source]:
    source = Source(Path("a.md"), f"# A\n\n## Configuration Implementation\n\n### {heading}\n\n{block}\n")
    return notation.read(read_outline(read_blocks(source))), source


def env(lines: str, label: str = "env") -> tuple[Configuration, Source]:
    return read(f"```{label}\n{lines}\n```")


def found(lines: str) -> list[Diagnostic]:
    configuration, _ = env(lines)
    return [finding for rule in rules.RULES for finding in rule(configuration)]


@pytest.mark.parametrize(
    ("line", "type_", "default", "required"),
    [
        ("COMPONENT_PORT=8080", "int", "8080", False),
        ("RATIO=0.5", "float", "0.5", False),
        ("FEATURE_X_ENABLED=false", "bool", "false", False),
        ("TTL=15m", "timedelta", "15m", False),
        ("MAX_BODY=10 MB", "int", "10 MB", False),
        ("NAME=web", "str", "web", False),
        ("URL=http://a.example/#part", "str", "http://a.example/#part", False),
        ("NAME='a # b'  # c", "str", "a # b", False),
        ('export NAME="a b"', "str", "a b", False),
        ("NAME=${NAME:-web}", "str", "web", False),
        ("DATABASE_URL=postgresql://...", "str", None, True),
        ("NAME=", "str", None, True),
        ("NAME=  # optional", "str", None, False),
        ("HTTP_PORT=...", "int", None, True),
        ("FEATURE_Y=...", "bool", None, True),
        ("LEVEL=info  # debug | info | warning", 'Literal["debug", "info", "warning"]', "info", False),
    ],
)
def test_a_line_declares_a_variable(line, type_, default, required):
    configuration, source = env(line)
    (variable,) = configuration.variables
    assert (spelled(variable.type), variable.default, variable.required) == (type_, default, required)
    assert source.cut(variable.name.span) == variable.name.text
    if variable.default_span and "${" not in line:
        assert source.cut(variable.default_span) == default


def test_a_range_bounds_an_integer():
    configuration, _ = env("COMPONENT_PORT=8080  # the port, 1..65535")
    type_ = configuration.variables[0].type
    assert isinstance(type_, Scalar)
    assert (type_.constraints.ge, type_.constraints.le) == (1, 65535)


def test_comments_divide_required_from_optional():
    configuration, _ = env("# Required\nA_URL=...\nA_NAME=x\n\n# Optional\nB_URL=...\n# Server\nC_URL=...\n")
    assert [(v.name.text, v.required) for v in configuration.variables] == [
        ("A_URL", True),
        ("A_NAME", True),
        ("B_URL", False),
        ("C_URL", False),
    ]


@pytest.mark.parametrize(
    ("line", "secret"),
    [
        ("FIELD_KEY=...", True),
        ("JWT_SECRET=abc", True),
        ("API_TOKEN=...", True),
        ("DATABASE_URL=...", True),
        ("BROKER_URL=amqp://a:b@host", True),
        ("SENTRY_DSN=...", True),
        ("TOKEN_TTL=15m", False),
        ("PASSWORD_MIN_LENGTH=12", False),
        ("PUBLIC_KEY=abc", False),
        ("BASE_URL=http://a.example", False),
    ],
)
def test_secrets_are_known_by_their_names(line, secret):
    assert env(line)[0].variables[0].secret is secret


TABLE = """| Variable | Required | Default | Description |
|---|---|---|---|
| `PORT` | no | `8080` | where to listen, 1..65535 |
| LOG_LEVEL | No | info | how much to say |
| `API_KEY` | Yes | — | for the gateway |
| `A_URL`, `B_URL` | yes | (none) | two of them |
"""


def test_tables_are_mapped_by_their_headers():
    configuration, source = read(TABLE)
    assert [(v.name.text, v.default, v.required) for v in configuration.variables] == [
        ("PORT", "8080", False),
        ("LOG_LEVEL", "info", False),
        ("API_KEY", None, True),
        ("A_URL", None, True),
        ("B_URL", None, True),
    ]
    assert source.cut(configuration.variables[0].default_span or NOWHERE) == "8080"


def test_a_table_whose_header_is_foreign_is_known_by_its_content():
    configuration, _ = read("| Variável | Padrão |\n|---|---|\n| `DB_HOST` | x |\n| `DB_PORT` | y |\n")
    assert [v.name.text for v in configuration.variables] == ["DB_HOST", "DB_PORT"]


def test_other_tables_declare_nothing():
    assert read("| Name | Role |\n|---|---|\n| Ada | admin |\n")[0].variables == ()


def test_bullets_declare_variables():
    configuration, source = read(
        "- **RUN_MODE**: 'batch' | 'live' (how it runs)\n"
        "- **JOB_TIMEOUT**: seconds a job may take (default: 3600)\n"
        "- `LOG_DIR` (required) - where logs go\n"
        "- `CACHE_TTL=5m`: how long\n"
        "- **Note**: none of this is secret\n"
    )
    assert [(v.name.text, spelled(v.type), v.default, v.required) for v in configuration.variables] == [
        ("RUN_MODE", 'Literal["batch", "live"]', None, True),
        ("JOB_TIMEOUT", "int", "3600", False),
        ("LOG_DIR", "str", None, True),
        ("CACHE_TTL", "timedelta", "5m", False),
    ]
    assert source.cut(configuration.variables[1].default_span or NOWHERE) == "3600"
    assert source.cut(configuration.variables[3].default_span or NOWHERE) == "5m"


@pytest.mark.parametrize(
    "block",
    [
        "```yaml\nservices:\n  api:\n    environment:\n      - DB_HOST=db\n      - DB_PORT=5432\n```",
        "```yaml\nenvironment:\n  DB_HOST: db\n  DB_PORT: 5432\n```",
        "```\nenvironment:\n  DB_HOST: 'db'\n  DB_PORT: \"5432\"\n```",
        '```json\n{\n  "DB_HOST": "db",\n  "DB_PORT": 5432\n}\n```',
        "```yaml\nenv:\n  - name: DB_HOST\n    value: db\n  - name: DB_PORT\n    value: '5432'\n```",
        "```bash\nexport DB_HOST=db\nexport DB_PORT=5432\n./start.sh\n```",
        "```python\nclass Settings(BaseSettings):\n    DB_HOST: str = 'db'\n    db_port: int = 5432\n```",
    ],
)
def test_other_notations_say_the_same(block):
    configuration, source = read(block)
    assert [(v.name.text, v.default) for v in configuration.variables] == [("DB_HOST", "db"), ("DB_PORT", "5432")]
    assert [source.cut(v.default_span or NOWHERE) for v in configuration.variables] == ["db", "5432"]
    assert not configuration.holes


def test_two_places_complete_each_other():
    configuration, _ = read("| Variable | Description |\n|---|---|\n| `PORT` | 1..9 |\n\n```env\nPORT=8\n```")
    (variable,) = configuration.variables
    assert (variable.default, variable.required, variable.description) == ("8", False, "1..9")


@pytest.mark.parametrize(
    ("lines", "name"),
    [
        ("A=1\nb c\n", "malformed-variable"),
        ("A=1\nmy-var=2\n", "malformed-variable"),
        ("A=1\nA=2\n", "duplicate-variable"),
        ("A=0  # 1..9\n", "invalid-default"),
        ("A=many  # 1..9\n", "invalid-default"),
        ("A=inof  # info | warn\n", "invalid-default"),
        ("# Required\nA=1\n", "required-with-default"),
    ],
)
def test_what_is_wrong_is_found(lines, name):
    assert [finding.name for finding in found(lines)] == [name]


def test_a_secret_is_not_shown():
    (finding,) = found("API_TOKEN=hunter2  # red | blue\n") or [None]
    assert finding is not None
    configuration, _ = env("API_TOKEN=hunter2\nAPI_TOKEN=hunter3\n")
    texts = [f.message + str(f.related) for rule in rules.RULES for f in rule(configuration)]
    assert texts
    assert not any("hunter" in text for text in texts)


def test_values_that_differ_by_environment_do_not_contradict():
    configuration, _ = read("Development:\n\n```env\nA=1\n```\n\nProduction:\n\n```env\nA=2\n```\n")
    assert (len(configuration.variables), configuration.repeated) == (1, ())


@pytest.mark.parametrize(
    "block",
    [
        "1. the defaults above\n2. `config/a.toml`\n3. the environment\n4. the command line\n",
        "1. Command-line flags\n2. Environment variables\n3. config/a.toml\n4. Built-in defaults\n",
        "```\n1. defaults\n2. config/a.toml\n3. environment variables\n4. CLI arguments\n```",
    ],
)
def test_the_loading_order_is_read_weakest_first(block):
    configuration, _ = read(block, "Configuration Loading")
    assert [(step.kind, step.path) for step in configuration.loading] == [
        ("defaults", None),
        ("file", "config/a.toml"),
        ("environment", None),
        ("command line", None),
    ]


def test_a_step_that_is_no_source_is_noted():
    configuration, _ = read("1. defaults\n2. the environment\n3. the weather\n", "Configuration Loading")
    assert [finding.name for rule in rules.RULES for finding in rule(configuration)] == ["unknown-source"]


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        ("int", "1_000", 1000),
        ("int", "2 KiB", 2048),
        ("bool", "Off", False),
        ("timedelta", "1h30m", timedelta(minutes=90)),
        ("float", "0.25", 0.25),
    ],
)
def test_a_text_becomes_a_value(kind, text, value):
    assert value_of(Scalar(kind, NOWHERE), text) == value


@pytest.mark.parametrize(("kind", "text"), [("int", "x"), ("bool", "maybe"), ("timedelta", "15"), ("uuid", "1")])
def test_a_text_of_another_type_is_refused_without_showing_it(kind, text):
    with pytest.raises(ValueError, match=r"^is no ") as refusal:
        value_of(Scalar(kind, NOWHERE), text)
    assert f"`{text}`" not in str(refusal.value)
    with pytest.raises(ValueError, match="is none of"):
        value_of(Choice(("a", "b"), NOWHERE), text)


def test_mutations_never_raise():
    seed = "# Required\nA_KEY='x y' # 1..9\nexport B=${C:-d}\nenvironment:\n  - E=f\n- name: G\n  value: 1\n| A | B |\n"
    shuffle = random.Random(3)  # noqa: S311 - a fixed seed, no secret
    for _ in range(500):
        text = list(seed)
        for _ in range(shuffle.randrange(1, 12)):
            text[shuffle.randrange(len(text))] = chr(
                shuffle.choice([shuffle.randrange(128), shuffle.randrange(0x3000)])
            )
        mutant = "".join(text)
        for configuration, source in (env(mutant), env(mutant, "yaml"), read(mutant), read(mutant, "Loading Order")):
            for rule in rules.RULES:
                assert all(0 <= f.span.start <= f.span.end <= len(source.text) for f in rule(configuration))


@pytest.mark.parametrize("piece", ["A=" + " " * 9 + "x", "a | ", "1..", "'", "#", "- name: A\n", "A_", "://a:"])
def test_time_is_linear(piece):
    started = time.perf_counter()
    for label in ("env", "yaml"):
        env("A=" + piece * 20_000, label)
        env("A=" + " " * 100_000 + "x" + piece, label)
    assert time.perf_counter() - started < 5


@pytest.mark.parametrize(
    ("bullet", "default"),
    [
        ("- `APP_LEVEL` (default `info`): one of `debug`, `info`", "info"),
        ("- `APP_PORT` (default 8080): where to listen", "8080"),
        ("- `APP_NAME`: by default the name of the host", None),
    ],
)
def test_a_default_needs_no_colon(bullet: str, default: str | None) -> None:
    configuration, _ = read(bullet)
    assert [variable.default for variable in configuration.variables] == [default]
