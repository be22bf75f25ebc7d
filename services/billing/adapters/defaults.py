"""The defaults shipped with billing, read from their data file once."""

from functools import cache
from importlib import resources

from services.billing import domain
from services.billing.domain.policy import BillingPolicy, default_policy


@cache
def _shipped() -> str:
    return resources.files(domain).joinpath("defaults.toml").read_text(encoding="utf-8")


def policy_of_new_desk(desk_name: str) -> BillingPolicy:
    """What holds at a desk until its clerk sets a policy."""
    return default_policy(_shipped(), desk_name)
