"""Tonight's list: made when the evening begins and at every change, saved where it can be read with the system down."""

import hashlib
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert

from services.roster.commands.safety import MakeTonight, NoteTonightSaved
from services.roster.domain.tonight import as_page, as_text, next_beginning, night_of, night_window
from services.roster.domain.visit import Visit
from services.roster.handlers.booking import Whereabouts
from services.roster.handlers.errands import SAVE_TONIGHT, send_on_errand
from services.roster.queries.duty import duty_order, on_call
from services.roster.queries.policies import policy_on
from services.roster.queries.tonight import lines_of
from services.roster.tables.copies import desks
from services.roster.tables.safety import tonight_lists
from shared.contracts.roster_notices import (
    TonightListMade,
)
from shared.db.unit_of_work import UnitOfWork

BEGIN, CHANGED, MAIL = "tonight-begins", "tonight-changed", "tonight-mail"
_NEAR = timedelta(days=3)
_BETWEEN_MAILS = timedelta(minutes=10)
_KEPT = timedelta(days=7)


def refresh_tonight(uow: UnitOfWork, visit: Visit, before: Whereabouts | None = None) -> None:
    """A visit changed: if it is, or was, one of tonight's, the list is made anew."""
    times = [(visit.starts_at, visit.ends_at), *([(before.starts_at, before.ends_at)] if before else [])]
    if all(abs(start - uow.now) > _NEAR for start, _ in times):
        return
    desk = _desk(uow)
    if desk is None:
        return
    begins = policy_on(uow.session, uow.now.date()).tonight_at_minute
    on = night_of(uow.now, desk.zone, begins)
    if on is None:
        return
    window = night_window(on, desk.zone, begins)
    if any(start < window.end and end > window.start for start, end in times):
        uow.set_timer(CHANGED, on.isoformat(), uow.now)


def begin_evening(command: MakeTonight, uow: UnitOfWork) -> None:
    """The evening begins: tonight's list is made, mailed, and the next evening awaited."""
    desk = _desk(uow)
    if desk is None:
        return
    _make(command, desk, uow, mail=True)
    expect_evening(uow, desk.zone)
    uow.session.execute(tonight_lists.delete().where(tonight_lists.c.made_at < uow.now - _KEPT))


def expect_evening(uow: UnitOfWork, zone: str) -> None:
    """Have the next evening's list made when it begins."""
    begins = policy_on(uow.session, uow.now.date()).tonight_at_minute
    uow.set_timer(BEGIN, uow.caller.desk, next_beginning(uow.now, zone, begins))


def make_tonight(command: MakeTonight, uow: UnitOfWork) -> None:
    """Tonight's list as it now is; nothing happens where nothing of it changed."""
    desk = _desk(uow)
    if desk is not None:
        _make(command, desk, uow, mail=False)


def mail_tonight(command: MakeTonight, uow: UnitOfWork) -> None:
    """The list that changed since the last mail."""
    row = uow.one(tonight_lists, desk_id=uow.caller.desk, on=command.on)
    if row is not None:
        _mail(row, uow)


def note_saved(command: NoteTonightSaved, uow: UnitOfWork) -> None:
    """This version of the list lies where it can be read with the system down."""
    uow.session.execute(
        update(tonight_lists).where(tonight_lists.c.on == command.on).values(saved_version=command.version)
    )


def _make(command: MakeTonight, desk: Any, uow: UnitOfWork, *, mail: bool) -> None:
    begins = policy_on(uow.session, uow.now.date()).tonight_at_minute
    on = command.on or night_of(uow.now, desk.zone, begins)
    if on is None:
        return
    lines = lines_of(uow.session, night_window(on, desk.zone, begins))
    reached = on_call(uow.session)
    named = f"{reached['name']} {reached['phone'] or ''}".strip() if reached else ""
    language = desk.languages[0] if desk.languages else "en"
    known = uow.one(tonight_lists, desk_id=uow.caller.desk, on=on)
    digest = hashlib.sha256(repr((lines, named)).encode()).hexdigest()
    if known is not None and known.digest == digest and not mail:
        return
    version = known.version + 1 if known is not None else 1
    values = {
        "version": version,
        "made_at": uow.now,
        "digest": digest,
        "page": as_page(desk.name, on, uow.now, desk.zone, lines, named, language),
        "text": as_text(desk.name, on, uow.now, desk.zone, lines, named, language),
    }
    uow.session.execute(
        insert(tonight_lists)
        .values(desk_id=uow.caller.desk, on=on, saved_version=0, **values)
        .on_conflict_do_update(index_elements=["desk_id", "on"], set_=values)
    )
    send_on_errand(uow, SAVE_TONIGHT, on.isoformat())
    row = uow.one(tonight_lists, desk_id=uow.caller.desk, on=on)
    since: datetime | None = row.mailed_at
    if mail or since is None or since + _BETWEEN_MAILS <= uow.now:
        _mail(row, uow)
    else:
        uow.set_timer(MAIL, on.isoformat(), since + _BETWEEN_MAILS)


def _mail(row: Any, uow: UnitOfWork) -> None:
    on_duty, people = duty_order(uow.session)
    to = list(dict.fromkeys([*([on_duty] if on_duty else []), *people]))
    if to:
        uow.record(
            TonightListMade(
                desk_id=uow.caller.desk, version=row.version, on=row.on, account_ids=tuple(to), text=row.text
            )
        )
    uow.session.execute(update(tonight_lists).where(tonight_lists.c.on == row.on).values(mailed_at=uow.now))


def _desk(uow: UnitOfWork) -> Any:
    return uow.session.execute(select(desks).where(desks.c.desk_id == uow.caller.desk)).one_or_none()
