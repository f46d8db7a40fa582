"""A component alive in one process, on one event loop."""

from collections.abc import Callable

from asbuilt.postgres.driver import Database, Size
from asbuilt.runtime.app import App
from asbuilt.runtime.encode import plain, to_json
from asbuilt.runtime.log import Log
from asbuilt.runtime.metrics import Metrics, layout_of, shared_memory
from asbuilt.runtime.observations import Answered, Observation
from asbuilt.runtime.plan import plan
from asbuilt.runtime.reserved import NAMES, Reserved
from asbuilt.runtime.service import Service


class Running:
    """A component whose `app` answers requests once it is opened.

    `memory` holds the counters of all workers; without it this process counts for itself alone. `secret` signs the
    cursors of pages: processes that answer for each other share it.
    """

    def __init__(
        self,
        service: Service,
        write: Callable[[bytes], None],
        memory: memoryview | None = None,
        worker: int = 0,
        size: Size | None = None,
    ) -> None:
        component, settings = service.component, service.settings
        layout = layout_of(component, NAMES)
        counters = memory if memory is not None else shared_memory(layout.per_worker)
        self.log = Log(write, settings.get("LOG_LEVEL", "info"))
        self._metrics = Metrics(layout, counters, worker)
        self.database = Database(service.login, _to_json, size) if service.login else None
        reserved = Reserved(component, self.database, self._metrics)
        self.app = App(plan(service, self.database, self._observe, reserved), self._observe)

    async def open(self, *, patient: bool = False) -> None:
        """Connect. Raises `DatabaseUnavailable`, unless `patient`: then it answers 503 until there is a database."""
        if self.database is not None:
            await self.database.open(patient=patient)

    async def close(self) -> None:
        """Leave the database and write what is left of the log. Nothing may be in flight."""
        if self.database is not None:
            await self.database.close()
        self.log.flush()

    def _observe(self, seen: Observation) -> None:
        if isinstance(seen, Answered):
            self._metrics(seen)
            self.log.answered(seen)
        else:
            self.log(seen)


def _to_json(value: object) -> str:
    return to_json(plain(value)).decode()
