"""A desk with families, and short ways to say what happens to them."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from services.request.commands.care_requests import AmendCareRequest, OpenCareRequest, ReadCareRequest
from services.request.commands.families import RegisterFamily
from services.request.commands.shared_care import AgreeSharedCare
from services.request.domain.family_terms import ChildTerms, FamilyTerms, HomeTerms
from services.request.domain.hours import OneOff
from services.request.domain.planning import Asked
from services.request.domain.shared_care import ConsentTerms, SharingTerms
from services.request.handlers.care_requests import Opened, open_care_request
from services.request.handlers.families import FamilyKept, register_family
from services.request.handlers.reads import read_care_request
from services.request.handlers.register import REGISTER
from services.request.handlers.shared_care import agree_shared_care
from services.request.queries.care_requests import CareRequestRead, VisitRead
from services.request.tables import METADATA
from shared.auth.roles import Role
from shared.contracts import matching, roster
from shared.contracts.identity import DeskFacts, DeskRegistered
from shared.contracts.request import PlaceFacts
from shared.db.timers import timers
from shared.domain.pattern import Slot, WeeklyPattern
from tests.support.service import MONDAY, Trial

NOW = MONDAY
TODAY = NOW.date()
HOVE = HomeTerms(
    latitude=50.8352, longitude=-0.1758, zone="Europe/London", area="Hove", address="12 Example Terrace, Hove"
)
KEMPTOWN = HomeTerms(
    latitude=50.8196, longitude=-0.1190, zone="Europe/London", area="Kemptown", address="3 Example Mews"
)
ANA, BEA = UUID(int=0xA), UUID(int=0xB)
EVENING = OneOff(start=NOW + timedelta(hours=9), end=NOW + timedelta(hours=13))
NIGHTS = WeeklyPattern(
    weeks=1, slots=(Slot(week=0, weekday=3, start=time(21), end=time(7)),), starts_on=date(2026, 6, 1)
)


def family_terms(name: str = "Ames", home: HomeTerms = HOVE, **changes: Any) -> FamilyTerms:
    """A family of two children, as told."""
    terms = FamilyTerms(
        name=name,
        language="en",
        home=home,
        children=(
            ChildTerms(first_name="Lina", born=date(2022, 1, 20), care_needs=("asthma",), allergies=("peanut",)),
            ChildTerms(first_name="Adam", born=date(2025, 3, 20), allergies=()),
        ),
        phone="+44 1273 555 014",
        email=f"{name.lower()}@example.org",
    )
    return replace(terms, **changes)


def asking(family: FamilyKept, *asked: OneOff | WeeklyPattern, **more: Any) -> OpenCareRequest:
    """The command a request is opened with."""
    named = {name: more.pop(name) for name in list(more) if name in OpenCareRequest.__dataclass_fields__}
    return OpenCareRequest(
        family_id=family.family_id,
        asked=what_is_asked(*(asked or (EVENING,))),
        **{"mode": "family_home", **named, "terms": more},
    )


def amending(opened: Opened, *asked: OneOff | WeeklyPattern, **change: Any) -> AmendCareRequest:
    """The command a request is changed with: visits and patterns stand instead of those that were asked."""
    named = {name: change.pop(name) for name in list(change) if name in AmendCareRequest.__dataclass_fields__}
    if asked:
        named["asked"] = what_is_asked(*asked)
    return AmendCareRequest(care_request_id=opened.care_request_id, **named, terms=change)


def what_is_asked(*asked: OneOff | WeeklyPattern) -> Asked:
    """Visits and patterns."""
    return Asked(
        visits=tuple(each for each in asked if isinstance(each, OneOff)),
        patterns=tuple(each for each in asked if isinstance(each, WeeklyPattern)),
    )


class Town:
    """One desk, as the request service knows it."""

    def __init__(self, trial: Trial) -> None:
        self.trial = trial
        self.dispatcher = trial.caller(Role.DISPATCHER)

    def desk(self, country: str = "en", zone: str = "Europe/London") -> None:
        facts = DeskFacts(name="Desk", country=country, currency="GBP", languages=("en",), zone=zone)
        self.trial.hear(DeskRegistered(desk_id=self.trial.desk_id, version=1, desk=facts))

    def family(self, name: str = "Ames", home: HomeTerms = HOVE, **changes: Any) -> FamilyKept:
        kept: FamilyKept = self.run(register_family, RegisterFamily(family=family_terms(name, home, **changes)))
        return kept

    def ask(self, family: FamilyKept, *asked: OneOff | WeeklyPattern, **more: Any) -> Opened:
        """A request of this family: an evening at their home, unless something else is asked.

        What is no field of the command is one of the request's terms.
        """
        command = asking(family, *asked, **more)
        opened: Opened = self.run(open_care_request, command)
        return opened

    def share(self, host: FamilyKept, *others: FamilyKept, valid_from: date = TODAY) -> UUID:
        """These families share a carer at the host's home."""
        consents = tuple(
            ConsentTerms(family_id=each.family_id, said_by="a parent", said_at=NOW - timedelta(days=1))
            for each in (host, *others)
        )
        command = AgreeSharedCare(
            terms=SharingTerms(host_family_id=host.family_id, rule="overlap"), valid_from=valid_from, consents=consents
        )
        agreed: UUID = self.run(agree_shared_care, command).shared_care_id
        return agreed

    def run(self, handler: Any, command: Any) -> Any:
        """A command of the dispatcher."""
        return self.trial.run(handler, command, self.dispatcher)

    def read(self, opened: Opened) -> CareRequestRead:
        found: CareRequestRead = self.run(read_care_request, ReadCareRequest(care_request_id=opened.care_request_id))
        return found

    def visit(self, opened: Opened) -> VisitRead:
        """The only visit of a request, as it stands."""
        (visit,) = self.read(opened).visits
        return visit

    @contextmanager
    def rows(self) -> Iterator[Session]:
        """The tables as this desk sees them."""
        with self.trial.running.sessions() as session:
            session.execute(select(func.set_config("app.desk_id", str(self.trial.desk_id), True)))
            yield session

    def everything(self) -> dict[str, list[Any]]:
        """Every row of this desk, and everything that was said."""
        with self.rows() as session:
            found = {
                table.name: sorted(map(repr, session.execute(select(table)).all())) for table in METADATA.sorted_tables
            }
        return {**found, "said": self.trial.said()}

    def timers(self) -> set[str]:
        """The kinds of timers that are set, but for the register's, which comes every night."""
        with self.rows() as session:
            return set(session.execute(select(timers.c.kind)).scalars()) - {REGISTER}

    def count(self, table: Any) -> int:
        with self.rows() as session:
            return session.execute(select(func.count()).select_from(table)).scalar_one()


