"""The town a newcomer finds: loaded the first time, with two days behind it and families who called minutes ago."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from infra.local.postgres.provision import Databases
from infra.local.secret import Secrets
from infra.local.system import open_services
from infra.local.town import boulogne, brighton, turnhout
from infra.local.town.load import PASSWORD, SignIn
from infra.local.week.play import Calendar, Play
from infra.local.week.stage import Stage
from shared.auth.roles import Role
from shared.clock import SetClock

_SEED = 7
_LIVED = timedelta(days=2)
_AHEAD = timedelta(days=6)
# Families who call in the last minutes: their offers still wait for an answer when a newcomer looks.
_JUST_NOW = timedelta(minutes=4)
_SHOWN = {
    "brighton": {Role.DISPATCHER, Role.CARER, Role.CLERK, Role.FAMILY, Role.ADMIN},
    "turnhout": {Role.DISPATCHER, Role.CARER},
    "boulogne": {Role.DISPATCHER, Role.CARER},
}


def load_town(
    databases: Mapping[str, Databases], secret: Secrets, folder: Path, say: Callable[[str], None]
) -> Sequence[SignIn]:
    """Three desks in empty, migrated databases; a load that was cut short goes on. Says whom to sign in as.

    What the services say to each other meanwhile is delivered here and now: no bus has to be there yet.
    """
    now = datetime.now(UTC)
    opens_at = now - _LIVED
    here = now.astimezone(ZoneInfo("Europe/London")).date()
    calendar = Calendar(
        monday=here - timedelta(days=here.weekday()),
        opens_at=opens_at,
        ends_on=here + _AHEAD,
        last_calls_at=now - _JUST_NOW,
    )
    clock = SetClock(opens_at)
    running = open_services(databases, clock=clock, key_secret=secret.key)
    try:
        stage = Stage(running, clock)
        play = Play(stage, (brighton.town(), turnhout.town(), boulogne.town()), calendar, _SEED)
        loaded = folder / "loaded"
        if not loaded.exists():
            say("Loading three desks: their last two days are played, which takes a moment")
            play.open_desks()
            play.until(now)
        sign_ins = [each for loader in play.loaders for each in loader.register_accounts()]
        stage.settle()
        loaded.touch()
        return sign_ins
    finally:
        for each in running.values():
            each.close()


def welcome(urls: Mapping[str, str], sign_ins: Sequence[SignIn]) -> str:
    """Where to look, and whom to sign in as."""
    lines = [f"\nVesper is at {urls['web']}\n\nThe services' APIs, each with its own documentation:"]
    lines += [f"  {name:<10}{url}/docs" for name, url in urls.items() if name != "web"]
    lines += [f"\nSign in with the password “{PASSWORD}” as:"]
    for slug, roles in _SHOWN.items():
        for role in Role:
            first = next((each for each in sign_ins if each.slug == slug and each.role == role), None)
            if first is not None and role in roles:
                lines.append(f"  {first.email:<38}{role:<12}{first.desk}")
    return "\n".join((*lines, "Every other carer and family of the towns has an account of the same kind."))
