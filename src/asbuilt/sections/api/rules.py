"""What must hold in the API section by itself, before any other section is asked."""

from asbuilt.diagnostics import Rule
from asbuilt.sections.api.model import Api
from asbuilt.sections.api.rules_endpoints import RULES as ENDPOINTS
from asbuilt.sections.api.rules_errors import RULES as ERRORS
from asbuilt.sections.api.rules_holes import RULES as HOLES
from asbuilt.sections.api.rules_schemas import RULES as SCHEMAS
from asbuilt.sections.api.rules_statuses import RULES as STATUSES

RULES: tuple[Rule[Api], ...] = (*HOLES, *ENDPOINTS, *SCHEMAS, *ERRORS, *STATUSES)
