"""What people are told, and when: from what matching, roster, request and billing say, in whatever order it comes."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import permutations
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from services.identity.commands import ChangeDesk
from services.identity.handlers.desks import change_desk
from services.identity.service import SERVICE
from services.identity.timers import send_waiting
from shared.auth.roles import Role
from shared.bus.receiver import Outcome
from shared.contracts.identity import AccountClosed
from shared.domain.event import Event
from tests.services.identity import facts
from tests.services.identity.conftest import Register, found_desk, renew, sign_in
from tests.support.postgres import Server
from tests.support.service import Trial, trial


def told(t: Trial) -> list[dict[str, Any]]:
    """Write what is to be told, and read it as the dispatcher does, oldest first."""
    t.run_timers()
    answer = t.http.get("/sent-messages", headers=t.headers(t.caller(Role.DISPATCHER)))
    assert answer.status_code == 200
    return sorted(answer.json()["rows"], key=lambda row: (row["written_at"], row["key"]))


def people(t: Trial) -> None:
    for event in (
        facts.carer(t.desk_id),
        facts.carer(t.desk_id, facts.OTHER, first_name="Olga"),
        facts.family(t.desk_id),
    ):
        assert t.hear(event) is Outcome.DONE


def test_an_offer_says_hours_area_pay_and_until_when_and_never_where_or_for_whom(t: Trial) -> None:
    people(t)
    t.hear(facts.offer(t.desk_id))
    (message,) = told(t)
    assert (message["channel"], message["address"], message["state"]) == ("sms", "+44 7700 900001", "waiting")
    assert message["subject"] == "Can you care on Fri 5 Jun 22:00–07:00?"
    assert message["text"] == (
        "Brighton: can you care in Hove on Fri 5 Jun 22:00–07:00? You would earn £112.50. "
        "Please answer until Mon 1 Jun 20:30."
    )
    assert message["link"] == f"/offers/{facts.OFFER}"
    for secret in ("Secret Street", "Tilly", "Hill"):
        assert secret not in str(message)


def test_an_offer_of_many_visits_names_the_first_and_counts_the_rest(t: Trial) -> None:
    people(t)
    t.hear(facts.offer(t.desk_id, visits=6))
    (message,) = told(t)
    assert message["text"].count("22:00–07:00") == 4
    assert "Mon 8 Jun 22:00–07:00 and 2 more?" in message["text"]


@pytest.mark.parametrize(
    ("languages", "desk_language", "expected"),
    [
        (("nl", "en"), "en", "Brighton: kunt u opvang geven in Hove op vr 5 jun 22:00–07:00? U verdient £ 112,50."),
        (("fr",), "en", "Brighton : pouvez-vous assurer la garde à Hove, ven. 5 juin 22:00–07:00 ? Vous gagneriez"),
        (("pl", "fr"), "en", "Brighton : pouvez-vous assurer"),
        (("pl",), "nl", "Brighton: kunt u opvang geven"),
        (("pl",), "pl", "Brighton: can you care"),
    ],
)
def test_an_offer_is_in_a_language_the_carer_speaks(
    t: Trial, languages: tuple[str, ...], desk_language: str, expected: str
) -> None:
    desk = ChangeDesk(name="Brighton", country="en", currency="GBP", languages=(desk_language,), zone="Europe/London")
    t.run(change_desk, desk)
    t.hear(facts.carer(t.desk_id, languages=languages))
    t.hear(facts.offer(t.desk_id))
    (message,) = told(t)
    assert message["text"].replace("\u00a0", " ").startswith(expected)


def test_an_offer_that_ran_out_before_it_could_be_told_is_not_told(t: Trial) -> None:
    people(t)
    t.hear(facts.offer(t.desk_id))
    t.clock.move_to(datetime(2026, 6, 1, 19, 30, tzinfo=UTC))
    assert told(t) == []


def test_a_carer_who_lost_hears_when_the_other_said_yes(t: Trial) -> None:
    people(t)
    t.hear(facts.offer(t.desk_id))
    assert len(told(t)) == 1
    t.clock.advance(timedelta(minutes=10))
    t.hear(facts.assigned(t.desk_id, 1, facts.OTHER, at=datetime(2026, 6, 1, 17, 42, tzinfo=UTC)))
    t.hear(facts.withdrawn(t.desk_id, "taken"))
    message = told(t)[-1]
    assert message["text"] == (
        "Brighton: the care in Hove on Fri 5 Jun 22:00–07:00 was taken by another at 18:42. Thank you for being there."
    )
    assert message["link"] == ""


@pytest.mark.parametrize(("reason", "says"), [("changed", "has changed"), ("cancelled", "no longer needed")])
def test_a_carer_hears_why_an_offer_no_longer_stands(t: Trial, reason: str, says: str) -> None:
    people(t)
    t.hear(facts.offer(t.desk_id))
    told(t)
    t.clock.advance(timedelta(minutes=10))
    t.hear(facts.withdrawn(t.desk_id, reason))
    assert says in told(t)[-1]["text"]


def test_a_carer_who_was_not_asked_yet_is_not_told_of_the_withdrawal_either(t: Trial) -> None:
    people(t)
    t.hear(facts.offer(t.desk_id))
    t.hear(facts.withdrawn(t.desk_id, "taken"))
    assert told(t) == []


def test_a_family_is_told_once_it_is_certain_and_not_before(t: Trial) -> None:
    people(t)
    t.hear(facts.assigned(t.desk_id, 1))
    assert told(t) == []
    t.hear(facts.rostered(t.desk_id, 1))
    (message,) = told(t)
    assert (message["channel"], message["address"]) == ("email", "hill@example.org")
    assert message["subject"] == "Mona comes on Fri 5 Jun 22:00–07:00"
    assert message["text"] == "Brighton: it is certain. Mona comes on Fri 5 Jun 22:00–07:00."
    assert "Berg" not in str(message)


def test_a_family_hears_that_a_visit_is_open_again_only_if_it_was_certain(t: Trial) -> None:
    people(t)
    t.hear(facts.assigned(t.desk_id, 1))
    t.hear(facts.released(t.desk_id, 2, "refused"))
    assert told(t) == []
    t.clock.advance(timedelta(minutes=1))
    t.hear(facts.assigned(t.desk_id, 3))
    t.hear(facts.rostered(t.desk_id, 1))
    assert [row["key"].split("/")[0] for row in told(t)] == ["visit-certain"]
    t.clock.advance(timedelta(minutes=1))
    t.hear(facts.released(t.desk_id, 4))
    assert told(t)[-1]["text"].startswith("Brighton: Mona can't come on Fri 5 Jun 22:00–07:00 after all.")
    t.clock.advance(timedelta(minutes=1))
    t.hear(facts.assigned(t.desk_id, 5, facts.OTHER))
    t.hear(facts.rostered(t.desk_id, 2, facts.OTHER))
    assert told(t)[-1]["subject"] == "Olga comes on Fri 5 Jun 22:00–07:00"
    assert len(told(t)) == 3


def test_a_family_that_withdrew_is_not_told_that_we_look_for_somebody_else(t: Trial) -> None:
    people(t)
    t.hear(facts.assigned(t.desk_id, 1))
    t.hear(facts.rostered(t.desk_id, 1))
    assert len(told(t)) == 1
    t.hear(facts.released(t.desk_id, 2, "withdrawn"))
    assert len(told(t)) == 1


def test_a_visit_that_is_over_is_not_told(t: Trial) -> None:
    people(t)
    t.clock.move_to(facts.END)
    t.hear(facts.assigned(t.desk_id, 1))
    t.hear(facts.rostered(t.desk_id, 1))
    assert told(t) == []


def test_whatever_the_order_of_the_topics_the_family_is_told_the_same(postgres_cluster: Server) -> None:
    def happened(desk: UUID) -> list[Event]:
        # Mona said yes, was rostered and fell ill; Olga said yes and was rostered.
        return [
            facts.assigned(desk, 1),
            facts.rostered(desk, 1),
            facts.released(desk, 2),
            facts.assigned(desk, 3, facts.OTHER),
            facts.rostered(desk, 2, facts.OTHER),
        ]

    outcomes = set()
    with trial(postgres_cluster, SERVICE) as t:
        for number, order in enumerate(permutations(range(5))):
            desk = UUID(int=1000 + number)
            t.desk_id = desk
            found_desk(t)
            for event in [facts.carer(desk), facts.carer(desk, facts.OTHER, first_name="Olga"), facts.family(desk)]:
                t.hear(event)
            visit_id = uuid4()
            for index in order:
                event = happened(desk)[index]
                object.__setattr__(event, "visit_id", visit_id)
                t.hear(event)
            outcomes.add(tuple((row["subject"], row["state"]) for row in told(t)))
    assert outcomes == {(("Olga comes on Fri 5 Jun 22:00–07:00", "waiting"),)}


def test_a_family_hears_of_its_invoice(t: Trial) -> None:
    people(t)
    t.hear(facts.invoice(t.desk_id))
    (message,) = told(t)
    assert message["subject"] == "Invoice 2026-0007"
    assert message["text"] == "Brighton: invoice 2026-0007 over £1,234.56 is ready. Please pay it by Mon 22 Jun."


@pytest.mark.parametrize("event", [facts.offer, facts.invoice, lambda desk: facts.rostered(desk, 1)])
def test_what_is_told_before_the_person_is_known_waits_for_them(t: Trial, event: Callable[[UUID], Event]) -> None:
    t.hear(facts.assigned(t.desk_id, 1))
    assert t.hear(event(t.desk_id)) is Outcome.PARKED
    people(t)
    assert len(told(t)) == 1


def test_who_can_not_be_reached_is_seen_by_the_dispatcher(t: Trial) -> None:
    t.hear(facts.family(t.desk_id, phone=None, email=None))
    t.hear(facts.invoice(t.desk_id))
    (message,) = told(t)
    assert (message["state"], message["channel"]) == ("failed", "none")
    assert message["cause"] == "We have neither a phone number nor an e-mail address."


def test_the_newest_address_is_used_and_an_older_version_ignored(t: Trial) -> None:
    people(t)
    t.hear(facts.family_changed(t.desk_id, 3, email=None))
    t.hear(facts.family_changed(t.desk_id, 2, email="old@example.org"))
    t.hear(facts.carer_changed(t.desk_id, 2, phone=None))
    t.hear(facts.invoice(t.desk_id))
    t.hear(facts.offer(t.desk_id))
    assert [(row["channel"], row["address"]) for row in told(t)] == [
        ("sms", "+44 7700 900002"),
        ("email", "mona@example.org"),
    ]


def test_an_erased_family_is_forgotten_with_what_it_was_told_and_its_sign_in(t: Trial, register: Register) -> None:
    people(t)
    account = register("hill@example.org", Role.FAMILY, facts.FAMILY)
    signed_in = sign_in(t, email="hill@example.org").json()
    t.hear(facts.assigned(t.desk_id, 1))
    t.hear(facts.rostered(t.desk_id, 1))
    assert len(told(t)) == 1
    t.running.run_effects()
    t.hear(facts.invoice(t.desk_id))
    assert len(told(t)) == 2
    t.hear(facts.erased(t.desk_id))
    t.hear(facts.released(t.desk_id, 2))
    t.hear(facts.family_changed(t.desk_id, 2))
    after = told(t)
    assert sorted((row["state"], row["address"], row["text"], row["subject"]) for row in after) == [
        ("failed", "", "", ""),
        ("sent", "", "", ""),
    ]
    assert send_waiting(t.running) == 0
    assert [said.account_id for said in t.said(AccountClosed)] == [account.account_id]
    assert renew(t, signed_in["refresh_token"]).status_code == 401
    assert sign_in(t, email="hill@example.org").status_code == 401
    with t.running.sessions() as session:
        session.execute(text("SELECT set_config('app.desk_id', :desk, true)"), {"desk": str(t.desk_id)})
        for table in ("accounts", "family_contacts", "outbound_messages", "visit_notices"):
            kept = str(session.execute(text(f"SELECT * FROM {table}")).all())
            assert "hill@" not in kept
            assert "900002" not in kept
            assert "Mona" not in kept


_ONCE: dict[str, Callable[[UUID], Event]] = {
    "carer registered": facts.carer,
    "carer changed": facts.carer_changed,
    "family registered": facts.family,
    "family changed": facts.family_changed,
    "family erased": facts.erased,
    "offer": facts.offer,
    "withdrawal": lambda desk: facts.withdrawn(desk, "taken"),
    "assignment": lambda desk: facts.assigned(desk, 1),
    "release": lambda desk: facts.released(desk, 1),
    "roster": lambda desk: facts.rostered(desk, 1),
    "invoice": facts.invoice,
    "reassignment": lambda desk: facts.reassigned(desk, 2),
    "alert": facts.alert,
    "coming": facts.coming,
    "stay": facts.stay,
    "swap": facts.swap,
    "swap ended": facts.swap_ended,
    "correction": facts.correction,
    "paper lapsing": facts.lapsing,
    "tonight": facts.tonight,
}


def test_every_subscription_has_a_twice_delivered_test() -> None:
    heard = {subscription.event_class for subscription in SERVICE.subscriptions._by_type.values()}
    assert {type(make(UUID(int=1))) for make in _ONCE.values()} == heard


@pytest.mark.parametrize("name", _ONCE)
def test_delivered_twice_done_once(t: Trial, name: str) -> None:
    people(t)
    t.hear(facts.assigned(t.desk_id, 1), "before")
    if name == "withdrawal":
        t.hear(facts.offer(t.desk_id))
        told(t)
    event = _ONCE[name](t.desk_id)
    assert t.hear(event, "same") is Outcome.DONE
    once = told(t)
    assert t.hear(event, "same") is Outcome.REPEATED
    assert told(t) == once


def test_the_same_said_again_under_another_id_is_told_once(t: Trial) -> None:
    people(t)
    for _ in range(2):
        t.hear(facts.offer(t.desk_id))
        t.hear(facts.invoice(t.desk_id))
        t.hear(facts.assigned(t.desk_id, 1))
        t.hear(facts.rostered(t.desk_id, 1))
        told(t)
        t.clock.advance(timedelta(minutes=1))
    assert len(told(t)) == 3
