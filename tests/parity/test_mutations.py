"""The parity tests bite: a fused multiply-add made plain, anywhere, changes a result.

Each mutant is the kernels' own source with one ``fma(a, b, c)`` turned into ``a * b + c``.
"""

from __future__ import annotations

import operator
from collections.abc import Iterator
from functools import cache, reduce
from typing import Any

import mutants
import numpy as np
import pytest
from candles import SHAPES, candles, same_bits
from definitions import arguments_of, in_order
from mutants import PlainProduct
from patterns import AT_LIMIT, at_limit

from ft_numba_aot import _backend, metrics
from ft_numba_aot.ta._compute import Compute
from ft_numba_aot.ta._table import CANDLESTICK, DEFINITIONS, Definition

talib = pytest.importorskip("talib", reason="TA-Lib is the original")
pytestmark = pytest.mark.skipif(
    _backend.backend() == "pure", reason="mutants are pure Python: the same in a native run"
)
# Families whose own tests have mutants: TA-Lib doesn't show them.
OTHERS = ("rolling", "many", "many_windows", "_decimal", "_lanes", "_side_by_side")


def fused() -> Iterator[tuple[str, int]]:
    for module in mutants.modules():
        if module not in OTHERS:
            yield from ((module, site) for site in range(mutants.sites(PlainProduct, module)))


def parameters_of(definition: Definition, rng: np.random.Generator, round_: int) -> list[Any]:
    """Short periods, so that what a seed loses isn't smoothed away; each moving average in turn."""
    values: list[Any] = []
    for parameter in definition.parameters:
        low, high = parameter.low, parameter.high
        if parameter.name.endswith("matype"):
            values.append(round_ % (int(high) + 1))
        elif isinstance(parameter.default, int):
            values.append(int(rng.integers(max(low, 2), 7)))
        else:
            value = rng.lognormal(-1, 1)
            values.append(float(np.clip(np.round(value, 1) if round_ % 2 else value, low, high)))
    names = [parameter.name for parameter in definition.parameters]
    return [*in_order(dict(zip(names, values, strict=True))).values()]


@cache
def cases() -> list[tuple[str, list[Any], list[Any], list[Any]]]:
    """(function, arrays, parameters, TA-Lib's results), for functions of every family."""
    rng = np.random.default_rng(11)
    rounds = [
        candles(rng, n, shape) for n in (40, 42, 44, 46, 48, 50, 52, 60, 240) for shape in SHAPES
    ]
    found = []
    for name, definition in DEFINITIONS.items():
        if definition.flags & CANDLESTICK and name not in AT_LIMIT:
            continue  # what the mutants change, no other pattern computes
        own = np.random.default_rng([*name.encode()])  # whichever other functions there are
        for round_, columns in enumerate(rounds):
            parameters = parameters_of(definition, own, round_)
            arrays = arguments_of(definition, columns, "arrays")
            theirs = getattr(talib, name)(*arrays, *parameters)
            results = list(theirs) if isinstance(theirs, tuple) else [theirs]
            found.append((name, arrays, parameters, results))
    for name in AT_LIMIT:
        arrays = at_limit(name, rng, 0.3)
        found.append((name, arrays, [0.3], [getattr(talib, name)(*arrays, 0.3)]))
    # What TEMA starts from hardly shows in what it gives, and so takes many cases to notice.
    for period in range(2, 12):
        arrays = [rng.normal(size=40)]
        found.append(("TEMA", arrays, [period], [talib.TEMA(*arrays, period)]))
    return found


def survives(module: str, site: int) -> bool:
    """Whether no function's result changed; the mutated family's own functions go first."""
    mutants.mutant(PlainProduct, module, site)
    family, kernels = module, mutants.kernels()
    first = sorted(cases(), key=lambda case: kernels[case[0].lower()].family != family)
    for name, arrays, values, theirs in first:
        compute = Compute(DEFINITIONS[name])
        kernel = kernels[name.lower()]
        compute._kernel, compute._work = _backend._pure(kernel), kernel.work
        ours = compute(arrays, values)
        if not all(same_bits(one, other) for one, other in zip(ours, theirs, strict=True)):
            return False
    return True


def test_unmutated_kernels_survive() -> None:
    assert survives("overlap", -1)


@pytest.mark.parametrize(("module", "site"), list(fused()))
def test_plain_multiply_add_is_noticed(module: str, site: int) -> None:
    assert not survives(module, site)


def test_sequential_sum_is_noticed() -> None:
    values = candles(np.random.default_rng(2), 500, "decades")["close"]
    assert metrics.total(values) == values.sum()
    assert reduce(operator.add, values.tolist()) != values.sum()
