"""What happens in a town's week, in the order it happens: calls, answers, an illness, and on Monday the invoices."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import partial
from zoneinfo import ZoneInfo

from infra.local.town.load import Loader, asked_at
from infra.local.town.people import Town
from infra.local.week.people import Carers, Illness
from infra.local.week.stage import Stage
from services.billing.commands import StartInvoiceRun, StartPayoutRun
from services.billing.handlers.runs import start_invoice_run, start_payout_run
from shared.auth.roles import Role

_ILL_AT = time(5, 45)
_ILL_FOR = timedelta(hours=60)
_CALLS_LAST = 8
_CLERK_STARTS_AT = time(10, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendar:
    """Which days are played. Nobody calls before `opens_at`: who would have, calls then.

    With `last_calls_at`, every eighth family calls only then, so that something is open when the play ends.
    """

    monday: date
    opens_at: datetime
    ends_on: date
    last_calls_at: datetime | None = None


class Play:
    """A town's people, ready to live through some days."""

    def __init__(self, stage: Stage, towns: Sequence[Town], calendar: Calendar, seed: int) -> None:
        self._stage = stage
        self._calendar = calendar
        self.loaders = [Loader(stage.running, town) for town in towns]
        self.carers = Carers(stage, self.loaders, seed)

    def open_desks(self) -> None:
        """Register desks, carers and families, and have every family call at its hour."""
        for loader in self.loaders:
            loader.register_desk()
        self._stage.settle()
        for loader in self.loaders:
            loader.set_tariffs()
            loader.register_people()
            self._stage.settle()
            loader.agree_shared_care(self._stage.clock.now(), self._calendar.opens_at.date())
            self._plan_calls(loader)
        self._stage.settle()

    def plan_illness(self, town: Town, first_name: str, weekday: int) -> None:
        """One carer wakes up ill on this weekday and is away for some days."""
        carer = next(each for each in town.carers if each.first_name == first_name)
        at = datetime.combine(self._calendar.monday + timedelta(days=weekday), _ILL_AT, ZoneInfo(town.zone))
        self.carers.fall_ill(Illness(carer_id=carer.carer_id, at=at, until=at + _ILL_FOR))

    def plan_invoices(self, town: Town) -> None:
        """The clerk invoices and pays out the week on the Monday after it."""
        loader = next(each for each in self.loaders if each.town is town)
        first, last = self._calendar.monday, self._calendar.monday + timedelta(days=6)
        clerk = loader.caller(Role.CLERK)

        def invoice() -> None:
            invoices = StartInvoiceRun(period_from=first, period_until=last)
            self._stage.run("billing", start_invoice_run, invoices, clerk)
            payouts = StartPayoutRun(period_from=first, period_until=last)
            self._stage.run("billing", start_payout_run, payouts, clerk)

        at = datetime.combine(last + timedelta(days=1), _CLERK_STARTS_AT, ZoneInfo(town.zone))
        self._stage.plan(at, f"clerk/{town.slug}", invoice)

    def until(self, at: datetime, progress: Callable[[datetime], None] = lambda now: None) -> None:
        """Let time pass."""
        self._stage.play_until(at, progress)

    def _plan_calls(self, loader: Loader) -> None:
        last = self._calendar.last_calls_at
        for place, family in enumerate(loader.town.families):
            for number, need in enumerate(family.needs):
                at = max(asked_at(loader.town, need, self._calendar.monday), self._calendar.opens_at)
                if last is not None and place % _CALLS_LAST == 0:
                    at = last
                call = partial(loader.ask, family, number, self._calendar.monday, self._calendar.ends_on, at.date())
                self._stage.plan(at, f"call/{family.family_id}/{number}", call)
