"""An evening at a desk, as the five services tell it: enough for every page to have something to show."""

from typing import Any

from tests.services.web.stub import CARER, FAMILY, Answer, Stub

VISIT = "11111111-0000-4000-8000-000000000001"
SHARED_VISIT = "11111111-0000-4000-8000-000000000002"
CONFIRMING = "11111111-0000-4000-8000-000000000003"
ROSTERED = "11111111-0000-4000-8000-000000000004"
RUNNING = "11111111-0000-4000-8000-000000000005"
REQUEST = "22222222-0000-4000-8000-000000000001"
OFFER = "33333333-0000-4000-8000-000000000001"
TAKEN = "33333333-0000-4000-8000-000000000002"
ANA = "44444444-0000-4000-8000-000000000001"
BEA = "44444444-0000-4000-8000-000000000002"
CHARGE = "55555555-0000-4000-8000-000000000001"
INVOICE = "66666666-0000-4000-8000-000000000001"
OTHER_FAMILY = "77777777-0000-4000-8000-000000000001"
NIGHT = ("2026-06-01T20:00:00+00:00", "2026-06-02T06:00:00+00:00")
MORNING = ("2026-06-02T05:30:00+00:00", "2026-06-02T07:30:00+00:00")


def evening() -> Stub:
    """The stub with an ordinary Monday evening in June in it."""
    return Stub(answers={**_requests(), **_matching(), **_roster(), **_billing()})


def _wave(**facts: Any) -> dict[str, Any]:
    return {"number": 0, "lapses_at": None, "waiting": 0, "declined": 0, "expired": 0} | facts


def _open(**facts: Any) -> dict[str, Any]:
    return {
        "visit_id": VISIT,
        "version": 1,
        "placement_id": "88888888-0000-4000-8000-000000000001",
        "shared_with_visit_ids": [],
        "care_request_id": REQUEST,
        "family_id": str(FAMILY),
        "family_name": "Bouazza",
        "children": 2,
        "mode": "family_home",
        "start": NIGHT[0],
        "end": NIGHT[1],
        "zone": "Europe/London",
        "area": "Hanover",
        "urgent": True,
        "state": "offered",
        "call_dispatcher": True,
        "wave": _wave(number=1, lapses_at="2026-06-01T17:42:00+00:00", waiting=2, declined=1),
        "reasons": [],
        "carer_id": None,
        "carer_name": None,
    } | facts


def _matching() -> dict[tuple[str, str], Answer]:
    visits = [
        _open(),
        _open(
            visit_id=CONFIRMING,
            family_name="Nzeogwu",
            care_request_id="22222222-0000-4000-8000-000000000002",
            start=MORNING[0],
            end=MORNING[1],
            urgent=False,
            call_dispatcher=False,
            state="accepted",
            area="Kemptown",
            wave=_wave(number=2, declined=3),
            carer_id=ANA,
            carer_name="Ana Field",
        ),
        _open(
            visit_id=SHARED_VISIT,
            family_name="Kyra Dunne",
            children=1,
            care_request_id="22222222-0000-4000-8000-000000000003",
            start="2026-06-03T05:30:00+00:00",
            end="2026-06-03T07:00:00+00:00",
            urgent=False,
            call_dispatcher=False,
            state="unfilled",
            mode="carer_home",
            area="Moulsecoomb",
            wave=_wave(number=3, declined=4, expired=5),
            reasons=[{"code": "availability", "count": 31}, {"code": "distance", "count": 6}],
            shared_with_visit_ids=[VISIT],
        ),
    ]
    return {
        ("matching", "GET /visits/open"): {"rows": visits},
        ("matching", f"GET /visits/{VISIT}/shortlist"): _shortlist(),
        ("matching", f"GET /visits/{VISIT}/offers"): {
            "rows": [
                offer(carer_id=ANA, carer_name="Ana Field", wave=1, by_hand=False),
                offer(
                    offer_id=TAKEN,
                    carer_id=BEA,
                    carer_name="Bea Lund",
                    state="declined",
                    reason="family dinner",
                    ended_at="2026-06-01T16:31:00+00:00",
                    wave=0,
                    by_hand=True,
                ),
            ],
            "next_after": None,
        },
        ("matching", f"POST /visits/{VISIT}/offers"): {"offer_ids": [OFFER]},
        ("matching", f"POST /offers/{OFFER}/withdraw"): {"offer_id": OFFER, "state": "withdrawn"},
        ("matching", f"POST /offers/{OFFER}/seen"): {"offer_id": OFFER, "state": "seen"},
        ("matching", f"POST /offers/{OFFER}/accept"): {"offer_id": OFFER, "state": "accepted"},
        ("matching", f"POST /offers/{OFFER}/decline"): {"offer_id": OFFER, "state": "declined"},
        ("matching", f"GET /my/offers/{OFFER}"): offer(),
        ("matching", "GET /my/offers"): {
            "rows": [
                offer(),
                offer(
                    offer_id=TAKEN,
                    state="lost",
                    said="taken by another at 18:42",
                    ended_at="2026-06-01T17:42:00+00:00",
                ),
            ],
            "next_after": None,
        },
        ("matching", "GET /policy"): {"offer_minutes": 60, "urgent_offer_minutes": 15, "valid_from": "2020-01-01"},
    }


