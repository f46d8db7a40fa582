"""Core Algorithms: the Python that a document holds, and what it promises about cost."""

from asbuilt.sections.algorithms.model import Algorithm, Algorithms, Argument, Call, Complexity, Module

__all__ = ["Algorithm", "Algorithms", "Argument", "Call", "Complexity", "Module"]
