"""A document that requires settings is served for its examination, and held to what it says of them."""

from pathlib import Path

import pytest

from asbuilt import ledger
from asbuilt.commands import own
from asbuilt.frontend import load
from asbuilt.verify.environment import environment
from asbuilt.verify.examination import examine
from asbuilt.verify.starting import free_ports
from asbuilt.verify.target import Target

DOCUMENT = """\
# Guests Implementation Specification

## API Implementation
### Endpoint Definitions
```
GET /guests/{id: guests.id}
  Response: 200 Guest
```
### Request/Response Schemas
```python
class Guest:
    id: int
    name: str
```
## Data Models
### Database Schema
```sql
CREATE TABLE guests (
    id   bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text NOT NULL
);
```
## Configuration Implementation
### Environment Variables
```env
# Required
SIGNING_SECRET=...           # what tokens are signed with
DATABASE_URL=...
RATE=...                     # 1..9

# Optional
COMPONENT_PORT=PORT          # 1..65535
FEATURE_SEATS=false
```
### Configuration Loading
1. the defaults above
2. the environment
3. the command line
"""


def test_what_is_required_is_given_and_seen_to_be_required(
    tmp_path: Path, state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("SIGNING_SECRET", "DATABASE_URL", "RATE"):
        monkeypatch.delenv(name, raising=False)
    document = tmp_path / "guests.md"
    document.write_text(DOCUMENT.replace("=PORT", f"={free_ports(1)[0]}"))
    loaded = load(document)
    assert loaded.errors == ()
    with own.served(loaded) as served:
        target = Target(served.url, own=True, database=served.database, disposable=True, start=served.start)
        found = examine(loaded.component, ledger.read(loaded.component), target, probes=(environment,))
    told = {e.claim.names[0]: e for e in found.entries if e.claim.kind in ("variable", "loading step")}
    assert {entry.claim.standing for entry in told.values()} == {"verified"}, [entry.why for entry in told.values()]
    assert told["DATABASE_URL"].why == "without `DATABASE_URL`: refused with 78"
    assert "`RATE=10`: refused with 78" in told["RATE"].why
    assert told["3"].why == "`--port` goes before the environment"
    for entry in told.values():
        assert str(tmp_path) not in entry.evidence.command
        assert "sample-" not in entry.evidence.measured
