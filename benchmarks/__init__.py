"""Speed, size and start-up of the installed package, against what it stands in for.

python -m benchmarks            measures all but backtests and writes docs/benchmarks.md
python -m benchmarks.backtests  measures backtests and writes their section of it
python -m benchmarks.talib_identity  compares each function with TA-Lib's, for docs/talib.md
python -m benchmarks.talib_mutations  tries kernels with a change each, for docs/talib.md
python -m benchmarks.others  times indicators of other packages, for docs/talib.md
python -m benchmarks.talib_speed  measures only TA-Lib's functions, for docs/benchmarks.md
python -m benchmarks.talib_suite  runs TA-Lib's own tests against ours, for docs/talib.md
python -m benchmarks.metrics    measures metrics, losses and reports, and writes their section
python -m benchmarks.strategies  measures ten strategies' indicators, for docs/slow-indicators.md
python -m benchmarks.regression checks ratios against the stored ones; --write stores them
python -m benchmarks.budget     checks size and start-up; exit status 1 when over budget
pytest benchmarks               the same comparisons under pytest-benchmark
"""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]

# ``python -m`` puts the checkout first, whose ft_numba_aot may not be built: what is installed
# goes first. Results are identical in the sense of the tests, so their definition is used.
sys.path[:] = [
    *(entry for entry in sys.path if Path(entry or ".").resolve() != ROOT),
    str(ROOT),
    str(ROOT / "tests"),
]
