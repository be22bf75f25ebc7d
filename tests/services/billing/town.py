"""A small desk as billing hears of it: families, a carer, tariffs, visits that happened."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import NAMESPACE_DNS, UUID, uuid5

from sqlalchemy import Table, select, text

from services.billing.commands import IssueInvoice, SetTariff
from services.billing.handlers.invoices import issue_invoice
from services.billing.handlers.tariffs import set_tariff
from shared.contracts import billing, identity, request, roster
from tests.support.service import Trial

# The Friday before the clock's Monday, 19:00 in Brighton.
FRIDAY = datetime(2026, 5, 29, 18, 0, tzinfo=UTC)
MAY: dict[str, Any] = {"period_from": date(2026, 5, 1), "period_until": date(2026, 5, 31)}
LONG_AGO = date(2020, 1, 1)


def named(name: str) -> UUID:
    """The same id for the same name."""
    return uuid5(NAMESPACE_DNS, name)


def place(name: str = "home") -> request.PlaceFacts:
    return request.PlaceFacts(
        place_id=named(name), latitude=50.82, longitude=-0.14, zone="Europe/London", area="Hove", address="1 Road, Hove"
    )


def tariff_facts(minor_per_hour: int = 1600, **changes: Any) -> billing.TariffFacts:
    facts = {
        "minor_per_hour": minor_per_hour,
        "currency": "GBP",
        "per": "household",
        "minimum_minutes": 0,
        "rounding_minutes": 1,
        "rounding": "up",
    }
    return billing.TariffFacts(**{**facts, **changes})


@dataclass
class Town:
    """Says what other services would, in the order a test wants."""

    t: Trial
    versions: dict[UUID, int] = field(default_factory=dict)

    def next_version(self, key: UUID) -> int:
        self.versions[key] = self.versions.get(key, 0) + 1
        return self.versions[key]

    def desk(self, **changes: Any) -> None:
        facts = {"name": "Brighton", "country": "en", "currency": "GBP", "languages": ("en",), "zone": "Europe/London"}
        self.t.hear(
            identity.DeskRegistered(
                desk_id=self.t.desk_id,
                version=self.next_version(self.t.desk_id),
                desk=identity.DeskFacts(**{**facts, **changes}),
            )
        )

    def tariffs(self, family: int = 1600, carer: int = 1200, mode: str = "family_home", **changes: Any) -> None:
        for party, minor in (("family", family), ("carer", carer)):
            facts = tariff_facts(minor, **changes)
            self.t.run(set_tariff, SetTariff(party=party, mode=mode, valid_from=LONG_AGO, tariff=facts))

    def family(self, name: str, language: str = "en") -> UUID:
        self.t.hear(
            request.FamilyRegistered(
                desk_id=self.t.desk_id,
                version=self.next_version(named(name)),
                family_id=named(name),
                family=request.FamilyFacts(name=name, language=language, home=place(), children=()),
            )
        )
        return named(name)

    def carer(self, first_name: str) -> UUID:
        carer_id = named(first_name)
        facts = roster.CarerFacts(
            first_name=first_name,
            last_name="Field",
            modes=("family_home",),
            home=place("carer"),
            languages=("en",),
            transport="bike",
            max_distance_km=9,
        )
        self.t.hear(
            roster.CarerRegistered(
                desk_id=self.t.desk_id, version=self.next_version(carer_id), carer_id=carer_id, carer=facts
            )
        )
        return carer_id

    @staticmethod
    def terms(visit: str, family: str, **changes: Any) -> request.VisitTerms:
        facts = {
            "visit_id": named(visit),
            "version": 1,
            "family_id": named(family),
            "child_ids": (named(f"child of {family}"),),
            "mode": "family_home",
            "start": FRIDAY,
            "end": FRIDAY + timedelta(hours=4),
            "zone": "Europe/London",
        }
        return request.VisitTerms(**{**facts, **changes})

    def opened(self, *visits: request.VisitTerms) -> request.CareRequestOpened:
        care_request_id = named(f"request {visits[0].visit_id}")
        return request.CareRequestOpened(
            desk_id=self.t.desk_id,
            version=1,
            care_request_id=care_request_id,
            family_id=visits[0].family_id,
            urgent=False,
            opened_at=self.t.clock.now(),
            visits=visits,
        )

    def agreed(self, rule: str = "overlap", *families: str) -> request.SharedCareAgreed:
        names = families or ("Ames", "Bell")
        return request.SharedCareAgreed(
            desk_id=self.t.desk_id,
            version=1,
            shared_care_id=named("agreement"),
            family_ids=tuple(map(named, names)),
            host_family_id=named(names[0]),
            place=place(),
            rule=rule,
            valid_from=LONG_AGO,
        )

    def rostered(self, visit: str, family: str, carer: str = "Ada", **changes: Any) -> roster.VisitRostered:
        facts = {
            "version": self.next_version(named(visit)),
            "visit_version": 1,
            "start": FRIDAY,
            "end": FRIDAY + timedelta(hours=4),
        }
        return roster.VisitRostered(
            desk_id=self.t.desk_id,
            visit_id=named(visit),
            family_id=named(family),
            carer_id=named(carer),
            **{**facts, **changes},
        )

    def completed(
        self, visit: str, start: datetime = FRIDAY, minutes: int = 240, carer: str = "Ada"
    ) -> roster.VisitCompleted:
        return roster.VisitCompleted(
            desk_id=self.t.desk_id,
            version=self.next_version(named(visit)),
            visit_id=named(visit),
            visit_version=1,
            carer_id=named(carer),
            started_at=start,
            ended_at=start + timedelta(minutes=minutes),
        )

    def corrected(
        self, visit: str, start: datetime = FRIDAY, minutes: int = 240, carer: str = "Ada"
    ) -> roster.VisitCorrected:
        return roster.VisitCorrected(
            desk_id=self.t.desk_id,
            version=self.next_version(named(visit)),
            visit_id=named(visit),
            carer_id=named(carer),
            started_at=start,
            ended_at=start + timedelta(minutes=minutes),
            reason="wrong clock",
        )

    def cared(self, visit: str, family: str, start: datetime = FRIDAY, minutes: int = 240, **terms: Any) -> UUID:
        """A visit asked for, cared for and charged."""
        self.t.hear(self.opened(self.terms(visit, family, start=start, end=start + timedelta(minutes=240), **terms)))
        self.t.hear(self.completed(visit, start, minutes))
        self.t.run_timers()
        return named(visit)

    def invoice(self, family: str) -> Any:
        return self.t.run(issue_invoice, IssueInvoice(family_id=named(family), **MAY))

    def rows(self, table: Table, *by: Any) -> Sequence[Any]:
        """The desk's rows of a table."""
        with self.t.running.sessions() as session:
            session.execute(text("SELECT set_config('app.desk_id', :desk, true)"), {"desk": str(self.t.desk_id)})
            return session.execute(select(table).order_by(*by)).all()
