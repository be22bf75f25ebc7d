"""What a billing process is told by its environment."""

from shared.settings import ServiceSettings


class BillingSettings(ServiceSettings):
    """Nothing beyond what every service is told."""

    http_port: int = 8004
    metrics_port: int = 9004
