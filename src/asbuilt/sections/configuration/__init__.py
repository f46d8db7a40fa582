"""Configuration Implementation: environment variables and where values come from."""

from asbuilt.sections.configuration.model import Configuration, EnvironmentVariable, LoadingStep, Step

__all__ = ["Configuration", "EnvironmentVariable", "LoadingStep", "Step"]
