"""PostgreSQL for tests: one cluster a session, one migrated template a service, a fresh copy for who asks."""

import shutil
import tempfile
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import pytest
from psycopg import sql

from infra.local.postgres.cluster import Cluster, discard, start
from infra.local.postgres.errors import PostgresError
from infra.local.postgres.provision import Databases, connection, provision, service_databases

_IN_MEMORY = Path("/dev/shm")
_ROOM = 1024**3
_PREFIX = "vesper-tests-"
# Copying files takes half as long as logging them; a copy takes all of a database except who may connect to it.
_COPY = (
    "CREATE DATABASE {database} TEMPLATE {template} OWNER {owner} STRATEGY file_copy",
    "REVOKE ALL ON DATABASE {database} FROM PUBLIC",
    "GRANT CONNECT ON DATABASE {database} TO {app}",
)


class Server:
    """The session's PostgreSQL and the databases copied in it."""

    def __init__(self, cluster: Cluster) -> None:
        """On a running cluster."""
        self.cluster = cluster
        self._templates: dict[tuple[str, bool], str] = {}

    @contextmanager
    def service_database(self, service: str, *, migrated: bool = True) -> Iterator[Databases]:
        """A database of the service's own, dropped afterwards; its roles are shared with the session's other copies."""
        database = f"{service}_{uuid.uuid4().hex[:12]}"
        self._copy(self._template(service, migrated), database, service)
        try:
            yield self._databases(service, database)
        finally:
            self._drop(database)

    def _template(self, service: str, migrated: bool) -> str:
        if (service, migrated) not in self._templates:
            self._templates[service, migrated] = self._migrate(service) if migrated else self._provide(service)
        return self._templates[service, migrated]

    def _provide(self, service: str) -> str:
        provision(self.cluster.admin_url, [service], folder=self.cluster.folder)
        return f"vesper_{service}"

    def _migrate(self, service: str) -> str:
        from shared.db.migrate import migrate  # only tests that need tables need the services
        from tests.support.diary.tables import METADATA, furnish

        template = f"template_{service}"
        self._drop(template)  # half migrated, if an earlier test's migration failed
        self._copy(self._template(service, False), template, service)
        (furnish if service in METADATA else migrate)(service, self._databases(service, template).owner_url)
        return template

    def _copy(self, template: str, database: str, service: str) -> None:
        names = {
            "database": sql.Identifier(database),
            "template": sql.Identifier(template),
            "owner": sql.Identifier(f"{service}_owner"),
            "app": sql.Identifier(f"{service}_app"),
        }
        with connection(self.cluster.admin_url) as admin:
            for statement in _COPY:
                admin.execute(sql.SQL(statement).format(**names))

    def _drop(self, database: str) -> None:
        with connection(self.cluster.admin_url) as admin:
            admin.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(database)))

    def _databases(self, service: str, database: str) -> Databases:
        return service_databases(self.cluster.admin_url, service, database, self.cluster.passwords)


def folder_for_a_cluster(prefix: str) -> Path:
    """A new folder that a cluster's account can pass through, in memory where there is room."""
    parent = _IN_MEMORY if _IN_MEMORY.is_dir() and shutil.disk_usage(_IN_MEMORY).free > _ROOM else None
    where = Path(tempfile.mkdtemp(prefix=prefix, dir=parent))
    # Root's clusters run under another account.
    where.chmod(0o711)
    return where


@pytest.fixture(scope="session")
def postgres_cluster() -> Iterator[Server]:
    """One cluster for the session, in memory where there is room; whatever DATABASE_URL names is left alone."""
    where = folder_for_a_cluster(_PREFIX)
    for other in where.parent.glob(f"{_PREFIX}*"):
        # Left by a session that was killed; one that runs holds its lock and is refused.
        if other != where and (other / "cluster" / "lock").exists():
            with suppress(PostgresError, OSError):
                discard(other / "cluster")
                other.rmdir()
    with start(where / "cluster", durable=False, settings={"autovacuum": "off"}) as cluster:
        yield Server(cluster)
    discard(where / "cluster")
    where.rmdir()


def _copies(server: Server) -> Iterator[Callable[..., Databases]]:
    with ExitStack() as until_the_end:
        yield lambda service, *, migrated=True: until_the_end.enter_context(
            server.service_database(service, migrated=migrated)
        )


@pytest.fixture
def databases(postgres_cluster: Server) -> Iterator[Callable[..., Databases]]:
    """`databases("request")`: a fresh migrated database for this test; `migrated=False` for one without tables."""
    yield from _copies(postgres_cluster)


@pytest.fixture(scope="module")
def module_databases(postgres_cluster: Server) -> Iterator[Callable[..., Databases]]:
    """`module_databases("request")`: a fresh migrated database for all tests of the module."""
    yield from _copies(postgres_cluster)
