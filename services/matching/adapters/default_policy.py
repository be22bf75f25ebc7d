"""The policy a desk begins with, read once from the data beside this file."""

import tomllib
from datetime import date
from functools import cache
from importlib import resources

from services.matching.domain.policy import Policy, policy_of


@cache
def default_policy() -> Policy:
    """What holds until the desk sets a policy of its own."""
    text = resources.files(__package__).joinpath("default_policy.toml").read_text(encoding="utf-8")
    return policy_of(date(2000, 1, 1), tomllib.loads(text))
