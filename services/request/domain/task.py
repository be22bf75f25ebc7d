"""What a person at the desk has to look at, and nobody else can decide."""

from enum import StrEnum


class TaskKind(StrEnum):
    """Each is about one thing (a family, a request, a visit) and open once at a time."""

    ASK_ALLERGIES = "ask_allergies"
    COMPLETE_FAMILY = "complete_family"
    ONE_KNOWN_CARER = "one_known_carer"
    SAME_FAMILY = "same_family"
    REVIEW_PLAN = "review_plan"
    PLAN_ENDS = "plan_ends"
    MAKE_FIRM = "make_firm"
    HAS_BECOME_REGULAR = "has_become_regular"
    AGREE_INTRODUCTION = "agree_introduction"
    SCHOOL_HOLIDAYS = "school_holidays"
    CALL_FAMILY = "call_family"
