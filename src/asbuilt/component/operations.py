"""What each endpoint does: an algorithm, a pattern, or what is derived from path, schemas and tables."""

from asbuilt.component.model import Operation
from asbuilt.language.types import Types
from asbuilt.sections.algorithms import Algorithms
from asbuilt.sections.api import Api
from asbuilt.sections.data import Data


def resolve_operations(api: Api, data: Data, algorithms: Algorithms, types: Types) -> tuple[Operation, ...]:
    """The operation of every endpoint, in the document's order, names unique; a hole says why there are no steps."""
    raise NotImplementedError
