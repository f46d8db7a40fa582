"""All faults that are planted."""

from foreign.faults.answers import ANSWERS
from foreign.faults.configuration import CONFIGURATION
from foreign.faults.errors import ERRORS
from foreign.faults.fault import Fault, Needs, Rewrite
from foreign.faults.reading import READING
from foreign.faults.schema import SCHEMA
from foreign.faults.transfers import TRANSFERS
from foreign.faults.validation import VALIDATION
from foreign.faults.writing import WRITING

FAULTS = (*ANSWERS, *ERRORS, *VALIDATION, *READING, *WRITING, *TRANSFERS, *SCHEMA, *CONFIGURATION)

__all__ = ["FAULTS", "Fault", "Needs", "Rewrite"]
