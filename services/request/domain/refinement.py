"""What a desk may refine of its country's rules: the limits it is asked about itself, and only to be stricter."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from shared.domain.errors import Invalid


@dataclass(frozen=True, slots=True, kw_only=True)
class _Number:
    """A number a desk may set; `stricter` compares it with the country's."""

    name: str
    least: int
    most: int
    stricter: Callable[[int, int], bool]


_REFINABLE: Mapping[str, _Number] = {
    "occasional_care": _Number(name="longest_months", least=1, most=24, stricter=lambda own, law: own <= law),
    "notice_window": _Number(name="days", least=0, most=90, stricter=lambda own, law: True),
    "programme_length": _Number(name="longest_days", least=1, most=90, stricter=lambda own, law: True),
    "urgent_place": _Number(name="lead_months", least=1, most=3, stricter=lambda own, law: own <= law),
    "minimum_age": _Number(name="months", least=0, most=36, stricter=lambda own, law: own >= law),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Law:
    """A rule of the country as it is that day."""

    country: str
    numbers: Mapping[str, Any]
    source: str


def check_refinement(code: str, numbers: Mapping[str, Any], laws: Mapping[str, Law]) -> None:
    """Raises Invalid for a rule that can't be refined at a desk, or a number that would loosen what the country says.

    What is our own default (a notice window, a programme's length) the desk may set either way.
    """
    known = _REFINABLE.get(code)
    rule = laws.get(code)
    if known is None:
        raise Invalid(f"A desk can refine {', '.join(_REFINABLE)}; not {code!r}.", pointer="#/code")
    if rule is None:
        raise Invalid(f"The country has no rule called {code} then.", pointer="#/code")
    if (
        set(numbers) != {known.name}
        or isinstance(numbers[known.name], bool)
        or not isinstance(numbers[known.name], int)
    ):
        raise Invalid(f"Say the number {known.name}, and nothing else.", pointer="#/numbers")
    value = numbers[known.name]
    if not known.least <= value <= known.most:
        raise Invalid(f"{known.name} lies between {known.least} and {known.most}.", pointer=f"#/numbers/{known.name}")
    if not known.stricter(value, rule.numbers[known.name]):
        raise Invalid(
            f"{rule.country} says {rule.numbers[known.name]} ({rule.source}): a desk can only be stricter.",
            pointer=f"#/numbers/{known.name}",
        )
