"""How a carer is taken on: steps with who did what, and a day from which they may be sent."""

from collections.abc import Mapping
from datetime import date
from enum import StrEnum

from shared.domain.errors import Conflict, Invalid


class Step(StrEnum):
    """Screening and introduction come before the first family; a coach goes along; on the review day all look back."""

    SCREENING = "screening"
    INTRODUCTION = "introduction"
    COACH = "coach"
    REVIEW = "review"


# Without these nobody is sent; a review lies ahead by its nature.
BEFORE_CLEARED = (Step.SCREENING, Step.INTRODUCTION, Step.COACH)


def check_step(step: str, on: date, today: date) -> Step:
    """The step. Raises Invalid for one we don't know, or one done on a day still to come (a review may be)."""
    if step not in tuple(Step):
        raise Invalid(f"{step} is no step of taking a carer on: choose {', '.join(Step)}.", pointer="#/step")
    if step != Step.REVIEW and on > today:
        raise Invalid("This day is still to come; note a step once it is done.", pointer="#/on")
    return Step(step)


def check_may_be_cleared(done: Mapping[str, date]) -> None:
    """Raises Conflict, naming what is still to do."""
    open_steps = [step.value for step in BEFORE_CLEARED if step not in done]
    if open_steps:
        raise Conflict(
            f"Still to do before this carer is sent to a family: {', '.join(open_steps)}.",
            code="onboarding-open",
            more={"open_steps": open_steps},
        )
