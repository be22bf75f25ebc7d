"""What the roster books and refuses, and what it keeps of carers."""

from datetime import date, time, timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from services.roster.commands.carers import (
    ChangeAvailability,
    ChangeCarer,
    RegisterCarer,
    ReportAbsence,
    WithdrawPaper,
)
from services.roster.domain.availability import Rotation
from services.roster.handlers.absences import report_absence
from services.roster.handlers.availability import change_availability
from services.roster.handlers.carers import change_carer, register_carer
from services.roster.handlers.papers import withdraw
from services.roster.tables.carers import absences, carers, credentials
from services.roster.tables.visits import visit_history
from shared.auth.roles import desk_itself
from shared.contracts.request import ChildFacts
from shared.contracts.roster import (
    AvailabilityChanged,
    CarerAbsent,
    CarerChanged,
    CarerRegistered,
    VisitRefused,
    VisitRostered,
    WeeklyHours,
)
from shared.domain.errors import Conflict, NotFound
from tests.services.roster.town import PAPERS, TOMORROW_18, Town, details, named, papers, place

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)


def _refused(town: Town) -> VisitRefused:
    (said,) = town.trial.said(VisitRefused)
    assert isinstance(said, VisitRefused)
    return said


@pytest.fixture
def booked(town: Town) -> Town:
    """Ada, a kilometre away by car, has `visit` from 18:00 to 21:00."""
    town.carer("Ada")
    town.book("visit", "Ada")
    return town


def test_a_yes_that_fits_is_rostered_with_its_terms(booked: Town) -> None:
    (said,) = booked.trial.said(VisitRostered)
    assert (said.visit_id, said.carer_id, said.family_id) == (named("visit"), named("Ada"), named("Ames"))
    assert (said.start, said.end, said.visit_version) == (TOMORROW_18, TOMORROW_18 + 3 * HOUR, 1)
    assert [(row.what, row.state) for row in booked.rows(visit_history)] == [("rostered", "rostered")]


def test_a_second_visit_elsewhere_at_the_same_time_is_refused(booked: Town) -> None:
    booked.family("Bell")
    booked.book("other", "Ada", "Bell", start=TOMORROW_18 + 2 * HOUR)
    said = _refused(booked)
    assert (said.reason, said.visit_id, said.carer_id) == ("overlaps", named("other"), named("Ada"))
    assert said.sentence == (
        "The carer is busy elsewhere from Tue 02 Jun 18:00 to Tue 02 Jun 21:00. Source: the carer's calendar."
    )
    assert booked.visit("other").state == "refused"


@pytest.mark.parametrize(("side", "gap", "fits"), [("after", 28, True), ("after", 3, False), ("before", 3, False)])
def test_there_must_be_time_for_the_way_from_and_to_the_neighbours(
    booked: Town, side: str, gap: int, fits: bool
) -> None:
    """Two families live ten kilometres apart: 24 minutes by car."""
    booked.family("Bell")
    start = TOMORROW_18 + 3 * HOUR + gap * MINUTE if side == "after" else TOMORROW_18 - 2 * HOUR - gap * MINUTE
    booked.book("other", "Ada", "Bell", start=start, hours=2, place=place("home of Bell", 10))
    assert booked.visit("other").state == ("rostered" if fits else "refused")
    if not fits:
        said = _refused(booked)
        assert said.reason == "too-far"
        assert f"there are {gap}" in said.sentence
        assert "Source: " in said.sentence


@pytest.mark.parametrize(
    ("changes", "terms", "reason", "words"),
    [
        ({"modes": ("carer_home",)}, {}, "mode", "does not work at families' homes"),
        ({"papers": ()}, {}, "credentials", "never held"),
        ({"papers": papers(checked=False)}, {}, "credentials", "never held"),
        ({"cleared_on": None}, {}, "onboarding", "is not finished"),
        ({"cleared_on": date(2026, 6, 3)}, {}, "onboarding", "from Wed 03 Jun on"),
        (
            {
                "papers": (
                    *papers(*(kind for kind in PAPERS if kind != "insurance")),
                    *papers("insurance", valid_until=date(2026, 6, 2)),
                )
            },
            {"start": TOMORROW_18 + 4 * HOUR, "hours": 8},
            "credentials",
            "The paper insurance is not good for the whole visit: expired from Wed 03 Jun 00:00 on",
        ),
        ({}, {"hours": 14}, "rest", "rest within 24 hours where at least 11 h"),
    ],
)
def test_what_a_rule_forbids_is_refused_with_its_reason_and_source(
    town: Town, changes: dict[str, Any], terms: dict[str, Any], reason: str, words: str
) -> None:
    town.carer("Ada", **changes)
    town.book("visit", "Ada", **terms)
    said = _refused(town)
    assert said.reason == reason
    assert words in said.sentence
    assert "Source: " in said.sentence
    assert town.trial.said(VisitRostered) == []


