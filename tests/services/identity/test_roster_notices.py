"""What the roster has people told: whom, by which way, in which words, once."""

from uuid import UUID

import pytest

from services.identity.domain.alert_texts import _WHAT
from services.roster.domain.alert import AlertKind
from shared.auth.roles import Role
from tests.services.identity import facts
from tests.services.identity.conftest import Register
from tests.services.identity.test_subscriptions import people, told
from tests.support.service import Trial


def test_an_alert_rings_at_its_owner_once_for_each_time(t: Trial, register: Register) -> None:
    people(t)
    owner = register("dana@example.org", Role.DISPATCHER)
    register("dirk@example.org", Role.DISPATCHER)
    ringing = facts.alert(t.desk_id, owner_account_id=owner.account_id, owner_phone="+44 7700 900003")
    t.hear(ringing)
    t.hear(ringing)
    (message,) = told(t)
    assert (message["channel"], message["address"]) == ("sms", "+44 7700 900003")
    assert message["subject"] == "Mona: has not checked in"
    assert message["text"] == "Brighton: Mona: has not checked in. Please look until Fri 5 Jun 22:25."
    assert message["link"] == f"/roster/{facts.VISIT}"
    t.hear(facts.alert(t.desk_id, version=2, level=2, owner_account_id=owner.account_id))
    again = told(t)[-1]
    assert (again["channel"], "Nobody has looked yet" in again["text"]) == ("email", True)


def test_what_can_wait_goes_by_mail_and_what_is_nobodys_to_every_dispatcher(t: Trial, register: Register) -> None:
    owner = register("dana@example.org", Role.DISPATCHER)
    register("dirk@example.org", Role.DISPATCHER)
    register("clerk@example.org", Role.CLERK)
    low = {"severity": "low", "owner_account_id": owner.account_id, "owner_phone": "+44 7700 900003"}
    t.hear(facts.alert(t.desk_id, kind="paper_lapses", visit_id=None, carer_id=None, **low))
    (message,) = told(t)
    assert (message["channel"], message["link"]) == ("email", "/alerts")
    t.hear(facts.alert(t.desk_id, alert_id=UUID(int=30), kind="help"))
    assert sorted(row["address"] for row in told(t)[1:]) == ["dana@example.org", "dirk@example.org"]


@pytest.mark.parametrize("language", ["en", "nl", "fr"])
def test_every_kind_of_alert_has_its_words(language: str) -> None:
    assert set(_WHAT[language]) == {kind.value for kind in AlertKind}


def test_carers_and_families_are_asked_what_needs_their_yes(t: Trial) -> None:
    people(t)
    for event in (facts.coming, facts.stay, facts.swap, facts.correction, facts.lapsing):
        t.hear(event(t.desk_id))
    t.hear(facts.correction(t.desk_id, asks="carer"))
    found = {(row["key"].split("/")[0], row["person_id"]): row for row in told(t)}
    carer, other, family = str(facts.CARER), str(facts.OTHER), str(facts.FAMILY)
    assert set(found) == {
        ("coming", carer),
        ("stay", carer),
        ("swap", other),
        ("swap", family),
        ("correction", family),
        ("paper", carer),
    }
    assert found["coming", carer]["text"] == (
        "Brighton: do you still come on Fri 5 Jun 22:00–07:00? Please say so until Fri 5 Jun 20:00."
    )
    assert found["stay", carer]["link"] == f"/visits/{facts.VISIT}"
    assert "may Olga come instead of Mona" in found["swap", family]["text"]
    assert "paediatric first aid lapses in 30 days" in found["paper", carer]["subject"]


def test_who_asked_for_a_swap_hears_how_it_ended_and_the_family_who_comes(t: Trial) -> None:
    people(t)
    t.hear(facts.assigned(t.desk_id, 1))
    t.hear(facts.rostered(t.desk_id, 1))
    assert len(told(t)) == 1
    t.hear(facts.swap_ended(t.desk_id))
    t.hear(facts.reassigned(t.desk_id, 2))
    assert {row["subject"] for row in told(t)} == {
        "Mona comes on Fri 5 Jun 22:00–07:00",
        "Your swap is done",
        "Olga comes on Fri 5 Jun 22:00–07:00",
    }


def test_tonights_list_goes_by_mail_to_those_on_duty(t: Trial, register: Register) -> None:
    dana = register("dana@example.org", Role.DISPATCHER)
    t.hear(facts.tonight(t.desk_id, dana.account_id, UUID(int=404)))
    (message,) = told(t)
    assert (message["address"], message["text"]) == ("dana@example.org", "22:00 Mona at the Hills'")
