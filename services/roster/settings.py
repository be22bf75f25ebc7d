"""What the roster's processes are told by their environment."""

from shared.settings import ServiceSettings


class RosterSettings(ServiceSettings):
    """The settings every service has; a desk's choices are its dated policy, not settings."""
