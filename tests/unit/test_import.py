"""What importing brings in."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import ft_numba_aot

ROOT = Path(__file__).resolve().parents[2]


def modules_after(statement: str) -> set[str]:
    code = f"{statement}; import sys; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-P", "-c", code], capture_output=True, text=True, check=True
    )
    return {name.partition(".")[0] for name in done.stdout.split()}


@pytest.mark.parametrize("statement", ["import ft_numba_aot", "import ft_numba_aot.ta"])
def test_neither_pandas_nor_freqtrade(statement: str) -> None:
    loaded = modules_after(statement)
    assert "numpy" in loaded
    assert not loaded & {"pandas", "polars", "freqtrade", "talib", "rich", "numba", "llvmlite"}


def test_native_import_leaves_the_pure_kernels_alone() -> None:
    if ft_numba_aot.backend() == "pure":
        pytest.skip("the pure backend needs them")
    code = "import ft_numba_aot.ta, sys; print('ft_numba_aot._kernels' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-P", "-c", code], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "False"


def test_the_installed_package_is_under_test() -> None:
    location = Path(ft_numba_aot.__file__)
    assert "site-packages" in location.parts or (ROOT / "ft_numba_aot").samefile(location.parent)
    assert location.parent.joinpath("py.typed").exists()
