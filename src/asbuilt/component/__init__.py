"""The component: the one frozen value between the document and everything that is made of it."""

from asbuilt.component.model import (
    AlgorithmStep,
    Cause,
    Component,
    DerivedStep,
    Facts,
    Operation,
    PatternStep,
    Pending,
    Step,
)

__all__ = [
    "AlgorithmStep",
    "Cause",
    "Component",
    "DerivedStep",
    "Facts",
    "Operation",
    "PatternStep",
    "Pending",
    "Step",
]
