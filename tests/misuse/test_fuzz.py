"""Random calls with bad arguments: each comes to what TA-Lib's comes to, and none is a crash.

``FT_NUMBA_AOT_FUZZ_CALLS`` and ``FT_NUMBA_AOT_FUZZ_SEED`` set how many and which. A process
of its own makes them (``bad_calls.py``), so that a crash is a failed test, told with its call.
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
from pathlib import Path

import pytest
from outcomes import original

CALLS = int(os.environ.get("FT_NUMBA_AOT_FUZZ_CALLS", "5000"))
SEED = int(os.environ.get("FT_NUMBA_AOT_FUZZ_SEED") or random.SystemRandom().randrange(10**9))
SCRIPT = Path(__file__).with_name("bad_calls.py")


def test_bad_calls_come_to_what_talibs_come_to(tmp_path: Path) -> None:
    original()
    pytest.importorskip("polars")
    print(f"FT_NUMBA_AOT_FUZZ_SEED={SEED} FT_NUMBA_AOT_FUZZ_CALLS={CALLS}")
    position = tmp_path / "position"
    done = subprocess.run(
        [sys.executable, "-W", "ignore", SCRIPT, str(SEED), str(CALLS), "0", position],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "PYTHONFAULTHANDLER": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    print(done.stdout[-20_000:], done.stderr[-20_000:])
    last = position.read_text().strip()
    assert done.returncode == 0, (
        f"exit status {done.returncode} at call {last}; alone: python {SCRIPT.name} {SEED} 1 {last}"
    )
    assert done.stdout.endswith(f"0 of {CALLS} calls with seed {SEED} differ\n")
