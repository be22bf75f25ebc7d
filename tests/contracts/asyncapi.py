"""docs/events.yaml: what is said on which topic, by whom, and who hears it, as AsyncAPI 3.0 made from the contracts."""

import inspect
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

import yaml
from pydantic import TypeAdapter

from infra.kafka.topics import SERVICES, Topic, TopicSettings, declared_topics
from shared.bus.subscriptions import Subscriptions
from shared.domain.event import Event
from shared.messages import CONTENT_TYPE
from tests.contracts.golden import as_declared, every_event, topic_of

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "events.yaml"
_BINDING = "0.5.0"
_FIRST_LINE = "# Made from shared/contracts by `make contracts`; a test fails when it is not current.\n"
_SCHEMA = "#/components/schemas/{model}"
_HEADERS: Mapping[str, str] = {
    "ce_specversion": "CloudEvents' version, 1.0.",
    "ce_id": "The message's id: who has it handled knows it by this.",
    "ce_source": "Which service says it.",
    "ce_type": "The event's wire name.",
    "ce_time": "When the command that says it was done, in UTC.",
    "ce_subject": "The aggregate's id.",
    "ce_partitionkey": "The record's key again: the aggregate's id, so its events keep their order.",
    "ce_correlationid": "Follows a person's request through every service it sets in motion.",
    "ce_desk": "Whose desk it is about.",
    "content-type": "Of the value.",
}


def document() -> str:
    """The document's text."""
    made = yaml.safe_dump(_document(), sort_keys=False, allow_unicode=True, width=120)
    return _FIRST_LINE + str(made)


def _document() -> dict[str, Any]:
    events = every_event()
    topics = {topic.name: topic for topic in declared_topics(TopicSettings.model_construct())}
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Vesper's events",
            "version": "1",
            "description": "Each service says what happened on a topic of its own. Events are CloudEvents 1.0 in Kafka's "
            "binary mode. Contracts only grow: a reader ignores fields it does not know.",
        },
        "defaultContentType": CONTENT_TYPE,
        "servers": {
            "kafka": {"host": "kafka:9092", "protocol": "kafka", "description": "As docker-compose.yml names it."}
        },
        "channels": {service: _channel(topics[service], events) for service in SERVICES},
        "operations": _operations(events),
        "components": {
            "messages": {event.__name__: _message(event) for event in events},
            "messageTraits": {"cloudEvent": {"headers": _headers()}},
            "schemas": _schemas(events),
        },
    }


def _channel(topic: Topic, events: list[type[Event]]) -> dict[str, Any]:
    said = [event.__name__ for event in events if topic_of(event) == topic.name]
    return {
        "address": topic.name,
        "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in said},
        "bindings": {
            "kafka": {
                "topic": topic.name,
                "partitions": topic.partitions,
                "topicConfiguration": {"cleanup.policy": ["delete"], "retention.ms": topic.retention_ms},
                "bindingVersion": _BINDING,
            }
        },
    }


def _operations(events: list[type[Event]]) -> dict[str, Any]:
    operations: dict[str, Any] = {}
    for service in SERVICES:
        said = [event for event in events if topic_of(event) == service]
        operations[f"{service}Says"] = {"action": "send", **_about(service, said)}
    for service in SERVICES:
        subscriptions: Subscriptions = import_module(f"services.{service}.subscriptions").subscriptions
        for topic in SERVICES:
            heard = [event for event in events if topic_of(event) == topic and subscriptions.find(event.wire_name)]
            if heard:
                binding = {"groupId": {"type": "string", "enum": [service]}, "bindingVersion": _BINDING}
                operations[f"{service}Hears{topic.title()}"] = {
                    "action": "receive",
                    **_about(topic, heard),
                    "bindings": {"kafka": binding},
                }
    return operations


def _about(topic: str, events: list[type[Event]]) -> dict[str, Any]:
    channel = f"#/channels/{topic}"
    return {
        "channel": {"$ref": channel},
        "messages": [{"$ref": f"{channel}/messages/{event.__name__}"} for event in events],
    }


def _message(event: type[Event]) -> dict[str, Any]:
    declared = as_declared(event)
    key = {"type": "string", "format": "uuid", "description": event.key_field}
    return {
        "name": event.wire_name,
        "title": event.__name__,
        **_told(event),
        "contentType": CONTENT_TYPE,
        "correlationId": {"location": "$message.header#/ce_correlationid"},
        "payload": {"$ref": _SCHEMA.format(model=event.__name__)},
        "bindings": {"kafka": {"key": key, "bindingVersion": _BINDING}},
        "traits": [{"$ref": "#/components/messageTraits/cloudEvent"}],
        "examples": [{"headers": dict(declared.headers), "payload": declared.sample}],
    }


def _headers() -> dict[str, Any]:
    return {
        "type": "object",
        "required": [name for name in _HEADERS if name != "ce_desk"],
        "properties": {name: {"type": "string", "description": said} for name, said in _HEADERS.items()},
    }


def _schemas(events: list[type[Event]]) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for event in events:
        schema = TypeAdapter(event).json_schema(ref_template=_SCHEMA)
        made |= {**schema.pop("$defs", {}), event.__name__: schema}
    return dict(sorted(made.items()))


def _told(event: type[Event]) -> dict[str, str]:
    said = inspect.getdoc(event)
    # A dataclass without a docstring gets its signature for one.
    return {} if not said or said.startswith(f"{event.__name__}(") else {"description": said}
