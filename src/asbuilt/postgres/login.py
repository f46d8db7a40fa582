"""How to log in to a database: what a connection or a pool is opened with."""

from dataclasses import field

from asbuilt.values import frozen


@frozen
class Login:
    """One role on one database. `host` is a name, an address, or the folder of a unix socket."""

    host: str
    port: int
    user: str
    database: str
    password: str | None = field(default=None, repr=False)

    def arguments(self) -> dict[str, str | int]:
        """Keywords for `asyncpg.connect` and `asyncpg.create_pool`.

        The password is never left out: asyncpg would look for one in the environment and in `~/.pgpass`.
        """
        return {
            "host": self.host,
            "port": self.port,
            "user": self.user,
            "database": self.database,
            "password": self.password or "",
        }


@frozen
class DatabaseUrl:
    """A user's own database: one login for everything, used as it is given. No role is ever made there."""

    url: str = field(repr=False)

    def arguments(self) -> dict[str, str | int]:
        """Keywords for `asyncpg.connect` and `asyncpg.create_pool`, which fill in what the URL leaves open."""
        return {"dsn": self.url}
