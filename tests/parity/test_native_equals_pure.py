"""The native extension and the plain Python of the same kernel give the same bits."""

from __future__ import annotations

import importlib
import sys
import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
import pytest
from candles import SHAPES, any_candles, prices, same_bits
from definitions import arguments_of, parameters_of
from hypothesis import given
from hypothesis import strategies as st

import ft_numba_aot
from ft_numba_aot import _backend
from ft_numba_aot.ta._compute import Compute
from ft_numba_aot.ta._table import DEFINITIONS

pytestmark = pytest.mark.skipif(
    _backend.backend() == "pure", reason="the backend is pure: nothing to compare it with"
)


def pure_compute(name: str) -> Compute:
    compute = Compute(DEFINITIONS[name])
    kernel = _backend._pure_kernels()[name.lower()]
    compute._kernel, compute._work = _backend._pure(kernel), kernel.work
    return compute


@pytest.mark.parametrize("name", DEFINITIONS)
@given(data=st.data())
def test_indicators(name: str, data: st.DataObject) -> None:
    columns = data.draw(any_candles(max_size=120))
    definition = DEFINITIONS[name]
    values = list(parameters_of(data.draw, definition, len(columns["close"])).values())
    arrays = arguments_of(definition, columns, "arrays")
    native: list[Any] = Compute(definition)(arrays, values)
    pure: list[Any] = pure_compute(name)(arrays, values)
    for one, other in zip(native, pure, strict=True):
        assert same_bits(one, other), (values, one, other)


def test_work_space_is_as_large_natively() -> None:
    rng = np.random.default_rng(5)
    for name, definition in DEFINITIONS.items():
        native, pure = _backend.work(name.lower()), _backend._pure_kernels()[name.lower()].work
        assert (native is None) == (pure is None), name
        if native is None or pure is None:
            continue
        for length in (1, 10, 1000):
            values = [
                int(rng.integers(p.low, min(p.high, 99) + 1))
                if isinstance(p.default, int)
                else p.default
                for p in definition.parameters
            ]
            assert native(length, *values) == pure(length, *values), (name, length, values)


class Both:
    """Stands in for ``_backend.call``: kernels that run both ways and compare what they wrote."""

    def __init__(self) -> None:
        self.called: set[str] = set()

    def __call__(self, name: str) -> Any:
        native = getattr(_backend._native, name)
        pure = _backend._pure(_backend._pure_kernels()[name])

        def run(*arguments: Any) -> Any:
            self.called.add(name)
            copies = [a.copy() if isinstance(a, np.ndarray) else a for a in arguments]
            ours, theirs = native(*arguments), pure(*copies)
            assert ours == theirs or (ours != ours and theirs != theirs), name
            outputs = list(_backend._pure_kernels()[name].arguments.values())
            for one, other, code in zip(arguments, copies, outputs, strict=True):
                if code.isupper():
                    assert same_bits(one, other), (name, one, other)
            return ours

        return run


MODULES = ("metrics", "pnl", "precision")


@pytest.fixture
def both(monkeypatch: pytest.MonkeyPatch) -> Iterator[Both]:
    """Modules that are imported anew call such kernels; whoever has the others keeps them."""
    recorder = Both()
    ours = tuple(f"{ft_numba_aot.__name__}.{name}" for name in MODULES)
    own = {name: module for name, module in sys.modules.items() if name.startswith(ours)}
    with monkeypatch.context() as patch:
        patch.setattr(_backend, "call", recorder)
        for name in MODULES:
            patch.setattr(ft_numba_aot, name, None, raising=False)
        for name in own:
            del sys.modules[name]
        try:
            for name in ours:
                importlib.import_module(name)
            yield recorder
        finally:
            for name in [name for name in sys.modules if name.startswith(ours)]:
                del sys.modules[name]
            sys.modules.update(own)


