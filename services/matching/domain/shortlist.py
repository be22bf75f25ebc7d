"""The shortlist: every carer of the desk, ranked or ruled out, each with why."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from services.matching.domain.calendar import Calendar
from services.matching.domain.carer import Acquaintance, Busy, CarerView
from services.matching.domain.eligibility import RuledOut, rule_out
from services.matching.domain.need import Need
from services.matching.domain.policy import Policy
from services.matching.domain.ranking import Candidate, Contender, rank
from services.matching.domain.rules import Rules

_STRANGER = Acquaintance()


@dataclass(frozen=True, slots=True, kw_only=True)
class Shortlist:
    """Who may come, best first, and who may not."""

    candidates: tuple[Candidate, ...]
    ruled_out: tuple[tuple[UUID, RuledOut], ...]

    def candidate(self, carer_id: UUID) -> Candidate | None:
        return next((each for each in self.candidates if each.carer_id == carer_id), None)

    def reason(self, carer_id: UUID) -> RuledOut | None:
        return next((said for each, said in self.ruled_out if each == carer_id), None)

    def reasons(self) -> Counter[str]:
        """How many carers each rule ruled out."""
        return Counter(said.code for _, said in self.ruled_out)


def make_shortlist(
    need: Need,
    carers: Sequence[CarerView],
    busy: Mapping[UUID, Sequence[Busy]],
    known: Mapping[UUID, Acquaintance],
    rules: Rules,
    policy: Policy,
) -> Shortlist:
    """Ask every carer's case in turn; `busy` covers every desk, `known` says who has cared for these children."""
    contenders: list[Contender] = []
    ruled_out: list[tuple[UUID, RuledOut]] = []
    for carer in carers:
        calendar = Calendar(need=need, carer=carer, busy=busy.get(carer.carer_id, ()), rules=rules)
        said = rule_out(calendar)
        if said is None:
            contenders.append(Contender(calendar=calendar, acquaintance=known.get(carer.carer_id, _STRANGER)))
        else:
            ruled_out.append((carer.carer_id, said))
    ruled_out.sort(key=lambda each: (each[1].code, str(each[0])))
    return Shortlist(candidates=rank(need, contenders, policy), ruled_out=tuple(ruled_out))
