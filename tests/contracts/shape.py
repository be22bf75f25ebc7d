"""What an event looks like on the wire, field by field, and which changes of it would break who hears it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import TypeAdapter

from shared.domain.event import Event

Schema = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Field:
    """One field: what kind of value, and whether a message may lack it."""

    kind: str
    needed: bool


def schema_of(event_class: type[Event]) -> Schema:
    """The event's JSON Schema, without what only people read."""
    schema: Schema = _bare(TypeAdapter(event_class).json_schema())
    return schema


def breaks(before: Schema, after: Schema) -> list[str]:
    """What of the change would break messages already sent or those who hear new ones; empty when it only grew."""
    old, new = dict(_fields(before, before, "")), dict(_fields(after, after, ""))
    said = []
    for path in sorted(old.keys() | new.keys()):
        if path not in new:
            said.append(f"{path} is gone: who hears it needs it")
        elif path not in old:
            if new[path].needed and _parent(path) in {"", *old}:
                said.append(f"{path} is new and has no default: messages already sent lack it")
        elif old[path].kind != new[path].kind:
            said.append(f"{path} was {old[path].kind} and is {new[path].kind}")
        elif new[path].needed and not old[path].needed:
            said.append(f"{path} has no default any more: messages already sent may lack it")
    return said


def _fields(schema: Schema, root: Schema, path: str) -> Iterator[tuple[str, Field]]:
    schema = _resolved(schema, root)
    for branch in schema.get("anyOf", ()):
        yield from _fields(branch, root, path)
    for name, inner in schema.get("properties", {}).items():
        here = f"{path}.{name}" if path else name
        yield here, Field(_kind(inner, root), name in schema.get("required", ()))
        yield from _fields(inner, root, here)
    for inner in (schema.get("items"), *schema.get("prefixItems", ())):
        if isinstance(inner, dict):
            yield from _fields(inner, root, f"{path}[]")


def _kind(schema: Schema, root: Schema) -> str:
    schema = _resolved(schema, root)
    if "anyOf" in schema:
        return " or ".join(sorted(_kind(branch, root) for branch in schema["anyOf"]))
    if "prefixItems" in schema:
        return f"[{', '.join(_kind(inner, root) for inner in schema['prefixItems'])}]"
    if schema.get("type") == "array":
        return f"list of {_kind(schema['items'], root)}"
    return f"{schema.get('type', 'anything')}{' ' + schema['format'] if 'format' in schema else ''}"


def _resolved(schema: Schema, root: Schema) -> Schema:
    if "$ref" not in schema:
        return schema
    found: Schema = root["$defs"][schema["$ref"].rsplit("/", 1)[-1]]
    return found


def _parent(path: str) -> str:
    return path.rpartition(".")[0].removesuffix("[]")


def _bare(schema: Any) -> Any:
    if isinstance(schema, Mapping):
        return {
            key: {name: _bare(inner) for name, inner in value.items()}
            if key in ("properties", "$defs")
            else _bare(value)
            for key, value in schema.items()
            if key not in ("title", "description")
        }
    return [_bare(each) for each in schema] if isinstance(schema, list) else schema
