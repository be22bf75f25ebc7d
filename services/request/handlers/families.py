"""Registering, changing and moving families; what they are found by follows."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import delete, insert, select

from services.request.commands.families import (
    ChangeFamily,
    LiveOn,
    MoveFamily,
    PreferCarers,
    RegisterFamily,
    SupportFamily,
    TakeFamily,
)
from services.request.domain.checks import local_day, start_of_day
from services.request.domain.family import Family
from services.request.domain.likeness import marks_of, words_of
from services.request.domain.shared_care import SharedCare
from services.request.domain.task import TaskKind
from services.request.handlers.care_requests import open_requests, replace_visits
from services.request.handlers.tasks import close_tasks, raise_task
from services.request.handlers.visit_states import settled_visits
from services.request.queries.families import look_alikes
from services.request.tables import family_marks, family_search, other_care, shared_care_consents
from shared.db.unit_of_work import UnitOfWork
from shared.domain.errors import Conflict, Invalid

MOVE = "move"


@dataclass(frozen=True, slots=True, kw_only=True)
class FamilyKept:
    """A family as it was written down: ids only, in the order the children were named."""

    family_id: UUID
    version: int
    child_ids: Sequence[UUID]


def register_family(command: RegisterFamily, uow: UnitOfWork, referrer_id: UUID | None = None) -> FamilyKept:
    """Write down a household.

    Raises Conflict when it looks registered already (unless it is to be written down anyway), Invalid for what can't be
    right, naming the field.
    """
    family = Family(
        command.family_id or uow.new_id(),
        uow.caller.desk,
        command.family,
        now=uow.now,
        new_id=uow.new_id,
        referrer_id=referrer_id,
    )
    alike = look_alikes(uow.session, marks_of(family), family.family_id)
    if alike and not command.anyway:
        raise Conflict(
            "This family looks registered already: it has a number, an address or a child in common with "
            f"{len(alike)} of this desk. Take that one, or register it anyway.",
            code="looks-registered",
            more={"family_ids": [str(each) for each in alike]},
        )
    uow.add(family)
    uow.session.flush()
    index(uow, family)
    _ask_for_what_is_missing(uow, family)
    if alike and referrer_id is not None:
        # A referrer may not be told whom the desk knows; a dispatcher looks at it.
        facts = {"family_ids": [str(each) for each in alike]}
        raise_task(uow, TaskKind.SAME_FAMILY, family.family_id, family_id=family.family_id, facts=facts)
    uow.arrived("family", family.family_id)
    return kept(family)


def change_family(command: ChangeFamily, uow: UnitOfWork) -> FamilyKept:
    """Take what the family tells now. When the home or another place moved, visits ahead that lead there follow.

    Raises Conflict when somebody changed the family meanwhile or a child that leaves has visits ahead.
    """
    family = uow.get(Family, command.family_id, lock=True)
    family.check_version(command.version)
    before = {child.child_id: child.first_name for child in family.children}
    spots = {place.place_id for place in family.places}
    moved = family.change(command.family, now=uow.now, new_id=uow.new_id)
    gone = before.keys() - {child.child_id for child in family.children}
    if gone:
        _check_no_visits(uow, family, {child_id: before[child_id] for child_id in gone})
    _check_no_legs(uow, family, spots - {place.place_id for place in family.places})
    uow.session.execute(delete(other_care).where(other_care.c.child_id.in_(gone)))
    uow.session.flush()
    index(uow, family)
    _ask_for_what_is_missing(uow, family)
    if moved:
        follow(uow, family, moved_place_ids=moved)
    return kept(family)


def move_family(command: MoveFamily, uow: UnitOfWork) -> FamilyKept:
    """They will live there from that day on: visits of that day and later go there, those before stay where they are.

    Raises Conflict when somebody changed the family meanwhile, Invalid for a day that is over.
    """
    family = uow.get(Family, command.family_id, lock=True)
    family.check_version(command.version)
    family.move(command.home, command.from_day, now=uow.now, new_id=uow.new_id)
    uow.session.flush()
    index(uow, family)
    _watch_moves(uow, family)
    follow(uow, family)
    return kept(family)


def live_on(command: LiveOn, uow: UnitOfWork) -> None:
    """The day of a planned move has come: the new home is their home now."""
    family = uow.get(Family, command.family_id, lock=True)
    if family.erased_at is not None or family.merged_into is not None:
        return
    if family.live_on(local_day(uow.now, family.zone)):
        uow.session.flush()
        index(uow, family)
    _watch_moves(uow, family)


def take_family(command: TakeFamily, uow: UnitOfWork) -> FamilyKept:
    """The calling dispatcher is whom this family asks for."""
    family = uow.get(Family, command.family_id, lock=True)
    family.take(uow.caller.account_id, uow.caller.name)
    return kept(family)


def support_family(command: SupportFamily, uow: UnitOfWork) -> FamilyKept:
    """How much the family wants the desk to do, from now on. Raises NotFound, Invalid."""
    family = uow.get(Family, command.family_id, lock=True)
    family.support(command.tier)
    return kept(family)


def prefer_carers(command: PreferCarers, uow: UnitOfWork) -> FamilyKept:
    """Whom the family likes to see, doesn't want and falls back on. Raises NotFound, Invalid for one in two lists."""
    family = uow.get(Family, command.family_id, lock=True)
    family.prefer(command.favourite_carer_ids, command.excluded_carer_ids, command.backup_carer_ids)
    return kept(family)


