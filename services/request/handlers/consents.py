"""Who may know what of a family, on whose word; taken back at any time."""

from uuid import UUID

from sqlalchemy import insert, select, update

from services.request.commands.families import KeepConsent, WithdrawConsent
from services.request.domain.family import Family
from services.request.domain.referral import Allows
from services.request.tables import referrers, sharing_consents
from shared.db.unit_of_work import UnitOfWork
from shared.domain.errors import Conflict, Invalid, NotFound


def keep_consent(command: KeepConsent, uow: UnitOfWork) -> UUID:
    """Write down what the family allows a party to know from now on.

    Raises NotFound for an unknown family or referrer, Invalid for what can't be allowed or was said in the future.
    """
    uow.get(Family, command.family_id).check_here()
    if command.allows not in tuple(Allows):
        raise Invalid(f"A family allows {', '.join(Allows)}; not {command.allows!r}.", pointer="#/allows")
    if command.said_at > uow.now:
        raise Invalid("A consent can't have been given in the future.", pointer="#/said_at")
    if command.referrer_id is not None and uow.one(referrers, referrer_id=command.referrer_id) is None:
        raise NotFound("There is no such referrer at this desk.")
    about = (
        sharing_consents.c.referrer_id == command.referrer_id
        if command.referrer_id
        else sharing_consents.c.party == command.party
    )
    uow.session.execute(
        update(sharing_consents)
        .where(sharing_consents.c.family_id == command.family_id, about, sharing_consents.c.withdrawn_at.is_(None))
        .values(withdrawn_at=uow.now)
    )
    consent_id = uow.new_id()
    uow.session.execute(
        insert(sharing_consents).values(
            consent_id=consent_id,
            desk_id=uow.caller.desk,
            family_id=command.family_id,
            party=command.party,
            referrer_id=command.referrer_id,
            allows=command.allows,
            said_by=command.said_by,
            said_at=command.said_at,
            recorded_at=uow.now,
            recorded_by=uow.caller.account_id,
        )
    )
    return consent_id


def withdraw_consent(command: WithdrawConsent, uow: UnitOfWork) -> UUID:
    """The family allows it no longer. Raises NotFound, also for another family's; Conflict when taken back before."""
    row = uow.session.execute(
        select(sharing_consents).where(sharing_consents.c.consent_id == command.consent_id).with_for_update()
    ).one_or_none()
    if row is None or command.family_id not in (None, row.family_id):
        raise NotFound("There is no such consent here.")
    if row.withdrawn_at is not None:
        raise Conflict("This consent was taken back before.", code="already-withdrawn")
    uow.session.execute(
        update(sharing_consents).where(sharing_consents.c.consent_id == command.consent_id).values(withdrawn_at=uow.now)
    )
    return command.consent_id
