"""A document as an ASGI application: for tests, and for mounting in other applications."""
