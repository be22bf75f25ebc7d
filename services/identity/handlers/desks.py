"""Commands about desks."""

from zoneinfo import available_timezones

from services.identity.commands import ChangeDesk, RegisterDesk
from services.identity.domain.desk import Desk
from shared.contracts.identity import DeskFacts
from shared.db.unit_of_work import UnitOfWork
from shared.domain.errors import Conflict, Invalid
from shared.jurisdictions.packs import country_rules


def register_desk(command: RegisterDesk, uow: UnitOfWork) -> Desk:
    """Found the caller's desk. Raises Invalid for an unknown country, currency, language or zone, Conflict if there."""
    if command.desk_id not in (None, uow.caller.desk):
        raise Invalid("A desk is founded by a caller of that very desk.", pointer="#/desk_id")
    if uow.find(Desk, uow.caller.desk) is not None:
        raise Conflict("This desk is registered already.", code="already-registered")
    desk = Desk(desk_id=uow.caller.desk, facts=_facts(command))
    uow.add(desk)
    return desk


def change_desk(command: ChangeDesk, uow: UnitOfWork) -> Desk:
    """What the desk is from now on. Raises NotFound, Invalid."""
    desk = uow.get(Desk, uow.caller.desk, lock=True)
    desk.change(_facts(command))
    return desk


def _facts(command: RegisterDesk | ChangeDesk) -> DeskFacts:
    rules = country_rules(command.country)
    if command.currency != rules.currency:
        raise Invalid(
            f"A desk under the rules of {rules.name} reckons in {rules.currency}, not in {command.currency}.",
            pointer="#/currency",
        )
    if command.zone not in available_timezones():
        raise Invalid(f"{command.zone} is no time zone we know: write it such as {rules.zone}.", pointer="#/zone")
    if not command.languages or not all(
        len(code) == 2 and code.isalpha() and code.islower() for code in command.languages
    ):
        raise Invalid("Name the desk's languages by their two letters, such as nl.", pointer="#/languages")
    if not command.name.strip():
        raise Invalid("A desk needs a name.", pointer="#/name")
    return DeskFacts(
        name=command.name,
        country=command.country,
        currency=command.currency,
        languages=command.languages,
        zone=command.zone,
    )
