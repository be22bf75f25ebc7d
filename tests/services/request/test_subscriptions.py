"""What matching, roster and identity say, delivered twice, in any order, and what the desk sees of it."""

import random
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from services.request.commands.care_requests import AmendCareRequest, WithdrawCareRequest
from services.request.domain.hours import OneOff
from services.request.handlers.care_requests import amend_care_request, withdraw_care_request
from services.request.handlers.families import FamilyKept
from services.request.subscriptions import subscriptions
from services.request.tables import carers, desks, unmet_needs, visit_progress
from shared.bus.receiver import Outcome
from shared.contracts import identity, matching, request, roster
from shared.domain.event import Event
from tests.services.request.town import ANA, BEA, NOW, Town, Words, at, carer, what_is_asked

OFFER, OTHER_OFFER = UUID(int=101), UUID(int=102)

Say = Callable[[Words], Event]


@pytest.fixture
def words(town: Town, ames: FamilyKept) -> Words:
    opened = town.ask(ames)
    return Words(town, opened.visits[0].visit_id, opened.care_request_id, ames.family_id)


def _desk(words: Words, event_class: type[Any] = identity.DeskRegistered, **facts: Any) -> Event:
    named = {"name": "Desk", "country": "nl", "currency": "EUR", "languages": ("nl",), "zone": "Europe/Amsterdam"}
    event: Event = event_class(desk_id=words.desk_id, version=2, desk=identity.DeskFacts(**{**named, **facts}))
    return event


def _changed_carer(words: Words) -> Event:
    home = request.PlaceFacts(place_id=ANA, latitude=50.8, longitude=-0.1, zone="Europe/London", area="Hove")
    facts = roster.CarerFacts(
        first_name="Anna", last_name="Field", modes=(), home=home, languages=(), transport="bike", max_distance_km=5
    )
    return roster.CarerChanged(desk_id=words.desk_id, version=2, carer_id=ANA, carer=facts)


# Every event, with what came before it.
HEARD: dict[type[Event], tuple[list[Say], Say]] = {
    identity.DeskRegistered: ([], _desk),
    identity.DeskChanged: ([], lambda w: _desk(w, identity.DeskChanged)),
    matching.OfferMade: ([], lambda w: w.offer_made(OFFER)),
    matching.OfferAccepted: ([lambda w: w.offer_made(OFFER)], lambda w: w.offer_accepted(OFFER)),
    matching.OfferDeclined: ([lambda w: w.offer_made(OFFER)], lambda w: w.offer_declined(OFFER)),
    matching.OfferExpired: ([lambda w: w.offer_made(OFFER)], lambda w: w.offer_expired(OFFER)),
    matching.OfferWithdrawn: ([lambda w: w.offer_made(OFFER)], lambda w: w.offer_withdrawn(OFFER)),
    matching.VisitAssigned: ([], lambda w: w.assigned()),
    matching.VisitUnassigned: ([lambda w: w.assigned()], lambda w: w.unassigned()),
    matching.CareRequestUnfilled: ([], lambda w: w.unfilled()),
    roster.CarerRegistered: ([], lambda w: _changed_carer(w)),
    roster.CarerChanged: ([], _changed_carer),
    roster.VisitRostered: ([lambda w: w.assigned()], lambda w: w.rostered()),
    roster.VisitMoved: ([lambda w: w.assigned(), lambda w: w.rostered()], lambda w: w.moved(visit_version=1)),
    roster.VisitReassigned: ([lambda w: w.assigned(), lambda w: w.rostered()], lambda w: w.reassigned()),
    roster.VisitRefused: ([lambda w: w.assigned()], lambda w: w.refused()),
    roster.VisitStarted: ([lambda w: w.assigned(), lambda w: w.rostered()], lambda w: w.started()),
    roster.VisitCompleted: ([lambda w: w.assigned(), lambda w: w.rostered()], lambda w: w.completed()),
    roster.VisitCorrected: ([lambda w: w.assigned(), lambda w: w.completed()], lambda w: w.corrected()),
    roster.VisitCancelled: ([lambda w: w.assigned(), lambda w: w.rostered()], lambda w: w.cancelled()),
    roster.VisitMissed: ([lambda w: w.assigned(), lambda w: w.rostered()], lambda w: w.missed()),
}


