"""When a carer is free: the rotation, what differs from it, and calendars of their own."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import delete, insert, select, update
from sqlalchemy.dialects.postgresql import insert as insert_or

from services.roster.adapters.calendar_address import check_calendar_address
from services.roster.commands.carers import (
    ChangeAvailability,
    KeepBusyTimes,
    SayDiffers,
    SubscribeCalendar,
    TakeBackDiffers,
    TellAvailability,
    UnsubscribeCalendar,
)
from services.roster.domain.alert import AlertKind, Severity
from services.roster.domain.availability import MOST_EXCEPTIONS, TOLD_AHEAD, check_differs, check_rotation
from services.roster.handlers.alerts import raise_alert, settle
from services.roster.handlers.errands import FETCH_CALENDAR, drop_errand, send_on_errand
from services.roster.handlers.one_carer import locked_carer
from services.roster.queries.availability import availability_facts
from services.roster.tables.carers import availabilities, availability_exceptions, busy_feeds, carers
from shared.contracts.roster import AvailabilityChanged
from shared.db.unit_of_work import UnitOfWork
from shared.domain.errors import Conflict, Invalid, NotFound

TELL = "tell-availability"
_MOST_CALENDARS = 5
_TOLD_EVERY = timedelta(days=7)
# A calendar that can't be read for so long has somebody look.
_TROUBLE_AFTER = timedelta(days=3)


def change_availability(command: ChangeAvailability, uow: UnitOfWork) -> UUID:
    """The carer's whole rotation from now on. Raises NotFound, Invalid for hours that overlap."""
    check_rotation(command.rotation)
    locked_carer(command.carer_id, uow)
    rotation = command.rotation
    values = {
        "weeks": rotation.weeks,
        "first_monday": rotation.first_monday,
        "weekly": [
            {
                "week": hours.week,
                "weekday": hours.weekday,
                "start": hours.start.isoformat(),
                "end": hours.end.isoformat(),
            }
            for hours in rotation.weekly
        ],
        "on_holidays": rotation.on_holidays,
        "quiet": [{"start": each.start.isoformat(), "end": each.end.isoformat()} for each in rotation.quiet],
        "urgent_in_quiet": rotation.urgent_in_quiet,
        "leave_by": [{"weekday": each.weekday, "at": each.at.isoformat()} for each in rotation.leave_by],
    }
    uow.session.execute(
        insert_or(availabilities)
        .values(desk_id=uow.caller.desk, carer_id=command.carer_id, version=0, **values)
        .on_conflict_do_update(index_elements=["desk_id", "carer_id"], set_=values)
    )
    _tell(command.carer_id, uow)
    return command.carer_id


def say_differs(command: SayDiffers, uow: UnitOfWork) -> list[UUID]:
    """These stretches differ from the rotation. Raises NotFound, Invalid for one that is over or too long."""
    if not command.windows:
        raise Invalid("Say from when until when.", pointer="#/exceptions")
    check_differs(command.windows, uow.now)
    locked_carer(command.carer_id, uow)
    kept = _exceptions_to_come(command.carer_id, uow)
    if len(kept) + len(command.windows) > MOST_EXCEPTIONS:
        raise Invalid(f"There are {MOST_EXCEPTIONS} exceptions at most; take some back first.", pointer="#/exceptions")
    ids = []
    for window in command.windows:
        same = next(
            (
                row.exception_id
                for row in kept
                if (row.starts_at, row.ends_at, row.free) == (window.start, window.end, command.free)
            ),
            None,
        )
        if same is not None:
            # Said twice it is one; said again it is the latest word.
            uow.session.execute(
                update(availability_exceptions)
                .where(availability_exceptions.c.exception_id == same)
                .values(said_at=uow.now)
            )
            ids.append(same)
            continue
        exception_id = uow.new_id()
        uow.session.execute(
            insert(availability_exceptions).values(
                exception_id=exception_id,
                desk_id=uow.caller.desk,
                carer_id=command.carer_id,
                starts_at=window.start,
                ends_at=window.end,
                free=command.free,
                source=command.source,
                said_at=uow.now,
            )
        )
        ids.append(exception_id)
    _tell(command.carer_id, uow)
    return ids


def take_back_differs(command: TakeBackDiffers, uow: UnitOfWork) -> UUID:
    """The rotation holds there again. Raises NotFound for one that isn't the carer's own word."""
    locked_carer(command.carer_id, uow)
    gone = uow.session.execute(
        delete(availability_exceptions)
        .where(
            availability_exceptions.c.exception_id == command.exception_id,
            availability_exceptions.c.carer_id == command.carer_id,
            availability_exceptions.c.feed_id.is_(None),
        )
        .returning(availability_exceptions.c.exception_id)
    ).one_or_none()
    if gone is None:
        raise NotFound("There is no such exception of yours.")
    _tell(command.carer_id, uow)
    return command.carer_id


def tell_again(command: TellAvailability, uow: UnitOfWork) -> None:
    """Exceptions that have come near are told to who plans by them."""
    carer = uow.one(carers, carer_id=command.carer_id)
    if carer is not None and carer.left_on is None:
        _tell(command.carer_id, uow)


def subscribe(command: SubscribeCalendar, uow: UnitOfWork) -> UUID:
    """The times of this calendar are busy from now on. Raises NotFound, Invalid for an address we won't fetch."""
    url = check_calendar_address(command.url)
    locked_carer(command.carer_id, uow)
    theirs = uow.session.execute(select(busy_feeds).where(busy_feeds.c.carer_id == command.carer_id)).all()
    if any(row.url == url for row in theirs):
        raise Conflict("You subscribed to this calendar already.", code="already-there")
    if len(theirs) >= _MOST_CALENDARS:
        raise Invalid(f"{_MOST_CALENDARS} calendars at most; leave one out first.", pointer="#/url")
    feed_id = uow.new_id()
    uow.session.execute(
        insert(busy_feeds).values(
            feed_id=feed_id,
            desk_id=uow.caller.desk,
            carer_id=command.carer_id,
            name=command.name,
            url=url,
            added_at=uow.now,
            busy_times=0,
        )
    )
    send_on_errand(uow, FETCH_CALENDAR, feed_id)
    return feed_id


