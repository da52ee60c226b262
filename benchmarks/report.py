"""Measurements as Markdown: numbers in, text out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from statistics import median
from typing import TypeAlias, TypeVar

from .budget import RUNS
from .comparisons import ARRAY_LENGTH, FRAME_LENGTH
from .measure import LONG, THREAD_RUNS, Measurement
from .tables import bold, table

SLOWER = 1.1
GAIN, LEAST_GAIN = 5.0, 3.0
# Where TA-Lib's C takes more than this share of talib.abstract's time, there is less to gain:
# then what we add to the kernel is to stay below the second share of it.
C_SHARE, ADDED_SHARE = 1 / 5, 1 / 3

# A summary names as many functions, and only counts more.
NAMED = 10

T = TypeVar("T")
# A quantity's name, its value, the unit and the limit, if it has one.
Found: TypeAlias = tuple[str, float, str, float | None]


def _summary(
    measurements: Sequence[Measurement],
    found: Sequence[T],
    lines: dict[str, Callable[[T], str]],
) -> str:
    rows = [[label, *map(line, found)] for label, line in lines.items()]
    return table(["", *_isas(measurements)], rows)


def _isas(measurements: Sequence[Measurement]) -> list[str]:
    return [measurement["isa"] for measurement in measurements]


def _original(measurements: Sequence[Measurement], group: str, name: str) -> str:
    best = min(measurement["times"][group][name][1] for measurement in measurements)
    return f"{best * 1e6:,.1f}"


def _count(names: Sequence[str]) -> str:
    named = f": {', '.join(names)}" if 0 < len(names) <= NAMED else ""
    return f"{len(names)}{named}"


def on_arrays(measurements: Sequence[Measurement]) -> str:
    """ndarrays: our time as a share of TA-Lib's."""
    found = [
        {name: ours / original for name, (ours, original) in m["times"]["arrays"].items()}
        for m in measurements
    ]
    summary = _summary(
        measurements,
        found,
        {
            "median": lambda r: f"{median(r.values()):.2f}",
            "worst": lambda r: f"{max(r.values()):.2f}: {max(r, key=r.__getitem__)}",
            f"beyond {SLOWER}": lambda r: _count([name for name in r if r[name] > SLOWER]),
        },
    )
    rows = [
        [
            name,
            _original(measurements, "arrays", name),
            *[bold(f"{ratios[name]:.2f}", ratios[name] > SLOWER) for ratios in found],
        ]
        for name in found[0]
    ]
    return f"""\
## ndarrays of {ARRAY_LENGTH:,} candles

Our time as a share of that of `talib.X`, default parameters: `ta.X.func_object`, which checks its \
arguments and allocates the outputs as `talib.X` does. Bold is beyond {SLOWER}.

{summary}

{table(["function", "TA-Lib, µs", *_isas(measurements)], rows)}
"""


class _Frames:
    """DataFrame calls of one instruction set, as ratios by function."""

    def __init__(self, measurement: Measurement) -> None:
        self.gain: dict[str, float] = {}
        self.c_share: dict[str, float] = {}
        self.added: dict[str, float] = {}
        for name, (ours, original) in measurement["times"]["frames"].items():
            kernel, plain = measurement["times"]["kernels"][name]
            self.gain[name] = original / ours
            self.c_share[name] = plain / original
            self.added[name] = (ours - kernel) / original
        self.heavy = [name for name in self.gain if self.c_share[name] > C_SHARE]

    def under(self, gain: float, *, light: bool = False) -> list[str]:
        """Functions that gain less; ``light``: of those where C isn't what takes the time."""
        names = [name for name in self.gain if self.gain[name] < gain]
        return [name for name in names if not (light and name in self.heavy)]

    def too_much_added(self) -> list[str]:
        """Functions where C takes much of the time, and we add too much to the kernel."""
        return [name for name in self.heavy if self.added[name] > ADDED_SHARE]

    def row(self, name: str) -> list[str]:
        missed = name in self.under(LEAST_GAIN, light=True) or name in self.too_much_added()
        added = f"{self.added[name]:.0%}" if name in self.heavy else ""
        return [bold(f"{self.gain[name]:.1f}", missed), added]