def test_every_subscription_is_in_this_test(town: Town) -> None:
    names = {each.wire_name for each in HEARD}
    heard = {
        thing.wire_name
        for module in (identity, matching, roster)
        for thing in vars(module).values()
        if isinstance(thing, type) and issubclass(thing, Event) and thing is not Event
        if subscriptions.find(thing.wire_name)
    }
    assert heard == names


@pytest.mark.parametrize("event_class", HEARD, ids=lambda each: each.__name__)
def test_a_message_delivered_twice_is_done_once(town: Town, words: Words, event_class: type[Event]) -> None:
    before, say = HEARD[event_class]
    for earlier in before:
        town.trial.hear(earlier(words))
    untouched = town.everything()
    assert town.trial.hear(say(words), message_id="same") is Outcome.DONE
    once = town.everything()
    assert once != untouched
    town.trial.hear(say(words), message_id="same")
    assert town.everything() == once


@pytest.mark.parametrize("event_class", HEARD, ids=lambda each: each.__name__)
def test_the_same_said_again_in_another_message_changes_nothing(
    town: Town, words: Words, event_class: type[Event]
) -> None:
    before, say = HEARD[event_class]
    for earlier in before:
        town.trial.hear(earlier(words))
    town.trial.hear(say(words), message_id="one")
    once = town.everything()
    town.trial.hear(say(words), message_id="another")
    assert town.everything() == once


@pytest.mark.parametrize(
    ("said", "state", "carer_id"),
    [
        ([], "open", None),
        ([lambda w: w.offer_made(OFFER)], "offered", None),
        ([lambda w: w.offer_made(OFFER), lambda w: w.offer_declined(OFFER)], "open", None),
        ([lambda w: w.offer_made(OFFER), lambda w: w.offer_expired(OFFER)], "open", None),
        (
            [lambda w: w.offer_made(OFFER), lambda w: w.offer_made(OTHER_OFFER), lambda w: w.offer_expired(OFFER)],
            "offered",
            None,
        ),
        ([lambda w: w.offer_made(OFFER), lambda w: w.offer_accepted(OFFER), lambda w: w.assigned()], "accepted", ANA),
        ([lambda w: w.assigned(), lambda w: w.rostered()], "certain", ANA),
        ([lambda w: w.rostered(), lambda w: w.assigned()], "certain", ANA),
        ([lambda w: w.assigned(), lambda w: w.refused()], "open", None),
        ([lambda w: w.assigned(), lambda w: w.refused(), lambda w: w.unassigned()], "open", None),
        ([lambda w: w.assigned(), lambda w: w.rostered(), lambda w: w.unassigned()], "open", None),
        (
            [
                lambda w: w.assigned(),
                lambda w: w.rostered(),
                lambda w: w.unassigned(),
                lambda w: w.assigned(BEA, version=3),
            ],
            "accepted",
            BEA,
        ),
        ([lambda w: w.assigned(), lambda w: w.rostered(), lambda w: w.reassigned()], "certain", BEA),
        ([lambda w: w.assigned(), lambda w: w.rostered(), lambda w: w.started()], "running", ANA),
        ([lambda w: w.completed(), lambda w: w.assigned(), lambda w: w.rostered()], "completed", ANA),
        ([lambda w: w.assigned(), lambda w: w.rostered(), lambda w: w.cancelled()], "cancelled", ANA),
        ([lambda w: w.assigned(), lambda w: w.rostered(), lambda w: w.missed()], "missed", ANA),
        ([lambda w: w.unfilled()], "unfilled", None),
        ([lambda w: w.unfilled(), lambda w: w.offer_made(OFFER)], "offered", None),
        ([lambda w: w.unfilled(), lambda w: w.assigned(), lambda w: w.rostered()], "certain", ANA),
    ],
)
def test_the_desk_sees_what_became_of_a_visit(
    town: Town, words: Words, said: list[Say], state: str, carer_id: UUID | None
) -> None:
    for say in said:
        town.trial.hear(say(words))
    with town.rows() as session:
        row = session.execute(select(visit_progress).where(visit_progress.c.visit_id == words.visit_id)).one()
    assert (row.state, row.carer_id) == (state, carer_id)


