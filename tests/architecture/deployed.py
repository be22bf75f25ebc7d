"""What each way of running starts: commands and environment per process, read from its own files."""

import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from infra.local.postgres.provision import Databases
from infra.local.processes import SERVICES, ports, table
from infra.local.secret import Secrets

ROOT = Path(__file__).resolve().parents[2]
COMPOSE = ROOT / "docker-compose.yml"
ENV_EXAMPLE = ROOT / ".env.example"
VARIABLE = re.compile(r"\$\{(?P<name>[A-Z_]+)(?P<otherwise>[^}]*)\}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Started:
    """One process as some file starts it; `values` has None where a secret or a shared setting is referenced."""

    command: tuple[str, ...]
    values: dict[str, str | None]

    @property
    def names(self) -> frozenset[str]:
        """The names of its environment variables."""
        return frozenset(self.values)


def compose() -> dict[str, Any]:
    """docker-compose.yml, its anchors resolved and its variables not."""
    read: dict[str, Any] = yaml.safe_load(COMPOSE.read_text(encoding="utf-8"))
    return read


def by_compose() -> dict[str, Started]:
    """Vesper's own processes in docker-compose.yml, by name."""
    return {
        name: Started(command=tuple(service["command"]), values=dict(service["environment"]))
        for name, service in compose()["services"].items()
        if service["image"].startswith("vesper:")
    }


def by_local_processes() -> dict[str, Started]:
    """The processes of `make up-local`, by name."""
    databases = {name: Databases(owner_url=f"{name} owner", app_url=f"{name} app") for name in SERVICES}
    secret = Secrets(cookie="cookie", key="key")
    processes = table(databases=databases, bootstrap_servers="kafka", secret=secret, on=ports())
    return {process.name: Started(command=process.command, values=dict(process.env)) for process in processes}


def kustomized(folder: Path) -> list[dict[str, Any]]:
    """Every object of a kustomization, rendered by the kubectl that was installed with the tests."""
    kubectl = Path(sys.executable).with_name("kubectl")
    rendered = subprocess.run([kubectl, "kustomize", folder], capture_output=True, text=True, check=False)
    assert rendered.returncode == 0, rendered.stderr
    return list(yaml.safe_load_all(rendered.stdout))


def by_kubernetes(objects: list[dict[str, Any]]) -> dict[str, Started]:
    """Vesper's own processes among these objects, by the name docker-compose.yml has for them."""
    return {
        "web" if workload["metadata"]["name"] == "web-api" else workload["metadata"]["name"]: Started(
            command=tuple(container["command"]),
            values={variable["name"]: variable.get("value") for variable in container["env"]},
        )
        for workload, container in containers(objects)
    }


def containers(objects: list[dict[str, Any]]) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """Every container with the object that runs it."""
    for workload in objects:
        if workload["kind"] in ("Deployment", "Job"):
            pod = workload["spec"]["template"]["spec"]
            for container in [*pod.get("initContainers", []), *pod["containers"]]:
                yield workload, container
