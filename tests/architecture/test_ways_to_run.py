"""One code, many ways to start it: the same commands with the same environment everywhere."""

from importlib import import_module

import pytest
from pydantic_settings import BaseSettings

from infra.kafka.topics import TopicSettings
from infra.local.processes import SERVICES
from tests.architecture.deployed import ROOT, by_compose, by_kubernetes, by_local_processes, kustomized

NAMES = sorted(by_local_processes())


def test_compose_starts_what_one_machine_starts() -> None:
    assert sorted(by_compose()) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_compose_starts_it_the_same_way(name: str) -> None:
    assert by_compose()[name].command == by_local_processes()[name].command
    assert by_compose()[name].names == by_local_processes()[name].names


def test_kubernetes_starts_it_the_same_way() -> None:
    by_k8s = by_kubernetes(kustomized(ROOT / "k8s/overlays/example"))
    assert sorted(by_k8s) == NAMES
    for name, local in by_local_processes().items():
        assert by_k8s[name].command == local.command
        assert by_k8s[name].names == local.names, name


@pytest.mark.parametrize("name", NAMES)
def test_every_variable_is_one_the_process_reads(name: str) -> None:
    service = name.rpartition("-")[0] or name
    settings = TopicSettings if name == "topics" else _settings_of(service)
    prefix = settings.model_config["env_prefix"]
    read = {f"{prefix}{field}".upper() for field in settings.model_fields}
    assert by_local_processes()[name].names <= read


def test_the_services_are_those_there_are() -> None:
    folders = {folder.name for folder in (ROOT / "services").iterdir() if (folder / "__main__.py").exists()}
    assert folders == {*SERVICES, "web"}


def _settings_of(service: str) -> type[BaseSettings]:
    """The settings class of a service: the most special one its settings.py knows."""
    known = vars(import_module(f"services.{service}.settings")).values()
    classes = [found for found in known if isinstance(found, type) and issubclass(found, BaseSettings)]
    return max(classes, key=lambda found: len(found.mro()))
