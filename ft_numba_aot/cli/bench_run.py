"""Bench's work: every function and its original, compared and then timed in turn.

Imports the standard library until it runs, then whatever of freqtrade and TA-Lib is installed.
"""

from __future__ import annotations

import functools
import importlib
import re
import statistics
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from .. import freqtrade_integration
from ..runtime import talib_install
from ..runtime.configuration import Settings
from ..runtime.manager import get_numba_manager
from ..runtime.registration import Registration
from . import candles, identity_checks, timing

PAIR, MINUTES, SEED = "BTC/USDT", 5, 1

# The groups, and what each one's functions are called with.
ABSTRACT, PLAIN, TECHNICAL = "talib.abstract", "talib", "technical"
TITLES = {
    ABSTRACT: "talib.abstract and, as ta, ft_numba_aot.ta: DataFrames of {candles:,} candles",
    PLAIN: "talib: Series of {candles:,} candles",
    TECHNICAL: "technical: Series or DataFrames of {candles:,} candles",
    "metrics": "metrics: a few trades or pairs",
    "backtesting": "backtesting: an ordinary call of each",
}

Call = Callable[[], Any]


class NothingToMeasure(Exception):
    """Why there is nothing; the message is for who asked."""


@dataclass(frozen=True, slots=True)
class Row:
    """A function: seconds of a call of the original, of what stands in for it and, for an
    indicator, of ``ft_numba_aot.ta``. They are None where ``difference`` says what isn't identical.
    """

    group: str
    name: str
    difference: str
    original: float | None = None
    ours: float | None = None
    ta: float | None = None

    @property
    def ratio(self) -> float | None:
        """How many times as fast the stand-in is."""
        return self.original / self.ours if self.original and self.ours else None

    @property
    def ta_ratio(self) -> float | None:
        """How many times as fast ``ft_numba_aot.ta`` is."""
        return self.original / self.ta if self.original and self.ta else None


@dataclass(frozen=True, slots=True)
class Result:
    """What was found. ``missing`` has, by what isn't measured, the reason."""

    candles: int
    rounds: int
    rows: list[Row]
    missing: dict[str, str]

    @property
    def identical(self) -> bool:
        """Whether every function gave what its original gives."""
        return not any(row.difference for row in self.rows)

    def groups(self) -> dict[str, list[Row]]:
        """The rows by group, in the order of ``TITLES``."""
        found: dict[str, list[Row]] = {group: [] for group in TITLES}
        for row in self.rows:
            found.setdefault(row.group, []).append(row)
        return {group: rows for group, rows in found.items() if rows}

    def title(self, group: str) -> str:
        """A group, and what its functions were called with."""
        return TITLES.get(group, group).format(candles=self.candles)


@dataclass(frozen=True, slots=True)
class _Subject:
    """What is timed: calls of both functions and, for an indicator, of ``ft_numba_aot.ta``."""

    group: str
    name: str
    keys: tuple[str, ...]
    original: Call
    ours: Call
    ta: Call | None = None


def run(
    count: int,
    only: re.Pattern[str] | None,
    rounds: int,
    progress: Callable[[str, int, int], None],
) -> Result:
    """Compare and time all functions that ``only`` is found in the names of."""
    progress("starting freqtrade", 0, 0)
    missing, own_call = _install()
    registrations = identity_checks.registrations()
    frame = candles.generate_candles([PAIR], count, MINUTES, SEED)[PAIR]
    found = list(_subjects(registrations, frame, own_call))
    chosen = [one for one in found if only is None or only.search(f"{one.group}.{one.name}")]
    if not chosen:
        if found and only is not None:
            groups = ", ".join(dict.fromkeys(one.group for one in found))
            raise NothingToMeasure(
                f"--only {only.pattern}: found in no name; names begin with one of {groups}"
            )
        raise NothingToMeasure("; ".join(f"{what}: {why}" for what, why in missing.items()))
    keys = {key for one in chosen for key in one.keys}
    progress("comparing results", 0, 0)
    compared = [one for one in registrations if one.key in keys]
    differences = {one.key: one.what for one in identity_checks.validate(compared)}
    rows = []
    for done, subject in enumerate(chosen):
        progress(f"{subject.group}.{subject.name}", done, len(chosen))
        rows.append(_row(subject, differences, rounds))
    return Result(count, rounds, rows, missing)


