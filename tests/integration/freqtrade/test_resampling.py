"""Resampled candles that are mapped to a file, as joblib hands long ones to its workers."""

from __future__ import annotations

import joblib
import numpy as np

from ft_numba_aot.freqtrade_integration.indicators import technical_util
from ft_numba_aot.freqtrade_integration.indicators.technical_frames import walk

from .frames import assert_same


def test_candles_are_merged(tmp_path):
    file = str(tmp_path / "frames")
    candles = walk()
    hourly = technical_util.resample_to_interval.__wrapped__(candles, 60)
    joblib.dump((candles, hourly), file)
    found, kinds = [], []
    for merge in (technical_util.resampled_merge.__wrapped__, technical_util.resampled_merge):
        frames = joblib.load(file, mmap_mode="r")
        assert any(type(one.values) is np.memmap for one in frames[0]._mgr.blocks)
        merged = merge(*frames)
        found.append((merged, *frames))
        kinds.append([[type(one.values) for one in frame._mgr.blocks] for frame in found[-1]])
    assert_same(*found)
    assert kinds[0] == kinds[1]
