"""What a process waits for until its first indicator: this package, and numba's JIT.

Imports the standard library. ``measure`` runs this file as a script, in a fresh interpreter
for each contestant; both compute the same simple moving average with the same kernel.
"""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from time import perf_counter
from typing import Any, NamedTuple

CONTESTANTS = ("ft_numba_aot", "numba")
CANDLES = 1000
PERIOD = 20
_TIMEOUT = 300


class FirstCall(NamedTuple):
    """Seconds that a fresh interpreter takes to import, to call first, and for later calls."""

    imports: float
    first: float
    later: float


def measure(contestant: str) -> FirstCall | str:
    """Seconds of one of ``CONTESTANTS`` in a fresh interpreter, or why there are none."""
    if importlib.util.find_spec(contestant) is None:
        return f"{contestant} isn't installed"
    try:
        process = subprocess.run(
            [sys.executable, "-P", __file__, contestant],
            capture_output=True,
            text=True,
            timeout=_TIMEOUT,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return f"no answer in {_TIMEOUT} s"
    if process.returncode:
        lines = process.stderr.strip().splitlines()
        return lines[-1] if lines else f"exit status {process.returncode}"
    return FirstCall(*json.loads(process.stdout))


def _best(call: Callable[[], Any]) -> float:
    seconds = []
    for _ in range(50):
        start = perf_counter()
        call()
        seconds.append(perf_counter() - start)
    return min(seconds)


def _ours(close: Any) -> FirstCall:
    start = perf_counter()
    import ft_numba_aot.ta as ta

    imported = perf_counter()
    ta.SMA(close, timeperiod=PERIOD)
    first = perf_counter()
    later = _best(lambda: ta.SMA(close, timeperiod=PERIOD))
    return FirstCall(imported - start, first - imported, later)


def _numba(close: Any) -> FirstCall:
    import numpy as np

    # The kernels' source is the user's own module in a numba project: not part of the wait.
    from ft_numba_aot._kernels import _spec, overlap

    start = perf_counter()
    import numba

    imported = perf_counter()
    compiled = {
        function: numba.njit(cache=False, error_model="numpy")(function)
        for function in (*_spec.HELPERS, *_spec.PRIMITIVES.values(), overlap.sma)
    }
    for name, module in list(sys.modules.items()):
        if name.startswith("ft_numba_aot._kernels."):
            for variable, value in list(vars(module).items()):
                if callable(value) and value in compiled:
                    setattr(module, variable, compiled[value])
    overlap.sma(close, PERIOD, np.empty_like(close))
    first = perf_counter()
    later = _best(lambda: overlap.sma(close, PERIOD, np.empty_like(close)))
    return FirstCall(imported - start, first - imported, later)


def _main(contestant: str) -> None:
    # An uninstalled tree is not on the path of a script inside it.
    sys.path.append(str(Path(__file__).resolve().parents[2]))
    import numpy as np

    close = 100 + np.sin(np.arange(CANDLES))
    print(json.dumps((_ours if contestant == "ft_numba_aot" else _numba)(close)))


if __name__ == "__main__":
    _main(sys.argv[1])
