"""What replaces freqtrade's metrics is as they are, on the probes that a start compares them on."""

from __future__ import annotations

from typing import Any

import pytest
from integration.freqtrade.trades import replacements

from ft_numba_aot.freqtrade_integration import metrics_probes
from ft_numba_aot.freqtrade_integration.switch import resolve
from ft_numba_aot.runtime import validation, verdict_cache
from ft_numba_aot.runtime.registration import Registration

MODULES = (
    "period_statistics",
    "ratios",
    "result_lines",
    "statistics",
    "wallet_statistics",
)
OURS = {replacement.original: replacement.ours for replacement in replacements(*MODULES)}


def stock(spelled: str) -> Any:
    owner, name = resolve(spelled)
    return getattr(owner, name)


def registrations() -> list[Registration]:
    return [
        Registration(
            "metrics",
            spelled.partition(":")[2],
            original=stock(spelled),
            optimized=ours,
            probes=metrics_probes.PROBES[spelled],
        )
        for spelled, ours in OURS.items()
        if spelled in metrics_probes.PROBES
    ]


def test_every_replaced_function_has_probes():
    assert OURS.keys() <= metrics_probes.EDGES.keys()
    slow = metrics_probes.EDGES.keys() - metrics_probes.PROBES.keys()
    assert [name.partition(":")[2] for name in slow] == ["generate_strategy_stats"]


def test_every_probed_function_is_freqtrades():
    for spelled in metrics_probes.PROBES:
        assert callable(stock(spelled)), spelled


@pytest.mark.parametrize("spelled", sorted(OURS))
@pytest.mark.filterwarnings("ignore")
def test_ours_is_identical(spelled):
    probes = metrics_probes.PROBES.get(spelled, lambda: ())
    for call in (*probes(), *metrics_probes.EDGES[spelled]()):
        what = validation.compare(stock(spelled), OURS[spelled], call).what
        assert not what, (call, what)


@pytest.mark.parametrize("spelled", sorted(metrics_probes.PROBES))
@pytest.mark.filterwarnings("ignore")
def test_probes_are_the_same_each_time(spelled):
    """They share their frames: nothing that a call does may stay."""
    for _ in range(2):
        for call in metrics_probes.PROBES[spelled]():
            assert not validation.compare(stock(spelled), stock(spelled), call).what, call


@pytest.mark.parametrize("spelled", sorted(OURS))
@pytest.mark.filterwarnings("ignore")
def test_the_first_probe_has_a_result(spelled):
    call = next(metrics_probes.EDGES[spelled]())
    assert validation.compare(stock(spelled), OURS[spelled], call).theirs.error is None


RAISE = {
    "calculate_max_drawdown": "Trade dataframe empty.",
    "calculate_underwater": "Trade dataframe empty.",
    "calculate_csum": "Trade dataframe empty.",
    "combine_dataframes_with_mean": "No data provided.",
    "calculate_max_drawdown_from_balance": "Balance-history dataframe empty.",
}


@pytest.mark.parametrize("name", RAISE)
def test_bad_input_is_among_them(name):
    spelled = f"freqtrade.data.metrics:{name}"
    found = [
        validation.compare(stock(spelled), stock(spelled), call).theirs.error
        for call in metrics_probes.PROBES[spelled]()
    ]
    assert RAISE[name] in [str(error) for error in found if type(error) is ValueError]


def test_all_of_them_are_validated(monkeypatch, tmp_path, caplog):
    monkeypatch.setenv("FT_NUMBA_AOT_CACHE", str(tmp_path))
    assert validation.validate(registrations()) == []
    assert validation.validate(registrations()) == []
    assert set(verdict_cache.read()) == {one.key for one in registrations()}
    assert not caplog.records, "what the probes log is shown"
