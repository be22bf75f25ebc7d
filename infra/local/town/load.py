"""Brings a town into a running system by the services' own commands, as its dispatcher and clerk would."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from infra.local.town.people import Need, Spot, Town, TownCarer, TownFamily, town_id
from services.billing.commands import SetTariff
from services.billing.handlers.tariffs import set_tariff
from services.identity.adapters.passwords import Passwords
from services.identity.commands import RegisterAccount, RegisterDesk
from services.identity.handlers.accounts import register_account
from services.identity.handlers.desks import register_desk
from services.request.commands.care_requests import OpenCareRequest, Said
from services.request.commands.families import RegisterFamily
from services.request.commands.shared_care import AgreeSharedCare
from services.request.domain.family_terms import ChildTerms, FamilyTerms, HomeTerms
from services.request.domain.hours import OneOff
from services.request.domain.planning import Asked
from services.request.domain.shared_care import ConsentTerms, SharingTerms
from services.request.handlers.care_requests import open_care_request
from services.request.handlers.families import register_family
from services.request.handlers.shared_care import agree_shared_care
from services.roster.commands.carers import CarerDetails, ChangeAvailability, Home, RegisterCarer, Wishes
from services.roster.domain.availability import Rotation
from services.roster.domain.credential import Paper
from services.roster.handlers.availability import change_availability
from services.roster.handlers.carers import register_carer
from shared.auth.roles import Caller, Role
from shared.commands import C, Handler, R
from shared.contracts.billing import TariffBand, TariffFacts
from shared.contracts.roster import WeeklyHours
from shared.db.idempotency import idempotency_keys
from shared.db.inbox import AlreadyDone
from shared.domain.pattern import Slot, WeeklyPattern
from shared.service import RunningService

PASSWORD = "a town by the sea"
_VALID_FROM = date(2026, 1, 1)
# Nights and weekends cost more and pay more: percent of the base.
_BANDS = (
    TariffBand(code="night", percent=30, from_minute=22 * 60, until_minute=6 * 60),
    TariffBand(code="weekend", percent=20, weekdays=(5, 6)),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SignIn:
    """Somebody of the town a newcomer can sign in as."""

    slug: str
    desk: str
    role: Role
    name: str
    email: str


@dataclass(frozen=True, slots=True)
class _Said:
    """Claims that somebody of the town says this; who said it before is not heard again."""

    account_id: UUID
    key: str

    def take(self, session: Session, now: datetime) -> None:
        """Raises AlreadyDone when it was said before."""
        statement = insert(idempotency_keys).values(
            account_id=self.account_id, key=f"town/{self.key}", asked="town", at=now
        )
        if session.execute(statement.on_conflict_do_nothing().returning(idempotency_keys.c.key)).first() is None:
            raise AlreadyDone

    def cause(self) -> str:
        """What ids follow from."""
        return f"town/{self.account_id}/{self.key}"


class Loader:
    """Says each thing once: a load that was cut short goes on where it stopped, one that is repeated changes nothing."""

    def __init__(self, running: Mapping[str, RunningService], town: Town) -> None:
        self._running = running
        self.town = town

    def caller(self, role: Role) -> Caller:
        """The one person of this role who does the desk's work."""
        slug = self.town.slug
        return Caller(
            desk_id=self.town.desk_id, account_id=town_id(slug, "account", role), role=role, name=f"{role} of {slug}"
        )

    def account_of(self, person_id: UUID, role: Role) -> UUID:
        """The account of a carer or a family."""
        return town_id(self.town.slug, "account", role, str(person_id))

    def register_desk(self) -> None:
        """The desk itself; the other services hear of it."""
        town = self.town
        desk = RegisterDesk(
            name=town.desk_name,
            country=town.country,
            currency=town.currency,
            languages=town.languages,
            zone=town.zone,
            desk_id=town.desk_id,
        )
        self._once("desk", "identity", register_desk, desk, Role.ADMIN)

    def set_tariffs(self) -> None:
        """What families pay and carers earn there."""
        town = self.town
        for tariff in town.tariffs:
            for party, minor in (("family", tariff.family_minor), ("carer", tariff.carer_minor)):
                facts = TariffFacts(
                    minor_per_hour=minor,
                    currency=town.currency,
                    per="household" if tariff.mode == "family_home" else "child",
                    minimum_minutes=60 if tariff.mode == "family_home" else 30,
                    rounding_minutes=15,
                    rounding="up",
                    bands=_BANDS,
                )
                command = SetTariff(
                    party=party,
                    mode=tariff.mode,
                    valid_from=_VALID_FROM,
                    tariff=facts,
                    tariff_id=town_id(town.slug, "tariff", party, tariff.mode),
                )
                self._once(f"tariff/{party}/{tariff.mode}", "billing", set_tariff, command, Role.CLERK)

    def register_people(self) -> None:
        """Carers with their papers and free hours, then families."""
        for carer in self.town.carers:
            self._register_carer(carer)
        for family in self.town.families:
            command = RegisterFamily(family_id=family.family_id, family=family_terms(self.town.slug, family))
            self._once(f"family/{family.family_id}", "request", register_family, command, Role.DISPATCHER)

    def register_accounts(self) -> list[SignIn]:
        """The desk's dispatcher, clerk and admin, every carer, every family; says whom to sign in as."""
        slug, found = self.town.slug, []
        for role in (Role.DISPATCHER, Role.CLERK, Role.ADMIN):
            found.append(self._account(role, f"{role.capitalize()} of {slug.capitalize()}", f"{role}@{slug}.example"))
        for carer in self.town.carers:
            name = f"{carer.first_name} {carer.last_name}"
            found.append(self._account(Role.CARER, name, f"{_plain(carer.first_name)}@{slug}.example", carer.carer_id))
        for family in self.town.families:
            email = f"{_plain(family.name)}@{slug}.example"
            found.append(self._account(Role.FAMILY, family.name, email, family.family_id))
        return found

    def agree_shared_care(self, now: datetime, valid_from: date) -> None:
        """Families who ask to share a carer agree on it, at the home of the one who asks first."""
        for family in self.town.families:
            for other in {need.shared_with for need in family.needs if need.shared_with}:
                partner = next(each for each in self.town.families if each.name == other)
                if family.name > partner.name:
                    continue
                consents = tuple(
                    ConsentTerms(family_id=each.family_id, said_by=f"a parent of {each.name}", said_at=now)
                    for each in (family, partner)
                )
                command = AgreeSharedCare(
                    terms=SharingTerms(host_family_id=family.family_id, rule="overlap"),
                    valid_from=valid_from,
                    consents=consents,
                    shared_care_id=shared_care_id(self.town.slug, family.name, partner.name),
                )
                self._once(
                    f"shared/{family.name}/{partner.name}", "request", agree_shared_care, command, Role.DISPATCHER
                )

    def ask(self, family: TownFamily, number: int, monday: date, ends_on: date, not_before: date) -> None:
        """The family calls and the dispatcher writes down what it needs."""
        command = care_request(self.town, family, number, monday, ends_on, not_before)
        self._once(f"request/{command.care_request_id}", "request", open_care_request, command, Role.DISPATCHER)

    def _register_carer(self, carer: TownCarer) -> None:
        details = CarerDetails(
            first_name=carer.first_name,
            last_name=carer.last_name,
            modes=carer.modes,
            home=_carer_home(carer.home),
            languages=carer.languages,
            wishes=Wishes(transport=carer.transport, max_distance_km=carer.max_distance_km, opt_ins=carer.opt_ins),
            email=f"{_plain(carer.first_name)}@{self.town.slug}.example",
            skills=carer.skills,
            own_children_born=carer.own_children_born,
        )
        papers = tuple(
            Paper(kind=kind, valid_from=date(2024, 9, 1), valid_until=date(2029, 8, 31), checked=True)
            for kind in carer.credentials
        )
        command = RegisterCarer(details=details, papers=papers, carer_id=carer.carer_id, cleared_on=date(2024, 9, 1))
        self._once(f"carer/{carer.carer_id}", "roster", register_carer, command, Role.DISPATCHER)
        weekly = tuple(WeeklyHours(weekday=each.weekday, start=each.start, end=each.end) for each in carer.weekly)
        free = ChangeAvailability(carer_id=carer.carer_id, rotation=Rotation(weekly=weekly))
        self._once(f"availability/{carer.carer_id}", "roster", change_availability, free, Role.DISPATCHER)

    def _account(self, role: Role, name: str, email: str, person_id: UUID | None = None) -> SignIn:
        command = RegisterAccount(
            email=email,
            name=name,
            password_hash=_password_hash(),
            role=role,
            person_id=person_id,
            account_id=self.account_of(person_id, role) if person_id else self.caller(role).account_id,
        )
        self._once(f"account/{email}", "identity", register_account, command, Role.ADMIN)
        return SignIn(slug=self.town.slug, desk=self.town.desk_name, role=role, name=name, email=email)

    def _once(self, key: str, service: str, handler: Handler[C, R], command: C, role: Role) -> None:
        caller = self.caller(role)
        assert caller.account_id is not None
        try:
            self._running[service].runner.run(handler, command, caller=caller, claim=_Said(caller.account_id, key))
        except AlreadyDone:
            return


