"""Alerts and duty: somebody always has it, and what nobody answers goes on to the next."""

from datetime import timedelta
from uuid import UUID

import pytest

from services.roster.commands.safety import (
    AcknowledgeAlert,
    CallForHelp,
    CloseAlert,
    JoinDuty,
    LeaveDuty,
    OfferDuty,
    SayNobodyCame,
    TakeDuty,
)
from services.roster.handlers import duty
from services.roster.handlers.alerts import acknowledge, close
from services.roster.handlers.concerns import call_for_help
from services.roster.handlers.visits import say_nobody_came
from services.roster.tables.safety import alerts, duty_history
from services.roster.tables.safety import duty as duty_table
from shared.auth.roles import Caller, Role
from shared.contracts.identity import AccountClosed, AccountRegistered
from shared.contracts.roster_notices import AlertClosed, AlertRaised, VisitAtRisk
from shared.domain.errors import Conflict, Invalid, NotFound
from tests.services.roster.town import TOMORROW_18, Town, named, place

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)


@pytest.fixture
def night(town: Town) -> Town:
    """Dee has the duty, Eli may have it; Ada has `visit` from 18:00 to 21:00."""
    for name in ("Dee", "Eli"):
        registered(town, name)
    join(town, "Dee", 1)
    join(town, "Eli", 2)
    town.carer("Ada")
    town.book("visit", "Ada")
    return town


def registered(town: Town, name: str) -> None:
    town.trial.hear(
        AccountRegistered(
            desk_id=town.trial.desk_id,
            version=1,
            account_id=named(name),
            role=Role.DISPATCHER.value,
            name=name,
        )
    )


def person(town: Town, name: str) -> Caller:
    return Caller(desk_id=town.trial.desk_id, account_id=named(name), role=Role.DISPATCHER, name=name)


def join(town: Town, name: str, position: int) -> None:
    command = JoinDuty(name=name, phone=f"+44 1273 55501{position}", position=position)
    town.trial.run(duty.join, command, person(town, name))


def _open(town: Town) -> list[tuple[str, str, UUID | None]]:
    return [(row.kind, row.severity, row.owner_account_id) for row in town.rows(alerts) if row.state == "open"]


def _the_alert(town: Town, kind: str) -> UUID:
    return next(UUID(str(row.alert_id)) for row in town.rows(alerts) if row.kind == kind and row.state != "closed")


def test_a_missing_check_in_rings_who_is_on_duty_then_the_next_and_then_round_again(night: Town) -> None:
    night.trial.clock.move_to(TOMORROW_18 + 15 * MINUTE)
    night.settle()
    assert _open(night) == [("missing_check_in", "medium", named("Dee"))]
    for minutes in (45, 75):
        night.trial.clock.move_to(TOMORROW_18 + minutes * MINUTE)
        night.settle()
    raised = night.trial.said(AlertRaised)
    assert [(said.owner_account_id, said.level) for said in raised] == [
        (named("Dee"), 1),
        (named("Eli"), 2),
        (named("Dee"), 3),
    ]
    assert raised[0].owner_phone == "+44 1273 555011"


def test_who_acknowledges_has_it_and_it_rings_at_nobody_else(night: Town) -> None:
    night.trial.clock.move_to(TOMORROW_18 + 15 * MINUTE)
    night.settle()
    alert_id = _the_alert(night, "missing_check_in")
    night.trial.run(acknowledge, AcknowledgeAlert(alert_id=alert_id), person(night, "Eli"))
    night.trial.clock.advance(HOUR)
    night.settle()
    assert len(night.trial.said(AlertRaised)) == 1
    (row,) = [row for row in night.rows(alerts) if row.alert_id == alert_id]
    assert (row.state, row.owner_account_id) == ("acknowledged", named("Eli"))


def test_the_check_in_closes_the_alert_about_it(night: Town) -> None:
    night.trial.clock.move_to(TOMORROW_18 + 15 * MINUTE)
    night.settle()
    night.come("visit", "Ada", TOMORROW_18 + 20 * MINUTE)
    assert _open(night) == []
    assert [said.alert_id for said in night.trial.said(AlertClosed)] == [night.trial.said(AlertRaised)[0].alert_id]


def test_a_night_visit_is_a_worse_thing_to_miss_and_sooner_known(night: Town) -> None:
    night.family("Bell")
    night.book("night", "Ada", "Bell", start=TOMORROW_18 + 48 * HOUR + 4 * HOUR, hours=8, place=place("home of Bell"))
    night.trial.clock.move_to(TOMORROW_18 + 52 * HOUR + 5 * MINUTE)
    night.settle()
    assert ("missing_check_in", "high", named("Dee")) in _open(night)


