"""What must hold whatever happened, recounted by plain SQL in the five databases; shares no code with the services."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from infra.local.postgres.provision import connection
from services.billing.subscriptions import subscriptions as billing
from services.identity.subscriptions import subscriptions as identity
from services.matching.subscriptions import subscriptions as matching
from services.request.subscriptions import subscriptions as request
from services.roster.subscriptions import subscriptions as roster
from shared.bus.subscriptions import Subscriptions
from tests.support.systems import System
from tests.support.waiting import wait_until

HEARING: Mapping[str, Subscriptions] = {
    "request": request,
    "matching": matching,
    "roster": roster,
    "billing": billing,
    "identity": identity,
}

_MORE_THAN_ONE_WINNER = """
    SELECT visit_id FROM assignments WHERE desk_id = %(desk)s AND released_at IS NULL
    GROUP BY visit_id HAVING count(*) > 1
"""
_IN_TWO_PLACES_BY_MATCHING = """
    SELECT one.visit_id FROM assignments AS one JOIN assignments AS other
        ON one.carer_id = other.carer_id AND one.visit_id < other.visit_id AND one.place_id <> other.place_id
    WHERE one.desk_id = %(desk)s AND one.released_at IS NULL AND other.released_at IS NULL AND one.during && other.during
"""
_IN_TWO_PLACES_BY_THE_ROSTER = """
    SELECT one.visit_id FROM visits AS one JOIN visits AS other
        ON one.carer_id = other.carer_id AND one.visit_id < other.visit_id AND one.place_id <> other.place_id
    WHERE one.desk_id = %(desk)s
        AND one.state IN ('rostered', 'started', 'completed') AND other.state IN ('rostered', 'started', 'completed')
        AND one.starts_at < other.ends_at AND other.starts_at < one.ends_at
"""
_ACCEPTED = "SELECT visit_id, carer_id FROM assignments WHERE desk_id = %(desk)s AND released_at IS NULL"
_ROSTERED = """
    SELECT visit_id, carer_id FROM visits
    WHERE desk_id = %(desk)s AND state IN ('rostered', 'started', 'completed', 'missed')
"""
_ASKED = """
    SELECT visit_id, version, state, carer_id FROM visits JOIN visit_progress USING (visit_id, desk_id)
    WHERE desk_id = %(desk)s AND removed_at IS NULL
"""
_KNOWN = "SELECT visit_id, version FROM visits WHERE desk_id = %(desk)s AND wanted"
_UNBALANCED = """
    SELECT posting_id FROM entries WHERE desk_id = %(desk)s GROUP BY posting_id, currency HAVING sum(minor) <> 0
"""
_BALANCES_THAT_LIE = """
    SELECT account_id FROM accounts LEFT JOIN entries USING (account_id, desk_id) WHERE desk_id = %(desk)s
    GROUP BY account_id, accounts.balance_minor HAVING accounts.balance_minor <> coalesce(sum(entries.minor), 0)
"""
_SAID = "SELECT message_id, type FROM outbox WHERE desk_id = %(desk)s"
_UNPUBLISHED = "SELECT message_id FROM outbox WHERE published_at IS NULL"
_HEARD = "SELECT message_id FROM inbox WHERE desk_id = %(desk)s AND state = 'done'"
_WAITING = "SELECT message_id FROM inbox WHERE state IN ('parked', 'ready')"
_DEAD = "SELECT message_id, type, reason FROM dead_letters WHERE desk_id = %(desk)s"
_OVERDUE = "SELECT kind, key FROM timers WHERE desk_id = %(desk)s AND due_at < now() - interval '5 seconds'"


def settle(system: System, desk_id: UUID, *, within: float = 60.0) -> None:
    """Wait until everything that was said has been heard by everyone who listens, and acted on."""
    wait_until(lambda: not on_the_way(system, desk_id), within=within, what="everything said has been heard")


def on_the_way(system: System, desk_id: UUID) -> set[tuple[str, str]]:
    """Messages not published, not heard by one who listens, or parked, and timers overdue: who, and which."""
    found: set[tuple[str, str]] = set()
    heard = {name: {row[0] for row in _ask(system, name, _HEARD, desk_id)} for name in HEARING}
    for speaker in HEARING:
        found |= {(speaker, str(row[0])) for row in _ask(system, speaker, _UNPUBLISHED + " LIMIT 10", desk_id)}
        found |= {(speaker, str(row[0])) for row in _ask(system, speaker, _WAITING + " LIMIT 10", desk_id)}
        found |= {(speaker, f"{kind}/{key}") for kind, key in _ask(system, speaker, _OVERDUE, desk_id)}
        said = _ask(system, speaker, _SAID, desk_id)
        for listener, subscriptions in HEARING.items():
            meant = {message_id for message_id, type_ in said if subscriptions.find(type_)}
            found |= {(listener, message_id) for message_id in meant - heard[listener]}
    return found


def check(system: System, desk_id: UUID) -> None:
    """Raises AssertionError naming what does not hold. Everything must have settled."""
    for service, nobody in (
        ("matching", _MORE_THAN_ONE_WINNER),
        ("matching", _IN_TWO_PLACES_BY_MATCHING),
        ("roster", _IN_TWO_PLACES_BY_THE_ROSTER),
        ("billing", _UNBALANCED),
        ("billing", _BALANCES_THAT_LIE),
        *((name, _DEAD) for name in HEARING),
    ):
        assert _ask(system, service, nobody, desk_id) == [], nobody
    accepted = dict(_ask(system, "matching", _ACCEPTED, desk_id))
    assert accepted == dict(_ask(system, "roster", _ROSTERED, desk_id)), "matching and roster agree on who has what"
    asked = _ask(system, "request", _ASKED, desk_id)
    assert {(visit_id, version) for visit_id, version, *_ in asked} == set(_ask(system, "matching", _KNOWN, desk_id))
    for visit_id, _, state, carer_id in asked:
        if state in ("certain", "running", "completed"):
            assert accepted.get(visit_id) == carer_id, f"who is promised for visit {visit_id}"
        else:
            assert state in ("open", "offered", "unfilled"), f"visit {visit_id} is {state}"
            assert visit_id not in accepted


def _ask(system: System, service: str, statement: str, desk_id: UUID) -> list[Any]:
    with connection(system.databases[service].owner_url) as opened:
        return opened.execute(statement, {"desk": desk_id}).fetchall()