def shared_care_id(slug: str, one: str, other: str) -> UUID:
    """The id of what two families of a town agreed, whoever is named first."""
    return town_id(slug, "shared", *sorted((one, other)))


def family_terms(slug: str, family: TownFamily) -> FamilyTerms:
    """The family as it tells of itself when it registers."""
    home = family.home
    return FamilyTerms(
        name=family.name,
        language=family.language,
        home=HomeTerms(
            latitude=home.latitude, longitude=home.longitude, zone=home.zone, area=home.area, address=home.address
        ),
        children=tuple(
            ChildTerms(
                child_id=child.child_id,
                first_name=child.first_name,
                born=child.born,
                care_needs=child.care_needs,
                allergies=child.allergies,
            )
            for child in family.children
        ),
        email=f"{_plain(family.name)}@{slug}.example",
        favourite_carer_ids=family.favourite_carer_ids,
    )


def care_request(
    town: Town, family: TownFamily, number: int, monday: date, ends_on: date, not_before: date
) -> OpenCareRequest:
    """A family's need as the dispatcher writes it down: one visit, or a pattern from `not_before` through `ends_on`."""
    need = family.needs[number]
    shared = shared_care_id(town.slug, family.name, need.shared_with) if need.shared_with else None
    asked = (
        Asked(visits=(_one_off(need, monday),))
        if need.once
        else Asked(patterns=(_pattern(need, max(monday, not_before), ends_on),))
    )
    return OpenCareRequest(
        family_id=family.family_id,
        mode=need.mode,
        asked=asked,
        terms={
            "skills": need.skills,
            "shared_care_id": shared,
            "urgency": need.urgency,
            "introduction": "waived",
        },
        skipped=Said(said_by=f"a parent of {family.name}", said_at=asked_at(town, need, monday)),
        reason=need.reason,
        care_request_id=town_id(town.slug, "request", family.name, str(family.family_id), str(number), str(monday)),
    )


