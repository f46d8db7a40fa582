"""The template as data: 16 sections, 41 subsections, and what authors call them."""

from asbuilt.values import frozen


@frozen
class Subsection:
    """`key` is `section.name`, the same in every release. `named` ones bear the author's own headings.

    `local` synonyms hold only under a heading of its own section.
    """

    key: str
    title: str
    synonyms: tuple[str, ...] = ()
    local: tuple[str, ...] = ()
    named: bool = False

    @property
    def section(self) -> str:
        return self.key.partition(".")[0]


@frozen
class Section:
    """`local` synonyms hold only outside every other section."""

    key: str
    title: str
    subsections: tuple[Subsection, ...]
    synonyms: tuple[str, ...] = ()
    local: tuple[str, ...] = ()


def _section(key: str, title: str, synonyms: str, *subsections: tuple[str, str, str]) -> Section:
    parts = tuple(
        Subsection(f"{key}.{name}", heading, *_listed(known), named=heading.startswith("<"))
        for name, heading, known in subsections
    )
    return Section(key, title, parts, *_listed(synonyms))


def _listed(synonyms: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The synonyms in a list separated by semicolons; a tilde marks the local ones."""
    names = [name.strip() for name in synonyms.split(";")]
    return tuple(name for name in names if name[:1] != "~"), tuple(name[1:] for name in names if name[:1] == "~")


SECTIONS: tuple[Section, ...] = (
    _section(
        "overview",
        "Implementation Overview",
        "~Overview; ~Introduction; System Overview; Service Overview; Component Overview; Architecture Overview;"
        "~Summary",
        (
            "technology-stack",
            "Technology Stack",
            "Tech Stack; Stack; Technologies; Technology Selection; Technology Choices; Recommended Tech Stack;"
            "Core Technologies; Languages and Frameworks; Tools and Technologies",
        ),
        (
            "repository-structure",
            "Repository Structure",
            "Repo Structure; Project Structure; Folder Structure; Directory Structure; File Structure;"
            "Code Structure; Repository Layout; Repo Layout; Project Layout; Directory Layout; Code Organization;"
            "Solution Structure; Suggested Project Structure; Source Layout; Package Structure; Package Layout;"
            "Monorepo Structure",
        ),
    ),
    _section(
        "api",
        "API Implementation",
        "API; APIs; API Design; API Specification; API Spec; REST API; HTTP API; API Reference; API Documentation;"
        "API Contract; API Contracts; API Interface; API Layer; API Surface; Interface Specification; ~Interfaces;"
        "HTTP API Contracts; REST API Specification; API Details; External Interfaces",
        (
            "endpoint-definitions",
            "Endpoint Definitions",
            "Endpoints; API Endpoints; REST Endpoints; HTTP Endpoints; REST API Endpoints; Routes; API Routes;"
            "Endpoint List; Endpoint Summary; Endpoint Overview; Endpoint Catalog; Endpoint Reference;"
            "Public Endpoints; Internal Endpoints; API Endpoint Definitions; API Endpoint Families; ~Resources;"
            "Resource Endpoints; API Operations; HTTP Routes; ~Paths; Route Definitions; REST Resources",
        ),
        (
            "schemas",
            "Request/Response Schemas",
            "~Schemas; Request Response Schemas; Request and Response Schemas; Request Schemas; Response Schemas;"
            "API Schemas; DTOs; Data Transfer Objects; Request/Response DTOs; Request DTOs; Response DTOs; Payloads;"
            "Message Schemas; Request/Response Models; Request and Response Models; API Models; API Types;"
            "Request/Response Types; Pydantic Models; JSON Schemas; Request Models; Response Models; ~Contracts;"
            "Request/Response Formats; Request and Response Formats; Request/Response Payloads; ~Types; Key DTOs;"
            "Request/Response Examples; API Data Types; Schema Definitions; Payload Schemas",
        ),
        (
            "error-responses",
            "Error Responses",
            "Error Codes; Error Response; Error Response Format; Errors; API Errors; Error Catalog; Error Catalogue;"
            "Error Code Catalog; Error Code Catalogue; Error Code Registry; Error Format; Error Formats;"
            "Error Model; Error Table; HTTP Errors; HTTP Status Codes; Status Codes; Response Codes; Defined Errors;"
            "Error Reference; Standard Error Response; Standardized Error Response Format; Error Response Model;"
            "Error Response Bodies; Error Schema; Error Definitions; Error Types; Error Code Reference; Error List;"
            "API Error Codes; Error Response Schema; Common Errors; Error Envelope; Error Mapping",
        ),
    ),
    _section(
        "algorithms",
        "Core Algorithms",
        "Algorithms; Core Logic; Business Logic; Algorithm Details; Key Algorithms; Algorithm Implementations;"
        "Algorithm Design; Core Business Logic; Main Algorithms",
        ("algorithm", "<Algorithm Name>", ""),
    ),
    _section(
        "data",
        "Data Models",
        "~Data; Data Model; Data Design; ~Data Layer; Domain Model; Domain Models; ~Persistence; Persistence Layer;"
        "~Storage; Data Storage; ~Database; Database Design; Database Layer; Database Models; Shared Data Models;"
        "Data Model and Storage; Data Architecture",
        (
            "database-schema",
            "Database Schema",
            "DB Schema; ~Schema; SQL Schema; ~SQL; DDL; Database Schemas; ~Tables; Database Tables;"
            "Table Definitions; Relational Schema; PostgreSQL Schema; Postgres Schema; Schema Design;"
            "Database Schema Design; Database Definition; Core Tables; Storage Schema; Physical Schema;"
            "Database Structure; DB Tables; Table Schemas; Table Structure; Data Schema; Physical Data Model;"
            "Core Entity Schema",
        ),
        (
            "orm-models",
            "ORM Models",
            "ORM; ORM Model; ORM Mapping; ORM Entities; ~Entities; Entity Models; Entity Classes; SQLAlchemy Models;"
            "Prisma Schema; Django Models; JPA Entities; Database Entities; Model Classes; Domain Entities;"
            "Entity Definitions; ORM Definitions; TypeORM Entities; EF Core Entities; GORM Models; ~Models",
        ),
        (
            "access-patterns",
            "Data Access Patterns",
            "Data Access Pattern; Access Patterns; ~Queries; Query Patterns; SQL Queries; Data Access;"
            "~Repositories; Repository Layer; Data Access Layer; Repository Pattern; Key Queries; Common Queries;"
            "Database Queries; Query Pattern; Named Queries; Core Queries; ~Statements",
        ),
    ),
    _section(
        "state-machines",
        "State Machines",
        "State Machine; State Models; State Diagrams; State Transitions; State Machine Definitions;"
        "Status Lifecycles; State Machine Design",
        ("machine", "<State Machine Name>", ""),
    ),
    _section(
        "configuration",
        "Configuration Implementation",
        "Configuration; Config; ~Settings; Configuration Management; Configuration Details;"
        "Application Configuration; Configuration Reference; Service Configuration; App Configuration;"
        "Runtime Configuration",
        (
            "environment-variables",
            "Environment Variables",
            "Env Vars; Env; Env Variables; Environment; Environment Variable; Environment Vars;"
            "Environment Settings; Environment Configuration; Environment Variable Matrix;"
            "Environment Variable Reference; .env; .env.example; Configuration Variables; Configuration Parameters;"
            "Required Environment Variables; Config Variables; Configuration Properties; Environment Parameters;"
            "~Variables",
        ),
        (
            "loading",
            "Configuration Loading",
            "Config Loading; Loading Configuration; Configuration Precedence; Configuration Sources; Config Sources;"
            "Configuration Loading and Validation; Configuration Validation; Loading Order; Configuration Order;"
            "Config Precedence; Validation and Config; Configuration Loader; Settings Class;"
            "Pydantic Settings Class; ~Loading; ~Validation; ~Sources; ~Precedence",
        ),
    ),
    _section(
        "security",
        "Security Implementation",
        "Security; Security Considerations; Security Architecture; Security Design; Security Model;"
        "Security Features; Security and Compliance; API Security; Security Details; Security Requirements;"
        "Auth and Security",
        (
            "authentication-flow",
            "Authentication Flow",
            "Authentication; Auth; Auth Flow; Authentication Flows; Authentication Mechanism; Authentication Scheme;"
            "Authentication Design; Authentication Strategy; JWT Authentication; Token Authentication; Login Flow;"
            "Authentication Implementation; AuthN; Authentication Method; Authentication Methods;"
            "JWT Token Management; Token Management; Authentication Details",
        ),
        (
            "authorization-rules",
            "Authorization Rules",
            "Authorization; Authorisation; Authorisation Rules; Access Control; Permissions; Permission Matrix;"
            "Roles; Roles and Permissions; RBAC; Role-Based Access Control; Authorization Model;"
            "Authorization Policy; AuthZ; Access Rules; Access Control Rules; Access Policy; Authorization Policies;"
            "Authorization Matrix; Access Control Matrix; User Roles; Role Matrix; Role Permissions;"
            "Authorization Design",
        ),
        (
            "sensitive-data",
            "Sensitive Data Handling",
            "Sensitive Data; Data Protection; Data Security; Data Privacy; Privacy; PII; PII Handling; Encryption;"
            "Data Encryption; Secrets; Secrets Management; Secret Management; Sensitive Information; Data Masking;"
            "Sensitive Data Protection; Handling of Sensitive Data; Audit Logging; Audit Trail; Audit",
        ),
    ),
    _section(
        "integration",
        "Integration Details",
        "~Integration; Integrations; Integration Points; External Integrations; External Services; ~Dependencies;"
        "External Dependencies; Service Dependencies; Service Integration; Service Integration Patterns;"
        "Upstream Services; Service Interactions; Inter-Service Communication; External API Integration",
        (
            "client-libraries",
            "Client Libraries",
            "Client Library; ~Clients; ~Client; SDK; SDKs; Client SDKs; API Client; API Clients; Client Usage;"
            "Client Integration; Client Examples; ~Usage Examples; Consumer Examples; Service Consumer Integration",
        ),
        (
            "service-discovery",
            "Service Discovery",
            "~Discovery; Service Registry; Service Registration; Service Location; ~Upstreams;"
            "Service Discovery Architecture; Discovery Mechanism; Service Endpoints",
        ),
        (
            "circuit-breaker",
            "Circuit Breaker Implementation",
            "Circuit Breaker; Circuit Breakers; Circuit Breaking; Circuit Breaker Pattern;"
            "Circuit Breaker Configuration; Circuit Breaker Settings; Circuit Breaker Policy; Breakers;"
            "Circuit Breaker State Transitions; Circuit Breaker States; Circuit Breaker State Machine",
        ),
    ),
    _section(
        "testing",
        "Testing Implementation",
        "Testing; Tests; Testing Strategy; Test Strategy; Test Plan; Testing Approach; Quality Assurance;Test Design",
        (
            "fixtures",
            "Test Data Fixtures",
            "Test Fixtures; Fixtures; Test Data; Seed Data; Sample Data; Example Data; ~Seeds; Test Data Strategy;"
            "Test Data Management; Data Fixtures; Test Data Setup",
        ),
        (
            "mocking",
            "Mocking Strategy",
            "Mocking; Mocks; Mock Strategy; Mocks and Stubs; Stubs; Test Doubles; Mock Services; Mock Data;"
            "Mocking Approach; Stubbing; Mocked Services",
        ),
        (
            "environment",
            "Test Environment Setup",
            "Test Environment; Test Setup; Testing Environment; Testing Setup; Running Tests; Running the Tests;"
            "Test Configuration; Test Commands; Test Execution; How to Run Tests; Test Environment Configuration;"
            "~Environment; ~Setup",
        ),
    ),
    _section(
        "build",
        "Build and Deployment",
        "Deployment; ~Build; Build & Deploy; Deployment Architecture; Deployment Strategy; Deployment Process;"
        "~Delivery; Deployment and Operations; Infrastructure; Infrastructure as Code; Packaging and Deployment;"
        "Release Process; Build and Release; Service Deployment; Deployment Considerations; Deployment Configuration",
        (
            "process",
            "Build Process",
            "Build Steps; ~Building; Build Commands; Build Instructions; Build Configuration; Compilation;"
            "Build System; Build Procedure; How to Build; ~Process",
        ),
        (
            "docker",
            "Docker Configuration",
            "Docker; Dockerfile; Docker Setup; ~Container; ~Containers; Containerization; Containerisation;"
            "Docker Containerization; Container Configuration; Container Image; Docker Image; Docker Compose;"
            "docker-compose.yml; Docker Compose Orchestration; Docker Deployment; Container Setup",
        ),
        (
            "ci",
            "CI/CD Pipeline",
            "CI/CD; CI; Continuous Integration; ~Pipeline; CI Pipeline; Build Pipeline; Deployment Pipeline;"
            "GitHub Actions; Continuous Integration and Delivery; CI/CD Configuration; CI Configuration; GitLab CI;"
            "CI/CD Pipelines; Continuous Delivery; Continuous Deployment",
        ),
    ),
    _section(
        "operations",
        "Operational Procedures",
        "Operational Considerations; Operations Guide; Runbook; Runbooks; Operational Runbook; Operations Manual;"
        "Operational Details; Operating Procedures; Operations and Maintenance; ~Ops; Operational Excellence;"
        "~Lifecycle; ~Operations",
        (
            "startup",
            "Startup Sequence",
            "Startup; Start-up; Start Up; Startup Order; Startup Procedure; Startup Process; Bootstrap;"
            "Boot Sequence; Initialization; Initialization Sequence; Initialisation; Startup Logic; Service Startup;"
            "Startup Steps",
        ),
        (
            "shutdown",
            "Shutdown Sequence",
            "Shutdown; Graceful Shutdown; Shutdown Procedure; Shutdown Process; Shut Down; Termination;"
            "Shutdown Logic; Shutdown Order; Service Shutdown; Shutdown Steps",
        ),
        (
            "health",
            "Health Check Implementation",
            "Health Check; Health Checks; Healthcheck; Healthchecks; Health; Health Endpoints;"
            "Health Check Endpoint; Health Check Endpoints; Health Monitoring; Health Probes; Probes;"
            "Liveness and Readiness; Health Endpoint; Health Checks and Monitoring; Readiness and Liveness;"
            "Health and Readiness; Health Check Registration",
        ),
    ),
    _section(
        "monitoring",
        "Monitoring Implementation",
        "Monitoring; Observability; Monitoring and Observability; Monitoring and Alerting; Monitoring and Logging;"
        "Observability and Monitoring; Monitoring and Analytics; Telemetry; Logging and Monitoring; Instrumentation;"
        "Monitoring Strategy; Monitoring & Metrics & Logging; Monitoring Design",
        (
            "metrics",
            "Metrics Collection",
            "Metrics; Prometheus Metrics; Monitoring and Metrics; Monitoring Metrics; Custom Metrics; Key Metrics;"
            "Metrics Definition; Metrics Definitions; Metric Catalog; Performance Metrics; Application Metrics;"
            "Event Monitoring & Metrics; Service Metrics; Business Metrics; Exposed Metrics; Metrics Exported",
        ),
        (
            "logging",
            "Logging Configuration",
            "Logging; Logs; Log Format; Structured Logging; Logging Strategy; Log Configuration; Logging Format;"
            "Logging Expectations; Logging Standards; Log Structure; Logging Setup; Logging Implementation;"
            "Log Fields; Shared Log Fields; Application Logging; Logging Details",
        ),
        (
            "tracing",
            "Distributed Tracing",
            "Tracing; Traces; Trace Propagation; OpenTelemetry; Trace Instrumentation; Request Tracing;"
            "Trace Context; Tracing Configuration; OpenTelemetry Tracing; Distributed Traces; Tracing Strategy;"
            "Correlation IDs",
        ),
    ),
    _section(
        "performance",
        "Performance Optimizations",
        "Performance; Performance Considerations; Performance Optimization; Performance Optimisation; Optimizations;"
        "Performance Optimisations; Performance Tuning; Performance and Scalability; Scalability and Performance;"
        "Scalability; Performance Improvements; Performance Design; Performance Requirements",
        (
            "caching",
            "Caching Strategy",
            "Caching; Cache; Cache Strategy; Caching Layer; Cache Design; Caching Policy; Cache Configuration;"
            "Redis Caching; Cache Keys; Caching Strategies; Cache Layer; Cache Policy; Caching Design; Redis Cache",
        ),
        (
            "database",
            "Database Optimizations",
            "Database Optimization; Database Optimisations; Database Optimisation; DB Optimization;"
            "Query Optimization; Indexes; Indices; Indexing; Indexing Strategy; Index Strategy; Database Indexes;"
            "PostgreSQL Indexes; Query Optimisation; Database Performance; Database Tuning; Database Indexing;"
            "Query Performance; ~Database; ~Queries",
        ),
        (
            "pooling",
            "Resource Pooling",
            "Connection Pooling; Connection Pool; Connection Pools; Pooling; Resource Pools; ~Pools; Thread Pools;"
            "Database Connection Pool; Connection Management; Connection Pool Configuration; Resource Management",
        ),
    ),
    _section(
        "errors",
        "Error Handling Patterns",
        "Error Handling; Error Handling Strategy; Error Handling Strategies; Failure Handling; Resilience;"
        "Fault Tolerance; Error Handling and Recovery; Resilience Patterns; Error Management; Exception Handling;"
        "Reliability; Error Strategy; Error Handling Design; Resiliency; Failure Modes;"
        "Error Handling and Resilience",
        (
            "retry",
            "Retry Logic",
            "~Retry; Retries; Retry Strategy; Retry Policy; Retry Policies; Retry Mechanism; Retry Mechanisms;"
            "~Backoff; Retry and Backoff; Retry Configuration; Retry Strategies; Retry Behavior; Retry Behaviour;"
            "Retry Pattern; Retry Rules; Retry and Timeout; Retry Handling",
        ),
        (
            "fallback",
            "Fallback Mechanisms",
            "Fallback; Fallbacks; Fallback Mechanism; Fallback Strategy; Fallback Strategies; Graceful Degradation;"
            "Degradation; Degraded Mode; Fallback Logic; Fallback Behavior; Fallback Behaviour; Degraded Operation;"
            "Graceful Degradation and Fault Tolerance; Fallback Patterns",
        ),
        (
            "recovery",
            "Error Recovery",
            "~Recovery; Recovery Strategies; Recovery Strategy; Recovery Procedures; Failure Recovery;"
            "Disaster Recovery; Crash Recovery; Recovery Procedure; Recovery Mechanisms; Error Recovery Strategies;"
            "Recovery Process",
        ),
    ),
    _section(
        "migrations",
        "Migration Scripts",
        "Migrations; Migration; Migration Strategy; Migration Plan; Migration Guide; Migration Approach",
        (
            "database",
            "Database Migrations",
            "Database Migration; DB Migrations; DB Migration; Schema Migrations; Schema Migration; SQL Migrations;"
            "Migration Files; Schema Changes; Database Schema Migrations; Schema Evolution; Alembic Migrations;"
            "Database Migration Scripts; Flyway Migrations; ~Database; ~Schema",
        ),
        (
            "data",
            "Data Migration",
            "Data Migrations; Data Backfill; Backfill; Backfills; Data Migration Scripts; Data Migration Strategy;"
            "Data Conversion; Data Migration Plan; ~Data",
        ),
    ),
    _section(
        "guide",
        "Developer Guide",
        "Development Guide; ~Development; Developer Guidelines; Development Guidelines; Contributing;"
        "Developer Notes; Developer Documentation; Developer Handbook; Development Workflow; Contributor Guide",
        (
            "local-setup",
            "Local Development Setup",
            "Local Setup; Local Development; Development Setup; Getting Started; Quick Start; Quickstart; ~Setup;"
            "~Installation; Development Environment; Running Locally; Local Environment; Developer Setup; Dev Setup;"
            "Setup Instructions; Local Development Environment; Development Environment Setup;"
            "Prerequisites and Setup; Setting Up",
        ),
        (
            "tasks",
            "Common Tasks",
            "Development Tasks; ~Tasks; How-To; How To; Howtos; Common Operations; Recipes;"
            "Common Development Tasks; How-To Guides; Developer Tasks; Frequent Tasks",
        ),
        (
            "style",
            "Code Style Guide",
            "Code Style; Style Guide; Coding Standards; Code Standards; Coding Conventions; ~Conventions;"
            "Coding Style; Naming Conventions; Code Conventions; Coding Guidelines; ~Style; Style Guidelines;"
            "Code Quality; Shared Conventions; Code Guidelines",
        ),
    ),
)

SUBSECTIONS: dict[str, Subsection] = {part.key: part for section in SECTIONS for part in section.subsections}
TITLES: dict[str, str] = {section.key: section.title for section in SECTIONS} | {
    key: part.title for key, part in SUBSECTIONS.items()
}
