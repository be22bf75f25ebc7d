"""Reads the choices a desk begins with."""

import tomllib
from functools import cache
from importlib import resources

from services.roster.domain.policy import Policy, policy_of


@cache
def first_policy() -> Policy:
    """The policy of a desk that has chosen nothing."""
    return policy_of(tomllib.loads(resources.files(__package__).joinpath("first_policy.toml").read_text("utf-8")))
