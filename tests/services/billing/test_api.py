"""Billing over HTTP, by role."""

from typing import Any
from uuid import UUID

import pytest

from shared.auth.roles import Role
from shared.contracts.billing import TariffChanged
from tests.services.billing.town import Town

PERIOD = {"from": "2026-05-01", "until": "2026-05-31"}
TARIFF: dict[str, Any] = {
    "minor_per_hour": 1850,
    "currency": "GBP",
    "per": "household",
    "minimum_minutes": 120,
    "rounding_minutes": 15,
    "rounding": "up",
    "bands": [{"code": "night", "percent": 25, "from_minute": 1320, "until_minute": 420}],
}


class Desk:
    """A clerk, or another person of the desk, at their desk."""

    def __init__(self, town: Town, role: Role = Role.CLERK, person_id: UUID | None = None) -> None:
        self._http = town.t.http
        self._headers = town.t.headers(town.t.caller(role, person_id))

    def get(self, path: str, **params: Any) -> Any:
        return self._http.get(path, params=params, headers=self._headers)

    def post(self, path: str, body: Any) -> Any:
        return self._http.post(path, json=body, headers=self._headers)


@pytest.fixture
def clerk(town: Town) -> Desk:
    return Desk(town)


def test_a_tariff_is_dated_and_told_to_all(town: Town, clerk: Desk) -> None:
    body = {"party": "family", "mode": "carer_home", "valid_from": "2026-01-01", "tariff": TARIFF}
    answer = clerk.post("/tariffs", body)
    assert answer.status_code == 201, answer.text
    assert answer.json()["tariff"]["bands"][0] == {
        **TARIFF["bands"][0],
        "weekdays": [],
        "holidays": False,
        "minor_per_hour": 0,
        "stacks": False,
    }
    told = town.t.said(TariffChanged)[-1]
    assert (str(told.tariff_id), told.tariff.bands[0].percent) == (answer.json()["tariff_id"], 25)
    again = clerk.post("/tariffs", body)
    assert (again.status_code, again.json()["type"]) == (409, "urn:vesper:problem:tariff-overlap")
    listed = clerk.get("/tariffs", limit=1).json()
    assert [row["valid_from"] for row in listed["rows"]] == ["2026-01-01"]
    rest = clerk.get("/tariffs", after=listed["next_after"]).json()
    assert {(row["party"], row["valid_from"]) for row in rest["rows"]} == {
        ("family", "2020-01-01"),
        ("carer", "2020-01-01"),
    }
