"""`python -m infra.local catalog`: makes every service's database in a cluster of its own and says what is not as it should be."""

import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import Connection, create_engine

from infra.local.catalog.guards import unguarded
from infra.local.catalog.rights import too_open
from infra.local.catalog.structure import differences
from infra.local.postgres.cluster import discard, start
from infra.local.postgres.errors import PostgresError
from infra.local.postgres.provision import provision
from infra.local.processes import SERVICES
from shared.db.declared import metadata_of
from shared.db.kit import KIT
from shared.db.migrate import migrate


def main() -> int:
    """Print what is missing, in plain words, per service; 0 when nothing is."""
    folder = Path(tempfile.mkdtemp(prefix="vesper-catalog-"))
    # Root's clusters run under another account, which has to pass through.
    folder.chmod(0o711)
    wrong = 0
    try:
        with start(folder / "postgres", durable=False) as cluster:
            databases = provision(cluster.admin_url, SERVICES, folder=folder / "postgres")
            for service in SERVICES:
                migrate(service, databases[service].owner_url)
                wrong += _tell(service, databases[service].owner_url)
    except PostgresError as error:
        sys.exit(str(error))
    finally:
        discard(folder / "postgres")
        folder.rmdir()
    return 1 if wrong else 0


def complaints(connection: Connection, service: str) -> Iterator[str]:
    """What the owner's connection to this service's migrated database shows that the code says otherwise."""
    own = metadata_of(service)
    tables = {**KIT.tables, **own.tables}
    yield from differences(connection, [KIT, own])
    yield from too_open(connection, service, tables)
    yield from unguarded(connection, tables)


def _tell(service: str, owner_url: str) -> int:
    engine = create_engine(owner_url)
    with engine.connect() as connection:
        found = list(complaints(connection, service))
    engine.dispose()
    for complaint in found:
        sys.stdout.write(f"{service}: {complaint}\n")
    if not found:
        sys.stdout.write(f"{service}: the database is what the code says\n")
    return len(found)
