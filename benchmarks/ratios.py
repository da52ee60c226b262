"""Ratios of our time to the original's: measured side by side, and judged by those stored.

A ratio is of two times of the same process and minute, so that it says little of the machine.
The CPU's time, because who waits for a busy machine isn't equal: a long call always is
interrupted, and the least time of a short one is of when it wasn't.

Imports the standard library and ``timing``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from statistics import median
from time import process_time
from typing import Any, NamedTuple, Protocol, TypeAlias

from .timing import interleaved

# A ratio is worse where it is more than so many times the baseline's.
TOLERANCE = 1.2
# Rounds over all comparisons, so that a busy minute spoils no ratio; in each, this many runs.
ROUNDS = 9
RUNS = 5
SECONDS = 0.3
# How often, in a process each, ratios are measured again when one seems worse, and how many of
# those measurements may find that it isn't.
AGAIN = 4
OUTLIERS = 1

# By group and name.
Ratios: TypeAlias = dict[str, float]
# The ratios of all comparisons, from a new process. Of all, because what else a process did shows:
# ours of a short function was seen to differ by 30 % between two lists of comparisons.
Measure: TypeAlias = Callable[[], Ratios]


class Compared(Protocol):
    """Two calls of the same result; a ``comparisons.Comparison`` is one."""

    @property
    def group(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def ours(self) -> Callable[[], Any]: ...
    @property
    def original(self) -> Callable[[], Any]: ...


class Verdict(NamedTuple):
    """A comparison's ratio beside the baseline's; one of them is None where it is new or gone."""

    name: str
    ratio: float | None
    baseline: float | None

    @property
    def group(self) -> str:
        """The comparison's."""
        return self.name.partition(":")[0]

    @property
    def change(self) -> float:
        """How many times the baseline's ratio it is; 1.0 where there is nothing to compare."""
        if self.ratio is None or self.baseline is None:
            return 1.0
        return self.ratio / self.baseline

    @property
    def worse(self) -> bool:
        """Beyond the tolerance."""
        return self.change > TOLERANCE

    @property
    def better(self) -> bool:
        """So far beyond the tolerance the other way that the baseline hides what comes next."""
        return self.change < 1 / TOLERANCE


def key(comparison: Compared) -> str:
    """What a comparison is called among ratios."""
    return f"{comparison.group}: {comparison.name}"


def measured(
    table: Iterable[Compared], *, rounds: int = ROUNDS, clock: Callable[[], float] = process_time
) -> Ratios:
    """Our time as a share of the original's: the median of rounds, in each the least of runs."""
    found: dict[str, list[float]] = {}
    table = list(table)
    for _ in range(rounds):
        for comparison in table:
            functions = comparison.ours, comparison.original
            ours, original = interleaved(*functions, runs=RUNS, seconds=SECONDS, clock=clock)
            found.setdefault(key(comparison), []).append(ours / original)
    return {name: median(ratios) for name, ratios in found.items()}


def settled(measure: Measure, *, times: int) -> Ratios:
    """The median of several measurements."""
    found = [measure() for _ in range(times)]
    return {name: median(ratios[name] for ratios in found) for name in found[0]}


def judged(baseline: Mapping[str, float], measure: Measure) -> list[Verdict]:
    """Every comparison, and then those that only the baseline has.

    Where one seems worse, measurements are repeated, and it is worse only if all of those but
    ``OUTLIERS`` say so. The first one, which chance may have chosen, doesn't count.
    """

    def worse(name: str, ratio: float) -> bool:
        return Verdict(name, ratio, baseline.get(name)).worse

    ratios = measure()
    again: dict[str, list[float]] = {name: [] for name in ratios if worse(name, ratios[name])}
    open_questions = list(again)
    for _ in range(AGAIN):
        if not open_questions:
            break
        now = measure()
        for name in open_questions:
            again[name].append(now[name])
        open_questions = [
            name
            for name in open_questions
            if sum(not worse(name, ratio) for ratio in again[name]) <= OUTLIERS
        ]
    ratios |= {name: sorted(found)[OUTLIERS] for name, found in again.items()}
    gone = [Verdict(name, None, ratio) for name, ratio in baseline.items() if name not in ratios]
    return [*(Verdict(name, ratio, baseline.get(name)) for name, ratio in ratios.items()), *gone]