def offer(**facts: Any) -> dict[str, Any]:
    """An offer as the carer (and, with more facts, the desk) reads it."""
    return {
        "offer_id": OFFER,
        "state": "sent",
        "said": "waits for your answer",
        "visits": [{"visit_id": VISIT, "visit_version": 1, "start": NIGHT[0], "end": NIGHT[1]}],
        "mode": "family_home",
        "zone": "Europe/London",
        "area": "Hanover",
        "urgent": True,
        "ages": [4, 7],
        "care_needs": ["asthma"],
        "skills": ["first_aid"],
        "travel_metres": 3200,
        "travel_minutes": 24,
        "pay_minor": 12480,
        "currency": "GBP",
        "sent_at": "2026-06-01T16:20:00+00:00",
        "expires_at": "2026-06-01T17:42:00+00:00",
        "seen_at": None,
        "ended_at": None,
        "reason": None,
    } | facts


def _shortlist() -> dict[str, Any]:
    def objectives(*scores: int) -> list[dict[str, Any]]:
        names = ("continuity", "travel", "language", "fairness")
        return [
            {"name": name, "score": score, "weight": 25, "numbers": {}}
            for name, score in zip(names, scores, strict=True)
        ]

    return {
        "shortlist_id": "99999999-0000-4000-8000-000000000001",
        "placement_id": "88888888-0000-4000-8000-000000000001",
        "visit_ids": [VISIT],
        "computed_at": "2026-06-01T16:25:00+00:00",
        "policy_from": "2020-01-01",
        "candidates": [
            {
                "rank": 1,
                "carer_id": ANA,
                "carer_name": "Ana Field",
                "total": 8340,
                "objectives": objectives(92, 88, 100, 53),
                "sentence": "Knows the children: 14 visits, last 3 days ago. Travels 3.2 km more.",
                "offer_id": OFFER,
                "offer_state": "sent",
            },
            {
                "rank": 2,
                "carer_id": BEA,
                "carer_name": "Bea Lund",
                "total": 6125,
                "objectives": objectives(0, 94, 100, 98),
                "sentence": "Has not met the children. Travels 1.1 km more. Has 6 hours this week.",
                "offer_id": None,
                "offer_state": None,
            },
        ],
        "ruled_out": [
            {
                "carer_id": str(CARER),
                "carer_name": "Cem Aydin",
                "code": "rest",
                "sentence": "Would have 7 hours of rest before the morning visit; 11 are needed.",
                "source": "Working Time Regulations 1998, reg. 10",
            }
        ],
    }


def visit(**facts: Any) -> dict[str, Any]:
    """A visit of a care request as request tells it."""
    return {
        "visit_id": VISIT,
        "version": 1,
        "start": NIGHT[0],
        "end": NIGHT[1],
        "start_local": "2026-06-01T21:00",
        "end_local": "2026-06-02T07:00",
        "zone": "Europe/London",
        "mode": "family_home",
        "child_ids": ["c1", "c2"],
        "skills": [],
        "shared_care_id": None,
        "clock_change": False,
        "state": "accepted",
        "carer_id": None,
        "rostered_start": None,
        "rostered_end": None,
        "refusal": None,
    } | facts


def care_request(**facts: Any) -> dict[str, Any]:
    """A care request as request tells it."""
    return {
        "care_request_id": REQUEST,
        "version": 1,
        "family_id": str(FAMILY),
        "family_name": "Bouazza",
        "state": "open",
        "mode": "family_home",
        "urgency": "sick_child",
        "area": "Hanover",
        "opened_at": "2026-06-01T15:58:00+00:00",
        "shared_care_id": None,
        "patterns": [],
        "terms": {"skills": []},
        "children": [
            {"child_id": "c1", "first_name": "Lina", "age_months": 52},
            {"child_id": "c2", "first_name": "Adam", "age_months": 14},
        ],
        "visits": [visit(), visit(visit_id=ROSTERED, start=MORNING[0], end=MORNING[1], state="certain")],
        "reason": "Night shift at the hospital",
    } | facts


