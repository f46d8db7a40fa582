"""What must hold in the API section by itself, before any other section is asked."""

from asbuilt.diagnostics import Rule
from asbuilt.sections.api.model import Api
from asbuilt.sections.api.rules_holes import RULES as HOLES

RULES: tuple[Rule[Api], ...] = (*HOLES,)
