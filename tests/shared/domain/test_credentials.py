"""Papers: good on every minute, through the whole of the last local day."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from shared.domain.credentials import CredentialHeld, MissingCredential, Reason, missing
from shared.domain.values import TimeWindow

ZONE = "Europe/Brussels"
LOCAL = ZoneInfo(ZONE)


def held(valid_from: date, valid_until: date | None = None, kind: str = "good_conduct") -> CredentialHeld:
    return CredentialHeld(kind=kind, valid_from=valid_from, valid_until=valid_until)


def night(end_hour: int = 7) -> TimeWindow:
    return TimeWindow(datetime(2026, 6, 1, 22, tzinfo=LOCAL), datetime(2026, 6, 2, end_hour, tzinfo=LOCAL))


def test_a_paper_is_good_through_the_whole_of_its_last_day() -> None:
    papers = [held(date(2026, 1, 1), date(2026, 6, 1))]
    assert missing(["good_conduct"], papers, night(end_hour=0), ZONE) == []


def test_a_paper_that_ends_on_the_nights_first_day_does_not_cover_what_comes_after_midnight() -> None:
    papers = [held(date(2026, 1, 1), date(2026, 6, 1))]
    assert missing(["good_conduct"], papers, night(), ZONE) == [
        MissingCredential(kind="good_conduct", reason=Reason.EXPIRED, at=datetime(2026, 6, 1, 22, tzinfo=UTC))
    ]


def test_the_day_is_the_places_own() -> None:
    """22:00 UTC is midnight in Brussels, but 23:00 of the same day in London."""
    papers = [held(date(2026, 1, 1), date(2026, 6, 1))]
    hour = TimeWindow(datetime(2026, 6, 1, 22, tzinfo=UTC), datetime(2026, 6, 1, 23, tzinfo=UTC))
    assert missing(["good_conduct"], papers, hour, "Europe/London") == []
    assert [each.reason for each in missing(["good_conduct"], papers, hour, ZONE)] == [Reason.EXPIRED]


def test_a_renewal_from_the_next_day_covers_the_night_and_one_a_day_later_leaves_a_gap() -> None:
    old = held(date(2026, 1, 1), date(2026, 6, 1))
    assert missing(["good_conduct"], [old, held(date(2026, 6, 2))], night(), ZONE) == []
    gap = missing(["good_conduct"], [old, held(date(2026, 6, 3))], night(), ZONE)
    assert [each.reason for each in gap] == [Reason.EXPIRED]


def test_reasons_and_order() -> None:
    papers = [held(date(2026, 6, 2)), held(date(2020, 1, 1), date(2025, 1, 1), kind="ofsted")]
    found = missing(["ofsted", "insurance", "good_conduct", "insurance"], papers, night(), ZONE)
    assert [(each.kind, each.reason) for each in found] == [
        ("ofsted", Reason.EXPIRED),
        ("insurance", Reason.NEVER_HELD),
        ("good_conduct", Reason.NOT_YET_VALID),
    ]
    assert {each.at for each in found} == {night().start}


def test_without_a_last_day_a_paper_does_not_lapse() -> None:
    assert missing(["good_conduct"], [held(date(2026, 6, 1))], night(), ZONE) == []
