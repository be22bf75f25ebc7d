"""The town's people at work: carers answer offers by habit, come and go; each decides the same in every replay."""

import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from infra.local.town.load import Loader
from infra.local.town.people import TownCarer
from infra.local.week.stage import Stage
from services.matching.commands import AcceptOffer, DeclineOffer
from services.matching.handlers.offers import accept_offer, decline_offer
from services.roster.commands.carers import ReportAbsence
from services.roster.commands.visits import CheckIn, CheckOut, ShowVisitCard
from services.roster.handlers.absences import report_absence
from services.roster.handlers.door import check_in, check_out
from services.roster.handlers.reads import show_visit_card
from shared.auth.roles import Caller, Role
from shared.contracts.matching import OfferMade
from shared.contracts.roster import VisitRostered
from shared.domain.errors import DomainError
from shared.messages import Message, decode

# How far off the agreed minute people come and go.
_EARLIEST, _LATEST = -6, 9
_STAYS_AT_MOST = 14
# Somebody who finds the visit moved to later comes again then.
_NEAR = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class Illness:
    """A carer who wakes up ill and can't come until `until`."""

    carer_id: UUID
    at: datetime
    until: datetime


class Carers:
    """Every carer of some towns with a phone in their pocket."""

    def __init__(self, stage: Stage, loaders: list[Loader], seed: int) -> None:
        self._stage = stage
        self._seed = seed
        self._carers = {carer.carer_id: (loader, carer) for loader in loaders for carer in loader.town.carers}
        stage.watch = self.hear

    def hear(self, message: Message) -> None:
        """An offer rings on a phone; a visit that is certain goes into a calendar."""
        if message.type == OfferMade.wire_name:
            self._answer_later(decode(OfferMade, message.body))
        elif message.type == VisitRostered.wire_name:
            visit = decode(VisitRostered, message.body)
            self._come_at(visit.visit_id, visit.carer_id, visit.start)

    def fall_ill(self, illness: Illness) -> None:
        """The carer calls the desk before dawn."""
        command = ReportAbsence(carer_id=illness.carer_id, start=illness.at, end=illness.until, reason="sick")
        self._stage.plan(
            illness.at,
            f"ill/{illness.carer_id}",
            lambda: self._do(illness.carer_id, "roster", report_absence, command),
        )

    def _answer_later(self, offer: OfferMade) -> None:
        _, carer = self._carers[offer.carer_id]
        dice = self._dice("answer", carer, *(str(visit.visit_id) for visit in offer.visits))
        wait = timedelta(minutes=max(1, carer.habit.answers_after_minutes + dice.randint(-1, 20)))
        says_yes = dice.random() < carer.habit.says_yes
        self._stage.plan(
            self._stage.clock.now() + wait, f"answer/{offer.offer_id}", lambda: self._answer(offer, says_yes)
        )

    def _answer(self, offer: OfferMade, says_yes: bool) -> None:
        if says_yes:
            self._do(offer.carer_id, "matching", accept_offer, AcceptOffer(offer_id=offer.offer_id))
        else:
            self._do(offer.carer_id, "matching", decline_offer, DeclineOffer(offer_id=offer.offer_id))

    def _come_at(self, visit_id: UUID, carer_id: UUID, start: datetime) -> None:
        dice = self._dice("come", self._carers[carer_id][1], str(visit_id))
        self._stage.plan(
            start + timedelta(minutes=dice.randint(_EARLIEST, _LATEST)),
            f"come/{visit_id}/{carer_id}",
            lambda: self._come(visit_id, carer_id),
        )

    def _come(self, visit_id: UUID, carer_id: UUID) -> None:
        card = self._do(carer_id, "roster", show_visit_card, ShowVisitCard(visit_id=visit_id, carer_id=carer_id))
        if card is None or card["state"] != "rostered" or card["start"] > self._stage.clock.now() + _NEAR:
            return
        self._do(carer_id, "roster", check_in, CheckIn(visit_id=visit_id, carer_id=carer_id))
        dice = self._dice("go", self._carers[carer_id][1], str(visit_id))
        self._stage.plan(
            card["end"] + timedelta(minutes=dice.randint(0, _STAYS_AT_MOST)),
            f"go/{visit_id}/{carer_id}",
            lambda: self._go(visit_id, carer_id),
        )

    def _go(self, visit_id: UUID, carer_id: UUID) -> None:
        leaving = CheckOut(visit_id=visit_id, carer_id=carer_id, handed_to="a parent")
        self._do(carer_id, "roster", check_out, leaving)

    def _do(self, carer_id: UUID, service: str, handler: Any, command: Any) -> Any:
        # A no is an answer too: taken by another, expired, no longer theirs. The carer reads it and goes on.
        loader, _ = self._carers[carer_id]
        account_id = loader.account_of(carer_id, Role.CARER)
        caller = Caller(desk_id=loader.town.desk_id, account_id=account_id, role=Role.CARER, person_id=carer_id)
        try:
            return self._stage.run(service, handler, command, caller)
        except DomainError:
            return None

    def _dice(self, what: str, carer: TownCarer, *about: str) -> random.Random:
        return random.Random("/".join((str(self._seed), what, carer.first_name, *sorted(about))))
