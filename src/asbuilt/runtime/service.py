"""What is served."""

from asbuilt.component import Component
from asbuilt.postgres.login import DatabaseUrl, Login
from asbuilt.runtime.settings import Settings
from asbuilt.values import frozen


@frozen
class Service:
    """A component, configured, with a login to its database where it has one.

    `secret` signs cursors; replicas that answer for each other share it.
    """

    component: Component
    settings: Settings
    login: Login | DatabaseUrl | None
    secret: str = ""
