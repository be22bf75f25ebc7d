"""Two families who share a carer on weekly nights: one yes for both, one stretch of care, two invoices, to the cent."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from tests.end_to_end import invariants
from tests.support.desk import ZONE, Desk, Person, skipped
from tests.support.waiting import wait_until

LOCAL = ZoneInfo(ZONE)


def night(first: date, start: str, end: str) -> tuple[datetime, datetime]:
    """From this evening to the next morning, on the family's clock."""
    begins = datetime.combine(first, time.fromisoformat(start), LOCAL)
    ends = datetime.combine(first + timedelta(days=1), time.fromisoformat(end), LOCAL)
    return begins.astimezone(UTC), ends.astimezone(UTC)


def ask_for_nights(desk: Desk, family: Person, shared_care_id: str, start: str, end: str) -> dict[str, Any]:
    """Every week on the weekday of the day after tomorrow, twice."""
    first = datetime.now(LOCAL).date() + timedelta(days=2)
    told: dict[str, Any] = desk.dispatcher.post(
        "request",
        "/care-requests",
        {
            "family_id": str(family.person_id),
            "mode": "family_home",
            "shared_care_id": shared_care_id,
            "introduction_skipped": skipped(),
            "patterns": [
                {
                    "starts_on": first.isoformat(),
                    "ends_on": (first + timedelta(days=13)).isoformat(),
                    "slots": [{"weekday": first.weekday(), "start": start, "end": end}],
                }
            ],
        },
    )
    return told


def offer_for_both(desk: Desk, carer: Person, visits: set[str]) -> dict[str, Any]:
    """The carer's live offer for exactly these visits, once it is there."""

    def found() -> dict[str, Any] | None:
        rows = carer.get("matching", "/my/offers", live=True)["rows"]
        return next((row for row in rows if {v["visit_id"] for v in row["visits"]} == visits), None)

    return wait_until(found, within=30, what="one offer names both families' visits") or {}


@pytest.mark.slow
def test_two_families_share_a_carer_on_weekly_nights_and_each_owes_its_part(desk: Desk) -> None:
    ana = desk.carer("Ana")
    abara, brandt = desk.family("Abara"), desk.family("Brandt", "Jo", north=0.004)
    today = datetime.now(LOCAL).date()
    consents = [
        {"family_id": str(each.person_id), "said_by": f"a parent of {each.name}", "said_at": f"{today}T00:00:00Z"}
        for each in (abara, brandt)
    ]
    agreed = desk.dispatcher.post(
        "request",
        "/shared-care",
        {
            "host_family_id": str(abara.person_id),
            "rule": "overlap",
            "valid_from": today.isoformat(),
            "consents": consents,
        },
    )
    asked = {
        abara.person_id: ask_for_nights(desk, abara, agreed["shared_care_id"], "21:30", "05:30"),
        brandt.person_id: ask_for_nights(desk, brandt, agreed["shared_care_id"], "22:00", "05:00"),
    }

    # Two weeks, two nights for each, every one across midnight on the clock of the home.
    first = today + timedelta(days=2)
    for family, (start, end) in zip((abara, brandt), (("21:30", "05:30"), ("22:00", "05:00")), strict=True):
        nights = [night(first + timedelta(weeks=week), start, end) for week in (0, 1)]
        told = [(each["start"], each["end"]) for each in asked[family.person_id]["visits"]]
        assert [tuple(map(datetime.fromisoformat, each)) for each in told] == nights

    # One yes a night is a yes to both families; the roster has her in one place for both.
    for one, other in zip(asked[abara.person_id]["visits"], asked[brandt.person_id]["visits"], strict=True):
        offer = offer_for_both(desk, ana, {one["visit_id"], other["visit_id"]})
        ana.post("matching", f"/offers/{offer['offer_id']}/accept")
        for family, visit in ((abara, one), (brandt, other)):
            desk.wait_for(asked[family.person_id]["care_request_id"], visit["visit_id"], "certain", ana)
    until = datetime.now(UTC) + timedelta(days=20)
    mine = ana.get("roster", "/my/visits", from_=datetime.now(UTC).isoformat(), until=until.isoformat())["rows"]
    assert len(mine) == 4
    assert len({visit["area"] for visit in mine}) == 1
    # Those of the week after next are not near yet: where they are is told when they are.
    assert {visit["address"] for visit in mine[2:]} == {None}

    # She came for three hours: 90 minutes for Abara alone, 30 for both, 60 for Brandt alone.
    now = datetime.now(UTC).replace(second=0, microsecond=0)
    host, guest = (asked[each.person_id]["visits"][0]["visit_id"] for each in (abara, brandt))
    tell(ana, host, "check-in", now - timedelta(minutes=180))
    tell(ana, guest, "check-in", now - timedelta(minutes=90))
    tell(ana, host, "check-out", now - timedelta(minutes=60))
    waiting = wait_until(lambda: desk.clerk.rows("billing", "/visits/waiting"), within=30, what="the host waits")
    assert [(each["visit_id"], each["charge_state"]) for each in waiting] == [(host, "waiting_for_other_family")]
    tell(ana, guest, "check-out", now)

    def charged() -> list[Any] | None:
        rows = desk.clerk.rows("billing", "/charges")
        return rows if len(rows) == 2 else None

    charges = wait_until(charged, within=30, what="both families are charged") or []
    assert {UUID(each["family_id"]): each["minor"] for each in charges} == {
        abara.person_id: 90 * 30 + 15 * 30,
        brandt.person_id: 60 * 30 + 15 * 30,
    }
    assert all(each["shared"] for each in charges)
    sheet = desk.pages(desk.clerk).told(f"/charges/{charges[0]['charge_id']}")
    assert "£22.50 + £31.50 = £54.00" in sheet or "£31.50 + £22.50 = £54.00" in sheet

    # Both are invoiced in one run, and she is paid once.
    days = {
        "from": (now - timedelta(days=1)).astimezone(LOCAL).date().isoformat(),
        "until": now.astimezone(LOCAL).date().isoformat(),
    }
    assert finished(desk, desk.clerk.post("billing", "/invoice-runs", days)) == (2, 0)
    totals = [family.rows("billing", "/my/invoices")[0]["total_minor"] for family in (abara, brandt)]
    assert totals == [3150, 2250]
    assert finished(desk, desk.clerk.post("billing", "/payout-runs", days)) == (1, 0)
    [payout] = ana.rows("billing", "/my/payouts")
    assert payout["minor"] == 180 * 20
    assert desk.clerk.get("billing", "/ledger/trial-balance")["sums"] == [{"currency": "GBP", "balance_minor": 0}]
    invariants.settle(desk.system, desk.desk_id)
    invariants.check(desk.system, desk.desk_id)


def tell(carer: Person, visit_id: str, what: str, at: datetime) -> None:
    body = {"happened_at": at.isoformat()} | ({"handed_to": "a parent"} if what == "check-out" else {})
    carer.post("roster", f"/visits/{visit_id}/{what}", body)


def finished(desk: Desk, run: dict[str, Any]) -> tuple[int, int]:
    """How many parts of a run were done and refused, once none waits."""

    def over() -> dict[str, Any] | None:
        found: dict[str, Any] = desk.clerk.get("billing", f"/runs/{run['run_id']}")
        return found if not found["waiting"] and found["done"] + found["refused"] else None

    told = wait_until(over, within=30, what="the run is over") or {}
    return told["done"], told["refused"]
