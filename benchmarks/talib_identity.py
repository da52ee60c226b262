"""``python -m benchmarks.talib_identity [NAME…]``: every function against TA-Lib, on random cases.

Each case draws its candles, their length, what is wrong with them and the parameters from a seed
of its own, the function's name and the case's number, so that it can be drawn again:
``case("SMA", 17)``. All functions, unless some are named; what was found is kept, function by
function, in docs/talib.json, and docs/talib.md is written anew. Exit status 1 where a case differs.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import Any

import numpy as np
import talib
from candles import EXTREMES, HEADS, SHAPES, Columns, candles, same_bits
from definitions import arguments_of, in_order
from patterns import rows

from ft_numba_aot.ta import FUNCTIONS
from ft_numba_aot.ta._table import CANDLESTICK, DEFINITIONS, Definition, Parameter

from . import talib_results

CASES = 2_000
LONGEST = 5_000
# The first cases have these lengths; of the others, so many have up to so many candles.
LENGTHS = (0, 1, 2, 3, LONGEST)
SHARES = {3: 0.1, 80: 0.4, 400: 0.35, LONGEST: 0.15}
SHORT = 60
# Values that a function of the unit interval has an answer for.
BOUNDED = frozenset({"ACOS", "ASIN"})


def case(name: str, number: int) -> tuple[list[Any], dict[str, int | float]]:
    """The input arrays and the parameters of a function's case of that number."""
    definition = DEFINITIONS[name]
    rng = np.random.default_rng([number, *name.encode()])
    longest = int(rng.choice([*SHARES], p=[*SHARES.values()]))
    length = LENGTHS[number] if number < len(LENGTHS) else int(rng.integers(0, longest + 1))
    columns = candles(
        rng,
        length,
        SHAPES[number % len(SHAPES)],
        head=str(rng.choice(HEADS, p=[0.5, 0.25, 0.25])),
        extremes=int(rng.choice([0, 1, 5, length // 20], p=[0.55, 0.15, 0.15, 0.15])),
    )
    if definition.flags & CANDLESTICK and rng.random() < 0.6:
        columns |= _patterns(rng, length)
    if name in BOUNDED and rng.random() < 0.6:
        columns["close"] = rng.uniform(-1.01, 1.01, length)
    parameters = {one.name: _value(rng, one, length) for one in definition.parameters}
    return arguments_of(definition, columns, "arrays"), in_order(parameters)


def _patterns(rng: np.random.Generator, length: int) -> Columns:
    """Candles in which patterns occur, at a scale of their own, some prices those of others."""
    every = rows()
    begin = int(rng.integers(0, every.shape[1] - length + 1))
    prices = every[:, begin : begin + length] * rng.choice([1.0, 10 ** rng.uniform(-6, 6)])
    for _ in range(int(rng.integers(0, length // 8 + 1))):
        row, other, at = rng.integers(0, 4), rng.integers(0, 4), rng.integers(0, length, 2)
        prices[row, at[0]] = prices[other, at[1]]
    if length and rng.random() < 0.1:
        prices[rng.integers(0, 4), rng.integers(0, length)] = rng.choice(EXTREMES)
    return dict(zip(("open", "high", "low", "close"), prices.copy(), strict=True))


def _value(rng: np.random.Generator, parameter: Parameter, length: int) -> int | float:
    """The default, the limits, 1 and 2, as many as there are candles, or any other."""
    low, high, default = parameter.low, parameter.high, parameter.default
    if isinstance(default, int):
        edges = {1, 2, int(low), int(low) + 1, default, length - 1, length, length + 1, int(high)}
        if rng.random() < 0.4:
            return int(rng.choice(sorted(edge for edge in edges if low <= edge <= high)))
        most = min(high, SHORT if rng.random() < 0.8 else LONGEST)
        return int(rng.integers(int(low), int(most) + 1))
    drawn = (default, low, high, 0.0, rng.uniform(0, 1), rng.lognormal(0, 2), -rng.lognormal(0, 2))
    return float(np.clip(rng.choice(drawn, p=[0.25, 0.04, 0.04, 0.07, 0.2, 0.3, 0.1]), low, high))


def compared(name: str, number: int) -> tuple[int, str]:
    """How many numbers of a case were compared, NaN and no pattern left out; what differs."""
    arrays, parameters = case(name, number)
    theirs = getattr(talib, name)(*[array.copy() for array in arrays], **parameters)
    ours = FUNCTIONS[name].func_object(arrays, [*parameters.values()])
    theirs = list(theirs) if isinstance(theirs, tuple) else [theirs]
    outputs = zip(DEFINITIONS[name].outputs, ours, theirs, strict=True)
    differing = [output for output, one, other in outputs if not same_bits(one, other)]
    told = [output != 0 if output.dtype.kind == "i" else ~np.isnan(output) for output in theirs]
    numbers = int(sum(map(np.count_nonzero, told)))
    where = f"case {number}, {len(arrays[0])} candles, {parameters}"
    return numbers, f"{', '.join(differing)} of {where}" if differing else ""


def of_function(definition: Definition, cases: int) -> talib_results.Cases:
    """What a function's cases come to."""
    numbers, differing = 0, []
    for number in range(cases):
        count, difference = compared(definition.name, number)
        numbers += count
        if difference:
            differing.append(difference)
    return {
        "cases": cases,
        "numbers": numbers,
        "differing": len(differing),
        "first": differing[0] if differing else "",
    }


def main(argv: Sequence[str] | None = None) -> int:
    """Run the cases, keep and show what was found; the exit status."""
    description = (__doc__ or "").partition(": ")[2]
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.talib_identity", description=description
    )
    parser.add_argument("names", nargs="*", metavar="NAME")
    parser.add_argument("--cases", type=int, default=CASES, help="of each function")
    given = parser.parse_args(argv)
    failed = False
    for name in given.names or DEFINITIONS:
        found = of_function(DEFINITIONS[name], given.cases)
        talib_results.keep("cases", {name: found})
        failed = failed or bool(found["differing"])
        print(f"{name}: {found['cases']:,} cases, {found['differing']} differ {found['first']}")
    return int(failed)


if __name__ == "__main__":
    np.seterr(all="ignore")
    raise SystemExit(main())