def test_eleven_hours_of_rest_must_lie_between_a_night_and_the_next_shift(town: Town) -> None:
    town.carer("Ada")
    town.family("Bell")
    town.book("night", "Ada", start=TOMORROW_18 + 5 * HOUR, hours=8)
    town.book("too soon", "Ada", "Bell", start=TOMORROW_18 + 22 * HOUR, hours=3)
    assert _refused(town).reason == "rest"
    town.book("in time", "Ada", "Bell", start=TOMORROW_18 + 24 * HOUR + 30 * MINUTE, hours=3)
    assert town.visit("in time").state == "rostered"


def test_a_childminder_has_no_more_children_at_once_than_the_country_allows(town: Town) -> None:
    """England: three under four at a childminder's; a fourth is refused, one who comes after the others left is not."""
    town.carer("Minder")
    for number in range(4):
        town.family(f"family {number}")
        town.book(f"visit {number}", "Minder", f"family {number}", mode="carer_home")
    said = _refused(town)
    assert (said.visit_id, said.reason) == (named("visit 3"), "ratio")
    assert "4 children where 3 are allowed (under 4)" in said.sentence
    town.book("later", "Minder", "family 3", mode="carer_home", start=TOMORROW_18 + 3 * HOUR, hours=1)
    assert town.visit("later").state == "rostered"


def test_the_childminders_own_children_count(town: Town) -> None:
    town.carer("Minder", own_children_born=(date(2024, 1, 1), date(2023, 1, 1)))
    for name in ("Bell", "Cole"):
        town.family(name)
        town.book(f"visit of {name}", "Minder", name, mode="carer_home")
    assert _refused(town).visit_id == named("visit of Cole")


def test_two_families_at_one_home_at_once_must_have_agreed_to_share(town: Town) -> None:
    town.carer("Ada")
    town.family("Bell")
    town.family("Cole")
    agreement = town.share("agreement", "Ames", "Bell")
    at_ames = place("home of Ames")
    town.book("of Ames", "Ada", shared_care_id=agreement)
    town.book("of Bell", "Ada", "Bell", shared_care_id=agreement, place=at_ames)
    assert town.visit("of Bell").state == "rostered"
    town.book("of Cole", "Ada", "Cole", place=at_ames)
    assert _refused(town).reason == "consent"


def test_another_desk_sees_only_that_the_carer_is_busy(town: Town) -> None:
    """One person, two desks: what one booked refuses what the other would, and no name crosses over."""
    elsewhere = uuid4()
    town.desk(elsewhere)
    town.family("Secret", elsewhere)
    town.carer("Ada")
    town.carer("Ada", desk_id=elsewhere)
    town.book("theirs", "Ada", "Secret", desk_id=elsewhere)
    assert town.visit("theirs", elsewhere).state == "rostered"
    town.book("ours", "Ada", start=TOMORROW_18 + HOUR)
    said = _refused(town)
    assert (said.desk_id, said.reason) == (town.trial.desk_id, "overlaps")
    assert "Secret" not in said.sentence
    assert town.visit("theirs") is None


def test_an_absence_at_another_desk_is_one_here_too(town: Town) -> None:
    elsewhere = uuid4()
    town.desk(elsewhere)
    town.carer("Ada")
    town.carer("Ada", desk_id=elsewhere)
    command = ReportAbsence(carer_id=named("Ada"), start=TOMORROW_18, end=TOMORROW_18 + HOUR, reason="sick")
    town.trial.run(report_absence, command, desk_itself(elsewhere))
    town.book("visit", "Ada")
    assert _refused(town).reason == "absent"


def test_the_tables_themselves_forbid_two_places_at_once(booked: Town) -> None:
    booked.family("Bell")
    booked.book("later", "Ada", "Bell", start=TOMORROW_18 + 4 * HOUR)
    move = text("UPDATE visits SET starts_at = :at WHERE visit_id = :visit")
    with booked.trial.running.sessions() as session:
        session.execute(text("SELECT set_config('app.desk_id', :d, true)"), {"d": str(booked.trial.desk_id)})
        with pytest.raises(DBAPIError, match="one_place_at_a_time"):
            session.execute(move, {"at": TOMORROW_18 + 2 * HOUR, "visit": named("later")})


@pytest.mark.parametrize("statement", ["UPDATE visit_history SET what = 'nothing'", "DELETE FROM visit_history"])
def test_history_can_be_neither_changed_nor_removed(booked: Town, statement: str) -> None:
    with booked.trial.running.sessions() as session:
        session.execute(text("SELECT set_config('app.desk_id', :d, true)"), {"d": str(booked.trial.desk_id)})
        with pytest.raises(DBAPIError):
            session.execute(text(statement))


