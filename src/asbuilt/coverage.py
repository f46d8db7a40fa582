"""What asbuilt does with each subsection of the template, and, where it does nothing, why.

The matrix in `docs/coverage.md` is made from this table. A gap is a `Gap` with its reason; there is no other way
to leave a cell out, so nothing is missing in silence.
"""

from typing import TypeAlias

from asbuilt.values import frozen


@frozen
class Gap:
    reason: str


@frozen
class Done:
    """What is done, in words, and the module that does it (below `asbuilt`)."""

    what: str
    where: str


Cell: TypeAlias = Done | Gap
COLUMNS = ("read", "checked", "agreed", "served", "verified", "built")


@frozen
class Row:
    """One subsection: `agreed` is what it must share with other sections, `served` what `run` makes of it.

    `guards` says that the text may protect something: `run` refuses a document that relies on it while it is a gap.
    """

    key: str
    read: Cell
    checked: Cell
    agreed: Cell
    served: Cell
    verified: Cell
    built: Cell
    guards: bool = False

    @property
    def cells(self) -> tuple[Cell, ...]:
        """One cell per column, in the order of `COLUMNS`."""
        return (self.read, self.checked, self.agreed, self.served, self.verified, self.built)


UNPROVED = Gap("nothing of it is enacted, so there is nothing to prove on a running system")
UNSEEN = Gap("nothing of it shows from outside; it would take the repository, which `verify` does not read yet")
PROSE = Gap("prose for the reader: there is nothing to carry out")
NOTHING_TO_BUILD = Gap("nothing is derived from it alone")


def _not_yet(key: str, what: str, *, guards: bool = False) -> Row:
    """A subsection that is kept as located blocks: its names and links are checked, its meaning is not enacted."""
    return Row(
        key,
        read=Gap(f"kept as located blocks: {what} has no reader yet"),
        checked=Gap("only placeholders, links and code spans are checked in it"),
        agreed=Done("code spans and links resolve", "consistency.references"),
        served=Gap(
            "not enacted yet; `run` refuses a document that relies on it"
            if guards
            else "kept and shown, not enacted yet"
        ),
        verified=UNPROVED,
        built=Gap("nothing is made from it yet"),
        guards=guards,
    )


