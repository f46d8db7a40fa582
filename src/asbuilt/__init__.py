"""asbuilt: the implementation specification that runs.

import asbuilt

app = asbuilt.asgi("orders.md")          # an ASGI application, for tests and for mounting
loaded = asbuilt.load(Path("orders.md")) # the component and its diagnostics; executes nothing
"""

from importlib import import_module
from typing import Any

__version__ = "0.1.0"
__all__ = ["Loaded", "__version__", "asgi", "load"]

# Imported when they are asked for: a check needs no web server.
_VERBS = {"asgi": "asbuilt.mounting", "load": "asbuilt.frontend", "Loaded": "asbuilt.frontend"}


def __getattr__(name: str) -> Any:
    if name not in _VERBS:
        raise AttributeError(f"module `asbuilt` has no attribute `{name}`")
    return getattr(import_module(_VERBS[name]), name)