@pytest.mark.parametrize("seed", range(12))
def test_the_outcome_doesnt_depend_on_the_order_the_topics_come_in(town: Town, ames: FamilyKept, seed: int) -> None:
    opened = town.ask(ames)
    words = Words(town, opened.visits[0].visit_id, opened.care_request_id)
    # Each list is in order, as one key of one topic is; between lists there is none.
    lists: list[list[Event]] = [
        [words.offer_made(OFFER), words.offer_accepted(OFFER)],
        [words.offer_made(OTHER_OFFER), words.offer_withdrawn(OTHER_OFFER)],
        [words.assigned(), words.unassigned(), words.assigned(BEA, version=3)],
        [
            words.refused(version=1),
            words.rostered(BEA, version=2),
            words.started(version=3),
            words.completed(version=4),
        ],
        [words.unfilled()],
    ]
    dice = random.Random(seed)
    while waiting := [each for each in lists if each]:
        town.trial.hear(dice.choice(waiting).pop(0))
    visit = town.visit(opened)
    assert (visit.state, visit.carer_id, visit.refusal) == ("completed", ANA, None)
    assert visit.rostered_start == at(1, 18)
    assert town.count(unmet_needs) == 1


def test_an_older_word_of_the_roster_is_no_news(town: Town, words: Words) -> None:
    town.trial.hear(words.assigned())
    town.trial.hear(words.missed(version=3))
    town.trial.hear(words.rostered(version=1))
    with town.rows() as session:
        assert session.execute(select(visit_progress.c.state)).scalar_one() == "missed"


def test_a_visit_nobody_asked_for_here_is_never_handled(town: Town, words: Words) -> None:
    stranger = Words(town, UUID(int=9), UUID(int=9))
    for event in (stranger.assigned(), stranger.rostered(), stranger.offer_made(OFFER), stranger.unfilled()):
        assert town.trial.hear(event) is Outcome.DEAD


def test_an_offer_of_terms_that_changed_is_none_of_the_visit_as_it_is_now(town: Town, words: Words) -> None:
    town.trial.hear(words.offer_made(OFFER))
    moved = OneOff(start=at(1, 19), end=at(1, 23))
    town.run(amend_care_request, AmendCareRequest(care_request_id=words.care_request_id, asked=what_is_asked(moved)))
    with town.rows() as session:
        assert session.execute(select(visit_progress.c.state)).scalar_one() == "open"
    town.trial.hear(words.offer_made(OTHER_OFFER, visit_version=2))
    with town.rows() as session:
        assert session.execute(select(visit_progress.c.state)).scalar_one() == "offered"


def test_words_about_a_withdrawn_visit_dont_bring_it_back(town: Town, words: Words) -> None:
    town.run(withdraw_care_request, WithdrawCareRequest(care_request_id=words.care_request_id))
    for event in (words.offer_made(OFFER), words.assigned(), words.unfilled()):
        assert town.trial.hear(event) is Outcome.DONE
    with town.rows() as session:
        assert session.execute(select(visit_progress.c.state)).scalar_one() == "withdrawn"


def test_the_register_counts_a_need_once_for_each_version_asked_for(town: Town, words: Words) -> None:
    town.trial.hear(words.unfilled(("availability", 3)))
    town.trial.clock.advance(timedelta(minutes=30))
    town.trial.hear(words.unfilled(("availability", 2), ("declined", 1), version=2))
    with town.rows() as session:
        row = session.execute(select(unmet_needs)).one()
    assert row.reasons == [["availability", 2], ["declined", 1]]
    assert (row.recorded_at, row.asked_at, row.area) == (NOW, NOW, "Hove")
    moved = OneOff(start=at(1, 19), end=at(1, 23))
    town.run(amend_care_request, AmendCareRequest(care_request_id=words.care_request_id, asked=what_is_asked(moved)))
    town.trial.hear(words.unfilled(version=3))
    with town.rows() as session:
        rows = session.execute(select(unmet_needs).order_by(unmet_needs.c.visit_version)).all()
    assert [(each.visit_version, each.starts_at) for each in rows] == [(1, at(1, 18)), (2, at(1, 19))]


def test_an_older_word_about_the_desk_or_a_carer_is_no_news(town: Town, words: Words) -> None:
    town.trial.hear(_desk(words, identity.DeskChanged))
    town.desk()
    town.trial.hear(_changed_carer(words))
    town.trial.hear(carer(town))
    with town.rows() as session:
        assert session.execute(select(desks.c.country)).scalar_one() == "nl"
        assert session.execute(select(carers.c.first_name)).scalar_one() == "Anna"
