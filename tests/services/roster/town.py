"""A small town for the roster's tests: a desk and families as events tell of them, carers as the desk takes them on."""

from dataclasses import dataclass, field, fields, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy import Table, select, text

from services.roster.commands.carers import CarerDetails, Home, RegisterCarer, ReportAbsence, Wishes
from services.roster.commands.visits import CheckIn, CheckOut
from services.roster.domain.credential import Paper
from services.roster.handlers.absences import report_absence
from services.roster.handlers.carers import register_carer
from services.roster.handlers.door import check_in, check_out
from services.roster.tables.visits import visits
from shared.auth.roles import Caller, Role, desk_itself
from shared.bus.receiver import Outcome
from shared.contracts.identity import DeskFacts, DeskRegistered
from shared.contracts.matching import VisitAssigned, VisitUnassigned
from shared.contracts.request import (
    CareRequestOpened,
    ChildFacts,
    FamilyFacts,
    FamilyRegistered,
    PlaceFacts,
    SharedCareAgreed,
    VisitTerms,
)
from tests.support.service import MONDAY, Trial

_NAMES = UUID("0e1f7a0c-33a5-4f6d-8f53-6a4f6e2b7d90")
PAPERS = ("good_conduct", "paediatric_first_aid", "ofsted", "insurance")
TOMORROW_18 = MONDAY.replace(hour=17) + timedelta(days=1)  # 18:00 in Brighton
MIDDLE = (50.8225, -0.1372)
DEGREES_PER_KM_EAST = 1 / 70.2
_WISHES = {each.name for each in fields(Wishes)}


def named(name: str) -> UUID:
    """The same id for the same name."""
    return uuid5(_NAMES, name)


def place(name: str, km_east: float = 0.0) -> PlaceFacts:
    """A place so many kilometres east of the middle of Brighton."""
    return PlaceFacts(
        place_id=named(f"place {name}"),
        latitude=MIDDLE[0],
        longitude=MIDDLE[1] + km_east * DEGREES_PER_KM_EAST,
        zone="Europe/London",
        area="Hove",
        address=f"1 {name} Street",
    )


def papers(*kinds: str, **changes: Any) -> tuple[Paper, ...]:
    """Papers that were looked at, from long ago and for ever unless said otherwise."""
    facts: dict[str, Any] = {"valid_from": date(2020, 1, 1), "checked": True, **changes}
    return tuple(Paper(kind=kind, **facts) for kind in kinds or PAPERS)


def details(name: str = "Ada", km_east: float = 1.0, **changes: Any) -> CarerDetails:
    """A carer who drives and lives so many kilometres east."""
    wishes = {each: changes.pop(each) for each in _WISHES if each in changes}
    facts = CarerDetails(
        first_name=name,
        last_name="Carer",
        modes=("family_home", "carer_home"),
        home=Home(
            latitude=MIDDLE[0],
            longitude=MIDDLE[1] + km_east * DEGREES_PER_KM_EAST,
            zone="Europe/London",
            area="Kemptown",
            address=f"9 {name} Road",
        ),
        languages=("en",),
        wishes=replace(Wishes(transport="car", max_distance_km=20), **wishes),
    )
    return replace(facts, **changes)