def asked_at(town: Town, need: Need, monday: date) -> datetime:
    """When the family calls."""
    return datetime.combine(monday + timedelta(days=need.asked_day), need.asked_at, ZoneInfo(town.zone))


def _one_off(need: Need, monday: date) -> OneOff:
    day = monday + timedelta(days=need.weekdays[0])
    last = day if need.end > need.start else day + timedelta(days=1)
    return OneOff(start_local=datetime.combine(day, need.start), end_local=datetime.combine(last, need.end))


def _pattern(need: Need, starts_on: date, ends_on: date) -> WeeklyPattern:
    slots = tuple(Slot(week=0, weekday=day, start=need.start, end=need.end) for day in need.weekdays)
    return WeeklyPattern(weeks=need.every_weeks, slots=slots, starts_on=starts_on, ends_on=ends_on)


def _carer_home(spot: Spot) -> Home:
    return Home(latitude=spot.latitude, longitude=spot.longitude, zone=spot.zone, area=spot.area, address=spot.address)


def _plain(name: str) -> str:
    plain = name.lower().translate(str.maketrans("éèïôç'", "eeioc-"))
    return plain.replace(" ", ".")


@cache
def _password_hash() -> str:
    # One hash for everybody: a real one takes a tenth of a second, and this password is no secret.
    return Passwords(10).hash(PASSWORD)