def _requests() -> dict[tuple[str, str], Answer]:
    family = {
        "family_id": str(FAMILY),
        "version": 1,
        "name": "Bouazza",
        "language": "fr",
        "phone": "+44 1273 555 014",
        "email": None,
        "home": {
            "place_id": "h1",
            "latitude": 50.83,
            "longitude": -0.13,
            "zone": "Europe/London",
            "area": "Hanover",
            "address": "12 Islingword Road, Brighton",
        },
        "children": [
            {
                "child_id": "c1",
                "first_name": "Lina",
                "born": "2022-01-20",
                "age_months": 52,
                "care_needs": ["asthma"],
                "allergies": ["peanut"],
            },
            {
                "child_id": "c2",
                "first_name": "Adam",
                "born": "2025-03-20",
                "age_months": 14,
                "care_needs": [],
                "allergies": [],
            },
        ],
        "favourite_carer_ids": [ANA],
        "excluded_carer_ids": [],
    }
    row = {"family_id": str(FAMILY), "name": "Bouazza", "phone": "+44 1273 555 014", "area": "Hanover", "children": 2}
    mine = care_request(reason=None)
    return {
        ("request", "GET /families"): {"rows": [row], "next_after": None},
        ("request", "POST /families"): {"family_id": str(FAMILY)},
        ("request", f"GET /families/{FAMILY}"): family,
        ("request", "GET /shared-care"): {"rows": [], "next_after": None},
        ("request", "GET /care-requests"): {"rows": [care_request()], "next_after": None},
        ("request", "POST /care-requests"): {"care_request_id": REQUEST},
        ("request", f"GET /care-requests/{REQUEST}"): care_request(),
        ("request", f"POST /care-requests/{REQUEST}/withdraw"): {"care_request_id": REQUEST},
        ("request", "GET /my/care-requests"): {"rows": [mine], "next_after": None},
        ("request", f"GET /my/care-requests/{REQUEST}"): mine,
        ("request", f"POST /my/care-requests/{REQUEST}/withdraw"): {"care_request_id": REQUEST},
    }


def rostered(**facts: Any) -> dict[str, Any]:
    """A visit as the desk reads it on the roster."""
    return {
        "visit_id": ROSTERED,
        "version": 1,
        "state": "rostered",
        "alert": None,
        "start": NIGHT[0],
        "end": NIGHT[1],
        "zone": "Europe/London",
        "started_at": None,
        "ended_at": None,
        "mode": "family_home",
        "area": "Hanover",
        "shared_care_id": None,
        "carer": {"carer_id": ANA, "first_name": "Ana", "last_name": "Field"},
        "family": {"family_id": str(FAMILY), "name": "Bouazza"},
        "children": ["Lina", "Adam"],
    } | facts


def card(**facts: Any) -> dict[str, Any]:
    """A visit as its carer reads it, door and children included."""
    children = [
        {
            "child_id": "c1",
            "first_name": "Lina",
            "born": "2022-01-20",
            "care_needs": ["asthma"],
            "allergies": ["peanut"],
        },
        {"child_id": "c2", "first_name": "Adam", "born": "2025-03-20", "care_needs": [], "allergies": []},
    ]
    return (
        rostered()
        | {
            "family": {
                "family_id": str(FAMILY),
                "name": "Bouazza",
                "phone": "+44 1273 555 014",
                "contacts": [{"name": "Samir Bouazza", "phone": "+44 1273 555 014"}],
            },
            "children": children,
            "address": "12 Islingword Road, Brighton",
            "latitude": 50.83,
            "longitude": -0.13,
            "check_in": None,
            "check_out": None,
            "theirs": True,
        }
        | facts
    )


