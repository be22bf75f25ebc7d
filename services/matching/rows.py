"""From matching's rows to the values its rules speak, and back."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from services.matching.adapters.default_policy import default_policy
from services.matching.domain.carer import Acquaintance, Busy, CarerView, FreeHours
from services.matching.domain.need import Child, Need, VisitNeed
from services.matching.domain.policy import Policy, policy_of
from services.matching.domain.rules import Rules
from services.matching.tables import (
    absences,
    assignments,
    availabilities,
    care_given,
    care_requests,
    carers,
    desks,
    families,
    policies,
    refusals,
    visits,
)
from shared.contracts.request import PlaceFacts
from shared.db.inbox import TooEarly
from shared.domain.credentials import CredentialHeld
from shared.domain.travel import TransportMode
from shared.domain.values import Place, TimeWindow
from shared.jurisdictions.packs import CareMode, RulePack, pack

# Weekly rest looks seven days either way, and a visit with its travel may reach into another day.
CALENDAR_REACH = timedelta(days=9)


def place_row(place: PlaceFacts | Place) -> dict[str, Any]:
    """A place as it is stored here: where it is, never its address."""
    return {
        "place_id": str(place.place_id),
        "latitude": place.latitude,
        "longitude": place.longitude,
        "zone": place.zone,
        "area": place.area,
    }


def place_of(row: Mapping[str, Any]) -> Place:
    return Place(
        place_id=UUID(row["place_id"]),
        latitude=row["latitude"],
        longitude=row["longitude"],
        zone=row["zone"],
        area=row.get("area", ""),
    )


def children_row(children: Iterable[Child]) -> list[list[str]]:
    return [[str(child.child_id), child.born.isoformat()] for child in children]


def children_of(rows: Iterable[Sequence[str]]) -> tuple[Child, ...]:
    return tuple(Child(child_id=UUID(row[0]), born=date.fromisoformat(row[1])) for row in rows)


def find_desk(session: Session, desk_id: UUID) -> Any:
    """The desk's row. Raises TooEarly when identity's word of it hasn't come yet."""
    row = session.execute(select(desks).where(desks.c.desk_id == desk_id)).one_or_none()
    if row is None:
        raise TooEarly("desk", desk_id)
    return row


def policy_on(session: Session, day: date) -> Policy:
    """The desk's choices in force that day; the latest set of equal dates counts."""
    row = session.execute(
        select(policies)
        .where(policies.c.valid_from <= day)
        .order_by(policies.c.valid_from.desc(), policies.c.set_at.desc(), policies.c.policy_id)
        .limit(1)
    ).one_or_none()
    return policy_of(row.valid_from, row.choices) if row else default_policy()


def pack_for(country: str, instant: datetime, zone: str) -> RulePack:
    """The country's rules on the local day an instant lies in."""
    return pack(country, instant.astimezone(ZoneInfo(zone)).date())


def rules_of(rule_pack: RulePack, policy: Policy) -> Rules:
    return Rules(
        credentials={mode: rule_pack.required_credentials(mode) for mode in CareMode},
        credential_sources={mode: rule_pack.source(f"credentials.{mode}") for mode in CareMode},
        ratios={mode: rule_pack.ratio(mode) for mode in CareMode},
        working_time=rule_pack.working_time,
        night_starts=rule_pack.night_period.starts,
        night_ends=rule_pack.night_period.ends,
        weekend_days=rule_pack.atypical_hours.weekdays,
        travel=rule_pack.travel,
        carer_home_longest_km=policy.carer_home_longest_km,
    )


def load_need(session: Session, visit_rows: Sequence[Any]) -> Need:
    """What these visits of one placement ask for together."""
    ids = [row.visit_id for row in visit_rows]
    homes = {
        row.family_id: row
        for row in session.execute(select(families).where(families.c.family_id.in_([v.family_id for v in visit_rows])))
    }
    asked = session.execute(
        select(care_requests).where(care_requests.c.care_request_id.in_([v.care_request_id for v in visit_rows]))
    ).all()
    versions = {row.visit_id: row.version for row in visit_rows}
    said_no = session.execute(
        select(refusals).where(refusals.c.visit_id.in_(ids)).order_by(refusals.c.at, refusals.c.refusal_id)
    ).all()
    return Need(
        visits=tuple(_visit_need(row, homes[row.family_id]) for row in visit_rows),
        urgent=any(row.urgent for row in asked),
        occasional=any(row.occasional for row in asked),
        refused=tuple((no.carer_id, no.sentence) for no in said_no if no.visit_version == versions[no.visit_id]),
    )


