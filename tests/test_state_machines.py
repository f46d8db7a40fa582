"""State machines in the forms in which people write them, and what becomes of the events that endpoints name."""

import random
import time
from pathlib import Path

import pytest

from asbuilt.component import MachineStep
from asbuilt.component.model import Operation
from asbuilt.document import read_blocks, read_outline
from asbuilt.frontend import Loaded
from asbuilt.frontend import read as load
from asbuilt.language.types import Scalar
from asbuilt.ledger import read as read_ledger
from asbuilt.projections.openapi import openapi
from asbuilt.runtime.explain import explain
from asbuilt.sections.state_machines import After, At, Machine, StateMachines, Transition, notation
from asbuilt.source import Source

HEADING = "### Fulfilment (`orders.status` since `orders.paid_at`)"


def read(block: str, heading: str = HEADING, section: str = "## State Machines") -> tuple[StateMachines, Source]:
    source = Source(Path("a.md"), f"# A\n\n{section}\n\n{heading}\n\n{block}\n")
    return notation.read(read_outline(read_blocks(source))), source


def machine(block: str, heading: str = HEADING) -> Machine:
    found, _ = read(block, heading)
    assert found.holes == ()
    (one,) = found.machines
    return one


def fence(lines: str, label: str = "") -> str:
    return f"```{label}\n{lines}\n```"


def ways(one: Machine) -> list[str]:
    return [shown(transition) for transition in one.transitions]


def shown(way: Transition) -> str:
    timer = way.timer
    when = f" on {way.event.text}" if way.event else ""
    if isinstance(timer, After):
        when += f" after {timer.variable.text if timer.variable else timer.seconds}"
    elif isinstance(timer, At):
        when += f" at {timer.column.text}"
    guard = f" [{way.guard.text.text}]" if way.guard else ""
    return f"{way.title}{when}{guard}{f' / {way.action.text}' if way.action else ''}"


def states(one: Machine) -> list[str]:
    return [f"{state.name.text}{'.' if state.final else ''}" for state in one.states]


def test_the_canonical_form() -> None:
    one = machine(
        fence("""\
States: pending, paid, "on hold", shipped (final), cancelled (final)
Transitions:
  pending -> paid       on pay [total_cents > 0 and note <> ']'] / mark_paid   # once
  paid    -> shipped    on ship
  pending, paid -> cancelled on cancel, expire
  paid    -> "on hold"  on hold
  pending -> cancelled  after 1h30m
  paid    -> cancelled  after ${PATIENCE}
  "on hold" -> paid     at periods.ends_at
  any active state -> cancelled on recall
Enforce: database
History: yes""")
    )
    assert one.identifier == "fulfilment"
    assert (one.column and one.column.text, one.since and one.since.text) == ("orders.status", "orders.paid_at")
    assert one.table == "orders"
    assert states(one) == ["pending", "paid", "on hold", "shipped.", "cancelled."]
    assert ways(one) == [
        "pending -> paid on pay [total_cents > 0 and note <> ']'] / mark_paid",
        "paid -> shipped on ship",
        "pending -> cancelled on cancel",
        "pending -> cancelled on expire",
        "paid -> cancelled on cancel",
        "paid -> cancelled on expire",
        "paid -> on hold on hold",
        "pending -> cancelled after 5400.0",
        "paid -> cancelled after PATIENCE",
        "on hold -> paid at periods.ends_at",
        "pending -> cancelled on recall",
        "paid -> cancelled on recall",
        "on hold -> cancelled on recall",
    ]
    assert one.enforce is not None
    assert one.history is not None


@pytest.mark.parametrize(
    "block",
    [
        fence("States: a, b, c (final)\nTransitions: a -> b on go; b -> c on end"),
        fence("States:\n  - a\n  - b: in between\n  - c (final)\nTransitions:\n  - a --> b: go\n  - b => c on end"),
        "- **States**: a, b, c (final)\n- **Transitions**:\n  - `a` → `b` on `go`\n  - `b` → `c` (end)",
        "**States**: `a`, `b`, `c`\n\n**Transitions**:\n- a --go--> b\n- b -[end]-> c",
        "#### States\n- a\n- b\n- c\n\n#### Transitions\n1. a → b (on go)\n2. b → c via end",
        "| From | Event | To |\n|---|---|---|\n| a | go | b |\n| `b` | `end` | `c` |",
        "| Next state | Current state | Trigger |\n|---|---|---|\n| b | a | go |\n| c | b | end() |",
        fence("stateDiagram-v2\n  [*] --> a\n  a --> b : go\n  %% so\n  b --> c: end\n  c --> [*]", "mermaid"),
        fence('stateDiagram\n  state "a" as first\n  first --> b : go\n  b --> c : end\n  note right of b: x --> y'),
    ],
)
def test_notations_agree(block: str) -> None:
    one = machine(block)
    assert [state.name.text for state in one.states] == ["a", "b", "c"]
    assert ways(one) == ["a -> b on go", "b -> c on end"]


