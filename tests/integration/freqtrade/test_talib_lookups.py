"""technical's functions have what other code put among TA-Lib's, as technical itself has."""

from __future__ import annotations

import importlib

import numpy as np
import pytest
import talib
from candles import frame
from talib import abstract

from ft_numba_aot.freqtrade_integration import table, talib_lookups
from ft_numba_aot.freqtrade_integration.indicators import technical_volumes
from ft_numba_aot.runtime import talib_install
from ft_numba_aot.runtime.manager import NumbaManager

from .frames import assert_same, outcome

PACKAGE = "ft_numba_aot.freqtrade_integration"
MODULES = [
    importlib.import_module(f"{PACKAGE}.{name}")
    for name in table.LATE
    if name.startswith("indicators.technical_")
]
# Functions of a frame that ask for these functions of ``talib.abstract``.
ASKING = {
    one.ours.__name__: one.ours
    for module in MODULES
    for one in module.REPLACEMENTS
    if ":Consensus." not in one.original
    and {"SMA", "EMA"}.intersection(talib_lookups.looked_up(one.ours.__wrapped__))
}


def _candles():
    rng = np.random.default_rng(3)
    close = 100 * np.exp(np.cumsum(rng.normal(0, 0.01, 300)))
    columns = {"open": close * 1.001, "high": close * 1.01, "low": close * 0.99, "close": close}
    return frame({**columns, "volume": np.round(rng.lognormal(3, 1, 300), 2)})


def _both(name):
    ours = ASKING[name]
    stock, mine = _candles(), _candles()
    found = outcome(ours.__wrapped__, stock), outcome(ours, mine)
    assert_same(*found)
    assert_same(stock, mine)
    return found[0], stock


def _replaced(function):
    return lambda *arguments, **keywords: function(*arguments, **keywords) * 1.5 + 1.0


def test_what_asks():
    assert {"vwmacd", "MADR", "vfi", "stc", "RMI", "TKE", "bollinger_bands"} <= ASKING.keys()
    assert "heikinashi" not in ASKING


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", sorted(ASKING.keys() - {"mmar", "madrid_sqz", "PMAX"}))
def test_functions_of_other_code(name, monkeypatch):
    before = _both(name)
    changed = False
    # Each asks one of the two modules.
    for module in (talib, abstract):
        with monkeypatch.context() as other:
            for one in ("SMA", "EMA"):
                other.setattr(module, one, _replaced(getattr(module, one)))
            after = _both(name)
        try:
            assert_same(before, after)
        except AssertionError:
            changed = True
    # SSLChannels asks for its own in another mode.
    assert changed or name == "SSLChannels"
    assert_same(_both(name), before)


def test_ours_runs_where_they_are_talibs_own(monkeypatch):
    def refuse(*arguments, **keywords):
        raise AssertionError("the original ran")

    ours = ASKING["vwmacd"]
    monkeypatch.setattr(technical_volumes, "_vwmacd", refuse)
    monkeypatch.setattr(talib_lookups, "_own", {})
    ours(_candles())
    manager = NumbaManager()
    talib_install.install(manager)
    try:
        monkeypatch.setattr(talib_lookups, "_own", {})
        ours(_candles())
    finally:
        talib_install.uninstall()
    assert set(talib_lookups._own) == {"EMA"}
