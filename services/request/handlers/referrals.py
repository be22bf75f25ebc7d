"""Families sent by others: an employment service, a hospital, welfare; with the family's consent."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import insert

from services.request.commands.care_requests import FileReferral, OpenCareRequest, RegisterReferrer
from services.request.commands.families import KeepConsent, RegisterFamily
from services.request.domain.referral import ReferrerKind
from services.request.handlers.care_requests import open_care_request
from services.request.handlers.consents import keep_consent
from services.request.handlers.families import register_family
from services.request.tables import referrals, referrers
from shared.db.unit_of_work import UnitOfWork
from shared.domain.errors import Invalid, NotFound


@dataclass(frozen=True, slots=True, kw_only=True)
class Filed:
    """A referral as its referrer knows it: not by the family's id."""

    referral_id: UUID
    reference: str
    filed_at: datetime


def register_referrer(command: RegisterReferrer, uow: UnitOfWork) -> UUID:
    """Know an organisation that sends families; its people get accounts that stand for it. Raises Invalid."""
    if command.kind not in tuple(ReferrerKind):
        raise Invalid(f"A referrer is {', '.join(ReferrerKind)}; not {command.kind!r}.", pointer="#/kind")
    referrer_id = command.referrer_id or uow.new_id()
    uow.session.execute(
        insert(referrers).values(
            referrer_id=referrer_id,
            desk_id=uow.caller.desk,
            name=command.name,
            kind=command.kind,
            registered_at=uow.now,
        )
    )
    return referrer_id


def file_referral(command: FileReferral, uow: UnitOfWork) -> Filed:
    """Write down a family, its consent and what it needs, as its referrer tells it.

    A family the desk knows already is written down once more, for a dispatcher to merge: the referrer is not told whom
    the desk knows. Raises NotFound for an unknown referrer, Invalid for what can't be right, naming the field.
    """
    referrer = uow.one(referrers, referrer_id=command.referrer_id)
    if referrer is None:
        raise NotFound("Your account stands for no referrer of this desk; ask the desk to link it.")
    family = register_family(RegisterFamily(family=command.family, anyway=True), uow, referrer_id=command.referrer_id)
    keep_consent(
        KeepConsent(
            family_id=family.family_id,
            party=referrer.name,
            allows=command.allows,
            said_by=command.said_by,
            said_at=command.said_at,
            referrer_id=command.referrer_id,
        ),
        uow,
    )
    asked = open_care_request(
        OpenCareRequest(
            family_id=family.family_id,
            mode=command.mode,
            asked=command.asked,
            terms=command.terms,
            skipped=command.skipped,
            circumstances=command.circumstances,
            reason=command.reason,
            referrer_id=command.referrer_id,
        ),
        uow,
    )
    referral_id = uow.new_id()
    uow.session.execute(
        insert(referrals).values(
            referral_id=referral_id,
            desk_id=uow.caller.desk,
            referrer_id=command.referrer_id,
            family_id=family.family_id,
            care_request_id=asked.care_request_id,
            reference=command.reference,
            filed_at=uow.now,
            filed_by=uow.caller.account_id,
        )
    )
    return Filed(referral_id=referral_id, reference=command.reference, filed_at=uow.now)
