"""A function of TA-Lib twice: called as it is installed, and called past it."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple

from outcomes import Outcome, assert_identical, original, outcome

from ft_numba_aot.runtime import talib_install


@cache
def own_call() -> Any:
    """TA-Lib's own ``Function.__call__``."""
    function = type(original().SMA)
    assert not talib_install.installed()
    return vars(function)["__call__"]


class Twins(NamedTuple):
    """Two objects of one function; what is done to both has to come to the same."""

    ours: Any
    theirs: Any

    @classmethod
    def of(cls, name: str) -> Twins:
        return cls(original().Function(name), original().Function(name))

    def call(self, *args: Any, note: object = "", **kwargs: Any) -> Outcome:
        """Call both, and compare what comes of it and what is remembered of it."""
        theirs = outcome(own_call(), self.theirs, *args, **kwargs)
        assert_same(outcome(self.ours, *args, **kwargs), theirs, note)
        self.compare(note)
        return theirs

    def do(self, what: Callable[[Any], Any], note: object = "") -> Outcome:
        """Do something else to both; calls aren't made here."""
        theirs = outcome(what, self.theirs)
        assert_same(outcome(what, self.ours), theirs, note)
        self.compare(note)
        return theirs

    def compare(self, note: object = "") -> None:
        """Everything that can be asked without computing anything."""
        ours, theirs = state_of(self.ours), state_of(self.theirs)
        assert ours.keys() == theirs.keys(), note
        for key in ours.keys() - {"input_arrays", "outputs"}:
            assert ours[key] == theirs[key], (note, key)
        assert repr(self.ours) == repr(self.theirs), note
        assert_same_arrays(ours["input_arrays"], theirs["input_arrays"], note)
        for output, array in theirs["outputs"].items():
            assert_identical(ours["outputs"][output], array, (note, output))


def state_of(function: Any) -> dict[str, Any]:
    """What TA-Lib keeps for this thread."""
    return vars(function._Function__local)


def assert_same_arrays(ours: Any, theirs: Any, note: object) -> None:
    """Candles in use: the same object, or dicts of the same ones."""
    if type(theirs) is dict:
        assert type(ours) is dict, note
        assert list(ours) == list(theirs), note
        assert all(ours[name] is array for name, array in theirs.items()), note
    else:
        assert ours is theirs, note


def assert_same(ours: Outcome, theirs: Outcome, note: object = "") -> None:
    """Identical results, or the same exception word by word."""
    if theirs.error is not None or ours.error is not None:
        assert type(ours.error) is type(theirs.error), (note, ours, theirs)
        assert str(ours.error) == str(theirs.error), note
        return
    assert type(ours.result) is type(theirs.result), note
    if isinstance(theirs.result, list | tuple):
        for one, other in zip(ours.result, theirs.result, strict=True):
            assert_same(Outcome(one, None), Outcome(other, None), note)
    elif type(theirs.result).__module__ == "builtins":
        assert ours.result == theirs.result, note
    else:
        assert_identical(ours.result, theirs.result, note)
