"""asbuilt: the implementation specification that runs."""

__version__ = "0.1.0"
