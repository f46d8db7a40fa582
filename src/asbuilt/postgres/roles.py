"""Who may do what in a database that asbuilt brings along.

`asbuilt` is the cluster's superuser, for the launcher alone. `asbuilt_owner` owns the schema and migrates.
`asbuilt_service` is what the component logs in as: it owns nothing. `scratch` exists only in the referee's
cluster, owns the scratch database and has no privilege elsewhere. None but the first is a superuser: a superuser's
SQL runs shell commands, through `COPY TO PROGRAM` in a function that a partition bound or a view calls.
"""

LAUNCHER = "asbuilt"
OWNER = "asbuilt_owner"
SERVICE = "asbuilt_service"
SCRATCH = "scratch"
DATABASE = "component"
MAINTENANCE = "postgres"

_COMPONENT_ROLES = (f"CREATE ROLE {OWNER} LOGIN", f"CREATE ROLE {SERVICE} LOGIN")
CREATE_COMPONENT = (
    f"CREATE DATABASE {DATABASE} OWNER {OWNER}",
    f"REVOKE ALL ON DATABASE {DATABASE} FROM PUBLIC",
    f"GRANT CONNECT ON DATABASE {DATABASE} TO {SERVICE}",
)
DROP_COMPONENT = (f"DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)",)
GRANT_COMPONENT = (
    f"ALTER SCHEMA public OWNER TO {OWNER}",
    "REVOKE CREATE ON SCHEMA public FROM PUBLIC",
    f"GRANT USAGE ON SCHEMA public TO {SERVICE}",
    f"ALTER DEFAULT PRIVILEGES FOR ROLE {OWNER} GRANT USAGE ON SCHEMAS TO {SERVICE}",
    f"ALTER DEFAULT PRIVILEGES FOR ROLE {OWNER} GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {SERVICE}",
    f"ALTER DEFAULT PRIVILEGES FOR ROLE {OWNER} GRANT USAGE, SELECT ON SEQUENCES TO {SERVICE}",
    f"ALTER DEFAULT PRIVILEGES FOR ROLE {OWNER} GRANT EXECUTE ON FUNCTIONS TO {SERVICE}",
)
# Each entry: the database that the statements are run in, once, when the cluster is made.
COMPONENT_CLUSTER = (
    (
        MAINTENANCE,
        (
            *_COMPONENT_ROLES,
            *CREATE_COMPONENT,
            "REVOKE ALL ON DATABASE template1 FROM PUBLIC",
            f"REVOKE ALL ON DATABASE {MAINTENANCE} FROM PUBLIC",
        ),
    ),
    (DATABASE, GRANT_COMPONENT),
)

# The scratch database is a copy of `template1`, whose schema `public` then belongs to the copy's owner.
SCRATCH_CLUSTER = (
    (
        "template1",
        (
            "ALTER SCHEMA public OWNER TO pg_database_owner",
            "REVOKE CREATE ON SCHEMA public FROM PUBLIC",
            "REVOKE USAGE ON LANGUAGE plpgsql FROM PUBLIC",
            "REVOKE ALL ON DATABASE template1 FROM PUBLIC",
            f"REVOKE ALL ON DATABASE {MAINTENANCE} FROM PUBLIC",
        ),
    ),
)

DROP_SCRATCH = (f"DROP DATABASE IF EXISTS {SCRATCH} WITH (FORCE)", f"DROP ROLE IF EXISTS {SCRATCH}")
CREATE_SCRATCH = (
    f"CREATE ROLE {SCRATCH} LOGIN CONNECTION LIMIT 4",
    f"ALTER ROLE {SCRATCH} SET statement_timeout = '5s'",
    f"CREATE DATABASE {SCRATCH} OWNER {SCRATCH} TEMPLATE template1",
    f"REVOKE ALL ON DATABASE {SCRATCH} FROM PUBLIC",
)
