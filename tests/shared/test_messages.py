"""A message and its CloudEvents attributes: what is sent comes back, and what no table keeps is refused."""

from uuid import uuid4

import pytest

from shared.messages import Message, Undecodable, message_from_headers
from tests.support.service import MONDAY

HEADERS = [("ce_id", b"m-1"), ("ce_type", b"line.written.v1"), ("ce_time", b"2026-06-01T09:00:00+00:00")]


@pytest.mark.parametrize(
    "header",
    [
        ("ce_id", b"x" * 256),
        ("ce_id", b"a\x00b"),
        ("ce_type", b"\xff\xfe"),
        ("ce_time", b"2026-06-01T09:00:00"),
        ("ce_time", b"0001-01-01T00:00:00+14:00"),
        ("ce_time", b"yesterday"),
        ("ce_desk", b"nobody"),
        ("ce_correlationid", b"y" * 10_000),
        ("ce_correlationid", b"\xff" * 1_000_000),
    ],
)
def test_attributes_that_no_table_keeps_are_refused_in_few_words(header: tuple[str, bytes]) -> None:
    headers = [*(each for each in HEADERS if each[0] != header[0]), header]
    with pytest.raises(Undecodable) as refused:
        message_from_headers(headers, topic="diary", key=b"k", body=b"{}", origin="diary/3/17")
    assert len(str(refused.value)) < 500
    assert "diary/3/17" in str(refused.value)


def test_a_message_says_the_same_after_its_way_through_headers() -> None:
    told = Message(
        message_id="m-1",
        topic="diary",
        key="Zoë",
        type="line.written.v1",
        desk_id=uuid4(),
        time=MONDAY,
        correlation_id="a-call",
        body=b"{}",
        origin="diary/3/17",
    )
    again = message_from_headers(
        told.headers(), topic=told.topic, key=told.key.encode(), body=told.body, origin=told.origin
    )
    assert again == told
