"""Sharing a carer: whose consent, where, and from which day to which."""

from datetime import timedelta
from uuid import uuid4

import pytest

from services.request.commands.shared_care import AgreeSharedCare, EndSharedCare
from services.request.domain.shared_care import ConsentTerms, SharingTerms
from services.request.handlers.families import FamilyKept
from services.request.handlers.shared_care import agree_shared_care, end_shared_care
from shared.contracts.request import CareRequestAmended, CareRequestOpened, SharedCareAgreed, SharedCareEnded
from shared.domain.errors import Invalid, NotFound
from shared.domain.pattern import WeeklyPattern
from tests.services.request.test_handlers_care_requests import TWO_EVENINGS
from tests.services.request.town import KEMPTOWN, NOW, TODAY, Town


@pytest.fixture
def bell(town: Town) -> FamilyKept:
    return town.family("Bell", KEMPTOWN)


def test_sharing_is_said_with_the_families_the_place_and_the_rule(
    town: Town, ames: FamilyKept, bell: FamilyKept
) -> None:
    shared = town.share(ames, bell)
    (said,) = town.trial.said(SharedCareAgreed)
    assert (said.shared_care_id, said.host_family_id, said.rule, said.valid_from) == (
        shared,
        ames.family_id,
        "overlap",
        TODAY,
    )
    assert set(said.family_ids) == {ames.family_id, bell.family_id}
    assert said.place.area == "Hove"


def test_a_visit_that_is_shared_is_at_the_hosts_home(town: Town, ames: FamilyKept, bell: FamilyKept) -> None:
    shared = town.share(ames, bell)
    town.ask(bell, shared_care_id=shared)
    (visit,) = town.trial.said(CareRequestOpened)[0].visits
    assert visit.shared_care_id == shared
    assert visit.place is not None
    assert visit.place.area == "Hove"
    assert visit.place.place_id == town.trial.said(SharedCareAgreed)[0].place.place_id


def test_visits_after_the_last_day_go_to_each_familys_own_home(town: Town, ames: FamilyKept, bell: FamilyKept) -> None:
    shared = town.share(ames, bell)
    opened = town.ask(bell, TWO_EVENINGS, shared_care_id=shared)
    ended = town.run(end_shared_care, EndSharedCare(shared_care_id=shared, valid_until=TODAY + timedelta(days=8)))
    assert ended.version == 2
    assert [said.valid_until for said in town.trial.said(SharedCareEnded)] == [TODAY + timedelta(days=8)]
    (amended,) = town.trial.said(CareRequestAmended)
    # The 9th is the last day; the visit of the 12th is alone.
    assert [(visit.visit_id, visit.shared_care_id, visit.place.area) for visit in amended.visits] == [
        (opened.visits[3].visit_id, None, "Kemptown")
    ]


def test_a_pattern_begins_shared_only_if_the_agreement_is_in_force(
    town: Town, ames: FamilyKept, bell: FamilyKept
) -> None:
    shared = town.share(ames, bell, valid_from=TODAY + timedelta(days=30))
    with pytest.raises(Invalid, match="not in force on the day of the first visit"):
        town.ask(bell, shared_care_id=shared)


def test_a_family_without_a_part_in_it_cant_share(town: Town, ames: FamilyKept, bell: FamilyKept) -> None:
    shared = town.share(ames, bell)
    with pytest.raises(Invalid, match="no part in that shared care"):
        town.ask(town.family("Cole"), shared_care_id=shared)
    with pytest.raises(Invalid, match="host family's home"):
        town.ask(bell, shared_care_id=shared, mode="carer_home")
    with pytest.raises(NotFound):
        town.ask(bell, shared_care_id=uuid4())


def test_the_host_consents_too(town: Town, ames: FamilyKept, bell: FamilyKept) -> None:
    cole = town.family("Cole")
    consents = tuple(ConsentTerms(family_id=each.family_id, said_by="a parent", said_at=NOW) for each in (ames, bell))
    command = AgreeSharedCare(
        terms=SharingTerms(host_family_id=cole.family_id, rule="overlap"), valid_from=TODAY, consents=consents
    )
    with pytest.raises(Invalid, match="host family's consent is missing"):
        town.run(agree_shared_care, command)


def test_a_last_day_before_the_first_is_refused(town: Town, ames: FamilyKept, bell: FamilyKept) -> None:
    shared = town.share(ames, bell)
    with pytest.raises(Invalid, match="can't come before the first"):
        town.run(end_shared_care, EndSharedCare(shared_care_id=shared, valid_until=TODAY - timedelta(days=1)))


def test_both_families_of_a_shared_pattern_have_the_same_hours(town: Town, ames: FamilyKept, bell: FamilyKept) -> None:
    shared = town.share(ames, bell)
    pattern: WeeklyPattern = TWO_EVENINGS
    for family in (ames, bell):
        town.ask(family, pattern, shared_care_id=shared)
    one, other = town.trial.said(CareRequestOpened)
    assert [(v.start, v.end, v.place, v.shared_care_id) for v in one.visits] == [
        (v.start, v.end, v.place, v.shared_care_id) for v in other.visits
    ]
