"""The desk's published order of requests: its own rules, in its own sequence, from a day on; each place explained."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from shared.domain.errors import Invalid


@dataclass(frozen=True, slots=True, kw_only=True)
class PriorityFacts:
    """Everything that can decide about a request's place; how and whether a family pays is not among it, nor its name."""

    urgent: bool = False
    vulnerable: bool = False
    no_alternative: bool = False
    working_or_training: bool = False
    referred: bool = False
    special_care: bool = False
    siblings: bool = False
    regular: bool = False
    starts_within_days: int | None = None


class PriorityRule(StrEnum):
    """What a desk may put in its order; the first that differs between two requests decides."""

    URGENT = "urgent"
    VULNERABLE = "vulnerable"
    NO_ALTERNATIVE = "no_alternative"
    WORKING_OR_TRAINING = "working_or_training"
    REFERRED = "referred"
    SPECIAL_CARE = "special_care"
    SIBLINGS = "siblings"
    REGULAR = "regular"
    STARTS_SOON = "starts_soon"


SOON_DAYS = 7

_HOLDS: Mapping[PriorityRule, Callable[[PriorityFacts], bool]] = {
    PriorityRule.URGENT: lambda facts: facts.urgent,
    PriorityRule.VULNERABLE: lambda facts: facts.vulnerable,
    PriorityRule.NO_ALTERNATIVE: lambda facts: facts.no_alternative,
    PriorityRule.WORKING_OR_TRAINING: lambda facts: facts.working_or_training,
    PriorityRule.REFERRED: lambda facts: facts.referred,
    PriorityRule.SPECIAL_CARE: lambda facts: facts.special_care,
    PriorityRule.SIBLINGS: lambda facts: facts.siblings,
    PriorityRule.REGULAR: lambda facts: facts.regular,
    PriorityRule.STARTS_SOON: lambda facts: (
        facts.starts_within_days is not None and facts.starts_within_days <= SOON_DAYS
    ),
}

SENTENCES: Mapping[PriorityRule, str] = {
    PriorityRule.URGENT: "An emergency or a sick child comes first.",
    PriorityRule.VULNERABLE: "Families in the most vulnerable situation come first.",
    PriorityRule.NO_ALTERNATIVE: "Families without any other possibility come first.",
    PriorityRule.WORKING_OR_TRAINING: "Parents who work, look for work or are in training come first.",
    PriorityRule.REFERRED: "Families sent by a partner come first.",
    PriorityRule.SPECIAL_CARE: "Children with special care needs come first.",
    PriorityRule.SIBLINGS: "Siblings who need care together come first.",
    PriorityRule.REGULAR: "Regular care comes first.",
    PriorityRule.STARTS_SOON: f"Care that starts within {SOON_DAYS} days comes first.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class PriorityOrder:
    """The rules in force from a day on, the weightiest first, and why the desk chose them."""

    valid_from: date
    rules: tuple[PriorityRule, ...]
    rationale: str

    def __post_init__(self) -> None:
        for number, rule in enumerate(self.rules):
            if rule not in tuple(PriorityRule):
                raise Invalid(f"A rule is one of {', '.join(PriorityRule)}; not {rule!r}.", pointer=f"#/rules/{number}")
        if len(set(self.rules)) != len(self.rules):
            raise Invalid("One rule is there twice.", pointer="#/rules")


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One rule of the order, and whether it holds of a request."""

    rule: PriorityRule
    sentence: str
    holds: bool


def priority(facts: PriorityFacts, order: PriorityOrder) -> int:
    """The higher, the sooner it is looked at: the first rule outweighs all that follow it together."""
    places = len(order.rules)
    return sum(1 << (places - 1 - place) for place, rule in enumerate(order.rules) if _HOLDS[rule](facts))


def explained(place: int, order: PriorityOrder) -> Sequence[Step]:
    """The order's rules, weightiest first, with those that gave a request this place."""
    places = len(order.rules)
    return [
        Step(rule=rule, sentence=SENTENCES[rule], holds=bool(place >> (places - 1 - number) & 1))
        for number, rule in enumerate(order.rules)
    ]


# What holds at a desk that published nothing yet: our default.
DEFAULT_ORDER = PriorityOrder(
    valid_from=date(2000, 1, 1),
    rules=(
        PriorityRule.URGENT,
        PriorityRule.VULNERABLE,
        PriorityRule.NO_ALTERNATIVE,
        PriorityRule.WORKING_OR_TRAINING,
        PriorityRule.REFERRED,
    ),
    rationale="Our default until the desk publishes its own order.",
)
