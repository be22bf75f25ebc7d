"""Matching's settings."""

from shared.settings import ServiceSettings


class Settings(ServiceSettings):
    """What every service is told; matching needs nothing more."""
