"""Every refusal in one shape, whatever was wrong with the request."""

import json
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from httpx import Response
from pydantic import TypeAdapter, ValidationError

from shared.auth.roles import Role
from shared.db.inbox import TooEarly
from shared.domain.errors import Conflict, DomainError, Invalid, NotAllowed, NotFound
from shared.http.errors import answer_of, status_of
from shared.http.schema import ClockTime
from tests.support.diary.rows import rows_of
from tests.support.diary.service import BROKEN, OpenPage, open_page
from tests.support.diary.tables import pages
from tests.support.service import Trial

MEMBERS = {"type", "title", "status", "detail", "instance"}


@pytest.fixture
def page(writes: Trial) -> Iterator[str]:
    """A page whose lines nothing in the test may change."""
    made = writes.run(open_page, OpenPage())
    yield f"/pages/{made}/lines"
    [row] = rows_of(writes.running.sessions, pages, writes.desk_id)
    assert row.lines == 0


def post(writes: Trial, path: str, content: bytes | str, content_type: str | None = "application/json") -> Response:
    headers = writes.headers(writes.caller(Role.DISPATCHER))
    if content_type is not None:
        headers["Content-Type"] = content_type
    answer: Response = writes.http.post(path, content=content, headers=headers)
    return answer


def problem_of(answer: Response, status: int) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["X-Correlation-Id"]
    told: dict[str, Any] = answer.json()
    assert told.keys() >= MEMBERS
    assert told["status"] == status
    return told


@pytest.mark.parametrize(
    ("body", "pointer", "said"),
    [
        ({"shoe_size": 9}, "#/shoe_size", "shoe_size is not a field we know. Leave it out or check its spelling."),
        ({"at": "2026-06-01T22:00:00"}, "#/at", "at needs its zone, such as 2026-06-01T22:00:00+02:00."),
        ({"at": "1826-06-01T22:00:00Z"}, "#/at", "at: a year between 2000 and 2100 is expected."),
        ({"count": "many"}, "#/count", "count: input should be a valid integer"),
        ({"count": 1.5}, "#/count", "count: input should be a valid integer"),
        ({"words": "a\x00b"}, "#", "a text can't hold the character NUL"),
        ({"a\x00b": 1}, "#", "a text can't hold the character NUL"),
        ({"words": "w" * 2001}, "#/words", "at most 2000 characters"),
        ({"words": None}, "#/words", "valid string"),
        ([1, 2], "#", "body:"),
        ("text", "#", "body:"),
    ],
)
def test_a_body_that_cant_be_right_names_the_field(
    writes: Trial, page: str, body: Any, pointer: str, said: str
) -> None:
    told = problem_of(post(writes, page, json.dumps(body)), 422)
    assert told["errors"][0]["pointer"] == pointer
    assert said in told["errors"][0]["detail"]
    assert told["instance"] == page


def test_every_wrong_field_is_named_at_once(writes: Trial, page: str) -> None:
    told = problem_of(post(writes, page, '{"count": "x", "at": "y", "z": 1}'), 422)
    assert {error["pointer"] for error in told["errors"]} == {"#/count", "#/at", "#/z"}
    assert told["detail"].startswith("3 fields can't be right:")


@pytest.mark.parametrize(
    "body", [b"{", b"", b"\xff\xfe{}", b'{"words": "\xff"}', b"{'count': 1}", b"[" * 100_000, b"nul"]
)
def test_a_body_that_is_not_json(writes: Trial, page: str, body: bytes) -> None:
    answer = post(writes, page, body)
    assert answer.status_code in (400, 422)
    told = problem_of(answer, answer.status_code)
    assert "JSON" in told["detail"] or "body" in told["detail"]


@pytest.mark.parametrize("depth", [100, 300, 500, 700, 900, 990, 5_000, 300_000])
def test_a_deep_body_is_refused_however_deep(writes: Trial, page: str, depth: int) -> None:
    """Newer Pythons parse deeper than their own functions may call, so nothing of ours walks a body by recursion."""
    for body in ('{"words": ' + "[" * depth + "]" * depth + "}", '{"x":' * depth + "1" + "}" * depth):
        answer = post(writes, page, body)
        assert answer.status_code in (400, 413, 422), (depth, answer.text[:300])
        problem_of(answer, answer.status_code)


def test_half_a_character_is_no_text(writes: Trial, page: str) -> None:
    for body in ('{"words": "\\ud800"}', '{"\\ud800": 1}'):
        told = problem_of(post(writes, page, body), 422)
        assert told["errors"]


