"""docs/events.yaml is current, is AsyncAPI 3.0 by AsyncAPI's own schema, and its examples are what it describes."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft7Validator, Draft202012Validator

from services.web.assets import fetched
from tests.contracts.asyncapi import DOCUMENT, document
from tests.contracts.golden import every_event, topic_of

Document = dict[str, Any]


@pytest.fixture(scope="module")
def read() -> Document:
    loaded: Document = yaml.safe_load(DOCUMENT.read_text(encoding="utf-8"))
    return loaded


@pytest.fixture(scope="module")
def official() -> Iterator[Draft7Validator]:
    """AsyncAPI's schema of documents, by a lock file of its own."""
    with fetched(development=True, declared_in=Path(__file__).parent) as modules:
        schema = (modules / "@asyncapi" / "specs" / "schemas" / "3.0.0.json").read_text(encoding="utf-8")
        yield Draft7Validator(json.loads(schema))


def test_it_is_current() -> None:
    assert DOCUMENT.read_text(encoding="utf-8") == document(), "run `make contracts`"


def test_it_is_valid(read: Document, official: Draft7Validator) -> None:
    assert [error.message for error in official.iter_errors(read)] == []


@pytest.mark.parametrize(
    "spoilt",
    [
        lambda doc: doc["channels"]["roster"].update(adress="roster"),
        lambda doc: doc["channels"]["roster"]["bindings"]["kafka"].update(partitions=0),
        lambda doc: doc["operations"]["rosterSays"].update(action="shout"),
        lambda doc: doc["components"]["messages"]["VisitStarted"]["bindings"]["kafka"].update(key="visit_id"),
        lambda doc: doc.pop("info"),
    ],
)
def test_a_document_that_is_none_is_not_valid(spoilt: Any, official: Draft7Validator) -> None:
    broken: Document = yaml.safe_load(DOCUMENT.read_text(encoding="utf-8"))
    spoilt(broken)
    assert list(official.iter_errors(broken))


def test_every_reference_leads_somewhere(read: Document) -> None:
    def references(part: Any) -> Iterator[str]:
        if isinstance(part, dict):
            if isinstance(part.get("$ref"), str):
                yield part["$ref"]
            for inner in part.values():
                yield from references(inner)
        if isinstance(part, list):
            for inner in part:
                yield from references(inner)

    found = list(references(read))
    assert found
    for reference in found:
        target: Any = read
        for step in reference.removeprefix("#/").split("/"):
            assert step in target, reference
            target = target[step]


def test_every_event_is_on_its_producers_channel_and_every_hearer_is_named(read: Document) -> None:
    for event in every_event():
        channel = read["channels"][topic_of(event)]
        assert event.__name__ in channel["messages"]
        assert channel["bindings"]["kafka"]["partitions"] == 12
    heard = read["operations"]["rosterHearsMatching"]
    assert heard["action"] == "receive"
    assert heard["bindings"]["kafka"]["groupId"]["enum"] == ["roster"]
    assert {"$ref": "#/channels/matching/messages/VisitAssigned"} in heard["messages"]


def test_the_examples_are_what_the_document_describes(read: Document) -> None:
    schemas = {"components": read["components"]}
    headers = read["components"]["messageTraits"]["cloudEvent"]["headers"]
    for name, message in read["components"]["messages"].items():
        (example,) = message["examples"]
        payload = Draft202012Validator({**schemas, "$ref": f"#/components/schemas/{name}"})
        assert [error.message for error in payload.iter_errors(example["payload"])] == []
        assert [error.message for error in Draft202012Validator(headers).iter_errors(example["headers"])] == []
