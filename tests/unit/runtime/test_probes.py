"""The probes: what they bring out, that they have results, and that TA-Lib's are the same."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from outcomes import original

from ft_numba_aot import ta
from ft_numba_aot.runtime import probes, validation
from ft_numba_aot.ta._table import DEFINITIONS


def test_candles_have_every_kind_of_value():
    found = np.concatenate([c for kind in probes.candles().values() for c in kind.values()])
    assert np.isnan(found).any()
    assert np.isposinf(found).any()
    assert np.isneginf(found).any()
    assert ((found == 0) & np.signbit(found)).any()
    assert ((abs(found) > 0) & (abs(found) < np.finfo(float).tiny)).any()
    assert (abs(found[np.isfinite(found)]) > 1e280).any()
    assert {len(kind["close"]) for kind in probes.candles().values()} >= {0, 1, 2, probes.ROWS}


@pytest.mark.parametrize("name", DEFINITIONS)
def test_talib_gives_the_same(name):
    theirs = original().Function(name)
    for call in probes.calls(name):
        assert not validation.compare(theirs, ta.Function(name), call).what, call[1]


@pytest.mark.parametrize("name", DEFINITIONS)
def test_talibs_plain_functions_give_the_same(name):
    original()
    plain = getattr(pytest.importorskip("talib"), name)

    def ours(*args, **kwargs):
        found = ta.Function(name)(*args, **kwargs)
        return tuple(found) if isinstance(found, list) else found

    for call in probes.array_calls(name):
        what, _, theirs = validation.compare(plain, ours, call)
        assert not what or type(theirs.error) is TypeError, (call, what)


@pytest.mark.parametrize("name", [one for one in DEFINITIONS if one not in ("ACOS", "ASIN")])
def test_the_first_has_values(name):
    """Of prices, which are beyond what has an arc sine."""
    args, kwargs = next(probes.calls(name))
    found = ta.FUNCTIONS[name](*args, **kwargs)
    for array in found if isinstance(found, list) else [found]:
        assert len(array) == probes.ROWS
        assert np.isfinite(array[-1])


def test_copies_share_no_memory():
    array, frame = np.arange(3.0), pd.DataFrame({"a": [1.0]})
    call = ({"x": [array]}, (frame, frame["a"])), {"more": array, "text": "a"}
    (first, second), kwargs = probes.copied(call)
    first["x"][0][0] = 9.0
    kwargs["more"][1] = 9.0
    second[0].loc[0, "a"] = 9.0
    second[1].iloc[0] = 9.0
    assert array.tolist() == [0.0, 1.0, 2.0]
    assert frame["a"].tolist() == [1.0]
    assert kwargs["text"] == "a"
