"""Configuration Implementation: environment variables and where values come from."""

from asbuilt.sections.configuration.model import Configuration, EnvironmentVariable, LoadingStep, Step
from asbuilt.sections.configuration.values import Value, value_of

__all__ = ["Configuration", "EnvironmentVariable", "LoadingStep", "Step", "Value", "value_of"]