@pytest.mark.parametrize(
    "content_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", None]
)
def test_a_body_in_another_form_says_which_is_wanted(writes: Trial, page: str, content_type: str | None) -> None:
    told = problem_of(post(writes, page, '{"count": 1}', content_type), 415)
    assert "Content-Type: application/json" in told["detail"]


def test_two_megabytes_are_too_much_told_or_not(writes: Trial, page: str) -> None:
    body = b'{"words": "' + b"w" * 2_000_000 + b'"}'
    told = problem_of(post(writes, page, body), 413)
    assert told["detail"] == "A body may have 1000000 bytes at most."

    def in_pieces() -> Iterator[bytes]:
        for start in range(0, len(body), 65_536):
            yield body[start : start + 65_536]

    headers = {**writes.headers(writes.caller(Role.DISPATCHER)), "Content-Type": "application/json"}
    problem_of(writes.http.post(page, content=in_pieces(), headers=headers), 413)
    problem_of(writes.http.post(page, content=b"{}", headers={**headers, "Content-Length": "2000000"}), 413)


def test_an_id_that_is_none_a_way_that_is_none_and_a_verb_that_is_none(writes: Trial, page: str) -> None:
    told = problem_of(post(writes, "/pages/hove/lines", "{}"), 422)
    assert told["errors"][0]["pointer"] == "#/page_id"
    headers = writes.headers(writes.caller(Role.DISPATCHER))
    assert (
        problem_of(writes.http.get("/nowhere", headers=headers), 404)["detail"] == "There is nothing at this address."
    )
    assert problem_of(writes.http.delete(page, headers=headers), 405)["title"] == "Not possible here"
    told = problem_of(writes.http.get(f"/pages/{uuid4()}", headers=headers), 404)
    assert told["type"] == "urn:vesper:problem:not-found"
    assert problem_of(writes.http.get("/pages/%00", headers=headers), 422)["errors"]


def test_what_nobody_foresaw_is_a_problem_too_tells_nothing_and_can_be_found_in_the_log(
    writes: Trial, page: str
) -> None:
    headers = {**writes.headers(writes.caller(Role.DISPATCHER)), "X-Correlation-Id": "call-7"}
    answer = writes.http.post(page, json={"words": BROKEN}, headers=headers)
    told = problem_of(answer, 500)
    assert answer.headers["X-Correlation-Id"] == "call-7"
    assert "pen" not in answer.text
    assert told["type"] == "urn:vesper:problem:broken"


def test_a_value_no_column_holds_names_itself(writes: Trial, page: str) -> None:
    told = problem_of(post(writes, page, json.dumps({"count": 1, "words": "ok", "at": None, "number": 2**70})), 422)
    assert told["errors"]


@pytest.mark.parametrize(
    ("error", "status"),
    [(NotFound("x"), 404), (Conflict("x"), 409), (NotAllowed("x"), 403), (Invalid("x"), 422), (DomainError("x"), 409)],
)
def test_each_kind_of_refusal_has_its_status(error: DomainError, status: int) -> None:
    assert status_of(error) == answer_of(error, "/x").status == status


def test_what_has_not_arrived_here_yet_is_worth_another_try(writes: Trial, monkeypatch: pytest.MonkeyPatch) -> None:
    """A handler that people and messages share may need what another service hasn't told yet: no fault of ours."""

    def too_early(*_: Any, **__: Any) -> None:
        raise TooEarly("desk", writes.desk_id)

    monkeypatch.setattr("shared.commands.Runner.answer", too_early)
    answer = post(writes, "/pages", "{}")
    assert problem_of(answer, 503)["type"] == "urn:vesper:problem:too-early"
    assert answer.headers["Retry-After"]


def test_a_correlation_id_is_taken_over_or_made(writes: Trial) -> None:
    assert writes.http.get("/healthz", headers={"X-Correlation-Id": "call-1"}).headers["X-Correlation-Id"] == "call-1"
    for unfit in ("a b", "x" * 65, "", "../../x", "<script>"):
        made = writes.http.get("/healthz", headers={"X-Correlation-Id": unfit}).headers["X-Correlation-Id"]
        assert len(made) == 36, unfit


@pytest.mark.parametrize("said", ["07:30:00", "7:30", "24:00", "07:30Z", "07:30+02:00", "½0:30", "", 730, None])
def test_a_time_on_the_clock_is_hours_and_minutes_and_has_no_zone(said: object) -> None:
    with pytest.raises(ValidationError, match="such as 07:30"):
        TypeAdapter(ClockTime).validate_python(said)


def test_a_time_on_the_clock_is_told_as_it_is_asked_for() -> None:
    clock = TypeAdapter(ClockTime)
    assert clock.dump_json(clock.validate_python(" 07:30 ")) == b'"07:30"'
