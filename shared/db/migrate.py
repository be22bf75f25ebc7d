"""Migrations are a job: the kit's tables and the service's own, run as the owner role."""

from pathlib import Path

from alembic import command
from alembic.config import Config

_ROOT = Path(__file__).resolve().parents[2]


def config_for(service: str, owner_url: str) -> Config:
    """Alembic's configuration for one service: two lines of versions, the kit's and its own."""
    config = Config(str(_ROOT / "alembic.ini"))
    locations = [_ROOT / "shared/db/migrations/versions", _ROOT / f"services/{service}/migrations/versions"]
    config.set_main_option("version_locations", ";".join(str(location) for location in locations))
    config.set_main_option("sqlalchemy.url", owner_url.replace("%", "%%"))
    config.attributes["service"] = service
    return config


def migrate(service: str, owner_url: str) -> None:
    """Bring one service's database to the newest version. Raises what PostgreSQL says when it can't."""
    command.upgrade(config_for(service, owner_url), "heads")
