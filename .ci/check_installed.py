"""Checks an installed package from outside, without the test suite's dependencies.

    python .ci/check_installed.py native|pure [--differences FILE]

Every build of the kernels must give the bits of their plain Python, and import no numba. On
x86-64 they must be TA-Lib's bits too, where it is installed. TA-Lib's wheels for other
processors differ in places from its own for x86-64: FILE says in which functions.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

X86_64 = platform.machine().lower() in {"x86_64", "amd64"}
ISAS = ("x86-64", "x86-64-v3") if X86_64 else ("baseline",)
LENGTHS = (40, 300, 1000)

Results = dict[str, np.ndarray[Any, Any]]


def market(length: int) -> dict[str, np.ndarray[Any, Any]]:
    """Candles that begin with a NaN, and span some decades."""
    rng = np.random.default_rng(length)
    close = np.exp(np.cumsum(rng.normal(0.0, 0.1, length)))
    opened = np.concatenate([close[:1], close[:-1]])
    spread = np.abs(rng.normal(0.0, 0.02, (2, length)))
    columns = {
        "open": opened,
        "high": np.maximum(opened, close) * (1.0 + spread[0]),
        "low": np.minimum(opened, close) * (1.0 - spread[1]),
        "close": close,
        "volume": np.round(rng.lognormal(4.0, 1.0, length)),
        "periods": rng.integers(2, 30, length).astype(float),
    }
    for column in columns.values():
        column[0] = np.nan
    return columns


def named(name: str, length: int, result: Any) -> Results:
    """The outputs of a function, each under a name of its own."""
    outputs = result if isinstance(result, list | tuple) else [result]
    return {f"{name} {length} {i}": output for i, output in enumerate(outputs)}


def streams(module: Any) -> Iterator[tuple[str, int, Any, Any]]:
    """A stream of each function, opened on a part of the candles, and the others."""
    from ft_numba_aot.ta._table import DEFINITIONS

    length = LENGTHS[1]
    candles = market(length)
    candles |= {"real": candles["close"], "real0": candles["high"], "real1": candles["low"]}
    for name, definition in DEFINITIONS.items():
        inputs = [candles[argument] for argument in definition.arguments]
        handle = getattr(module, name)(*[column[: length - 40] for column in inputs])
        later = [column[length - 40 :].tolist() for column in inputs]
        yield name, length, handle, list(zip(*later, strict=True))


def compute(expected: str, target: str) -> None:
    """What a worker does: use the package with its environment's backend, and save results."""
    import pandas as pd

    import ft_numba_aot
    from ft_numba_aot import metrics, pnl, precision, stream, ta

    info = ft_numba_aot.backend_info()
    assert info.backend == expected, info
    assert (info.file is None) == (expected == "pure"), info
    results: Results = {}
    for length in LENGTHS:
        candles = market(length)
        frame = pd.DataFrame(candles)
        for name, function in ta.FUNCTIONS.items():
            found = function(candles)
            results |= named(name, length, found)
            assert function(frame).index is frame.index
    for name, length, handle, candles in streams(stream):
        updated = np.array([handle.update(*candle) for candle in candles], dtype=float)
        results |= named(f"{name} stream", length, list(np.atleast_2d(updated.T)))
    profits = metrics.drawdown_series([3.0, -1.0, -0.1, 7.0], 10.0)
    results["drawdown_series"] = np.array([profits.cumulative, profits.drawdown_relative])
    profit = pnl.vectorized_pnl([0.1, 7.3], [0.11, 7.1], 13.37, fee_open=0.001, fee_close=0.001)
    results["vectorized_pnl"] = np.array([profit.profit_abs, profit.profit_ratio])
    results["decimals"] = precision.decimals([0.1, 2.50, 30000.125])
    assert not {"numba", "llvmlite"} & sys.modules.keys()
    np.savez(target, **results)
    print(info)


def results_of(expected: str, folder: str, **choice: str) -> Results:
    """A worker's results, where ``choice`` is all that tells the package which backend to use."""
    target = Path(folder) / "results.npz"
    inherited = {k: v for k, v in os.environ.items() if not k.startswith("FT_NUMBA_AOT_")}
    command = [sys.executable, __file__, expected, "--compute", str(target)]
    subprocess.run(command, env={**inherited, **choice}, check=True)
    with np.load(target) as saved:
        return dict(saved)


def talib_results() -> Results:
    """TA-Lib's own, for every function that this package has."""
    import talib.abstract
    import talib.stream

    from ft_numba_aot import ta

    results: Results = {}
    for length in LENGTHS:
        candles = market(length)
        for name in ta.FUNCTIONS:
            results |= named(name, length, talib.abstract.Function(name)(candles))
    for name, length, handle, candles in streams(talib.stream):
        updated = np.array([handle.update(*candle) for candle in candles], dtype=float)
        results |= named(f"{name} stream", length, list(np.atleast_2d(updated.T)))
    return results


def differences(ours: Results, theirs: Results) -> dict[str, int]:
    """How many values of each function differ: any NaN equals any NaN, 0.0 isn't -0.0."""
    found: dict[str, int] = {}
    for key, other in theirs.items():
        one = ours[key]
        assert one.dtype == other.dtype, (key, one.dtype, other.dtype)
        bits = f"u{one.dtype.itemsize}"
        differs = np.ascontiguousarray(one).view(bits) != np.ascontiguousarray(other).view(bits)
        count = int(np.count_nonzero(differs & ~(np.isnan(one) & np.isnan(other))))
        if count:
            name = key.partition(" ")[0]
            found[name] = found.get(name, 0) + count
    return found


def report(found: dict[str, int]) -> str:
    """The functions in which TA-Lib's wheel differs, as Markdown."""
    import talib

    machine = f"{platform.system()} {platform.machine()}, Python {platform.python_version()}"
    lines = [f"### TA-Lib {talib.__version__} on {machine}", ""]
    if not found:
        lines.append("No function differs from this package.")
        return "\n".join([*lines, ""])
    lines += [f"| function | values that differ, of {sum(LENGTHS)} candles |", "| --- | ---: |"]
    return "\n".join([*lines, *[f"| {name} | {count} |" for name, count in found.items()], ""])


def main() -> None:
    """Check, and exit with a message where anything differs."""
    parser = argparse.ArgumentParser(description="Check the installed package.")
    parser.add_argument("expected", choices=("native", "pure"))
    parser.add_argument("--differences", type=Path, metavar="FILE")
    parser.add_argument("--compute", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.compute:
        compute(options.expected, options.compute)
        return
    with tempfile.TemporaryDirectory() as folder:
        results = results_of(options.expected, folder)
        if options.expected == "native":
            for isa in ISAS:
                other = results_of("native", folder, FT_NUMBA_AOT_ISA=isa)
                if found := differences(other, results):
                    raise SystemExit(f"{isa} differs from the default: {found}")
            pure = results_of("pure", folder, FT_NUMBA_AOT_BACKEND="pure")
            if found := differences(pure, results):
                raise SystemExit(f"native code differs from pure Python: {found}")
    if importlib.util.find_spec("talib") is None:
        return
    found = differences(results, talib_results())
    if options.differences:
        options.differences.write_text(report(found), encoding="utf-8")
    if found and X86_64:
        raise SystemExit(f"differs from TA-Lib: {found}")
    print(f"identical to TA-Lib but for {found}" if found else "identical to TA-Lib")


if __name__ == "__main__":
    main()
