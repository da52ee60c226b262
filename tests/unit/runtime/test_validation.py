"""Functions that aren't as their originals are found, however they differ; the others are not."""

from __future__ import annotations

import logging
import math
import warnings
from typing import Any

import numpy as np
import pandas as pd
import pytest

from ft_numba_aot.runtime import validation, verdict_cache
from ft_numba_aot.runtime.identity import same
from ft_numba_aot.runtime.registration import Registration
from ft_numba_aot.runtime.validation import compare, validate

UP = math.nextafter(0.1, 1)


@pytest.fixture(autouse=True)
def folder(monkeypatch, tmp_path):
    monkeypatch.setenv("FT_NUMBA_AOT_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def registration(original: Any, optimized: Any, *calls: Any, name: str = "f", **more: Any) -> Any:
    return Registration(
        "test",
        name,
        original=original,
        optimized=optimized,
        probes=lambda: iter(calls or [((np.arange(3.0),), {})]),
        **more,
    )


def raising(error: Exception) -> Any:
    def function(*args: Any) -> Any:
        raise error

    return function


def changing(array: Any) -> float:
    array[0] += 1
    return 0.1


BAD: dict[str, tuple[Any, Any, str]] = {
    "a bit": (lambda x: 0.1, lambda x: UP, "0.10000000000000002 is not 0.1"),
    "a type": (lambda x: np.float64(0.1), lambda x: 0.1, "(float) is not"),
    "raises": (lambda x: 0.1, raising(OSError("no")), "raises OSError: no, the original gives a"),
    "does not raise": (raising(OSError("no")), lambda x: 0.1, "gives a result (float), the"),
    "another error": (raising(KeyError(1)), raising(ValueError("1")), "raises ValueError: 1, the"),
    "another message": (raising(ValueError("a")), raising(ValueError("b")), "raises ValueError: b"),
    "an argument": (lambda x: 0.1, changing, "argument 0 afterwards: at 0: 1.0 is not 0.0"),
}


@pytest.mark.parametrize("bad", BAD)
def test_each_way_to_differ_is_found(bad, folder):
    original, optimized, what = BAD[bad]
    (finding,) = validate([registration(original, optimized)])
    assert finding.key == "test.f"
    assert finding.kind == validation.MISMATCH
    assert what in finding.what
    assert finding.reproducer is not None
    assert finding.reproducer.exists()
    assert finding.call[0][0].tolist() == [0.0, 1.0, 2.0]


GOOD: dict[str, tuple[Any, Any]] = {
    "equal": (np.sqrt, np.sqrt),
    "both raise": (raising(ValueError("a")), raising(ValueError("a"))),
    "ours says more": (raising(ValueError("a")), raising(ValueError("a: hint"))),
    "both change": (changing, changing),
}


@pytest.mark.parametrize("good", GOOD)
def test_what_is_the_same_is_not_found(good):
    assert validate([registration(*GOOD[good])]) == []


def test_every_probe_counts():
    calls = [((number,), {}) for number in range(5)]
    one = registration(lambda x: x, lambda x: x if x < 3 else -x, *calls)
    (finding,) = validate([one])
    assert finding.call == ((3,), {})
    assert (finding.ours, finding.theirs) == (-3, 3)


def test_hanging_on_to_memory_is_found():
    kept: list[Any] = []

    def keeping(array: Any) -> Any:
        kept.append(array + 1)
        return array * 2

    call = ((np.arange(500.0),), {})
    one = registration(lambda array: array * 2, keeping, call)
    (finding,) = validate([one])
    assert finding.kind == validation.MEMORY
    assert "each call hangs on to" in finding.what
    assert validate([registration(lambda array: array * 2, lambda array: array * 2, call)]) == []


def test_equal_decides_where_there_is_one():
    def close(ours: float, theirs: float) -> bool:
        return math.isclose(ours, theirs)

    assert validate([registration(lambda x: 0.1, lambda x: UP, equal=close)]) == []
    assert len(validate([registration(lambda x: 0.1, lambda x: 0.2, equal=close)])) == 1


def test_without_probes_nothing_is_compared():
    one = Registration("test", "f", original=len, optimized=raising(OSError()))
    assert validate([one]) == []


class Counting:
    def __init__(self) -> None:
        self.calls = 0

    def __call__(self, array: Any) -> Any:
        self.calls += 1
        return array * 2


def test_the_second_time_nothing_is_called():
    original, optimized = Counting(), Counting()
    one = registration(original, optimized)
    assert validate([one]) == []
    calls = original.calls, optimized.calls
    assert min(calls) > 0
    assert validate([one]) == []
    assert (original.calls, optimized.calls) == calls
    assert validate([one], cache=False) == []
    assert original.calls > calls[0]


def test_another_function_is_compared_again():
    assert validate([registration(np.sqrt, np.sqrt)]) == []
    assert len(validate([registration(np.sqrt, lambda x: np.sqrt(x) + 1)])) == 1


def test_what_was_found_is_found_again():
    one = registration(lambda x: 0.1, lambda x: UP)
    assert len(validate([one])) == 1
    assert len(validate([one])) == 1
    assert verdict_cache.read() == {}


def test_probes_that_fail_prove_nothing(caplog):
    def broken() -> Any:
        raise RuntimeError("no candles")

    one = Registration("test", "f", original=len, optimized=len, probes=broken)
    assert validate([one]) == []
    assert verdict_cache.read() == {}
    assert "no candles" in caplog.text


def test_probes_are_not_changed():
    array = np.arange(3.0)
    frame = pd.DataFrame({"a": array})

    def change(array: Any, frame: Any) -> None:
        array[:] = 7
        frame["b"] = 1

    assert validate([registration(change, change, ((array, frame), {}))]) == []
    assert array.tolist() == [0.0, 1.0, 2.0]
    assert list(frame.columns) == ["a"]


def test_nothing_is_shown(caplog, recwarn):
    def noisy(array: Any) -> Any:
        warnings.warn("odd", stacklevel=1)
        logging.getLogger("freqtrade.data.metrics").warning("no data")
        return np.log(array - 5)

    filters, handlers = list(warnings.filters), [h.filters[:] for h in logging.root.handlers]
    assert validate([registration(noisy, noisy)]) == []
    assert not caplog.records
    assert not recwarn.list
    assert list(warnings.filters) == filters
    assert [handler.filters[:] for handler in logging.root.handlers] == handlers


def test_interrupts_get_through():
    with pytest.raises(KeyboardInterrupt):
        validate([registration(np.sqrt, raising(KeyboardInterrupt()))])


def test_talibs_objects_remember_nothing_of_it():
    abstract = pytest.importorskip("talib.abstract")
    function = abstract.Function("SMA")
    function({"close": np.arange(50.0)}, timeperiod=7)
    before = function.parameters, function.outputs.tolist()
    call = (({"close": np.arange(9.0)},), {"timeperiod": 2})
    assert validate([registration(function, function, call)]) == []
    assert same((function.parameters, function.outputs.tolist()), before)


def test_compare_tells_what_both_came_to():
    found = compare(lambda x: x + 1, lambda x: x + 2, ((1,), {}))
    assert (found.what, found.ours.result, found.theirs.result) == ("3 is not 2", 3, 2)
