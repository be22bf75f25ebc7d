"""k8s/ as kubectl renders it, against Kubernetes' own schemas, and against what a schema can't know."""

from typing import Any

import kubernetes_validate
import pytest
import yaml

from infra.kafka.topics import PARTITIONS
from infra.local.processes import SERVICES
from tests.architecture.deployed import ROOT, containers, kustomized

KUBERNETES = "1.32"
OVERLAYS = sorted(folder.name for folder in (ROOT / "k8s/overlays").iterdir())
INSTANCES = (*SERVICES, "web")

Object = dict[str, Any]


@pytest.fixture(scope="module", params=OVERLAYS)
def objects(request: pytest.FixtureRequest) -> list[Object]:
    return kustomized(ROOT / "k8s/overlays" / request.param)


def named(objects: list[Object], kind: str) -> dict[str, Object]:
    return {found["metadata"]["name"]: found for found in objects if found["kind"] == kind}


def pods(objects: list[Object]) -> dict[str, dict[str, str]]:
    """The labels of every Deployment's pods, by the Deployment's name."""
    return {
        name: deployment["spec"]["template"]["metadata"]["labels"]
        for name, deployment in named(objects, "Deployment").items()
    }


def chosen(objects: list[Object], labels: dict[str, str]) -> list[str]:
    """The Deployments whose pods have all of these labels."""
    return [name for name, has in pods(objects).items() if labels.items() <= has.items()]


def test_every_object_is_valid(objects: list[Object]) -> None:
    for found in objects:
        kubernetes_validate.validate(found, KUBERNETES, strict=True)


@pytest.mark.parametrize("instance", [*INSTANCES, "topics"])
def test_every_instance_renders_by_itself(instance: str) -> None:
    for found in kustomized(ROOT / "k8s" / instance):
        kubernetes_validate.validate(found, KUBERNETES, strict=True)


def test_every_service_has_its_parts(objects: list[Object]) -> None:
    apis = {f"{instance}-api" for instance in INSTANCES}
    workers = {f"{service}-worker" for service in SERVICES}
    assert named(objects, "Deployment").keys() == apis | workers
    assert named(objects, "Service").keys() == apis
    assert named(objects, "HorizontalPodAutoscaler").keys() == apis | workers
    assert named(objects, "PodDisruptionBudget").keys() == apis | workers
    assert named(objects, "NetworkPolicy").keys() == apis | workers
    assert named(objects, "Job").keys() == {f"{service}-migrate" for service in SERVICES} | {"topics"}


def test_no_placeholder_is_left(objects: list[Object]) -> None:
    assert "SERVICE" not in yaml.safe_dump(objects)


def test_every_selector_finds_one_deployment(objects: list[Object]) -> None:
    for name, deployment in named(objects, "Deployment").items():
        assert chosen(objects, deployment["spec"]["selector"]["matchLabels"]) == [name]
    for name, service in named(objects, "Service").items():
        assert chosen(objects, service["spec"]["selector"]) == [name]
    for name, budget in named(objects, "PodDisruptionBudget").items():
        assert chosen(objects, budget["spec"]["selector"]["matchLabels"]) == [name]
    for name, policy in named(objects, "NetworkPolicy").items():
        assert chosen(objects, policy["spec"]["podSelector"]["matchLabels"]) == [name]


def test_scaling_is_of_what_exists_and_workers_by_their_own_backlog(objects: list[Object]) -> None:
    for name, autoscaler in named(objects, "HorizontalPodAutoscaler").items():
        spec = autoscaler["spec"]
        assert spec["scaleTargetRef"]["name"] == name
        assert "replicas" not in named(objects, "Deployment")[name]["spec"], "an apply would undo the autoscaler"
        lag = [metric["external"]["metric"] for metric in spec["metrics"] if metric["type"] == "External"]
        if name.endswith("-worker"):
            service = name.removesuffix("-worker")
            assert lag == [{"name": "vesper_consumer_lag", "selector": {"matchLabels": {"service": service}}}]
            assert spec["maxReplicas"] <= PARTITIONS, "one more than there are partitions has nothing to read"
        else:
            assert lag == []


