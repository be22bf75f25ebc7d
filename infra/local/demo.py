"""`make demo`: one week of the town at speed, without a person; a table for people, then one line of JSON."""

import gc
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

from infra.local.postgres.cluster import discard
from infra.local.postgres.provision import Databases
from infra.local.system import databases_in, open_services
from infra.local.town import boulogne, brighton, turnhout
from infra.local.week.play import Calendar, Play
from infra.local.week.report import Report, report
from infra.local.week.stage import Stage
from shared.bus.local import ShuffledPublisher
from shared.clock import SetClock
from shared.service import RunningService
from shared.telemetry.logging import configure_logging

# The week in which the clocks go back; the town opens on the Friday before it.
MONDAY = date(2026, 10, 19)
OPENS_AT = datetime(2026, 10, 16, 8, 0, tzinfo=ZoneInfo("Europe/London"))
CLOSES_AT = datetime(2026, 10, 26, 18, 0, tzinfo=ZoneInfo("Europe/London"))
SEED = 2026
_ILL = "Beatrice"
_WEDNESDAY = 2
# Nothing here leaves this process: the week needs a secret to seal keys with, and forgets it.
_KEY_SECRET = "the demo week signs nobody in, so this seals nothing"


def main() -> int:
    """Play the week; says on the last line what it came to. Exit code 1 when a promise was broken."""
    begun = time.monotonic()
    configure_logging("demo", level="WARNING")
    # What is loaded by now stays: the collector need not look through it again and again.
    gc.freeze()
    gc.set_threshold(50_000)
    folder = Path(tempfile.mkdtemp(prefix="vesper-demo-"))

    def say(words: str) -> None:
        sys.stderr.write(f"{time.monotonic() - begun:5.1f} s  {words}\n")
        sys.stderr.flush()

    say("Starting PostgreSQL and five services")
    try:
        with databases_in(folder, durable=False) as databases:
            found = play_week(databases, say=say)
    finally:
        discard(folder / "postgres")
    print(_table(found, time.monotonic() - begun))  # noqa: T201
    print(found.as_json(), flush=True)  # noqa: T201
    return 0 if found.double_bookings == 0 and found.ledger_balance_minor == 0 else 1


def play_week(
    databases: Mapping[str, Databases],
    *,
    seed: int = SEED,
    shuffled: int | None = None,
    say: Callable[[str], None] = lambda words: None,
) -> Report:
    """Live through the week and its invoices; `shuffled` interleaves the topics by that seed, `say` hears how far it is."""
    clock = SetClock(OPENS_AT)
    running = open_services(databases, clock=clock, key_secret=_KEY_SECRET)
    try:
        town = brighton.town()
        stage = Stage(running, clock, _interleaved(running, shuffled))
        calendar = Calendar(monday=MONDAY, opens_at=OPENS_AT, ends_on=MONDAY + timedelta(days=6))
        play = Play(stage, (town, turnhout.town(), boulogne.town()), calendar, seed)
        say("Three desks open: carers and families are registered")
        play.open_desks()
        play.plan_illness(town, _ILL, _WEDNESDAY)
        for loader in play.loaders:
            play.plan_invoices(loader.town)
        play.until(CLOSES_AT, _Days(say).begin)
        return report(databases, town.desk_id)
    finally:
        for each in running.values():
            each.close()


def _interleaved(running: Mapping[str, RunningService], seed: int | None) -> ShuffledPublisher | None:
    if seed is None:
        return None
    return ShuffledPublisher({name: each.receiver for name, each in running.items()}, seed)


class _Days:
    """Says each day's name as it begins."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self._day: date | None = None

    def begin(self, now: datetime) -> None:
        """It is this late now."""
        local = now.astimezone(ZoneInfo("Europe/London")).date()
        if local != self._day:
            self._day = local
            self._say(f"{local:%A %d %B}")


def _pounds(minor: int) -> str:
    return f"{Decimal(minor).scaleb(-2)} GBP"


def _table(found: Report, seconds: float) -> str:
    lines = [
        ("Care requests", f"{found.requests}"),
        ("Visits asked for", f"{found.visits}"),
        ("  filled", f"{found.visits_filled} ({found.visits_filled / max(found.visits, 1):.0%})"),
        ("  not filled", f"{found.visits_unfilled}"),
        *((f"    {reason}", f"{count}") for reason, count in found.unfilled_by_reason.items()),
        ("Offers sent", f"{found.offers}"),
        ("  accepted", f"{found.offers_accepted}"),
        ("With the family's usual carer", f"{found.same_carer_share:.0%}"),
        ("Most carers one child met", f"{found.distinct_carers_per_child_max}"),
        ("Hours of care", f"{found.hours_cared:.1f}"),
        ("Travelled", f"{found.travel_km:.1f} km"),
        ("Invoices", f"{found.invoices}, together {_pounds(found.invoiced_minor)}"),
        ("Shared visits invoiced to two families", f"{found.shared_invoiced_to_two}"),
        ("Payouts to carers", _pounds(found.payouts_minor)),
        ("Largest imbalance of a posting", f"{found.ledger_balance_minor}"),
        ("Double bookings", f"{found.double_bookings}"),
    ]
    rows = "\n".join(f"{name:<42}{value:>28}" for name, value in lines)
    return f"\nA week at the desk of Brighton & Hove, {MONDAY:%d %B %Y} on, in {seconds:.0f} s\n\n{rows}\n"
