"""Data Models: the database schema, its ORM mirror, and the named statements."""

from asbuilt.sections.data.mapping import differences
from asbuilt.sections.data.model import Data, MappedClass, MappedColumn, Pattern

__all__ = ["Data", "MappedClass", "MappedColumn", "Pattern", "differences"]
