"""Alembic's entrance: one database, the kit's metadata and the service's."""

from alembic import context
from sqlalchemy import create_engine, pool, text

from shared.db.declared import metadata_of
from shared.db.kit import KIT

config = context.config
service = config.attributes["service"]
own = config.attributes.get("metadata") or metadata_of(service)

engine = create_engine(config.get_main_option("sqlalchemy.url") or "", poolclass=pool.NullPool)
with engine.connect() as connection:
    context.configure(connection=connection, target_metadata=[KIT, own], compare_type=True)
    with context.begin_transaction():
        context.run_migrations()
        # Alembic's own table gets the rights of every new one; the running service has nothing to do there.
        connection.execute(text(f"REVOKE ALL ON alembic_version FROM {service}_app"))
