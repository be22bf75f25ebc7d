"""`make bench` runs to its end: whatever it takes for a benchmark is one."""

from importlib import import_module

import pytest

from tests.benchmarks.__main__ import names
from tests.benchmarks.frame import as_benchmark


@pytest.mark.parametrize("name", names())
def test_what_make_bench_runs_is_a_benchmark(name: str) -> None:
    assert as_benchmark(import_module(f"tests.benchmarks.{name}")).TITLE