def on_frames(measurements: Sequence[Measurement]) -> str:
    """DataFrames: how many times as fast as talib.abstract."""
    found = [_Frames(measurement) for measurement in measurements]
    summary = _summary(
        measurements,
        found,
        {
            "median": lambda f: f"{median(f.gain.values()):.1f}",
            "worst": lambda f: f"{min(f.gain.values()):.1f}: {min(f.gain, key=f.gain.__getitem__)}",
            f"under {GAIN:g}": lambda f: _count(f.under(GAIN)),
            f"under {LEAST_GAIN:g}": lambda f: _count(f.under(LEAST_GAIN)),
            f"under {LEAST_GAIN:g}, and C is light": lambda f: _count(
                f.under(LEAST_GAIN, light=True)
            ),
            "C is heavy": lambda f: str(len(f.heavy)),
            "C is heavy: most added": lambda f: (
                f"{f.added[name]:.0%}: {name}"
                if (name := max(f.heavy, key=f.added.__getitem__, default=""))
                else ""
            ),
            "C is heavy: over a third added": lambda f: _count(f.too_much_added()),
        },
    )
    rows = [
        [
            name,
            _original(measurements, "frames", name),
            f"{found[-1].c_share[name]:.0%}",
            *[cell for frames in found for cell in frames.row(name)],
        ]
        for name in found[0].gain
    ]
    header = ["function", "talib.abstract, µs", "of which C"]
    return f"""\
## DataFrames of {FRAME_LENGTH:,} candles

How many times as fast `ta.X(dataframe)` is as `talib.abstract.X(dataframe)`. C is heavy where \
`talib.X` on ndarrays alone takes more than a fifth of `talib.abstract`'s time: such a function \
can't gain much, and what counts is what is added to the kernel (our time with the DataFrame less \
that of the bare kernel), here as a share of `talib.abstract`'s time. Bold gains less than \
{LEAST_GAIN:g} where C is light, or adds more than a third where it is heavy.

{summary}

{table([*header, *[cell for isa in _isas(measurements) for cell in (isa, "added")]], rows)}
"""


def on_freqtrade(measurements: Sequence[Measurement]) -> str:
    """freqtrade's own functions: how many times as fast."""
    rows = [
        [
            name,
            _original(measurements, "freqtrade", name),
            *[
                bold(f"{original / ours:,.1f}", original < ours)
                for ours, original in [m["times"]["freqtrade"][name] for m in measurements]
            ],
        ]
        for name in measurements[0]["times"]["freqtrade"]
    ]
    return f"""\
## Metrics, profits and price precision

How many times as fast as the function named after the colon, on 1,000 trades unless it says \
otherwise. Bold is slower.

{table(["ours: original", "original, µs", *_isas(measurements)], rows)}
"""


def in_threads(measurements: Sequence[Measurement]) -> str:
    """Two threads: how far two calls overlap."""
    rows = [
        [name, *[f"{measurement['threads'][name]:.2f}" for measurement in measurements]]
        for name in measurements[0]["threads"]
    ]
    return f"""\
## Two threads

Kernels release the GIL. The time of two at once, on {LONG:,} candles, as a share of the same two \
one after the other: 0.5 is full overlap, 1 is none. The least of {THREAD_RUNS} times, as elsewhere.

{table(["function", *_isas(measurements)], rows)}
"""


def start_up(times: dict[str, list[float]], budgets: Iterable[Found]) -> str:
    """What a process waits for, and what the package weighs."""
    rows = [
        [name, f"{min(seconds) * 1e3:.2f}", f"{median(seconds) * 1e3:.2f}"]
        for name, seconds in times.items()
    ]
    limits = [
        [
            name,
            bold(f"{found:.2f} {unit}", limit is not None and found > limit),
            "" if limit is None else f"{limit:g} {unit}",
        ]
        for name, found, unit, limit in budgets
    ]
    return f"""\
## Size and start-up

Each time is that of a fresh interpreter, {RUNS} of them; calls are `ta.SMA` of 1,000 candles. \
Budgets are of CPU time.

{table(["", "least, ms", "median, ms"], rows)}

{table(["", "found", "budget"], limits)}
"""
