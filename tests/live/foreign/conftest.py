"""The servers have tests of their own, which run in the environments of the servers."""

collect_ignore = ["fastapi_sqlalchemy", "fastify_pg", "flask_psycopg"]
