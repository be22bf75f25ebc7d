"""`make contracts` writes what grew, and writes nothing when something would break."""

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar
from uuid import UUID

import pytest

from shared.domain.event import Event
from tests.contracts import __main__ as making
from tests.contracts import asyncapi, golden


@dataclass(frozen=True, slots=True, kw_only=True)
class Before(Event):
    wire_name: ClassVar[str] = "door.opened.v1"
    key_field: ClassVar[str] = "door_id"
    door_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Grown(Event):
    wire_name: ClassVar[str] = "door.opened.v1"
    key_field: ClassVar[str] = "door_id"
    door_id: UUID
    colour: str = "red"


@dataclass(frozen=True, slots=True, kw_only=True)
class Broken(Event):
    wire_name: ClassVar[str] = "door.opened.v1"
    key_field: ClassVar[str] = "door_id"
    door_id: UUID
    colour: str


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of golden files with one event in it."""
    monkeypatch.setattr(golden, "FOLDER", tmp_path)
    monkeypatch.setattr(making, "FOLDER", tmp_path)
    monkeypatch.setattr(making, "DOCUMENT", tmp_path / "events.yaml")
    monkeypatch.setattr(making, "document", lambda: "made")
    monkeypatch.setattr(making, "every_event", lambda: [Before])
    assert making.main() == 0
    return golden.path_of(Before)


def test_a_field_with_a_default_is_written_into_the_golden_file(kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(making, "every_event", lambda: [Grown])
    assert making.main() == 0
    assert golden.golden(Grown).sample["colour"] == "a colour"


def test_a_field_without_one_is_refused_and_nothing_is_written(
    kept: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    before = kept.read_text()
    monkeypatch.setattr(making, "every_event", lambda: [Broken])
    assert making.main() == 1
    assert capsys.readouterr().out.startswith(
        "door.opened.v1: colour is new and has no default: messages already sent lack it\nNothing was written."
    )
    assert kept.read_text() == before


def test_an_event_nobody_sent_may_change_once_its_file_is_deleted(kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept.unlink()
    monkeypatch.setattr(making, "every_event", lambda: [Broken])
    assert making.main() == 0


def test_a_file_without_an_event_is_named(
    kept: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(making, "every_event", list)
    assert making.main() == 0
    assert "door.opened.v1.json: no contract declares it any more" in capsys.readouterr().out


def test_the_document_is_where_readers_look_for_it() -> None:
    assert asyncapi.DOCUMENT.parent.name == "docs"
