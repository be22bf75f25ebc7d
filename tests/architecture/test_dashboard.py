"""Grafana's dashboard and Prometheus' alert rules use metrics the code has, with labels they have."""

import json
import re
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
import yaml
from prometheus_client.metrics import MetricWrapperBase

from shared.telemetry import metrics
from tests.architecture.deployed import ROOT

DASHBOARD = ROOT / "infra/grafana/dashboards/vesper.json"
RULES = ROOT / "infra/prometheus/rules.yml"
SELECTOR = re.compile(r"\b(?P<metric>vesper_\w+)(?:\{(?P<labels>[^}]*)\})?")
GROUPING = re.compile(r"\bby \((?P<labels>[^)]*)\)")


@cache
def declared() -> dict[str, frozenset[str]]:
    """Every series name in shared/telemetry/metrics.py, as Prometheus stores it, with its labels."""
    found = {}
    for metric in vars(metrics).values():
        if isinstance(metric, MetricWrapperBase):
            [described] = metric.describe()
            labels = frozenset(metric._labelnames)
            suffixes = {"counter": ("_total",), "gauge": ("",), "histogram": ("_bucket", "_sum", "_count")}
            for suffix in suffixes[described.type]:
                found[described.name + suffix] = labels | ({"le"} if suffix == "_bucket" else set())
    return found


def dashboard() -> dict[str, Any]:
    read: dict[str, Any] = json.loads(DASHBOARD.read_text(encoding="utf-8"))
    return read


def rules() -> list[dict[str, Any]]:
    groups = yaml.safe_load(RULES.read_text(encoding="utf-8"))["groups"]
    return [rule for group in groups for rule in group["rules"]]


def expressions() -> Iterator[tuple[str, str]]:
    """Every query with the title of where it stands."""
    for panel in dashboard()["panels"]:
        for target in panel.get("targets", []):
            yield panel["title"], target["expr"]
    for rule in rules():
        yield rule["alert"], rule["expr"]
    for variable in dashboard()["templating"]["list"]:
        yield f"variable {variable['name']}", variable["query"]


@pytest.mark.parametrize(("where", "expression"), list(expressions()))
def test_a_query_names_metrics_and_labels_that_exist(where: str, expression: str) -> None:
    labels: set[str] = set()
    for found in SELECTOR.finditer(expression):
        assert found["metric"] in declared(), f"{where}: no such metric"
        used = set(re.findall(r"(\w+)\s*(?:=~|!~|!=|=)", found["labels"] or ""))
        assert used <= declared()[found["metric"]], f"{where}: {found['metric']} has no such label"
        labels |= declared()[found["metric"]]
    for grouped in GROUPING.finditer(expression):
        assert {label.strip() for label in grouped["labels"].split(",")} <= labels, (
            f"{where}: grouped by no label of it"
        )


def test_every_metric_is_on_the_dashboard() -> None:
    shown = {found["metric"] for title, query in expressions() if title for found in SELECTOR.finditer(query)}
    families = {re.sub("_(bucket|sum|count)$", "", name) for name in declared()}
    assert families - {re.sub("_(bucket|sum|count)$", "", name) for name in shown} == set()


def test_every_counter_is_read_as_a_rate() -> None:
    for where, expression in expressions():
        for counter in re.findall(r"\bvesper_\w+_total\b(?:\{[^}]*\})?(.)", expression):
            assert counter == "[" or where.startswith("variable"), f"{where}: a counter only ever grows"


def test_panels_have_their_own_ids_and_places_and_the_provisioned_source() -> None:
    panels = dashboard()["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    taken: set[tuple[int, int]] = set()
    for panel in panels:
        at = panel["gridPos"]
        cells = {(x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])}
        assert not cells & taken, f"{panel['title']} lies over another"
        assert max(x for x, _ in cells) < 24, f"{panel['title']} leaves the page"
        taken |= cells
    source = yaml.safe_load(
        (ROOT / "infra/grafana/provisioning/datasources/prometheus.yml").read_text(encoding="utf-8")
    )
    used = {target["datasource"]["uid"] for panel in panels for target in panel.get("targets", [])}
    assert used == {source["datasources"][0]["uid"]}


def test_every_alert_says_how_bad_it_is_and_what_to_do() -> None:
    for rule in rules():
        assert rule["labels"]["severity"] in ("page", "warn"), rule["alert"]
        assert rule["annotations"].keys() == {"summary", "action"}, rule["alert"]
