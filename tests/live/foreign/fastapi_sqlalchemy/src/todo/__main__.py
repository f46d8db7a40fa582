"""`python -m todo` serves it on the loopback."""

import uvicorn

from shared.settings import Settings, load
from todo.app import create_app

settings = load(Settings)
uvicorn.run(create_app(settings), host="127.0.0.1", port=settings.port, log_level="warning")