@pytest.mark.parametrize(
    ("block", "expected"),
    [
        ("a → b → c / d", ["a -> b", "b -> c", "b -> d"]),
        ("Work goes `a → b → c`, and no further.", ["a -> b", "b -> c"]),
        (
            fence("a → b → c (optional)\n  → d → e\n  → f"),
            ["a -> b", "b -> c", "c -> d", "b -> d", "d -> e", "c -> f", "b -> f"],
        ),
        ("- a → b\n- any active state → c", ["a -> b", "a -> c"]),
        ("- `a -> b`\n- `b -> c`\n- Any state except `c` may transition to `a`.", ["a -> b", "b -> c", "b -> a"]),
        ("- a <-> b", ["a -> b", "b -> a"]),
        (
            "| State | Allowed transitions |\n|---|---|\n| a | b, c |\n| b | c |\n| c | — |",
            ["a -> b", "a -> c", "b -> c"],
        ),
        ("| From | To | Condition |\n|---|---|---|\n| a | b | `x > 1` |", ["a -> b [x > 1]"]),
        (fence("[*] --> a\na --> b : after 30m", "text"), ["a -> b after 1800.0"]),
    ],
)
def test_chains_and_tables(block: str, expected: list[str]) -> None:
    assert ways(machine(block)) == expected


def test_what_leads_nowhere_is_final_where_nothing_could_say_so() -> None:
    assert states(machine("a → b → c / d")) == ["a", "b", "c.", "d."]
    assert states(machine(fence("States: a, b\nTransitions: a -> b on go"))) == ["a", "b"]
    assert states(machine(fence("stateDiagram-v2\n a --> b\n b --> c\n b --> [*]"))) == ["a", "b", "c"]


@pytest.mark.parametrize(
    ("heading", "name", "column", "since"),
    [
        ("### Fulfilment (`orders.status`)", "fulfilment", "orders.status", None),
        ("### 7.1 Order Payment (orders.payment)", "order_payment", "orders.payment", None),
        ("### Fulfilment `orders.status`, since `orders.paid_at`", "fulfilment", "orders.status", "orders.paid_at"),
        ("### Fulfilment (`billing.orders.status`)", "fulfilment", "billing.orders.status", None),
        ("### Fulfilment", "fulfilment", None, None),
    ],
)
def test_headings(heading: str, name: str, column: str | None, since: str | None) -> None:
    one = machine("a → b", heading)
    assert one.identifier == name
    assert (one.column.text if one.column else None, one.since.text if one.since else None) == (column, since)


def test_machines_are_found_by_content_under_other_headings() -> None:
    section = "## Data Models\n\nText.\n\n## 6. Ticket Model"
    found, _ = read("Transition rules:\n\n- `new -> open`\n- `open -> closed`", "### Ticket Statuses", section)
    assert [one.identifier for one in found.machines] == ["ticket_statuses"]
    found, _ = read("| State | Next states |\n|---|---|\n| a | b |\n| b | a |", "### States", "## Order Saga")
    assert [one.identifier for one in found.machines] == ["order_saga"]
    found, _ = read("- a → b\n- b → c", "### Data Flow", "## Order Saga")
    assert found == StateMachines()
    found, _ = read("- `200` → done\n- `404` → not there\n", "### Response Status", "## Order Saga")
    assert found == StateMachines()


def test_every_place_is_where_it_is_written() -> None:
    lines = 'States: pending, "on hold", done (final)\nTransitions:\n  pending -> "on hold" on stop [x > 1] / note_it\n'
    found, source = read(f"> - text\n>   ```\n>   {lines.replace(chr(10), chr(10) + '>   ')}\n>   ```")
    (one,) = found.machines
    (way,) = one.transitions
    assert way.event is not None
    assert way.guard is not None
    assert way.action is not None
    assert [source.cut(state.span) for state in one.states] == ["pending", "on hold", "done"]
    assert source.cut(way.span) == 'pending -> "on hold" on stop [x > 1] / note_it'
    places = (way.source, way.target, way.event, way.guard, way.action)
    assert [source.cut(place.span) for place in places] == ["pending", "on hold", "stop", "x > 1", "note_it"]


@pytest.mark.parametrize(
    ("line", "place", "message"),
    [
        ("a = b on go", "a = b on go", "this transition has no arrow"),
        ("a -> on go", "on", "a state is missing before `on`"),
        ("-> b on go", "->", "there is no state before this arrow"),
        ("a -> b on", "", "an event is missing here"),
        ("a -> b on go [x > 1", "[x > 1", "`[` is never closed"),
        ("a -> b on go [x >]", "", "the condition ends too early"),
        ("a -> b ? go", "?", "`?` has no meaning in a transition"),
        ("a -> b on go / do it right now", "do it right now", "this is too long for a name of an action"),
    ],
)
def test_holes(line: str, place: str, message: str) -> None:
    found, source = read(fence(f"States: a, b (final)\nTransitions:\n  {line}"))
    assert [(source.cut(hole.span), hole.message) for hole in found.holes] == [(place, message)]