def test_metrics_pnl_and_precision(both: Both) -> None:
    metrics, pnl, precision = (getattr(ft_numba_aot, name) for name in MODULES)
    rng = np.random.default_rng(17)
    for length in [*range(40), 300, 3000]:
        for shape in SHAPES:
            values = prices(rng, length, shape)
            holed = np.where(rng.random(length) < 0.1, np.nan, values)
            for function in (metrics.total, metrics.mean, metrics.variance, metrics.std):
                with np.errstate(all="ignore"), warnings.catch_warnings(action="ignore"):
                    function(values)
            for function in (metrics.nan_total, metrics.nan_mean, metrics.nan_std):
                function(holed)
            metrics.nan_variance(holed)
            metrics.downside_deviation(values, 1000.0)
            if length:
                metrics.drawdown_series(values, 1000.0)
                metrics.max_drawdown(values, 1000.0)
            if length and not np.isnan(holed).all():  # a pair of NaN alone is an IndexError
                with warnings.catch_warnings(action="ignore"), np.errstate(all="ignore"):
                    metrics.calculate_market_change({"A": pd.DataFrame({"close": holed})})
            precision.decimals(holed)
            rates = abs(values) + 1e-9
            fees = rng.choice([0.0, 0.001, 0.00075], length)
            shorts = rng.random(length) < 0.5
            pnl.vectorized_pnl(
                rates,
                rates[::-1],
                np.round(rates, 3),
                fee_open=fees,
                fee_close=fees,
                is_short=shorts,
                funding_fees=np.round(values, 4) / 1000,
            )
    kernels = _backend._pure_kernels()
    assert both.called == {name for name in kernels if kernels[name].family in MODULES}


@given(any_candles(max_size=60))
def test_heikin_ashi(columns: dict[str, Any]) -> None:
    prices = [np.ascontiguousarray(columns[name]) for name in ("open", "high", "low", "close")]
    Both()("heikin_ashi")(*prices, *np.empty((4, len(prices[0]))))


BACKTEST = {"next_exit", "next_signal", "count_signals"}


@given(data=st.data())
def test_look_ahead(data: st.DataObject) -> None:
    """Trades and signals at random; the stop that trailing leaves is compared as well."""
    both = Both()
    rng = np.random.default_rng(data.draw(st.integers(0, 2**32 - 1)))
    length = data.draw(st.integers(0, 80))
    low, opened, high = np.sort(np.exp(rng.normal(0.0, 0.02, (3, length))), axis=0)
    for column in (low, opened, high):
        if data.draw(st.integers(0, 4)) == 0 and length:
            column[rng.integers(0, length)] = data.draw(
                st.sampled_from([np.nan, np.inf, 0.0, -1.0])
            )
    side = data.draw(st.sampled_from([1.0, -1.0]))
    best, worst = (high, low) if side > 0 else (low, high)
    share = data.draw(st.sampled_from([0.0, 0.02, 0.5]))
    odd, exits, enters = rng.random((3, length)) < np.array([[share / 9], [share], [share]])
    entries = data.draw(st.integers(0, 3))
    start = data.draw(st.integers(0, length))
    ratios = st.floats(-0.05, 0.05)
    both("next_exit")(
        *(np.ascontiguousarray(prices) for prices in (best, worst, opened)),
        1_700_000_000 + 300 * np.arange(length),
        *(np.ascontiguousarray(flags) for flags in (odd, exits, enters)),
        np.cumsum(rng.integers(0, 60, entries)).astype(np.float64),
        rng.normal(0.0, 0.02, entries),
        start,
        data.draw(st.integers(start, length)),
        1_700_000_000 - data.draw(st.integers(0, 10_000)),
        side,
        side * data.draw(st.floats(0.5, 5.0)),
        -side,
        data.draw(st.booleans()),
        data.draw(st.sampled_from([-np.inf, 0.0, 0.01])),
        *(data.draw(st.booleans()) for _ in range(2)),
        abs(data.draw(ratios)),
        *(data.draw(st.booleans()) for _ in range(2)),
        data.draw(ratios),
        abs(data.draw(ratios)),
        *(data.draw(st.sampled_from([0.0, 1e-8, 0.01])) for _ in range(2)),
        np.array([data.draw(st.floats(0.0, 2.0))]),
    )
    moments = np.sort(rng.integers(0, 200, length))
    keys = rng.integers(0, 6, length)
    blocked = rng.integers(0, 200, 6)
    first, last = sorted(data.draw(st.integers(0, length)) for _ in range(2))
    both("next_signal")(moments, keys, blocked, first, data.draw(st.integers(0, 200)))
    both("count_signals")(moments, keys, blocked, first, last)
    assert both.called == BACKTEST


def test_extension_is_built_from_these_kernels() -> None:
    build_aot = pytest.importorskip("build_aot", reason="only beside the sources")
    assert _backend._native is not None
    assert _backend._native._fingerprint() == build_aot.fingerprint()
