"""How good a proof a check-in is: graded, refused only for a clock that must be wrong."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.roster.adapters.first_policy import first_policy
from services.roster.domain.attendance import Report, check_not_long_before, graded, reported_at
from services.roster.domain.policy import changed
from shared.domain.errors import Invalid

START = datetime(2026, 6, 2, 17, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
HERE = (50.8225, -0.1372)
POLICY = first_policy()


def _report(received: float = 0, happened: float | None = None, position: tuple[float, float] | None = HERE) -> Report:
    return Report(
        received_at=START + received * MINUTE,
        happened_at=None if happened is None else START + happened * MINUTE,
        latitude=position[0] if position else None,
        longitude=position[1] if position else None,
    )


def _grade(report: Report) -> dict[str, Any]:
    return graded(report, reported_at(report, POLICY), START, *HERE, POLICY)


def test_a_report_without_a_time_means_now() -> None:
    assert reported_at(_report(7), POLICY) == START + 7 * MINUTE


def test_a_report_from_before_keeps_its_time() -> None:
    assert reported_at(_report(300, 2), POLICY) == START + 2 * MINUTE


def test_a_clock_a_little_ahead_is_read_as_now_and_one_far_ahead_is_refused() -> None:
    assert reported_at(_report(0, 10), POLICY) == START
    with pytest.raises(Invalid, match="still to come") as refusal:
        reported_at(_report(0, 10.1), POLICY)
    assert refusal.value.pointer == "#/happened_at"


def test_twelve_hours_early_is_taken_and_more_is_a_wrong_clock() -> None:
    check_not_long_before(START - 720 * MINUTE, START, POLICY)
    with pytest.raises(Invalid, match="long after"):
        check_not_long_before(START - 720 * MINUTE - timedelta(seconds=1), START, POLICY)


@pytest.mark.parametrize(
    ("report", "marks", "grade"),
    [
        (_report(0), [], "good"),
        (_report(10), [], "good"),
        (_report(11), ["late"], "fair"),
        (_report(-11), ["late"], "fair"),
        (_report(60, 0), [], "good"),
        (_report(61, 0), ["offline"], "fair"),
        (_report(0, 5), ["clock"], "fair"),
        (_report(0, position=None), ["no-position"], "fair"),
        (_report(0, position=(50.8225 + 0.0022, -0.1372)), [], "good"),
        (_report(0, position=(50.8225 + 0.0024, -0.1372)), ["far"], "fair"),
        (_report(90, 20, position=None), ["late", "offline", "no-position"], "review"),
    ],
)
def test_what_is_off_is_marked_and_more_than_one_thing_is_for_review(
    report: Report, marks: list[str], grade: str
) -> None:
    kept = _grade(report)
    assert (kept["marks"], kept["grade"]) == (marks, grade)


def test_the_numbers_behind_a_grade_are_kept_and_the_position_itself_is_not() -> None:
    kept = _grade(_report(95, 20, position=(50.9, -0.2)))
    assert (kept["minutes_late"], kept["minutes_offline"], kept["skew_seconds"]) == (20, 75, 0)
    assert 9_000 < kept["metres_away"] < 10_000
    assert not {"latitude", "longitude"} & set(kept)


def test_a_desk_chooses_what_counts_and_nothing_it_doesnt_know() -> None:
    strict = changed(POLICY, {"late_after_minutes": 0})
    assert graded(_report(1), START + MINUTE, START, *HERE, strict)["marks"] == ["late"]
    for wrong in ({"late_after": 1}, {"late_after_minutes": -1}):
        with pytest.raises(Invalid):
            changed(POLICY, wrong)