def test_no_line_is_lost_in_silence() -> None:
    chance = random.Random(5)  # noqa: S311 - the same texts each time
    words = [
        "a",
        "b",
        "->",
        "→",
        "on",
        "[x]",
        "(y)",
        "/",
        ",",
        "any",
        "after",
        "30m",
        '"q',
        "`",
        ":",
        "<->",
        "[*]",
        "|",
        "except",
    ]
    started = time.perf_counter()
    for _ in range(1_500):
        line = " ".join(chance.choices(words, k=chance.randint(1, 9)))
        found, _ = read(fence(f"States: a, b\nTransitions:\n{line}"))
        (one,) = found.machines
        told = [*one.transitions, *found.holes, *found.unread]
        assert told or "[*]" in line or "any" in line, line
    assert time.perf_counter() - started < 8


def test_reading_is_linear() -> None:
    lines = "\n".join(f"s{n} -> s{n + 1} on e{n} [x > {n}] / do{n}" for n in range(4_000))
    started = time.perf_counter()
    assert len(machine(fence(lines)).transitions) == 4_000
    machine(fence("a" + " -> b" * 5_000))
    product, _ = read(
        fence(f"{', '.join(f's{n}' for n in range(300))} -> a / b on {', '.join(f'e{n}' for n in range(300))}")
    )
    assert [hole.message for hole in product.holes] == ["a machine has fewer than 10000 transitions"]
    read(fence("a -> b on " + "x " * 50_000))
    read(fence("a -> b " + "[" * 50_000))
    read(fence("a -> b " + "(" * 500 + ")" * 500))
    assert time.perf_counter() - started < 6


DOCUMENT = """\
# Shop

## API Implementation

### Endpoint Definitions
```
POST /orders/{id}/pay
  Operation: fulfilment.pay
  Response:  204
  Errors:    ILLEGAL_TRANSITION
```

### Error Responses
| Code | Status | Description |
|---|---|---|
| ILLEGAL_TRANSITION | 409 | `fulfilment` does not allow the event in the order's state |

## Data Models

### Database Schema
```sql
CREATE TABLE orders (id uuid PRIMARY KEY, status text NOT NULL DEFAULT 'pending' CHECK (status IN ('pending', 'paid')));
```

## State Machines

### Fulfilment (`orders.status`)
```
States: pending, paid (final)
Transitions:
  pending -> paid on pay [status = 'pending']
Enforce: database
```

The state `pendign` becomes `paid` by `fulfilment.pay`.
"""


@pytest.fixture(scope="module")
def shop() -> Loaded:
    return load(Source(Path("shop.md"), DOCUMENT), referee=False)


def test_an_endpoint_fires_an_event(shop: Loaded) -> None:
    operation: Operation = shop.component.operations[0]
    (step,) = operation.steps
    assert isinstance(step, MachineStep)
    assert (step.machine.identifier, step.event) == ("fulfilment", "pay")
    assert operation.pending
    parameter = operation.endpoint.parameters[0].type
    assert isinstance(parameter, Scalar)
    assert parameter.kind == "uuid"


def test_nothing_of_a_machine_is_served_yet(shop: Loaded) -> None:
    assert any("protects something" in hole.message for hole in shop.unservable)
    assert [pending.key for pending in shop.component.pending] == ["state-machines.machine"]
    assert "`fulfilment.pay`, not enacted yet" in explain(shop.component, "POST /orders/1/pay")
    assert "event" in explain(shop.component)
    assert "/orders/{id}/pay" in openapi(shop.component)["paths"]


def test_an_event_that_is_not_there_can_be_explained() -> None:
    component = load(
        Source(Path("shop.md"), DOCUMENT.replace("fulfilment.pay", "fulfilment.refund")), referee=False
    ).component
    (operation,) = component.operations
    assert operation.pending
    assert operation.steps == ()
    assert "operation `fulfilment_refund`" in explain(component, "POST /orders/1/pay")


def test_code_spans_name_states_and_events(shop: Loaded) -> None:
    assert [found.message for found in shop.errors] == ["`pendign` is defined nowhere in this document"]


def test_claims(shop: Loaded) -> None:
    ledger = read_ledger(shop.component)
    claims = [claim for claim in ledger.claims if claim.kind in ("machine", "state", "transition")]
    assert [(claim.kind, claim.statement) for claim in claims] == [
        ("machine", "fulfilment is the lifecycle of orders.status, and starts as pending"),
        ("state", "fulfilment may be pending"),
        ("state", "fulfilment may be paid, which nothing leaves"),
        ("transition", "fulfilment goes from pending to paid on pay if status = 'pending'"),
    ]
    assert {(claim.standing, claim.why) for claim in claims} == {("unchecked", "not enacted yet")}
    assert ledger.find("transition", "fulfilment", "pending", "on pay", "paid")
