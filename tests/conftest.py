"""Fixtures every test may ask for."""

import structlog

pytest_plugins = ["tests.support.kafka", "tests.support.postgres"]

# A line for every command of every test, or a drawn traceback, would drown what a failed one has to say.
structlog.configure(
    wrapper_class=structlog.make_filtering_bound_logger("warning"),
    processors=[
        structlog.processors.add_log_level,
        structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback),
    ],
)
