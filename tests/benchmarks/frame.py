"""What every benchmark is made of: runs and their medians, a named reference, a table for people and a line of JSON.

A benchmark is a module in this folder with `TITLE` and `run(say) -> list[Row]`; `say` tells how far it is. Machines
are noisy and shared, so what is compared runs in turns, and the median of the turns' ratios counts.
"""

import json
import logging
import math
import os
import platform
import statistics
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, redirect_stderr
from dataclasses import dataclass
from typing import Any, Protocol, cast

from shared.telemetry.logging import configure_logging

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One number: what it is, in which unit, beside what it stands and how many times that it is.

    `aim` says what we want and whether it holds; None where there is no aim.
    """

    name: str
    value: float
    unit: str
    reference: str = ""
    ratio: float | None = None
    aim: str = ""
    holds: bool | None = None


class Benchmark(Protocol):
    """A module of this folder."""

    TITLE: str

    def run(self, say: Say) -> list[Row]: ...


@dataclass(frozen=True, slots=True)
class Compared:
    """Two rates, each the median of its runs, and the median of the ratios of runs that stood side by side."""

    subject: float
    reference: float
    ratio: float


def compare(
    subject: Callable[[], float], reference: Callable[[], float], *, runs: int = 5, warm_up: int = 1
) -> Compared:
    """Run both in turns, `runs` times after the warm-up; each gives a rate (more is better)."""
    for _ in range(warm_up):
        subject()
        reference()
    pairs = [(subject(), reference()) if turn % 2 else _swapped(subject, reference) for turn in range(runs)]
    return Compared(
        subject=statistics.median(one for one, _ in pairs),
        reference=statistics.median(other for _, other in pairs),
        ratio=statistics.median(one / other for one, other in pairs),
    )


def rate(count: int, do: Callable[[], object]) -> float:
    """How many a second, when `do` does `count` of them."""
    began = time.perf_counter()
    do()
    return count / (time.perf_counter() - began)


def percentile(values: Iterable[float], percent: float) -> float:
    """The smallest of the values that at least so many percent do not exceed."""
    ranked = sorted(values)
    return ranked[max(0, math.ceil(len(ranked) * percent / 100) - 1)]


def median_of(runs: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """For every name, the median over the runs."""
    return {name: statistics.median(run[name] for run in runs) for name in runs[0]}


@contextmanager
def logged_to_nowhere() -> Iterator[None]:
    """Logs are made as in earnest and not kept: making them is part of the work, reading them isn't."""
    with open(os.devnull, "w") as nowhere, redirect_stderr(nowhere):
        configure_logging("bench", level="info")
        try:
            yield
        finally:
            logging.getLogger().handlers.clear()


def table(title: str, rows: Sequence[Row]) -> str:
    """The rows for people."""
    lines = [f"\n{title}\n"]
    for row in rows:
        beside = f"{row.ratio:.2f} × {row.reference}" if row.ratio is not None else row.reference
        verdict = "" if row.holds is None else ("  holds: " if row.holds else "  MISSED: ") + row.aim
        lines.append(f"  {row.name:<58}{_number(row.value):>10} {row.unit:<10}{beside}{verdict}")
    return "\n".join(lines)


def line(found: Mapping[str, Sequence[Row]]) -> str:
    """Everything in one line of JSON, with the machine it was measured on."""
    numbers: dict[str, Any] = {
        name: [
            {
                key: value
                for key, value in (
                    ("name", row.name),
                    ("value", round(row.value, 4)),
                    ("unit", row.unit),
                    ("reference", row.reference or None),
                    ("ratio", None if row.ratio is None else round(row.ratio, 4)),
                    ("aim", row.aim or None),
                    ("holds", row.holds),
                )
                if value is not None
            }
            for row in rows
        ]
        for name, rows in found.items()
    }
    return json.dumps({"benchmarks": numbers, "machine": machine()})


def machine() -> dict[str, Any]:
    """What the numbers were measured on, and how busy it was with other things just now."""
    return {
        "cores": os.cpu_count(),
        "load": round(os.getloadavg()[0], 1),
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
    }


def as_benchmark(module: object) -> Benchmark:
    """The module, if it is one. Raises TypeError otherwise."""
    if not isinstance(getattr(module, "TITLE", None), str) or not callable(getattr(module, "run", None)):
        raise TypeError(f"{module!r} has no TITLE or no run(say).")
    return cast("Benchmark", module)


def _swapped(subject: Callable[[], float], reference: Callable[[], float]) -> tuple[float, float]:
    # Whoever comes second finds warmer caches: that must not always be the same one.
    other = reference()
    return subject(), other


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"