def _visit_need(row: Any, family: Any) -> VisitNeed:
    wanted = set(row.child_ids)
    return VisitNeed(
        visit_id=row.visit_id,
        version=row.version,
        family_id=row.family_id,
        window=TimeWindow(row.starts_at, row.ends_at),
        mode=row.mode,
        zone=row.zone,
        home=place_of(family.home),
        place=place_of(row.place) if row.place else None,
        children=tuple(
            Child(child_id=UUID(child["child_id"]), born=date.fromisoformat(child["born"]))
            for child in family.children
            if UUID(child["child_id"]) in wanted
        ),
        skills=tuple(row.skills),
        shared_care_id=row.shared_care_id,
        language=family.language,
        excluded_carer_ids=frozenset(family.excluded_carer_ids),
        favourite_carer_ids=frozenset(family.favourite_carer_ids),
    )


def load_carers(session: Session, window: TimeWindow, carer_id: UUID | None = None) -> list[CarerView]:
    """The desk's carers with their free hours and the absences in this window, in the order of their ids."""
    only = [carers.c.carer_id == carer_id] if carer_id else []
    away: dict[UUID, list[TimeWindow]] = {}
    for row in session.execute(
        select(absences)
        .where(absences.c.starts_at < window.end, absences.c.ends_at > window.start)
        .order_by(absences.c.starts_at, absences.c.absence_id)
    ):
        away.setdefault(row.carer_id, []).append(TimeWindow(row.starts_at, row.ends_at))
    found = session.execute(
        select(carers, availabilities.c.zone.label("hours_zone"), availabilities.c.weekly)
        .outerjoin(availabilities, carers.c.carer_id == availabilities.c.carer_id)
        .where(*only)
        .order_by(carers.c.carer_id)
    )
    return [_carer_view(row, tuple(away.get(row.carer_id, ()))) for row in found]


def _carer_view(row: Any, away: tuple[TimeWindow, ...]) -> CarerView:
    return CarerView(
        carer_id=row.carer_id,
        modes=tuple(row.modes),
        home=Place(place_id=row.place_id, latitude=row.latitude, longitude=row.longitude, zone=row.zone, area=row.area),
        languages=tuple(row.languages),
        transport=TransportMode(row.transport),
        max_distance_km=row.max_distance_km,
        skills=tuple(row.skills),
        opt_ins=tuple(row.opt_ins),
        credentials=tuple(
            CredentialHeld(
                kind=kind,
                valid_from=date.fromisoformat(first),
                valid_until=date.fromisoformat(last) if last else None,
            )
            for kind, first, last in row.credentials
        ),
        own_children_born=tuple(row.own_children_born),
        hours_zone=row.hours_zone or row.zone,
        hours=tuple(
            FreeHours(weekday=day, start=time.fromisoformat(start), end=time.fromisoformat(end))
            for day, start, end in row.weekly or ()
        ),
        absences=away,
    )


def load_busy(session: Session, carer_ids: Sequence[UUID], window: TimeWindow) -> dict[UUID, list[Busy]]:
    """What these carers have around this window at every desk, through the one function that may see it."""
    rows = session.execute(
        text(
            "SELECT * FROM carer_busy(CAST(:carers AS uuid[]), :from_at, :until_at) "
            "ORDER BY carer_id, during, place ->> 'place_id'"
        ),
        {
            "carers": list(carer_ids),
            "from_at": window.start - CALENDAR_REACH,
            "until_at": window.end + CALENDAR_REACH,
        },
    )
    found: dict[UUID, list[Busy]] = {}
    for row in rows:
        found.setdefault(row.carer_id, []).append(
            Busy(
                window=TimeWindow(row.during.lower, row.during.upper),
                place=place_of(row.place),
                children=children_of(row.children),
                visit_id=row.visit_id,
                shared_care_id=row.shared_care_id,
            )
        )
    return found


def load_acquaintances(session: Session, need: Need) -> dict[UUID, Acquaintance]:
    """Who cared for any of these children before the need starts, and who has agreed to until then."""
    children = [child.child_id for child in need.children]
    own = [visit.visit_id for visit in need.visits]
    known = {
        row.carer_id: Acquaintance(visits=row.visits, minutes=row.minutes, last_on=row.last_on)
        for row in session.execute(
            select(
                care_given.c.carer_id,
                func.count().label("visits"),
                func.sum(care_given.c.minutes).label("minutes"),
                func.max(care_given.c.on).label("last_on"),
            )
            .where(care_given.c.child_ids.overlap(children))
            .group_by(care_given.c.carer_id)
        )
    }
    agreed = session.execute(
        select(assignments.c.carer_id, func.count().label("agreed"))
        .join(visits, visits.c.visit_id == assignments.c.visit_id)
        .where(
            assignments.c.released_at.is_(None),
            visits.c.child_ids.overlap(children),
            visits.c.visit_id.not_in(own),
            visits.c.outcome.in_(("open", "running")),
        )
        .group_by(assignments.c.carer_id)
    )
    for row in agreed:
        known[row.carer_id] = replace(known.get(row.carer_id, Acquaintance()), agreed=row.agreed)
    return known