def _install() -> tuple[dict[str, str], Any]:
    """Have everything registered; why not what isn't, and TA-Lib's own call of its functions."""
    missing: dict[str, str] = {}
    own_call = None
    try:
        # What is replaced already isn't TA-Lib's own.
        talib_install.uninstall()
        abstract = importlib.import_module("talib.abstract")
        own_call = vars(type(abstract.SMA))["__call__"]
    except Exception as error:
        missing["TA-Lib"] = f"it can't be imported ({type(error).__name__}: {error})"
    if freqtrade_integration.installed():
        from ..freqtrade_integration import inspection, switch

        switch.disable()
        status = inspection.enable_all(Settings(validation="off")).status
        if not status.enabled:
            missing["freqtrade"] = f"stays stock: {status.reason}"
        missing |= {part.name: part.reason for part in status.parts if not part.active}
    else:
        missing["freqtrade"] = f"it isn't installed: {freqtrade_integration.INSTALL}"
    talib_install.install(get_numba_manager())
    for name, reason in talib_install.reasons().items():
        # Where TA-Lib can't be imported, that has been said.
        if name != talib_install.ALL:
            missing[name] = reason
        else:
            missing.setdefault("TA-Lib", reason)
    return missing, own_call


def _subjects(
    registrations: Iterable[Registration], frame: Any, own_call: Any
) -> Iterator[_Subject]:
    by_name = {one.name: one for one in registrations if one.module != identity_checks.TA}
    with_periods = frame.assign(periods=[float(i % 29 + 2) for i in range(len(frame))])  # MAVP's
    in_ta = {one.name for one in registrations if one.module == identity_checks.TA}
    for one in by_name.values():
        if one.name.startswith(f"{ABSTRACT}."):
            yield _abstract(one, by_name, in_ta, with_periods, own_call)
        elif one.name.startswith(f"{PLAIN}."):
            name = one.name.removeprefix(f"{PLAIN}.")
            series = [with_periods[column] for column in _columns(name)]
            ours = getattr(importlib.import_module("talib"), name)
            yield _Subject(
                PLAIN,
                name,
                (one.key,),
                functools.partial(one.original, *series),
                functools.partial(ours, *series),
            )
        else:
            yield _probed(one, frame)


def _abstract(
    one: Registration,
    by_name: dict[str, Registration],
    in_ta: set[str],
    frame: Any,
    own_call: Any,
) -> _Subject:
    name = one.name.removeprefix(f"{ABSTRACT}.")
    ours = getattr(importlib.import_module("talib.abstract"), name)
    ta = getattr(importlib.import_module("ft_numba_aot.ta"), name)
    plain = by_name.get(f"{PLAIN}.{name}")
    # One whose plain function is TA-Lib's own, too.
    function = ours if plain is None else type(ours)(name, plain.original)
    keys = [one.key]
    if f"ta.{name}" in in_ta:
        keys.append(f"{identity_checks.TA}.ta.{name}")
    return _Subject(
        ABSTRACT,
        name,
        tuple(keys),
        functools.partial(own_call, function, frame),
        functools.partial(ours, frame),
        functools.partial(ta, frame),
    )


def _columns(name: str) -> list[str]:
    from ..ta._table import DEFINITIONS

    names: list[str] = []
    for series in DEFINITIONS[name].inputs.values():
        names += series if isinstance(series, list) else [series]
    return names


def _probed(one: Registration, frame: Any) -> _Subject:
    """A function of freqtrade's or technical's on an ordinary one of its calls."""
    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    group = one.module
    if one.module == "indicators":
        group = TECHNICAL
    if one.name == "qtpylib.crossed":
        args, kwargs = (frame["close"], frame["close"].rolling(20).mean(), "above"), {}
    elif one.name == "qtpylib.heikinashi":
        args, kwargs = (frame,), {}
    else:
        assert one.probes is not None
        args, kwargs = next(iter(one.probes()))
    return _Subject(
        group,
        one.name,
        (one.key,),
        functools.partial(one.original, *args, **kwargs),
        functools.partial(one.proxy, *args, **kwargs),
    )


def _row(subject: _Subject, differences: dict[str, str], rounds: int) -> Row:
    what = "; ".join(differences[key] for key in subject.keys if key in differences)
    what = what or _difference(subject)
    if what:
        return Row(subject.group, subject.name, what)
    calls = [subject.original, subject.ours]
    if subject.ta is not None:
        calls.append(subject.ta)
    return Row(subject.group, subject.name, "", *timing.medians(calls, rounds))


def _difference(subject: _Subject) -> str:
    """How the calls that are about to be timed differ."""
    from ..runtime.identity import difference

    try:
        theirs = subject.original()
        what = difference(subject.ours(), theirs)
        if not what and subject.ta is not None:
            what = difference(subject.ta(), theirs)
    except Exception as error:
        return f"raises {type(error).__name__}: {error}"
    return what


def middle(ratios: Iterable[float | None]) -> float | None:
    """The median of those that there are."""
    there = [ratio for ratio in ratios if ratio is not None]
    return statistics.median(there) if there else None