def test_every_container_is_confined(objects: list[Object]) -> None:
    for workload, container in containers(objects):
        pod = workload["spec"]["template"]["spec"]
        assert pod["automountServiceAccountToken"] is False
        assert pod["securityContext"]["runAsNonRoot"] is True
        assert pod["securityContext"]["runAsUser"] > 0
        assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        assert container["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }
        for bound in ("requests", "limits"):
            assert container["resources"][bound].keys() == {"cpu", "memory"}
        assert {"name": "tmp", "mountPath": "/tmp"} in container["volumeMounts"]


def test_every_container_that_keeps_running_is_probed_where_it_listens(objects: list[Object]) -> None:
    for workload, container in containers(objects):
        if workload["kind"] == "Job":
            continue
        [port] = container["ports"]
        listens = {v["name"]: v.get("value") for v in container["env"] if v["name"].endswith("_PORT")}
        assert list(listens.values()) == [str(port["containerPort"])]
        assert workload["spec"]["template"]["metadata"]["annotations"]["prometheus.io/port"] == str(
            port["containerPort"]
        )
        probes = {name: container[name]["httpGet"] for name in ("startupProbe", "livenessProbe", "readinessProbe")}
        assert {probe["port"] for probe in probes.values()} == {port["name"]}
        # A liveness probe that asks for the database restarts every pod when the database is away.
        assert probes["livenessProbe"]["path"] == "/healthz"
        assert "/readyz" in {probe["path"] for probe in probes.values()}


def test_a_broker_that_is_down_does_not_take_the_apis_from_their_callers(objects: list[Object]) -> None:
    for workload, container in containers(objects):
        if workload["metadata"]["name"].endswith("-api"):
            assert container["readinessProbe"]["httpGet"]["path"] == "/healthz"
            assert container["startupProbe"]["httpGet"]["path"] == "/readyz"


def test_secrets_are_referenced_and_never_contained(objects: list[Object]) -> None:
    assert named(objects, "Secret") == {}
    for _, container in containers(objects):
        for variable in container["env"]:
            if variable["name"].endswith(("DATABASE_URL", "SECRET")):
                assert "secretKeyRef" in variable["valueFrom"], variable["name"]


def test_each_service_is_given_only_its_own_database(objects: list[Object]) -> None:
    for workload, container in containers(objects):
        service, _, role = workload["metadata"]["name"].partition("-")
        references = [
            variable["valueFrom"]["secretKeyRef"]
            for variable in container["env"]
            if "secretKeyRef" in variable.get("valueFrom", {})
        ]
        if service in SERVICES:
            key = "owner-url" if role == "migrate" else "app-url"
            of_databases = [reference for reference in references if reference["name"].endswith("-database")]
            assert of_databases == [{"name": f"{service}-database", "key": key}]


def test_shared_settings_are_all_there(objects: list[Object]) -> None:
    settings = named(objects, "ConfigMap")
    for _, container in containers(objects):
        for variable in container["env"]:
            if reference := variable.get("valueFrom", {}).get("configMapKeyRef"):
                assert reference["key"] in settings[reference["name"]]["data"]


def test_the_pages_and_the_ingress_call_services_that_exist(objects: list[Object]) -> None:
    services = named(objects, "Service")
    for _, container in containers(objects):
        for variable in container["env"]:
            if str(variable.get("value", "")).startswith("http://"):
                assert variable["value"].removeprefix("http://") in services
    for ingress in named(objects, "Ingress").values():
        for rule in ingress["spec"]["rules"]:
            for path in rule["http"]["paths"]:
                backend = path["backend"]["service"]
                offered = {port["name"] for port in services[backend["name"]]["spec"]["ports"]}
                assert backend["port"]["name"] in offered
