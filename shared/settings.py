"""What a process is told by its environment; every name starts with VESPER_."""

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class ServiceSettings(BaseSettings):
    """Settings of one service's API or worker. A service adds its own by inheriting."""

    model_config = SettingsConfigDict(env_prefix="VESPER_", extra="ignore", frozen=True)

    database_url: str = ""
    owner_database_url: str = ""
    kafka_bootstrap_servers: str = ""
    jwks_url: str = ""
    token_issuer: str = "vesper"
    token_audience: str = "vesper"
    role_claim: str = "role"
    desk_claim: str = "desk"
    person_claim: str = "person"
    http_host: str = "127.0.0.1"
    http_port: int = 8000
    metrics_port: int = 9000
    log_level: str = "info"
    pool_size: int = 10
    body_limit_bytes: int = 1_000_000
    dead_letter_limit: int = 100
    dead_letter_window_seconds: int = 600
    parked_limit_seconds: int = 900
    # Longer than a topic keeps its messages: one that comes again must still be known.
    retention_days: int = Field(default=30, ge=8)
    dead_letter_retention_days: int = Field(default=60, ge=8)
