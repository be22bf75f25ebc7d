"""How to reach carers and families: copies of what roster and request say."""

from sqlalchemy import select, update

from services.identity.domain.account import Account
from services.identity.handlers.accounts import end_sessions
from services.identity.handlers.messages import forget_texts
from services.identity.tables import accounts, carer_contacts, family_contacts, visit_notices
from shared.auth.roles import Role
from shared.contracts.request import FamilyChanged, FamilyErased, FamilyRegistered
from shared.contracts.roster import CarerChanged, CarerRegistered
from shared.db.unit_of_work import UnitOfWork


def keep_carer(event: CarerRegistered | CarerChanged, uow: UnitOfWork) -> None:
    """Remember how a carer is reached, and in which languages."""
    uow.keep_copy(
        carer_contacts,
        key={"desk_id": event.desk_id, "carer_id": event.carer_id},
        version=event.version,
        values={
            "first_name": event.carer.first_name,
            "phone": event.carer.phone,
            "email": event.carer.email,
            "languages": list(event.carer.languages),
        },
    )
    uow.arrived("carer", event.carer_id)


def keep_family(event: FamilyRegistered | FamilyChanged, uow: UnitOfWork) -> None:
    """Remember how a family is reached, and in which language."""
    uow.keep_copy(
        family_contacts,
        key={"desk_id": event.desk_id, "family_id": event.family_id},
        version=event.version,
        values={
            "phone": event.family.phone,
            "email": event.family.email,
            "language": event.family.language,
            "zone": event.family.home.zone,
            "erased": False,
        },
    )
    uow.arrived("family", event.family_id)


def erase_family(event: FamilyErased, uow: UnitOfWork) -> None:
    """Forget how the family is reached, what it was told, and who signed in for it; what was waiting isn't sent."""
    uow.keep_copy(
        family_contacts,
        key={"desk_id": event.desk_id, "family_id": event.family_id},
        version=event.version,
        values={"phone": None, "email": None, "language": "", "zone": "UTC", "erased": True},
    )
    forget_texts(event.family_id, uow)
    uow.session.execute(
        update(visit_notices)
        .where(visit_notices.c.family_id == event.family_id)
        .values(rostered_carer_id=None, told_carer_id=None, start=None, end=None)
    )
    found = uow.session.execute(
        select(accounts.c.account_id)
        .where(accounts.c.person_id == event.family_id, accounts.c.role == Role.FAMILY.value)
        .order_by(accounts.c.account_id)
    ).scalars()
    for account_id in list(found):
        account = uow.get(Account, account_id, lock=True)
        account.erase(uow.now)
        end_sessions(account, uow)
    uow.arrived("family", event.family_id)