def test_a_carer_is_registered_with_papers_and_told_of(town: Town) -> None:
    carer_id = town.trial.run(register_carer, RegisterCarer(details=details("Ada"), papers=papers()))
    (said,) = town.trial.said(CarerRegistered)
    assert (said.carer_id, said.version, said.carer.first_name) == (carer_id, 1, "Ada")
    assert {row.kind for row in town.rows(credentials)} == set(PAPERS)
    with pytest.raises(Conflict) as refusal:
        town.trial.run(register_carer, RegisterCarer(carer_id=carer_id, details=details("Ada")))
    assert refusal.value.reason == "already-registered"


def test_a_carer_known_at_two_desks_has_one_home(town: Town) -> None:
    elsewhere = uuid4()
    town.carer("Ada")
    town.carer("Ada", desk_id=elsewhere)
    (here,), (there,) = town.rows(carers), town.rows(carers, elsewhere)
    assert (here.carer_id, here.home["place_id"]) == (there.carer_id, there.home["place_id"])


def test_a_change_replaces_everything_and_counts(booked: Town) -> None:
    booked.trial.run(change_carer, ChangeCarer(carer_id=named("Ada"), details=details("Ada", first_name="Adah")))
    (said,) = booked.trial.said(CarerChanged)
    assert (said.version, said.carer.first_name, len(said.carer.credentials)) == (2, "Adah", len(PAPERS))
    paper = next(row for row in booked.rows(credentials) if row.kind == "insurance")
    command = WithdrawPaper(carer_id=named("Ada"), credential_id=paper.credential_id, reason="the policy was ended")
    booked.trial.run(withdraw, command)
    told = booked.trial.said(CarerChanged)[-1]
    assert (told.version, {each.kind for each in told.carer.credentials}) == (3, set(PAPERS) - {"insurance"})
    assert len(booked.rows(credentials)) == len(PAPERS), "that it was there stays known"
    with pytest.raises(NotFound):
        booked.trial.run(change_carer, ChangeCarer(carer_id=uuid4(), details=details("Nobody")))


def test_availability_is_told_whole_each_time(booked: Town) -> None:
    for number, start in enumerate((18, 19), start=1):
        weekly = (WeeklyHours(weekday=0, start=time(start), end=time(7)),)
        booked.trial.run(
            change_availability, ChangeAvailability(carer_id=named("Ada"), rotation=Rotation(weekly=weekly))
        )
        said = booked.trial.said(AvailabilityChanged)[-1]
        assert (said.version, said.weekly, said.zone) == (number, weekly, "Europe/London")


def test_an_absence_is_told_once_and_marks_the_visits_it_touches(booked: Town) -> None:
    booked.family("Bell")
    booked.book("next day", "Ada", "Bell", start=TOMORROW_18 + 24 * HOUR)
    first = booked.absent("Ada", TOMORROW_18 - HOUR, TOMORROW_18 + HOUR)
    assert booked.absent("Ada", TOMORROW_18 - HOUR, TOMORROW_18 + HOUR) == first
    (said,) = booked.trial.said(CarerAbsent)
    assert (said.absence_id, said.reason, said.start) == (first, "sick", TOMORROW_18 - HOUR)
    assert len(booked.rows(absences)) == 1
    assert (booked.visit("visit").alert, booked.visit("next day").alert) == ("carer_absent", None)


def test_an_absent_carers_visit_is_freed_by_matching_and_refused_to_them_again(booked: Town) -> None:
    booked.absent("Ada", TOMORROW_18 - HOUR, TOMORROW_18 + HOUR)
    booked.trial.hear(booked.unassigned("visit", "Ada", "carer_absent"))
    assert (booked.visit("visit").state, booked.visit("visit").alert) == ("released", None)
    booked.assign("visit", "Ada")
    assert _refused(booked).reason == "absent"


def test_a_change_of_carer_and_an_absence_count_one_after_the_other(booked: Town) -> None:
    booked.absent("Ada", TOMORROW_18, TOMORROW_18 + HOUR)
    booked.trial.run(change_carer, ChangeCarer(carer_id=named("Ada"), details=details("Ada")))
    assert [booked.trial.said(CarerAbsent)[0].version, booked.trial.said(CarerChanged)[0].version] == [2, 3]


def test_children_of_one_family_count_beside_those_of_another(town: Town) -> None:
    """Three children of one family and one of another, all under four: the fourth doesn't fit."""
    town.carer("Minder")
    children = tuple(
        ChildFacts(child_id=named(f"triplet {number}"), first_name="Tri", born=date(2023, 5, 1)) for number in range(3)
    )
    town.family("Trio", children=children)
    town.book("trio", "Minder", "Trio", mode="carer_home", child_ids=tuple(child.child_id for child in children))
    assert town.visit("trio").state == "rostered"
    town.book("fourth", "Minder", mode="carer_home", start=TOMORROW_18 + HOUR)
    assert _refused(town).reason == "ratio"