@dataclass
class Town:
    """A trial with people in it."""

    trial: Trial
    counts: dict[str, int] = field(default_factory=dict)

    def count(self, key: str) -> int:
        """One more than the last time."""
        self.counts[key] = self.counts.get(key, 0) + 1
        return self.counts[key]

    def desk(self, desk_id: UUID | None = None, country: str = "en") -> None:
        facts = DeskFacts(name="Desk", country=country, currency="GBP", languages=("en",), zone="Europe/London")
        self.trial.hear(DeskRegistered(desk_id=desk_id or self.trial.desk_id, version=1, desk=facts))

    def family(self, name: str, desk_id: UUID | None = None, **changes: Any) -> UUID:
        """A family with one child of three in the middle of town, unless said otherwise."""
        facts = FamilyFacts(
            name=name,
            language="en",
            phone="+441273555014",
            home=place(f"home of {name}"),
            children=(
                ChildFacts(
                    child_id=named(f"child of {name}"),
                    first_name="Kit",
                    born=date(2023, 5, 1),
                    care_needs=("asthma",),
                    allergies=("peanut",),
                ),
            ),
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

    def carer(self, name: str, km_east: float = 1.0, desk_id: UUID | None = None, **changes: Any) -> UUID:
        """A carer who was taken on long ago with every paper, unless said otherwise."""
        command = RegisterCarer(
            carer_id=named(name),
            papers=changes.pop("papers", papers()),
            cleared_on=changes.pop("cleared_on", date(2020, 1, 1)),
            details=details(name, km_east, **changes),
        )
        self.trial.run(register_carer, command, desk_itself(desk_id or self.trial.desk_id))
        return named(name)

    def terms(
        self, visit: str, family: str = "Ames", start: datetime = TOMORROW_18, hours: float = 3, **changes: Any
    ) -> VisitTerms:
        """One visit as asked for: at the family's home unless the mode says otherwise."""
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

    def opened(self, *terms: VisitTerms, desk_id: UUID | None = None) -> CareRequestOpened:
        return CareRequestOpened(
            desk_id=desk_id or self.trial.desk_id,
            version=1,
            care_request_id=uuid5(terms[0].visit_id, "request"),
            family_id=terms[0].family_id,
            urgent=False,
            opened_at=self.trial.clock.now(),
            visits=terms,
        )

    def ask(self, visit: str, family: str = "Ames", desk_id: UUID | None = None, **changes: Any) -> UUID:
        """A family asks for a visit."""
        assert self.trial.hear(self.opened(self.terms(visit, family, **changes), desk_id=desk_id)) is Outcome.DONE
        return named(visit)

    def assigned(self, visit: str, carer: str, visit_version: int = 1, desk_id: UUID | None = None) -> VisitAssigned:
        """The next word of matching on this visit: the carer said yes."""
        return VisitAssigned(
            desk_id=desk_id or self.trial.desk_id,
            version=self.count(f"matching of {visit}"),
            visit_id=named(visit),
            visit_version=visit_version,
            care_request_id=uuid5(named(visit), "request"),
            carer_id=named(carer),
            offer_id=named(f"offer of {visit} to {carer}"),
            assigned_at=self.trial.clock.now(),
        )

    def unassigned(self, visit: str, carer: str, reason: str = "released", visit_version: int = 1) -> VisitUnassigned:
        """The next word of matching on this visit: it is taken back."""
        return VisitUnassigned(
            desk_id=self.trial.desk_id,
            version=self.count(f"matching of {visit}"),
            visit_id=named(visit),
            visit_version=visit_version,
            carer_id=named(carer),
            reason=reason,
        )

    def assign(self, visit: str, carer: str, visit_version: int = 1, desk_id: UUID | None = None) -> None:
        """A carer said yes, and the roster looks at it."""
        assert self.trial.hear(self.assigned(visit, carer, visit_version, desk_id)) is Outcome.DONE
        self.settle()

    def book(self, visit: str, carer: str, family: str = "Ames", desk_id: UUID | None = None, **changes: Any) -> UUID:
        """A visit asked for and said yes to; says its id."""
        self.ask(visit, family, desk_id, **changes)
        self.assign(visit, carer, desk_id=desk_id)
        return named(visit)

    def settle(self) -> None:
        """Run what is due, and what that made due, until nothing is."""
        while self.trial.run_timers():
            pass

    def share(self, name: str, *families: str, valid_from: date = date(2026, 1, 1)) -> UUID:
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
                valid_from=valid_from,
            )
        )
        return named(name)

    def absent(self, carer: str, start: datetime, end: datetime, reason: str = "sick") -> UUID:
        absence_id: UUID = self.trial.run(
            report_absence, ReportAbsence(carer_id=named(carer), start=start, end=end, reason=reason)
        )
        return absence_id

    def come(self, visit: str, carer: str, at: datetime, **changes: Any) -> Any:
        """The carer checks in at this moment."""
        self.trial.clock.move_to(at)
        return self.trial.run(check_in, CheckIn(visit_id=named(visit), carer_id=named(carer), **changes))

    def go(self, visit: str, carer: str, at: datetime, **changes: Any) -> Any:
        """The carer checks out at this moment."""
        self.trial.clock.move_to(at)
        told = {"handed_to": "Sam Ames", **changes}
        return self.trial.run(check_out, CheckOut(visit_id=named(visit), carer_id=named(carer), **told))

    def rows(self, table: Table = visits, desk_id: UUID | None = None) -> list[Any]:
        """The desk's rows of a table, in a fixed order."""
        with self.trial.running.sessions() as session:
            desk = str(desk_id or self.trial.desk_id)
            session.execute(text("SELECT set_config('app.desk_id', :desk, true)"), {"desk": desk})
            return list(session.execute(select(table).order_by(*table.primary_key.columns)).all())

    def visit(self, name: str, desk_id: UUID | None = None) -> Any:
        """The roster's row of a visit, or None."""
        return next((row for row in self.rows(visits, desk_id) if row.visit_id == named(name)), None)

    def as_carer(self, name: str, desk_id: UUID | None = None) -> Caller:
        return self.trial.caller(Role.CARER, named(name), desk_id)

    def as_dispatcher(self, desk_id: UUID | None = None) -> Caller:
        return self.trial.caller(Role.DISPATCHER, desk_id=desk_id)

    def get(self, path: str, caller: Caller) -> dict[str, Any]:
        answer = self.trial.http.get(path, headers=self.trial.headers(caller))
        assert answer.status_code == 200, answer.text
        body: dict[str, Any] = answer.json()
        return body

    def post(self, path: str, caller: Caller, body: Any = None, key: str | None = None) -> tuple[int, dict[str, Any]]:
        """The status of a POST and what it was answered."""
        answer = self.trial.http.post(path, json=body, headers=self.trial.headers(caller, key))
        return answer.status_code, answer.json()


def code_of(problem: dict[str, Any]) -> str:
    """The code of a refusal."""
    return str(problem["type"]).rsplit(":", 1)[-1]