def test_an_alert_is_closed_with_a_word_on_how_it_ended(night: Town) -> None:
    night.trial.clock.move_to(TOMORROW_18 + 15 * MINUTE)
    night.settle()
    alert_id = _the_alert(night, "missing_check_in")
    with pytest.raises(Invalid, match="how it ended"):
        night.trial.run(close, CloseAlert(alert_id=alert_id, outcome=""), person(night, "Dee"))
    night.trial.run(close, CloseAlert(alert_id=alert_id, outcome="she is at the door"), person(night, "Dee"))
    night.trial.run(close, CloseAlert(alert_id=alert_id, outcome="again"), person(night, "Dee"))
    (row,) = [row for row in night.rows(alerts) if row.alert_id == alert_id]
    assert (row.outcome, len(night.trial.said(AlertClosed))) == ("she is at the door", 1)
    with pytest.raises(Conflict):
        night.trial.run(acknowledge, AcknowledgeAlert(alert_id=alert_id), person(night, "Dee"))


def test_a_carer_who_calls_for_help_rings_at_once_however_often_they_press(night: Town) -> None:
    night.come("visit", "Ada", TOMORROW_18)
    for _ in range(3):
        night.trial.run(call_for_help, CallForHelp(carer_id=named("Ada"), visit_id=named("visit")))
    assert [(said.kind, said.severity) for said in night.trial.said(AlertRaised)] == [("help", "critical")]
    with pytest.raises(NotFound):
        night.trial.run(call_for_help, CallForHelp(carer_id=named("Bea"), visit_id=named("visit")))


def test_when_nobody_comes_for_the_children_the_carers_next_visit_is_protected(night: Town) -> None:
    night.family("Bell")
    night.book("next", "Ada", "Bell", start=TOMORROW_18 + 4 * HOUR, hours=1)
    night.come("visit", "Ada", TOMORROW_18)
    night.trial.clock.move_to(TOMORROW_18 + 3 * HOUR + 10 * MINUTE)
    night.trial.run(say_nobody_came, SayNobodyCame(visit_id=named("visit"), carer_id=named("Ada")))
    kinds = {said.kind: said.severity for said in night.trial.said(AlertRaised)}
    assert kinds["nobody_came"] == "critical"
    assert kinds["next_at_risk"] == "high"
    assert [(said.visit_id, said.why) for said in night.trial.said(VisitAtRisk)][-1] == (
        named("next"),
        "held_elsewhere",
    )
    night.go("visit", "Ada", TOMORROW_18 + 3 * HOUR + 30 * MINUTE, handed_to="the neighbour, Mr Roe")
    assert "nobody_came" not in {kind for kind, _, _ in _open(night)}


def test_the_first_dispatcher_of_a_desk_has_the_duty_from_the_start(town: Town) -> None:
    registered(town, "Dee")
    registered(town, "Eli")
    (row,) = town.rows(duty_table)
    assert row.account_id == named("Dee")


def test_duty_is_handed_over_explicitly_and_stays_until_it_is_taken(night: Town) -> None:
    night.trial.run(duty.offer, OfferDuty(to_account_id=named("Eli")), person(night, "Dee"))
    (row,) = night.rows(duty_table)
    assert (row.account_id, row.offered_to) == (named("Dee"), named("Eli"))
    with pytest.raises(Conflict, match="somebody always has it"):
        night.trial.run(duty.leave, LeaveDuty(account_id=named("Dee")), person(night, "Dee"))
    night.trial.run(duty.take, TakeDuty(), person(night, "Eli"))
    (row,) = night.rows(duty_table)
    assert (row.account_id, row.offered_to) == (named("Eli"), None)
    assert [entry.what for entry in sorted(night.rows(duty_history), key=lambda entry: entry.at)][-1] in (
        "offered",
        "accepted",
    )
    assert sorted(entry.what for entry in night.rows(duty_history)) == ["accepted", "began", "offered"]
    night.trial.run(duty.leave, LeaveDuty(account_id=named("Dee")), person(night, "Dee"))


def test_who_leaves_the_desk_leaves_the_duty_to_the_next_and_an_empty_desk_says_so(night: Town) -> None:
    for name in ("Dee", "Eli"):
        night.trial.hear(AccountClosed(desk_id=night.trial.desk_id, version=2, account_id=named(name)))
        rows = [row.account_id for row in night.rows(duty_table)]
        assert rows == ([named("Eli")] if name == "Dee" else [])
    assert ("duty_unclear", "high", None) in _open(night)
    registered(night, "Fay")
    assert [row.account_id for row in night.rows(duty_table)] == [named("Fay")]
    assert "duty_unclear" not in {kind for kind, _, _ in _open(night)}
