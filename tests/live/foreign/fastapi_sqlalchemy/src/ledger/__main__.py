"""`python -m ledger` serves it on the loopback."""

import logging

import uvicorn

from ledger.app import create_app
from ledger.settings import LedgerSettings
from shared.settings import load

settings = load(LedgerSettings)
logging.basicConfig(level=settings.log_level.upper())
uvicorn.run(create_app(settings), host="127.0.0.1", port=settings.port, log_level=settings.log_level)
