"""A small town for matching's tests: a desk, families and carers as their events tell of them."""

from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID, uuid5

from shared.auth.roles import Caller, Role
from shared.contracts.identity import DeskFacts, DeskRegistered
from shared.contracts.request import (
    CareRequestOpened,
    ChildFacts,
    FamilyFacts,
    FamilyRegistered,
    PlaceFacts,
    SharedCareAgreed,
    VisitTerms,
)
from shared.contracts.roster import (
    AvailabilityChanged,
    CarerFacts,
    CarerRegistered,
    CredentialFacts,
    WeeklyHours,
)
from tests.support.service import MONDAY, Trial

_NAMES = UUID("5d3f6a3e-6a1d-4f52-9a58-2a9e8d0f7c11")
ALWAYS = tuple(WeeklyHours(weekday=day, start=time(0), end=time(0)) for day in range(7))
PAPERS = ("good_conduct", "paediatric_first_aid", "ofsted", "insurance")
TOMORROW_18 = MONDAY.replace(hour=17) + timedelta(days=1)  # 18:00 in Brighton


def named(name: str) -> UUID:
    """The same id for the same name."""
    return uuid5(_NAMES, name)


def place(name: str, km_east: float = 0.0) -> PlaceFacts:
    """A place so many kilometres east of the middle of Brighton."""
    return PlaceFacts(
        place_id=named(f"place {name}"),
        latitude=50.8225,
        longitude=-0.1372 + km_east / 70.2,
        zone="Europe/London",
        area="Hove",
        address=f"1 {name} Street",
    )


@dataclass
class Town:
    """A trial with people in it."""

    trial: Trial
    versions: dict[str, int] = field(default_factory=dict)

    def next_version(self, key: object) -> int:
        self.versions[str(key)] = self.versions.get(str(key), 0) + 1
        return self.versions[str(key)]

    def desk(self, desk_id: UUID | None = None, country: str = "en") -> None:
        facts = DeskFacts(name="Desk", country=country, currency="GBP", languages=("en",), zone="Europe/London")
        self.trial.hear(DeskRegistered(desk_id=desk_id or self.trial.desk_id, version=1, desk=facts))

    def carer(self, name: str, km_east: float = 1.0, desk_id: UUID | None = None, **changes: Any) -> UUID:
        """A carer who is always free, may do everything, and lives so many kilometres east."""
        facts = CarerFacts(
            first_name=name,
            last_name="Carer",
            modes=("family_home", "carer_home"),
            home=place(f"home of {name}", km_east),
            languages=("en",),
            transport="car",
            max_distance_km=20,
            opt_ins=("nights", "weekends", "occasional", "sick_child"),
            credentials=tuple(CredentialFacts(kind=kind, valid_from=date(2020, 1, 1)) for kind in PAPERS),
        )
        desk = desk_id or self.trial.desk_id
        version = self.next_version(("carer", name, desk))
        self.trial.hear(
            CarerRegistered(desk_id=desk, version=version, carer_id=named(name), carer=replace(facts, **changes))
        )
        self.free(name, ALWAYS, desk)
        return named(name)

    def free(self, name: str, weekly: tuple[WeeklyHours, ...], desk_id: UUID | None = None) -> None:
        desk = desk_id or self.trial.desk_id
        self.trial.hear(
            AvailabilityChanged(
                desk_id=desk,
                version=self.next_version(("hours", name, desk)),
                carer_id=named(name),
                zone="Europe/London",
                weekly=weekly,
            )
        )

    def family(self, name: str, born: date = date(2023, 5, 1), desk_id: UUID | None = None, **changes: Any) -> UUID:
        """A family with one child, in the middle of town."""
        facts = FamilyFacts(
            name=name,
            language="en",
            home=place(f"home of {name}"),
            children=(ChildFacts(child_id=named(f"child of {name}"), first_name="Kit", born=born),),
        )
        self.trial.hear(
            FamilyRegistered(
                desk_id=desk_id or self.trial.desk_id,
                version=1,
                family_id=named(name),
                family=replace(facts, **changes),
            )
        )
        return named(name)

    def terms(
        self, visit: str, family: str, start: datetime = TOMORROW_18, hours: float = 3, **changes: Any
    ) -> VisitTerms:
        at_home = changes.get("mode", "family_home") == "family_home"
        terms = VisitTerms(
            visit_id=named(visit),
            version=1,
            family_id=named(family),
            child_ids=(named(f"child of {family}"),),
            mode="family_home",
            start=start.astimezone(UTC),
            end=start.astimezone(UTC) + timedelta(hours=hours),
            zone="Europe/London",
            place=place(f"home of {family}") if at_home else None,
        )
        return replace(terms, **changes)

    def opened(
        self, request: str, *visits: VisitTerms, urgent: bool = False, desk_id: UUID | None = None
    ) -> CareRequestOpened:
        return CareRequestOpened(
            desk_id=desk_id or self.trial.desk_id,
            version=1,
            care_request_id=named(request),
            family_id=visits[0].family_id,
            urgent=urgent,
            opened_at=self.trial.clock.now(),
            visits=visits,
        )

    def settle(self) -> None:
        """Run what is due, and what that made due, until nothing is."""
        while self.trial.run_timers():
            pass

    def ask(
        self, visit: str, family: str = "Ames", start: datetime = TOMORROW_18, hours: float = 3, **changes: Any
    ) -> UUID:
        """A request of one visit, looked at at once."""
        self.trial.hear(self.opened(f"request {visit}", self.terms(visit, family, start, hours, **changes)))
        self.settle()
        return named(visit)

    def share(self, name: str, *families: str) -> UUID:
        """Families who agreed to share a carer at the first one's home."""
        self.trial.hear(
            SharedCareAgreed(
                desk_id=self.trial.desk_id,
                version=1,
                shared_care_id=named(name),
                family_ids=tuple(named(family) for family in families),
                host_family_id=named(families[0]),
                place=place(f"home of {families[0]}"),
                rule="equal",
                valid_from=date(2026, 1, 1),
            )
        )
        return named(name)

    def as_carer(self, name: str, desk_id: UUID | None = None) -> Caller:
        return self.trial.caller(Role.CARER, named(name), desk_id)

    def as_dispatcher(self) -> Caller:
        return self.trial.caller(Role.DISPATCHER)

    def get(self, path: str, caller: Caller) -> dict[str, Any]:
        answer = self.trial.http.get(path, headers=self.trial.headers(caller))
        assert answer.status_code == 200, answer.text
        body: dict[str, Any] = answer.json()
        return body

    def offer_of(self, name: str, visit: str = "visit", desk_id: UUID | None = None) -> str:
        """The carer's offer of this visit that waits for an answer."""
        rows = self.get("/my/offers?live=true", self.as_carer(name, desk_id))["rows"]
        theirs = [row for row in rows if str(named(visit)) in {each["visit_id"] for each in row["visits"]}]
        assert len(theirs) == 1, f"{name} has {len(theirs)} offers of {visit}"
        return str(theirs[0]["offer_id"])

    def answer(self, name: str, offer_id: str, what: str = "accept", key: str | None = None) -> tuple[int, str]:
        """The carer's answer over HTTP: its status, and its state or the code of its refusal."""
        headers = self.trial.headers(self.as_carer(name), key)
        said = self.trial.http.post(f"/offers/{offer_id}/{what}", headers=headers)
        body = said.json()
        return said.status_code, body.get("state") or body["type"].rsplit(":", 1)[-1]