def unsubscribe(command: UnsubscribeCalendar, uow: UnitOfWork) -> None:
    """Its times are busy no more. Raises NotFound."""
    locked_carer(command.carer_id, uow)
    gone = uow.session.execute(
        delete(busy_feeds)
        .where(busy_feeds.c.feed_id == command.feed_id, busy_feeds.c.carer_id == command.carer_id)
        .returning(busy_feeds.c.feed_id)
    ).one_or_none()
    if gone is None:
        raise NotFound("You have no such calendar.")
    drop_errand(uow, FETCH_CALENDAR, command.feed_id)
    settle(uow, command.feed_id, AlertKind.CALENDAR_TROUBLE, outcome="the calendar was left out")
    changed = _replace_busy_times(command.feed_id, command.carer_id, (), uow)
    if changed:
        _tell(command.carer_id, uow)


def keep_busy_times(command: KeepBusyTimes, uow: UnitOfWork) -> None:
    """What a calendar said now. One that couldn't be read leaves what was known, and after some days an alert."""
    feed = uow.session.execute(
        select(busy_feeds).where(busy_feeds.c.feed_id == command.feed_id).with_for_update()
    ).one_or_none()
    if feed is None:
        return
    if command.trouble is not None:
        since = feed.trouble_since or uow.now
        _note(feed.feed_id, uow, trouble=command.trouble, trouble_since=since)
        if uow.now - since >= _TROUBLE_AFTER:
            raise_alert(
                uow,
                AlertKind.CALENDAR_TROUBLE,
                feed.feed_id,
                Severity.LOW,
                carer_id=feed.carer_id,
                facts={"name": feed.name, "trouble": command.trouble},
            )
        return
    settle(uow, feed.feed_id, AlertKind.CALENDAR_TROUBLE, outcome="the calendar could be read again")
    if command.unchanged:
        _note(feed.feed_id, uow, read_at=uow.now, trouble=None, trouble_since=None)
        return
    changed = _replace_busy_times(feed.feed_id, feed.carer_id, command.windows, uow)
    _note(
        feed.feed_id,
        uow,
        read_at=uow.now,
        etag=command.etag,
        trouble=None,
        trouble_since=None,
        busy_times=len(command.windows),
    )
    if changed:
        _tell(feed.carer_id, uow)


def _replace_busy_times(feed_id: UUID, carer_id: UUID, windows: Any, uow: UnitOfWork) -> bool:
    """Says whether anything is different from what the calendar said before."""
    before = {
        (row.starts_at, row.ends_at)
        for row in uow.session.execute(
            select(availability_exceptions.c.starts_at, availability_exceptions.c.ends_at).where(
                availability_exceptions.c.feed_id == feed_id
            )
        )
    }
    now = {(window.start, window.end) for window in windows}
    if before == now:
        return False
    uow.session.execute(delete(availability_exceptions).where(availability_exceptions.c.feed_id == feed_id))
    if windows:
        uow.session.execute(
            insert(availability_exceptions),
            [
                {
                    "exception_id": uow.new_id(),
                    "desk_id": uow.caller.desk,
                    "carer_id": carer_id,
                    "starts_at": window.start,
                    "ends_at": window.end,
                    "free": False,
                    "source": "calendar",
                    "feed_id": feed_id,
                    "said_at": uow.now,
                }
                for window in windows
            ],
        )
    return True


def _note(feed_id: UUID, uow: UnitOfWork, **values: Any) -> None:
    uow.session.execute(update(busy_feeds).where(busy_feeds.c.feed_id == feed_id).values(values))


def _exceptions_to_come(carer_id: UUID, uow: UnitOfWork) -> list[Any]:
    return list(
        uow.session.execute(
            select(availability_exceptions).where(
                availability_exceptions.c.carer_id == carer_id,
                availability_exceptions.c.feed_id.is_(None),
                availability_exceptions.c.ends_at > uow.now,
            )
        ).all()
    )


def _tell(carer_id: UUID, uow: UnitOfWork) -> None:
    """Say when the carer is free as it now stands; exceptions that lie further ahead are told when they come nearer."""
    uow.session.execute(
        insert_or(availabilities)
        .values(
            desk_id=uow.caller.desk,
            carer_id=carer_id,
            version=1,
            weeks=1,
            weekly=[],
            on_holidays=True,
            quiet=[],
            urgent_in_quiet=False,
            leave_by=[],
        )
        .on_conflict_do_update(index_elements=["desk_id", "carer_id"], set_={"version": availabilities.c.version + 1})
    )
    facts = availability_facts(uow.session, carer_id, uow.now, uow.now + TOLD_AHEAD)
    uow.record(AvailabilityChanged(desk_id=uow.caller.desk, carer_id=carer_id, **facts))
    further = uow.session.execute(
        select(availability_exceptions.c.exception_id)
        .where(
            availability_exceptions.c.carer_id == carer_id,
            availability_exceptions.c.ends_at > uow.now + TOLD_AHEAD - _TOLD_EVERY,
        )
        .limit(1)
    ).first()
    if further is not None:
        uow.set_timer(TELL, carer_id, uow.now + _TOLD_EVERY)
    else:
        uow.cancel_timer(TELL, carer_id)