def _roster() -> dict[tuple[str, str], Answer]:
    running = {
        "visit_id": RUNNING,
        "state": "started",
        "start": "2026-06-01T15:00:00+00:00",
        "end": "2026-06-01T19:30:00+00:00",
        "started_at": "2026-06-01T15:04:00+00:00",
    }
    bea = {"carer_id": BEA, "first_name": "Bea", "last_name": "Lund"}
    late = rostered(
        visit_id="11111111-0000-4000-8000-000000000009",
        alert="missing_check_in",
        start="2026-06-01T16:00:00+00:00",
        end="2026-06-01T18:00:00+00:00",
        carer=bea,
    )
    return {
        ("roster", "GET /visits"): {"rows": [rostered(**running), late, rostered()]},
        ("roster", f"GET /visits/{ROSTERED}"): card(),
        ("roster", f"POST /visits/{ROSTERED}/cancel"): {},
        ("roster", f"POST /visits/{ROSTERED}/correct"): {},
        ("roster", "GET /my/visits"): {"rows": [card(**running), card()]},
        ("roster", f"GET /my/visits/{ROSTERED}"): card(),
        ("roster", f"GET /my/visits/{RUNNING}"): card(**running),
        ("roster", f"POST /visits/{ROSTERED}/check-in"): {},
        ("roster", f"POST /visits/{RUNNING}/check-out"): {},
        ("roster", "GET /my/availability"): {
            "weekly": [
                {"week": 0, "weekday": 0, "start": "18:00", "end": "08:00"},
                {"week": 1, "weekday": 2, "start": "05:00", "end": "09:00"},
            ],
            "weeks": 2,
            "first_monday": "2026-06-01",
            "on_holidays": False,
            "quiet": [{"start": "21:00", "end": "06:00"}],
            "urgent_in_quiet": True,
            "leave_by": [{"weekday": 3, "at": "17:30"}],
        },
        ("roster", "POST /my/availability"): {},
        ("roster", "POST /my/absences"): {},
    }


def _billing() -> dict[tuple[str, str], Answer]:
    charge = {
        "charge_id": CHARGE,
        "family_id": str(FAMILY),
        "family_name": "Bouazza",
        "carer_name": "Ana Field",
        "on": "2026-05-29",
        "minor": 4210,
        "currency": "GBP",
        "kind": "care",
        "correction": False,
        "shared": True,
    }
    segment = {"minutes": 90.0, "code": "night", "percent": 25}
    sheet = {
        "rule": "child_hours",
        "minutes": 240,
        "billable_minutes": 240,
        "lines": [
            {"code": "base", "percent": 0, "minutes": 150, "minor_per_hour": 1650, "children": 1, "minor": 4125},
            {"code": "night", "percent": 25, "minutes": 90, "minor_per_hour": 1650, "children": 1, "minor": 3094},
        ],
        "presences": [
            {"visit_id": VISIT, "family_id": str(FAMILY), "children": 2, "start": "", "end": "", "minutes": 240},
            {"visit_id": SHARED_VISIT, "family_id": OTHER_FAMILY, "children": 1, "start": "", "end": "", "minutes": 90},
        ],
        "segments": [
            {
                "start": "2026-05-29T19:00:00+00:00",
                "end": "2026-05-29T21:30:00+00:00",
                "families": [str(FAMILY)],
                "minutes": 150.0,
                "code": "base",
                "percent": 0,
            },
            {
                "start": "2026-05-29T21:30:00+00:00",
                "end": "2026-05-29T23:00:00+00:00",
                "families": [str(FAMILY), OTHER_FAMILY],
                **segment,
            },
        ],
        "parts": [
            {"family_id": str(FAMILY), "minutes_alone": 150.0, "minutes_together": 90.0, "minor": 6188},
            {"family_id": OTHER_FAMILY, "minutes_alone": 0.0, "minutes_together": 90.0, "minor": 1031},
        ],
    }
    invoice = {
        "invoice_id": INVOICE,
        "family_id": str(FAMILY),
        "family_name": "Bouazza",
        "number": "2026-000041",
        "period_from": "2026-05-01",
        "period_until": "2026-05-31",
        "issued_on": "2026-06-01",
        "due_on": "2026-06-15",
        "total_minor": 41875,
        "currency": "GBP",
        "credit_note_number": None,
    }
    return {
        ("billing", "GET /charges"): {"rows": [charge, charge | {"on": "2026-05-30"}], "next_after": None},
        ("billing", f"GET /charges/{CHARGE}"): charge
        | {
            "mode": "family_home",
            "zone": "Europe/London",
            "total_minor": 7219,
            "sheet": sheet,
            "family_names": {str(FAMILY): "Bouazza", OTHER_FAMILY: "Kyra Dunne"},
        },
        ("billing", "POST /invoices"): {"invoice_id": INVOICE},
        ("billing", "POST /invoice-runs"): {"run_id": INVOICE},
        ("billing", "GET /invoices"): {"rows": [invoice], "next_after": None},
        ("billing", "GET /my/invoices"): {"rows": [invoice], "next_after": None},
        ("billing", "GET /ledger/trial-balance"): {
            "rows": [
                {"kind": "receivable", "party_name": "Bouazza", "currency": "GBP", "balance_minor": 41875},
                {"kind": "revenue", "party_name": None, "currency": "GBP", "balance_minor": -41875},
            ]
        },
    }
