"""The component: the one frozen value between the document and everything that is made of it."""

from asbuilt.component.cause import Cause
from asbuilt.component.model import (
    AlgorithmStep,
    Component,
    DerivedStep,
    MachineStep,
    Operation,
    PatternStep,
    Pending,
    Step,
)
from asbuilt.sections.overview import Facts

__all__ = [
    "AlgorithmStep",
    "Cause",
    "Component",
    "DerivedStep",
    "Facts",
    "MachineStep",
    "Operation",
    "PatternStep",
    "Pending",
    "Step",
]