MATRIX: tuple[Row, ...] = (
    Row(
        "overview.technology-stack",
        read=Done("pairs of name and value", "sections.overview"),
        checked=Gap("any name and version may stand here"),
        agreed=Gap("Dockerfile and CI pipeline, which it must agree with, have no reader yet"),
        served=PROSE,
        verified=UNSEEN,
        built=NOTHING_TO_BUILD,
    ),
    Row(
        "overview.repository-structure",
        read=Done("the tree as paths", "sections.overview"),
        checked=Gap("any tree may stand here"),
        agreed=Done("paths in code spans are in the tree", "consistency.references"),
        served=PROSE,
        verified=UNSEEN,
        built=Gap("no target scaffolds the tree yet"),
    ),
    Row(
        "api.endpoint-definitions",
        read=Done("canonical blocks, tables, headings, bullets, OpenAPI, decorators", "sections.api.notation"),
        checked=Done("routes, parameters, names", "sections.api.rules"),
        agreed=Done("operations, parameters and columns exist", "consistency.operations"),
        served=Done("each operation, by one plan", "runtime.plan"),
        verified=Done(
            "valid calls, parameters, lists and pages, lifecycles, equal requests at once", "verify.endpoints"
        ),
        built=Done("OpenAPI 3.1", "projections.openapi"),
    ),
    Row(
        "api.schemas",
        read=Done("Python, Pydantic, JSON Schema, TypeScript, field tables, examples", "sections.api.notation"),
        checked=Done("names, duplicates, constraints", "sections.api.rules"),
        agreed=Done("a valid body can be stored, with a witness where not", "consistency.witness"),
        served=Done("bodies are decoded and validated", "runtime.decode"),
        verified=Done("values at the edges of each type are taken or refused", "verify.bodies"),
        built=Done("OpenAPI 3.1", "projections.openapi"),
    ),
    Row(
        "api.error-responses",
        read=Done("the error table", "sections.api.notation"),
        checked=Done("codes and statuses", "sections.api.rules"),
        agreed=Done("each row has a cause", "consistency.errors"),
        served=Done("each cause answers its row", "component.causes"),
        verified=Done("every row is provoked, or listed with the reason why not", "verify.errors"),
        built=Done("OpenAPI 3.1", "projections.openapi"),
    ),
    Row(
        "algorithms.algorithm",
        read=Done("Python functions, Complexity", "sections.algorithms.notation"),
        checked=Done("syntax, names, promises", "sections.algorithms.rules"),
        agreed=Done("arguments, patterns and errors exist", "consistency.operations"),
        served=Done("called by name, in one transaction", "runtime.algorithms"),
        verified=Done("errors are provoked, statements counted, races run", "verify.races"),
        built=NOTHING_TO_BUILD,
    ),
    Row(
        "data.database-schema",
        read=Done("PostgreSQL's DDL", "postgres.ddl"),
        checked=Done("by PostgreSQL's grammar and, in a scratch database, its own word", "postgres.referee"),
        agreed=Done("schemas and tables", "consistency.witness"),
        served=Done("created, and extended where nothing is lost", "postgres.schema_apply"),
        verified=Done("the live catalogue compared by meaning", "verify.catalogue"),
        built=NOTHING_TO_BUILD,
    ),
    Row(
        "data.orm-models",
        read=Done("SQLAlchemy's declarative classes, never executed", "sections.data.notation"),
        checked=Done("column by column against the tables", "sections.data.rules"),
        agreed=Gap("it shares nothing with other sections"),
        served=Gap("the tables are served; mapped classes mirror them for other programs"),
        verified=Done("mapped columns against the live catalogue", "verify.mapped_classes"),
        built=Gap("no target writes mapped classes yet"),
    ),
    Row(
        "data.access-patterns",
        read=Done("named statements with conditions", "sections.data.notation"),
        checked=Done("prepared, never executed, in a scratch database", "postgres.referee"),
        agreed=Done("parameters and columns against endpoints and schemas", "consistency.operations"),
        served=Done("prepared once, JSON built by PostgreSQL", "postgres.json_sql"),
        verified=Done("prepared on the live database; what they list is compared", "verify.statements"),
        built=NOTHING_TO_BUILD,
    ),
    Row(
        "state-machines.machine",
        read=Done("States and Transitions, arrows, tables, Mermaid", "sections.state_machines.notation"),
        checked=Done("unreachable states, dead ends, ambiguous events", "sections.state_machines.rules"),
        agreed=Done("columns, enums, events of endpoints, guards, patterns that write", "consistency.machines"),
        served=Gap("read and checked, not enacted yet; `run` refuses a document that relies on it"),
        verified=UNPROVED,
        built=Gap("nothing is made from it yet"),
        guards=True,
    ),
    Row(
        "configuration.environment-variables",
        read=Done("env blocks, tables, bullets", "sections.configuration.notation"),
        checked=Done("defaults against types and ranges", "sections.configuration.rules"),
        agreed=Done("variables used are declared", "consistency.variables"),
        served=Done("all faults at once, exit 78", "runtime.settings"),
        verified=Done("started without each, and with wrong values", "verify.environment"),
        built=NOTHING_TO_BUILD,
    ),
    Row(
        "configuration.loading",
        read=Done("the order of sources", "sections.configuration.notation"),
        checked=Done("known sources", "sections.configuration.rules"),
        agreed=Gap("it shares nothing with other sections"),
        served=Done("sources are asked in that order", "runtime.settings"),
        verified=Done("the environment wins over the defaults", "verify.environment"),
        built=NOTHING_TO_BUILD,
    ),
    _not_yet("security.authentication-flow", "an authentication scheme", guards=True),
    _not_yet("security.authorization-rules", "authorization", guards=True),
    _not_yet("security.sensitive-data", "encryption, masking and auditing", guards=True),
    _not_yet("integration.client-libraries", "a client snippet"),
    _not_yet("integration.service-discovery", "an upstream"),
    _not_yet("integration.circuit-breaker", "a circuit breaker"),
    _not_yet("testing.fixtures", "a fixture"),
    _not_yet("testing.mocking", "a mock"),
    _not_yet("testing.environment", "a test environment"),
    _not_yet("build.process", "a build"),
    _not_yet("build.docker", "a Dockerfile"),
    _not_yet("build.ci", "a pipeline"),
    _not_yet("operations.startup", "a startup sequence"),
    _not_yet("operations.shutdown", "a shutdown sequence"),
    _not_yet("operations.health", "a health check"),
    _not_yet("monitoring.metrics", "a metric"),
    _not_yet("monitoring.logging", "a logging configuration"),
    _not_yet("monitoring.tracing", "tracing"),
    _not_yet("performance.caching", "a cache"),
    _not_yet("performance.database", "a promise about indexes"),
    _not_yet("performance.pooling", "a pool"),
    _not_yet("errors.retry", "a retry policy"),
    _not_yet("errors.fallback", "a fallback"),
    _not_yet("errors.recovery", "a recovery"),
    _not_yet("migrations.database", "a migration"),
    _not_yet("migrations.data", "a data migration"),
    _not_yet("guide.local-setup", "a command"),
    _not_yet("guide.tasks", "a task"),
    _not_yet("guide.style", "a style rule"),
)
ROWS: dict[str, Row] = {row.key: row for row in MATRIX}
