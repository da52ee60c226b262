"""TA-Lib's unstable periods: what they are set to, which results depend on them, and how.

An unstable period has a recurrence run for as many values before its first result is given.
Standard library, but for the arrays of ``hold_back``.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Sequence
from operator import index
from typing import Any
from weakref import WeakSet

import numpy as np

from ._table import Definition

# Functions by the unstable periods that they depend on, whatever their parameters are.
FUNCTIONS = {
    "ADX": "ADX ADXR",
    "ATR": "ATR KC SUPERTREND",
    "EMA": "EMA DEMA TEMA ZLEMA MACD MACDFIX TRIX ADOSC EFI CVI MASSI KC ERI SMI TSI",
    "RSI": "RSI STOCHRSI",
    **{
        name: name
        for name in (
            "CMO DX HA HT_DCPERIOD HT_DCPHASE HT_PHASOR HT_SINE HT_TRENDLINE HT_TRENDMODE KAMA"
            " MAMA MINUS_DI MINUS_DM NATR PLUS_DI PLUS_DM RMA RVI T3"
        ).split()
    },
}

# Unstable periods by the moving averages that depend on them, as ``matype`` numbers those. What
# type 11 is, a function's own, is the function's to say.
AVERAGES = {
    1: ("EMA",), 3: ("EMA",), 4: ("EMA",), 6: ("KAMA",), 7: ("MAMA",), 8: ("T3",),
    11: ("EMA", "RMA"), 12: ("EMA",), 13: ("RMA",),
}  # fmt: skip

# What a period does to these, and to those that it is named after, is to hold back results.
_DELAYED = frozenset({*FUNCTIONS, "ADXR", "ZLEMA", "ERI", "CVI", "ADOSC", "EFI"})
_DELAYED_BY_AVERAGES = {"MA": 0, "APO": 1, "PPO": 1, "PVO": 1}  # their default, as a type
_COMPOSED_AVERAGES = (3, 4)
# An undefined value repeats the one before, and so depends on whether that was held back.
_REPEATS = "DX"
# With a period of 1 they don't smooth, and nothing is held back.
_PLAIN_AT_1 = frozenset({"MA", "PLUS_DI", "MINUS_DI", "PLUS_DM", "MINUS_DM"})

_RETIRED = {
    "ADXR": "it is the one of ADX",
    "MFI": "it has none any more",
    "STOCHRSI": "it is the one of RSI",
}
_MOST = 100_000_000

# Those that aren't 0; replaced, never changed.
periods: dict[str, int] = {}


class InUse:
    """Periods are left as they are while one of these is alive, as each open stream has one."""

    __slots__ = ("__weakref__",)

    def __init__(self) -> None:
        _in_use.add(self)


_in_use: WeakSet[InUse] = WeakSet()


def averages(definition: Definition) -> tuple[int, ...]:
    """Where among the parameters the types of moving averages are."""
    return tuple(
        position
        for position, parameter in enumerate(definition.parameters)
        if parameter.name.endswith("matype")
    )


def unstable_periods(name: str) -> tuple[str, ...]:
    """The unstable periods that a function depends on, whatever its parameters are."""
    return tuple(period for period, names in FUNCTIONS.items() if name in names.split())


def set_unstable_period(name: str, period: int) -> None:
    """Have functions hold back as many more results, from now on, in every thread.

    ``name`` is the function's whose period it is, or ``"ALL"``. ``KeyError`` where it has none;
    ``TypeError`` and ``OverflowError`` where ``period`` isn't an integer of 0 to 2**32 - 1;
    ``RuntimeError`` while a stream is open; ``Exception`` for more than 100 million.
    """
    global periods  # noqa: PLW0603
    if _is_retired(name):
        return
    if name != "ALL" and name not in FUNCTIONS:
        raise KeyError(name)
    value = _integer(period, range(2**32), "an unsigned int")
    _refuse_in_use()
    if value > _MOST:
        raise Exception(
            "TA_SetUnstablePeriod function failed with error code 2: Bad Parameter (TA_BAD_PARAM)"
        )
    changed = periods | dict.fromkeys(FUNCTIONS if name == "ALL" else (name,), value)
    periods = {one: length for one, length in changed.items() if length}


def get_unstable_period(name: str) -> int:
    """How many more results a function holds back; ``KeyError`` where it has no such period."""
    if _is_retired(name) or name == "ALL":
        return 0
    if name not in FUNCTIONS:
        raise KeyError(name)
    return periods.get(name, 0)


def _is_retired(name: str) -> bool:
    if name not in _RETIRED:
        return False
    warnings.warn(
        f"unstable period '{name}' is deprecated and has no effect: {_RETIRED[name]}",
        DeprecationWarning,
        stacklevel=3,
    )
    return True


def set_compatibility(value: int) -> None:
    """What ``set_unstable_period`` refuses, ``value`` being of a C int; TA-Lib 0.8 has no other."""
    _integer(value, range(-(2**31), 2**31), "an int")
    _refuse_in_use()


def _refuse_in_use() -> None:
    if _in_use:
        raise RuntimeError(
            "cannot change TA-Lib settings or lifecycle while calls or streams are active"
        )


def _integer(given: Any, allowed: range, kind: str) -> int:
    try:
        value = int(given) if isinstance(given, float) else index(given)
    except TypeError:
        raise TypeError("an integer is required") from None
    if value not in allowed:
        raise OverflowError(f"{value} isn't {allowed[0]} to {allowed[-1]}: it can't be {kind}")
    return value


def delay(definition: Definition, values: Iterable[int | float]) -> int:
    """How many more results a function holds back with these parameters, as periods are set.

    Raises ``Exception`` where they change the results themselves: that isn't computed here.
    """
    name, given = definition.name, [*values]
    used = [one for one in unstable_periods(name) if one in periods]
    types = [int(given[at]) for at in averages(definition)]
    if name in _DELAYED_BY_AVERAGES:
        types = [kind if kind != 11 else _DELAYED_BY_AVERAGES[name] for kind in types]
    of_types = [one for kind in types for one in AVERAGES.get(kind, ()) if one in periods]
    if not used and not of_types:
        return 0
    if name in _PLAIN_AT_1 and given[0] == 1:
        return 0
    if used and name in _DELAYED:
        return periods[used[0]]
    if name in _DELAYED_BY_AVERAGES and types[0] not in _COMPOSED_AVERAGES:
        return periods[of_types[0]]
    raise _not_computed(name, (used or of_types)[0])


def _not_computed(name: str, period: str) -> Exception:
    return Exception(
        f"{name} isn't computed with an unstable period of {period}: it would change the results, "
        "use TA-Lib for it"
    )


def refuse_repeated(definition: Definition, output: Any, first: int) -> None:
    """``Exception`` where the first value that isn't held back may repeat one that is."""
    if definition.name == _REPEATS and output[first] == output[first - 1]:
        raise _not_computed(definition.name, definition.name)


def hold_back(
    definition: Definition,
    values: Sequence[int | float],
    arrays: Sequence[Any],
    outputs: Iterable[Any],
) -> None:
    """Take out of the outputs of these arrays what is held back, as periods are set.

    Raises ``Exception`` as ``delay`` does.
    """
    from ._lookback import lookback

    count = delay(definition, values)
    length = len(arrays[0])
    if not count or not length:
        return
    gaps = np.isnan(arrays[0])
    for array in arrays[1:]:
        gaps |= np.isnan(array)
    begin = int(np.argmin(gaps)) if not gaps.all() else length - 1
    first = begin + lookback(definition, values) + count
    for output in outputs:
        if first < length:
            refuse_repeated(definition, output, first)
        output[:first] = np.nan if output.dtype.kind == "f" else 0
