"""TA-Lib's functions with ours installed, for the tests that ask for it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from outcomes import original

from ft_numba_aot import _backend
from ft_numba_aot.runtime import talib_install
from ft_numba_aot.runtime.manager import NumbaManager

# TA-Lib's own functions are faster than kernels in pure Python, and stay.
collect_ignore_glob = [] if _backend.backend() == "native" else ["test_*.py"]


@pytest.fixture
def manager() -> Iterator[NumbaManager]:
    """A manager of its own; whatever is installed for it is gone afterwards."""
    yield from _manager()


@pytest.fixture
def installed(manager: NumbaManager) -> NumbaManager:
    """A manager for which all functions are installed."""
    return _with_all(manager)


@pytest.fixture(scope="module")
def shared() -> Iterator[NumbaManager]:
    """The same for a whole module, whose tests install nothing themselves."""
    for manager in _manager():
        yield _with_all(manager)


def _manager() -> Iterator[NumbaManager]:
    original()
    talib_install.uninstall()
    yield NumbaManager()
    talib_install.uninstall()


def _with_all(manager: NumbaManager) -> NumbaManager:
    assert len(talib_install.install(manager)) == 402, talib_install.reasons()
    return manager
