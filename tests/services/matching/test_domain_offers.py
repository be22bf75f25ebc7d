"""Waves and offers by themselves: whom to ask next, and what may still be answered."""

from dataclasses import replace
from datetime import timedelta

import pytest

from services.matching.domain.offer import Offered, OfferState, Terms, refuse_answer, refuse_terms
from services.matching.domain.shortlist import make_shortlist
from services.matching.domain.wave import dispatcher_called_at, next_wave
from tests.services.matching.cases import POLICY, RULES, carer, local, named, need

NOW = local("2026-06-01 10:00")
CANDIDATES = make_shortlist(need(), [carer(str(n), n) for n in range(1, 19)], {}, {}, RULES, POLICY).candidates


def _wave(
    asked: set[str], last: int, preferred: str | None = None, now_: str = "2026-06-01 10:00", **changes: object
) -> object:
    wave = next_wave(
        need(**changes),
        CANDIDATES,
        {named(each) for each in asked},
        last,
        named(preferred) if preferred else None,
        POLICY,
        local(now_),
    )
    return wave and (wave.number, len(wave.candidates), wave.lapses_at)


def test_waves_grow_and_the_last_size_repeats() -> None:
    lapses = NOW + timedelta(minutes=60)
    assert _wave(set(), 0) == (1, 3, lapses)
    assert _wave({"1", "2", "3"}, 1) == (2, 5, lapses)
    assert _wave({str(n) for n in range(1, 9)}, 2) == (3, 10, lapses)
    assert _wave({"1"}, 7) == (8, 10, lapses)
    assert _wave({str(n) for n in range(1, 19)}, 3) is None


def test_the_preferred_carer_is_asked_first_and_alone_and_only_once() -> None:
    assert _wave(set(), 0, "9") == (0, 1, NOW + timedelta(minutes=60))
    assert _wave({"9"}, 0, "9") == (1, 3, NOW + timedelta(minutes=60))
    assert _wave(set(), 0, "not eligible") == (1, 3, NOW + timedelta(minutes=60))


def test_urgent_offers_are_short_and_none_outlasts_the_start() -> None:
    assert _wave(set(), 0, urgent=True) == (1, 3, NOW + timedelta(minutes=10))
    assert _wave(set(), 0, now_="2026-06-02 17:30") == (1, 3, local("2026-06-02 18:00"))
    assert _wave(set(), 0, now_="2026-06-02 18:00") is None


def test_the_dispatcher_is_called_the_policys_hours_before() -> None:
    assert dispatcher_called_at(need(), POLICY) == local("2026-06-01 18:00")


OFFER = Offered(
    offer_id=named("offer"),
    state=OfferState.SENT,
    expires_at=local("2026-06-01 18:00"),
    visits={named("visit"): 2},
    zone="Europe/London",
)


@pytest.mark.parametrize(
    ("state", "reason", "code"),
    [
        (OfferState.SENT, None, None),
        (OfferState.SEEN, None, None),
        (OfferState.ACCEPTED, None, "already-yours"),
        (OfferState.DECLINED, "too far", "already-declined"),
        (OfferState.EXPIRED, None, "expired"),
        (OfferState.WITHDRAWN, "changed", "terms-changed"),
        (OfferState.WITHDRAWN, "cancelled", "withdrawn"),
        (OfferState.LOST, "taken", "taken"),
    ],
)
def test_what_may_be_answered_in_each_state(state: OfferState, reason: str | None, code: str | None) -> None:
    ended = replace(OFFER, state=state, reason=reason, ended_at=local("2026-06-01 18:42"))
    refusal = refuse_answer(ended, NOW)
    assert (refusal.reason if refusal else None) == code
    if code == "taken":
        assert refusal is not None
        assert refusal.detail == "This visit was taken by another at 18:42."


def test_time_counts_even_before_the_timer() -> None:
    assert refuse_answer(OFFER, OFFER.expires_at - timedelta(microseconds=1)) is None
    refusal = refuse_answer(OFFER, OFFER.expires_at)
    assert refusal is not None
    assert refusal.detail == "This offer could be answered until 18:00; it has expired."


def test_a_yes_is_to_these_versions_of_these_visits_and_no_others() -> None:
    mine, other = named("visit"), named("other")
    same = {mine: Terms(version=2, wanted=True)}
    assert refuse_terms(OFFER, same, frozenset({mine})) is None
    newer = refuse_terms(OFFER, {mine: Terms(version=3, wanted=True)}, frozenset({mine}))
    gone = refuse_terms(OFFER, {mine: Terms(version=2, wanted=False)}, frozenset({mine}))
    joined = refuse_terms(OFFER, same, frozenset({mine, other}))
    assert [each and each.reason for each in (newer, gone, joined)] == ["terms-changed", "withdrawn", "terms-changed"]
