"""Fixtures every test may ask for."""

import structlog

pytest_plugins = ["tests.support.kafka", "tests.support.postgres"]

# A line for every command of every test would drown what a failed one has to say.
structlog.configure(wrapper_class=structlog.make_filtering_bound_logger("warning"))
