"""``lookback`` is TA-Lib's, and is how long the head of a result is."""

from __future__ import annotations

import numpy as np
import pytest
from outcomes import assert_same, both, outcome

from ft_numba_aot.ta._table import DEFINITIONS

LIMITS = (-1, 0, 100_001, -(2**31), 2**31 - 1, 2**31, 2**63)


@pytest.mark.parametrize("name", DEFINITIONS)
def test_lookback_is_talibs(name: str) -> None:
    rng = np.random.default_rng(1)
    for _ in range(300 if DEFINITIONS[name].parameters else 1):
        ours, theirs = both(name)
        changes = {
            p.name: int(rng.choice([p.low, p.low + 1, rng.integers(p.low, 60), p.high]))
            if isinstance(p.default, int) and not p.name.endswith("matype")
            else int(rng.integers(p.low, p.high + 1))
            if isinstance(p.default, int)
            else p.default
            for p in DEFINITIONS[name].parameters
        }
        ours.set_parameters(changes)
        theirs.set_parameters(changes)
        assert ours.lookback == theirs.lookback, changes


@pytest.mark.parametrize("name", DEFINITIONS)
def test_lookback_of_bad_parameters(name: str) -> None:
    for parameter in DEFINITIONS[name].parameters:
        typed = type(parameter.default)
        for value in (*map(typed, LIMITS), *([float("nan"), -4e37] if typed is float else [])):
            functions = both(name)
            for function in functions:
                function.set_parameters({parameter.name: value})
            assert_same(*[outcome(lambda f=f: [np.array(f.lookback)]) for f in functions])
