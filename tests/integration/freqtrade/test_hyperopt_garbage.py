"""Hyperopt sets aside what was there before it, and leaves the collector as it found it."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from typing import Any
from unittest.mock import patch
from weakref import ref

import pytest

from ft_numba_aot.freqtrade_integration import hyperopt_garbage


@pytest.fixture(autouse=True)
def nothing_set_aside() -> Iterator[None]:
    gc.unfreeze()
    yield
    gc.unfreeze()


class Knot:
    """An object that only the collector can find to be garbage."""

    def __init__(self) -> None:
        self.itself = self


def run(original: Any) -> list[Any]:
    calls = []

    def start(*arguments: Any) -> None:
        calls.append(arguments)
        original()

    with patch.object(hyperopt_garbage, "_original", start):
        hyperopt_garbage.start("hyperopt")
    return calls


def test_what_was_there_before_is_not_looked_at_and_what_comes_is() -> None:
    before = Knot()
    old = ref(before)
    alive: list[bool] = []

    def original() -> None:
        nonlocal before
        new = ref(Knot())
        del before
        gc.collect()
        alive.extend([old() is not None, new() is not None])

    assert run(original) == [("hyperopt",)]
    assert alive == [True, False]
    gc.collect()
    assert old() is None
    assert gc.get_freeze_count() == 0


def test_after_an_error_too() -> None:
    def original() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(original)
    assert gc.get_freeze_count() == 0


def test_what_somebody_else_has_set_aside_stays_there() -> None:
    gc.freeze()
    count = gc.get_freeze_count()
    during: list[int] = []
    run(lambda: during.append(gc.get_freeze_count()))
    assert during == [count]
    assert gc.get_freeze_count() == count
