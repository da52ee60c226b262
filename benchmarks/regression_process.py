"""``python -m benchmarks.regression_process [NAME…]``: this process's ratios, as JSON."""

from __future__ import annotations

import json
import sys

import numpy as np

from . import ratios
from .comparisons import Comparison, against_freqtrade, on_arrays, on_frames


def compared() -> list[Comparison]:
    """What has a ratio in the baseline: whatever is called by a strategy or by freqtrade."""
    return [*on_arrays(), *on_frames(), *against_freqtrade()]


def main() -> None:
    """Verify and measure; AssertionError where results differ."""
    names = sys.argv[1:]
    table = [each for each in compared() if not names or ratios.key(each) in names]
    for comparison in table:
        comparison.verify()
    print(json.dumps(ratios.measured(table)))


if __name__ == "__main__":
    np.seterr(all="ignore")
    main()