def index(uow: UnitOfWork, family: Family) -> None:
    """Let the family be found by what is known of it now."""
    unindex(uow, family.family_id)
    row = {"desk_id": family.desk_id, "family_id": family.family_id, "name": family.name, "words": words_of(family)}
    uow.session.execute(insert(family_search), row)
    marks = [
        {"desk_id": family.desk_id, "mark": mark, "family_id": family.family_id} for mark in sorted(marks_of(family))
    ]
    if marks:
        uow.session.execute(insert(family_marks), marks)


def unindex(uow: UnitOfWork, family_id: UUID) -> None:
    """Let the family be found no more."""
    uow.session.execute(delete(family_search).where(family_search.c.family_id == family_id))
    uow.session.execute(delete(family_marks).where(family_marks.c.family_id == family_id))


def follow(uow: UnitOfWork, family: Family, moved_place_ids: frozenset[UUID] = frozenset()) -> None:
    """Visits ahead are where the family's places are now; so are those of families who share a carer at its home."""
    requests = {request.care_request_id: request for request in open_requests(uow, family_id=family.family_id)}
    today = local_day(uow.now, family.zone)
    for shared in shared_by(uow, family.family_id):
        if shared.valid_until is None and shared.terms_on(today).host_family_id == family.family_id:
            shared.host_moved(family.home().facts(), today)
            others = open_requests(uow, shared_care_id=shared.shared_care_id)
            requests |= {request.care_request_id: request for request in others}
    replace_visits(uow, [requests[request_id] for request_id in sorted(requests)], moved_place_ids)


def shared_by(uow: UnitOfWork, family_id: UUID) -> list[SharedCare]:
    """The agreements a family has or had a part in, locked, in order."""
    found = uow.session.execute(
        select(shared_care_consents.c.shared_care_id)
        .where(shared_care_consents.c.family_id == family_id)
        .distinct()
        .order_by(shared_care_consents.c.shared_care_id)
    ).scalars()
    return [uow.get(SharedCare, shared_care_id, lock=True) for shared_care_id in found.all()]


def kept(family: Family) -> FamilyKept:
    """The family as it stands now."""
    return FamilyKept(
        family_id=family.family_id, version=family.version, child_ids=[child.child_id for child in family.children]
    )


def _ask_for_what_is_missing(uow: UnitOfWork, family: Family) -> None:
    """Two steps (2:B31): the least at first, the rest when there is time."""
    if all(child.allergies_asked for child in family.children):
        close_tasks(uow, family.family_id, TaskKind.ASK_ALLERGIES)
    complete = not family.home().approximate and family.home().address and (family.phone or family.contacts)
    if complete:
        close_tasks(uow, family.family_id, TaskKind.COMPLETE_FAMILY)
    elif uow.caller.account_id is not None:
        raise_task(uow, TaskKind.COMPLETE_FAMILY, family.family_id, family_id=family.family_id)


def _watch_moves(uow: UnitOfWork, family: Family) -> None:
    day = family.next_move(local_day(uow.now, family.zone))
    if day is None:
        uow.cancel_timer(MOVE, family.family_id)
    else:
        uow.set_timer(MOVE, family.family_id, start_of_day(day, family.zone))


def _check_no_visits(uow: UnitOfWork, family: Family, gone: dict[UUID, str]) -> None:
    for request in open_requests(uow, family_id=family.family_id):
        ahead = request.ahead(uow.now, settled_visits(uow, request))
        needed = {each for visit in ahead for each in visit.child_ids} | set(request.terms.child_ids)
        names = sorted(gone[child_id] for child_id in gone.keys() & needed)
        if names:
            raise Conflict(
                f"{', '.join(names)} has visits ahead. Amend or withdraw those requests first.", code="child-has-visits"
            )


def _check_no_legs(uow: UnitOfWork, family: Family, gone: set[UUID]) -> None:
    if not gone:
        return
    for request in open_requests(uow, family_id=family.family_id):
        if gone & {leg.place_id for leg in request.terms.legs}:
            raise Invalid("Visits lead to a place that would be gone. Change those requests first.", pointer="#/places")
