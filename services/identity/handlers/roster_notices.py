"""What the roster has people told: alerts to who is on duty, questions to carers and families, tonight's list."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select

from services.identity.domain import texts
from services.identity.domain.alert_texts import what_of
from services.identity.handlers.messages import Channel, Recipient, write_message
from services.identity.handlers.people import carer_of, desk_of, family_of, reach_carer, reach_family
from services.identity.tables import accounts, carer_contacts, desks
from shared.auth.roles import Role
from shared.contracts.roster_notices import (
    AlertRaised,
    ComingAsked,
    CorrectionProposed,
    CredentialLapsing,
    StayAsked,
    SwapAsked,
    SwapEnded,
    TonightListMade,
)
from shared.db.unit_of_work import UnitOfWork

_LOW = "low"


def tell_alert(event: AlertRaised, uow: UnitOfWork) -> None:
    """Its owner is told once for each time it rings; without an owner every dispatcher is."""
    desk, _ = desk_of(uow)
    zone = _zone(uow)
    carer = uow.one(carer_contacts, desk_id=uow.caller.desk, carer_id=event.carer_id) if event.carer_id else None
    for account in _owners(event, uow):
        language = texts.language_of([account.language], [])
        words = texts.write(
            "alert" if event.level == 1 else "alert-again",
            language,
            desk=desk,
            what=what_of(event.kind, carer.first_name if carer is not None else "", language),
            until=texts.moment(event.due_at, zone, language),
        )
        by_mail, by_phone = (Channel.EMAIL, account.email), (Channel.SMS, event.owner_phone)
        # What can wait until morning wakes nobody.
        ways = (by_mail, by_phone) if event.severity == _LOW else (by_phone, by_mail)
        to = Recipient(person_id=account.account_id, ways=ways)
        link = f"/roster/{event.visit_id}" if event.visit_id else "/alerts"
        write_message(uow, f"alert/{event.alert_id}/{event.level}/{account.account_id}", to, words, link=link)


def ask_coming(event: ComingAsked, uow: UnitOfWork) -> None:
    """Before a night: does the carer still come?"""
    zone = _zone(uow)
    _tell_carer(
        event.carer_id,
        "coming-asked",
        f"coming/{event.visit_id}/{event.version}",
        f"/visits/{event.visit_id}",
        uow,
        visits=[(event.start, event.end)],
        zone=zone,
        until=(event.answer_by, zone),
    )


def ask_stay(event: StayAsked, uow: UnitOfWork) -> None:
    """Can the carer stay longer?"""
    _tell_carer(
        event.carer_id,
        "stay-asked",
        f"stay/{event.stay_id}",
        f"/visits/{event.visit_id}",
        uow,
        until=(event.until, event.zone),
    )


def ask_swap(event: SwapAsked, uow: UnitOfWork) -> None:
    """The colleague and every family a swap touches are asked."""
    asker, other = carer_of(event.from_carer_id, uow), carer_of(event.to_carer_id, uow)
    families = [family_of(family_id, uow) for family_id in event.family_ids]
    stretch = [(event.start, event.end)]
    _tell_carer(
        event.to_carer_id,
        "swap-asked",
        f"swap/{event.swap_id}/colleague",
        "/swaps",
        uow,
        visits=stretch,
        zone=event.zone,
        carer=asker.first_name,
    )
    for family in families:
        key = f"swap/{event.swap_id}/{family.family_id}"
        named = {"carer": asker.first_name, "other": other.first_name}
        _tell_family(family, "swap-asked-family", key, uow, visits=stretch, zone=event.zone, **named)


def tell_swap(event: SwapEnded, uow: UnitOfWork) -> None:
    """Who asked is told how it ended."""
    kind = "swap-done" if event.state == "done" else "swap-ended"
    _tell_carer(event.from_carer_id, kind, f"swap/{event.swap_id}/ended", "/visits", uow)


def ask_correction(event: CorrectionProposed, uow: UnitOfWork) -> None:
    """The other side is asked whether the times are right."""
    key, stretch = f"correction/{event.correction_id}", [(event.started_at, event.ended_at)]
    if event.asks == "family":
        family = family_of(event.family_id, uow)
        _tell_family(family, "correction-proposed", key, uow, visits=stretch, zone=family.zone)
        return
    _tell_carer(
        event.carer_id,
        "correction-proposed",
        key,
        f"/visits/{event.visit_id}",
        uow,
        visits=stretch,
        zone=_zone(uow),
    )


def remind_of_paper(event: CredentialLapsing, uow: UnitOfWork) -> None:
    """A carer's paper ends in so many days."""
    carer = carer_of(event.carer_id, uow)
    desk, desk_languages = desk_of(uow)
    language = texts.language_of(carer.languages, desk_languages)
    words = texts.write(
        "credential-lapsing",
        language,
        desk=desk,
        paper=event.kind.replace("_", " "),
        days=str(event.days_left),
        until=texts.day(event.valid_until, language),
    )
    write_message(uow, f"paper/{event.credential_id}/{event.days_left}", reach_carer(carer), words, link="/papers")


def mail_tonight(event: TonightListMade, uow: UnitOfWork) -> None:
    """Tonight's list, by mail to everybody who may be on duty: it is there when the system is not."""
    for account_id in event.account_ids:
        account = _account(account_id, uow)
        if account is None:
            continue
        words = texts.write("tonight", texts.language_of([account.language], []), desk="", list=event.text)
        to = Recipient(person_id=account_id, ways=((Channel.EMAIL, account.email),))
        write_message(uow, f"tonight/{event.on}/{event.version}/{account_id}", to, words)


def _tell_carer(
    carer_id: UUID,
    kind: str,
    key: str,
    link: str,
    uow: UnitOfWork,
    *,
    until: tuple[datetime, str] | None = None,
    **facts: Any,
) -> None:
    carer = carer_of(carer_id, uow)
    desk, desk_languages = desk_of(uow)
    language = texts.language_of(carer.languages, desk_languages)
    if until is not None:
        facts["until"] = texts.moment(*until, language)
    words = texts.write(kind, language, desk=desk, **facts)
    write_message(uow, key, reach_carer(carer), words, link=link)


def _tell_family(family: Any, kind: str, key: str, uow: UnitOfWork, **facts: Any) -> None:
    if family.erased:
        return
    desk, desk_languages = desk_of(uow)
    words = texts.write(kind, texts.language_of([family.language], desk_languages), desk=desk, **facts)
    write_message(uow, key, reach_family(family), words, link="/care")


def _owners(event: AlertRaised, uow: UnitOfWork) -> list[Any]:
    owner = _account(event.owner_account_id, uow) if event.owner_account_id is not None else None
    if owner is not None:
        return [owner]
    return list(
        uow.session.execute(
            select(accounts)
            .where(accounts.c.role == Role.DISPATCHER.value, accounts.c.closed_at.is_(None))
            .order_by(accounts.c.account_id)
        ).all()
    )


def _account(account_id: UUID, uow: UnitOfWork) -> Any:
    return uow.session.execute(
        select(accounts).where(accounts.c.account_id == account_id, accounts.c.closed_at.is_(None))
    ).one_or_none()


def _zone(uow: UnitOfWork) -> str:
    desk = uow.one(desks, desk_id=uow.caller.desk)
    return desk.zone if desk is not None else "UTC"
