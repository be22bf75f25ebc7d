"""The tables of the diary and of its reader, furnished as a service's migration would."""

from alembic import command
from sqlalchemy import BigInteger, Column, Identity, Integer, String, Table, Uuid, create_engine, text
from sqlalchemy.orm import registry

from shared.db.migrate import config_for
from shared.db.policies import DESK_OF_TRANSACTION
from shared.db.types import new_metadata
from tests.support.diary.page import Page

METADATA = {"diary": new_metadata(), "reader": new_metadata()}

pages = Table(
    "pages",
    METADATA["diary"],
    Column("page_id", Uuid, primary_key=True),
    Column("desk_id", Uuid, nullable=False),
    Column("version", Integer, nullable=False),
    Column("lines", Integer, nullable=False),
)
known_pages = Table(
    "known_pages",
    METADATA["reader"],
    Column("page_id", Uuid, primary_key=True),
    Column("desk_id", Uuid, nullable=False),
    Column("version", Integer, nullable=False),
)
heard = Table(
    "heard",
    METADATA["reader"],
    Column("position", BigInteger, Identity(always=True), primary_key=True),
    Column("desk_id", Uuid, nullable=False),
    Column("key", Uuid, nullable=False),
    Column("number", Integer, nullable=False),
    Column("words", String, nullable=False),
)

registry().map_imperatively(Page, pages, version_id_col=pages.c.version, version_id_generator=False)


def furnish(service: str, owner_url: str) -> None:
    """The kit's tables by the kit's migration, then the service's own, each row a desk's."""
    config = config_for(service, owner_url)
    config.attributes["metadata"] = METADATA[service]
    command.upgrade(config, "heads")
    engine = create_engine(owner_url)
    METADATA[service].create_all(engine)
    with engine.begin() as connection:
        for table in METADATA[service].tables:
            connection.execute(text(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY"))
            policy = f"CREATE POLICY desk_only ON {table} USING (desk_id = {DESK_OF_TRANSACTION})"
            connection.execute(text(f"{policy} WITH CHECK (desk_id = {DESK_OF_TRANSACTION})"))
    engine.dispose()
