"""`python -m services.identity api|worker|migrate|dead-letters`, and `found` for an installation's first desk."""

import sys
from argparse import ArgumentParser
from collections.abc import Sequence
from getpass import getpass

from services.identity.adapters.passwords import Passwords
from services.identity.commands import FoundDesk, RegisterAccount, RegisterDesk
from services.identity.handlers.accounts import found_desk
from services.identity.service import SERVICE
from services.identity.settings import IdentitySettings
from shared.auth.roles import Role, desk_itself
from shared.domain.errors import DomainError
from shared.jurisdictions.packs import COUNTRIES, country_rules
from shared.service import RunningService, main
from shared.telemetry.logging import configure_logging


def found(arguments: Sequence[str]) -> None:
    """Register a desk and its first admin, whose password is asked for, or read from the standard input."""
    parser = ArgumentParser(prog="python -m services.identity found", description=found.__doc__)
    parser.add_argument("--desk", required=True, help="the desk's name")
    parser.add_argument("--country", required=True, choices=COUNTRIES, help="whose rules it works under")
    parser.add_argument("--zone", help="its time zone; the country's when left out")
    parser.add_argument("--admin-email", required=True)
    parser.add_argument("--admin-name", required=True)
    given = parser.parse_args(arguments)
    settings = IdentitySettings()
    configure_logging("identity", level="WARNING")
    password = getpass("Password of the admin: ") if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")
    rules = country_rules(given.country)
    running = RunningService(SERVICE, settings)
    desk_id = running.runner.ids.new()
    try:
        command = FoundDesk(
            desk=RegisterDesk(
                name=given.desk,
                country=given.country,
                currency=rules.currency,
                languages=rules.languages,
                zone=given.zone or rules.zone,
            ),
            admin=RegisterAccount(
                email=given.admin_email,
                name=given.admin_name,
                password_hash=Passwords(settings.password_min_length).hash(password),
                role=Role.ADMIN,
            ),
        )
        running.runner.run(found_desk, command, caller=desk_itself(desk_id))
    except DomainError as refused:
        sys.exit(refused.detail)
    finally:
        running.close()
    sys.stdout.write(f"{given.desk} is desk {desk_id}; {given.admin_email} may sign in as its admin.\n")


if __name__ == "__main__":
    if sys.argv[1:2] == ["found"]:
        found(sys.argv[2:])
    else:
        if sys.argv[1:2] in (["api"], ["worker"]):
            IdentitySettings().check_secret()
        main(SERVICE)
