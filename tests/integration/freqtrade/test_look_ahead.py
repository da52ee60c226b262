"""The look-ahead kernel is never late: each way to make it so is noticed by a backtest."""

from __future__ import annotations

import inspect
from unittest.mock import patch

import pytest

pytest.importorskip("freqtrade")

from ft_numba_aot import _backend
from ft_numba_aot.freqtrade_integration import open_trades

from .cases import build
from .differential import difference, observe

MUTATIONS = {
    "odd rows are missed": ("if odd[row]:", "if False:", {"no high"}),
    "a stop is met, not passed": ("side * worst[row] <=", "side * worst[row] <", {"stoploss"}),
    "a stop is looked for too low": (
        "side * worst[row] <= signed_stop",
        "side * worst[row] <= signed_stop * (1.0 - side * 1e-3)",
        {"stoploss"},
    ),
    "the best price doesn't move the stop": (
        "signed_stop = moved",
        "pass",
        {"trailing"},
    ),
    "the positive distance is missed": (
        "gap = positive_distance if positive and above > 0.0 else distance",
        "gap = distance",
        {"trailing positive"},
    ),
    "the offset is reached late": (
        "above = profit - positive_above",
        "above = profit - positive_above - 0.0008",
        {"trailing only offset"},
    ),
    "rounding up to a tick is missed": (
        "side * moved + step +",
        "side * moved +",
        {"trailing", "coarse ticks"},
    ),
    "exit signals are missed": ("if use_exits and exits[row]", "if False and exits[row]", set()),
    "an offset is missed by a margin": (
        "> exit_above:",
        "> exit_above + 0.002:",
        {"exit above offset"},
    ),
    "the first entry of a table counts": (
        "roi_values[entry - 1]",
        "roi_values[0]",
        {"roi"},
    ),
    "an entry counts late": ("// 60)", "// 75)", {"roi"}),
    "a profit is reached late": (
        "profit + margin > roi_values",
        "profit - 0.0005 > roi_values",
        {"roi"},
    ),
    "entry signals always keep the table away": (
        "not (ignore_roi and enters[row])",
        "not enters[row]",
        {"low roi"},
    ),
}


def mutated(original: str, replacement: str):
    """The kernel's plain Python with one change."""
    kernel = _backend._pure_kernels()["next_exit"]
    module = inspect.getmodule(kernel.function)
    assert module is not None
    source = inspect.getsource(kernel.function)
    assert source.count(original) == 1, original
    # Not declared a second time.
    names = {**vars(module), "kernel": lambda: lambda function: function}
    exec(source.replace(original, replacement), names)
    return names["next_exit"]


def cases(features):
    for seed in range(12):
        side = {"shorts"} if seed % 2 else set()
        yield build(
            {*features, *side}, seed, length=150, entries=0.2, watched=False, with_stats=False
        )


@pytest.mark.parametrize("change", MUTATIONS)
def test_a_late_look_is_noticed(change):
    original, replacement, features = MUTATIONS[change]
    late = mutated(original, replacement)
    for case in cases(features):
        stock = observe(case, accelerated=False)
        assert difference(stock, observe(case, accelerated=True)) == ""
        with patch.object(open_trades, "next_exit", late):
            if difference(stock, observe(case, accelerated=True)):
                return
    pytest.fail(f"no case noticed that {change}")