class Words:
    """What matching and roster say about one visit."""

    def __init__(self, town: Town, visit_id: UUID, care_request_id: UUID, family_id: UUID | None = None) -> None:
        self.visit_id, self.care_request_id = visit_id, care_request_id
        self.family_id = family_id or uuid4()
        self.desk_id = town.trial.desk_id

    def offer_made(self, offer_id: UUID, *, visit_version: int = 1) -> matching.OfferMade:
        offered = matching.OfferedVisit(
            visit_id=self.visit_id, visit_version=visit_version, start=NOW, end=NOW + timedelta(hours=1)
        )
        return matching.OfferMade(
            desk_id=self.desk_id,
            version=1,
            offer_id=offer_id,
            wave_id=offer_id,
            carer_id=ANA,
            visits=(offered,),
            area="Hove",
            zone="Europe/London",
            urgent=False,
            expires_at=NOW + timedelta(hours=1),
            pay_minor=4000,
            currency="GBP",
        )

    def offer_accepted(self, offer_id: UUID) -> matching.OfferAccepted:
        return matching.OfferAccepted(desk_id=self.desk_id, version=2, offer_id=offer_id, carer_id=ANA, accepted_at=NOW)

    def offer_declined(self, offer_id: UUID) -> matching.OfferDeclined:
        return matching.OfferDeclined(desk_id=self.desk_id, version=2, offer_id=offer_id, carer_id=ANA)

    def offer_expired(self, offer_id: UUID) -> matching.OfferExpired:
        return matching.OfferExpired(desk_id=self.desk_id, version=2, offer_id=offer_id, carer_id=ANA)

    def offer_withdrawn(self, offer_id: UUID) -> matching.OfferWithdrawn:
        return matching.OfferWithdrawn(desk_id=self.desk_id, version=2, offer_id=offer_id, carer_id=ANA, reason="taken")

    def assigned(self, carer_id: UUID = ANA, *, version: int = 1, visit_version: int = 1) -> matching.VisitAssigned:
        return matching.VisitAssigned(
            desk_id=self.desk_id,
            version=version,
            visit_id=self.visit_id,
            visit_version=visit_version,
            care_request_id=self.care_request_id,
            carer_id=carer_id,
            offer_id=UUID(int=1),
            assigned_at=NOW,
        )

    def unassigned(self, carer_id: UUID = ANA, *, version: int = 2) -> matching.VisitUnassigned:
        return matching.VisitUnassigned(
            desk_id=self.desk_id,
            version=version,
            visit_id=self.visit_id,
            visit_version=1,
            carer_id=carer_id,
            reason="carer_absent",
        )

    def unfilled(self, *reasons: tuple[str, int], version: int = 1) -> matching.CareRequestUnfilled:
        return matching.CareRequestUnfilled(
            desk_id=self.desk_id,
            version=version,
            care_request_id=self.care_request_id,
            visit_ids=(self.visit_id,),
            reasons=reasons or (("availability", 31), ("distance", 6)),
        )

    def rostered(self, carer_id: UUID = ANA, *, version: int = 1, visit_version: int = 1) -> roster.VisitRostered:
        return roster.VisitRostered(
            desk_id=self.desk_id,
            version=version,
            visit_id=self.visit_id,
            visit_version=visit_version,
            family_id=self.family_id,
            carer_id=carer_id,
            start=NOW + timedelta(hours=9),
            end=NOW + timedelta(hours=13),
        )

    def moved(self, *, version: int = 2, visit_version: int = 2) -> roster.VisitMoved:
        return roster.VisitMoved(
            desk_id=self.desk_id,
            version=version,
            visit_id=self.visit_id,
            visit_version=visit_version,
            carer_id=ANA,
            start=NOW + timedelta(hours=10),
            end=NOW + timedelta(hours=14),
        )

    def reassigned(self, *, version: int = 2, visit_version: int = 1) -> roster.VisitReassigned:
        return roster.VisitReassigned(
            desk_id=self.desk_id,
            version=version,
            visit_id=self.visit_id,
            visit_version=visit_version,
            from_carer_id=ANA,
            to_carer_id=BEA,
        )

    def refused(self, *, version: int = 1) -> roster.VisitRefused:
        return roster.VisitRefused(
            desk_id=self.desk_id,
            version=version,
            visit_id=self.visit_id,
            visit_version=1,
            carer_id=ANA,
            reason="rest",
            sentence="Ana would have 7 hours of rest; 11 are needed.",
        )

    def started(self, *, version: int = 2) -> roster.VisitStarted:
        return roster.VisitStarted(
            desk_id=self.desk_id, version=version, visit_id=self.visit_id, carer_id=ANA, started_at=NOW
        )

    def completed(self, *, version: int = 3) -> roster.VisitCompleted:
        return roster.VisitCompleted(
            desk_id=self.desk_id,
            version=version,
            visit_id=self.visit_id,
            visit_version=1,
            carer_id=ANA,
            started_at=NOW,
            ended_at=NOW + timedelta(hours=4),
        )

    def corrected(self, *, version: int = 4, ended_at: datetime = NOW + timedelta(hours=3)) -> roster.VisitCorrected:
        return roster.VisitCorrected(
            desk_id=self.desk_id,
            version=version,
            visit_id=self.visit_id,
            carer_id=ANA,
            started_at=NOW,
            ended_at=ended_at,
            reason="forgot to check out",
        )

    def cancelled(
        self, *, version: int = 2, by: str = "family", said_at: datetime | None = None
    ) -> roster.VisitCancelled:
        return roster.VisitCancelled(
            desk_id=self.desk_id, version=version, visit_id=self.visit_id, carer_id=ANA, by=by, at=said_at
        )

    def missed(self, *, version: int = 2) -> roster.VisitMissed:
        return roster.VisitMissed(desk_id=self.desk_id, version=version, visit_id=self.visit_id, carer_id=ANA)


def carer(town: Town, first_name: str = "Ana", *, version: int = 1) -> roster.CarerRegistered:
    """A carer as the roster tells of them."""
    home = PlaceFacts(place_id=ANA, latitude=50.83, longitude=-0.14, zone="Europe/London", area="Hanover")
    facts = roster.CarerFacts(
        first_name=first_name,
        last_name="Field",
        modes=("family_home",),
        home=home,
        languages=("en",),
        transport="bike",
        max_distance_km=10,
    )
    return roster.CarerRegistered(desk_id=town.trial.desk_id, version=version, carer_id=ANA, carer=facts)


def at(day: int, hour: int, minute: int = 0) -> datetime:
    """An instant in June 2026."""
    return datetime(2026, 6, day, hour, minute, tzinfo=UTC)
