"""``python -m benchmarks.talib_suite [SDIST]``: TA-Lib's own tests, against our faces.

SDIST is TA-Lib's source distribution or the folder that it was unpacked to; without it pip
downloads the release that this package is compared with. ``import talib`` finds ``talib_func``,
``talib.abstract`` is ``ft_numba_aot.ta``, ``talib.stream`` is ``ft_numba_aot.stream``; nothing of
TA-Lib is imported or kept. What was found is kept in docs/talib.json, and docs/talib.md is written
anew. Exit status 1 where a test fails that isn't in ``APART``, or one of those passes.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tarfile
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from ft_numba_aot.runtime.talib_reference import REFERENCE

from .. import talib_results

HERE = Path(__file__).parent

_LIFECYCLE = "of `_ta_lib`'s private lifecycle: it starts, ends or locks TA-Lib's C library"
# Tests that don't pass, and are not meant to, with why not; those of a file by their common name.
APART = {
    "test_threads.py::test_settings_and_shutdown_reject_live_streams": _LIFECYCLE,
    "test_threads.py::test_settings_exclusion_and_reader_cleanup": _LIFECYCLE,
    "test_threads.py::test_shutdown_and_reinitialize": _LIFECYCLE,
    "test_stream.py::test_a_handle_does_not_pickle": "ours can be pickled, on purpose",
}


def main(argv: Sequence[str] | None = None) -> int:
    """Run the tests, keep and show what was found; the exit status."""
    description = (__doc__ or "").partition(": ")[2]
    parser = argparse.ArgumentParser(prog=f"python -m {__package__}", description=description)
    parser.add_argument("sdist", nargs="?", type=Path, metavar="SDIST")
    parser.add_argument("--pytest", nargs=argparse.REMAINDER, default=[], help="more for pytest")
    given = parser.parse_args(argv)
    with TemporaryDirectory() as temporary:
        folder = _unpacked(given.sdist or _downloaded(Path(temporary)), Path(temporary))
        found = _outcomes(folder, Path(temporary) / "outcomes.json", given.pytest)
    without, wrong = _judged(found)
    outcomes = dict(sorted(Counter(outcome for outcome, _ in found.values()).items()))
    print(", ".join(f"{count} {outcome}" for outcome, count in outcomes.items()))
    for test in wrong:
        print(f"{test}: {' '.join(found[test])}")
    if not given.pytest:
        suite: talib_results.Suite = {"outcomes": outcomes, "without": without}
        talib_results.keep("suite", {REFERENCE: suite})
    return int(bool(wrong) or not found)


def _downloaded(folder: Path) -> Path:
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
    release = ["--no-binary", "TA-Lib", f"TA-Lib=={REFERENCE}", "--dest", str(folder)]
    subprocess.run([*pip, *release], check=True)
    return next(folder.glob("*.tar.gz"))


def _unpacked(sdist: Path, folder: Path) -> Path:
    if sdist.is_dir():
        return sdist.resolve()
    with tarfile.open(sdist) as archive:
        archive.extractall(folder, filter="data")
    return next(path.parent for path in folder.glob("*/tests"))


def _outcomes(folder: Path, target: Path, options: Sequence[str]) -> dict[str, list[str]]:
    """Outcome and reason of each test, run where ``import talib`` finds our faces."""
    environment = os.environ | {
        "PYTHONPATH": os.pathsep.join(map(str, (HERE / "stand_in", HERE))),
        "TALIB_SUITE": str(folder),
        "TALIB_OUTCOMES": str(target),
    }
    command = [
        sys.executable,
        "-P",
        "-m",
        "pytest",
        "-p",
        "outcomes",
        "-p",
        "no:cacheprovider",
        "-q",
    ]
    subprocess.run(
        [*command, "--tb=no", "--no-header", "--rootdir=.", *options],
        cwd=folder / "tests",  # not beside TA-Lib's own package, which children would import
        env=environment,
        check=False,
        stdout=subprocess.DEVNULL if not options else None,
    )
    found: dict[str, list[str]] = json.loads(target.read_text(encoding="utf-8"))
    return found


def _judged(found: Mapping[str, list[str]]) -> tuple[dict[str, list[str]], list[str]]:
    """Tests that don't pass by why not, and those that do as they shouldn't."""
    without: dict[str, list[str]] = {}
    wrong = []
    for test, (outcome, reason) in found.items():
        apart = APART.get(test.partition("[")[0])
        if outcome == "skipped":
            without.setdefault("it skips itself here", []).append(test)
        elif (outcome == "failed") != (apart is not None):
            wrong.append(test)
        if outcome == "failed":
            without.setdefault(apart or reason.partition("\n")[0], []).append(test)
    return without, wrong


if __name__ == "__main__":
    raise SystemExit(main())
