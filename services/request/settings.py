"""What the request service is told by its environment."""

from shared.settings import ServiceSettings


class RequestSettings(ServiceSettings):
    """The request service needs nothing beyond what every service is told."""
