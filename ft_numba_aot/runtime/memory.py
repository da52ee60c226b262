"""Whether repeating a call hangs on to memory: what it came to is dropped, and memory still grows.

Imports the standard library and numpy.

A few calls on arguments of their own say of nearly every function that it keeps nothing. Where
they don't, it is called hundreds of times, and hangs on to memory only if every one of ``ROUNDS``
rounds leaves ``BOUND`` bytes a call behind, after garbage collection: what is filled once, such as
a cache with a limit, is full before. Of Python's memory, only what was allocated beneath the
calls counts, whatever other threads do; memory of C's is looked at where the C library keeps
account of it and no other thread runs.
"""

from __future__ import annotations

import contextlib
import ctypes
import functools
import gc
import pickle
import threading
import tracemalloc
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from .probes import copied
from .registration import Call

# What pandas and numpy themselves leave behind is less: copies of a frame are noted with its
# index, and some texts are never given back. What keeps a result or an argument keeps more.
BOUND = 1024
ROUNDS = 8

_FEW = 2
_MANY = 64
_FRAMES = 100

Function = Callable[..., Any]


def kept(function: Function, call: Call) -> int:
    """How many bytes each call keeps; 0 for a function that hangs on to nothing."""
    return growing({"": (function, call)}).get("", 0)


def growing(calls: Mapping[str, tuple[Function, Call]]) -> dict[str, int]:
    """Those of the named functions that hang on to memory, and how many bytes a call."""
    with _quick_collection():
        with _tracing(1):
            suspects = [name for name, call in calls.items() if _grows(*call)]
        alone, found = _alone(), {}
        with _tracing(1 if alone else _FRAMES) as sees_callers:
            if sees_callers:
                memory = _traced if alone else _traced_beneath
                found = {name: _least(*calls[name], memory) for name in suspects}
        native = _native_memory()
        # Tracing takes memory of C's, too.
        if native is not None and _alone() and not tracemalloc.is_tracing():
            for name, call in calls.items():
                if not found.get(name) and _grows_in_c(*call, native):
                    found[name] = _least(*call, native)
    return {name: size for name, size in found.items() if size}


def _alone() -> bool:
    """Whether no thread runs but this one, and the main one that waits for it."""
    return threading.active_count() <= 2


def _run(function: Function, call: Call) -> None:
    args, kwargs = call
    with contextlib.suppress(Exception):
        function(*args, **kwargs)


def _grows(function: Function, call: Call) -> bool:
    """Whether a few calls leave something behind, and a few more, too."""
    # A copy of a frame is noted with its index; made anew, it isn't, which takes longer.
    for maker in (_copier, _copier, _maker, _maker):
        make = maker(call)
        gc.collect()
        before = _traced()
        for _ in range(_FEW):
            _run(function, make())
        if _traced() - before >= BOUND * _FEW:
            gc.collect()
        if _traced() - before < BOUND * _FEW:
            return False
    return True


def _grows_in_c(function: Function, call: Call, memory: Callable[[], int]) -> bool:
    call = copied(call)
    before = memory()
    for _ in range(_FEW):
        _run(function, call)
    return memory() - before >= BOUND * _FEW


def _least(function: Function, call: Call, memory: Callable[[], int]) -> int:
    """Bytes a call in the round that leaves least behind; 0 if less than ``BOUND``."""
    fresh = _maker(call)
    before = least = 0
    for number in range(ROUNDS + 1):
        for _ in range(_MANY):
            _run(function, fresh())
        gc.collect()
        after = memory()
        growth = (after - before) // _MANY
        # The first round fills what is filled once.
        if number and growth < BOUND:
            return 0
        least = growth if number <= 1 else min(least, growth)
        before = after
    return least


def _copier(call: Call) -> Callable[[], Call]:
    return functools.partial(copied, call)


def _maker(call: Call) -> Callable[[], Call]:
    """Makes arguments that share nothing with those of any other call."""
    try:
        content = pickle.dumps(call, protocol=5)
        pickle.loads(content)
    except Exception:
        return _copier(call)
    return functools.partial(pickle.loads, content)


def _traced() -> int:
    return tracemalloc.get_traced_memory()[0]


def _traced_beneath() -> int:
    """What was allocated by functions that were called from this file, and is in use."""
    beneath = tracemalloc.Filter(True, __file__, all_frames=True)
    traces = tracemalloc.take_snapshot().filter_traces([beneath]).traces
    return sum(trace.size for trace in traces)


@contextmanager
def _quick_collection() -> Iterator[None]:
    """Collecting takes as long as there is garbage, not as everything that is imported is large."""
    if gc.get_freeze_count():  # somebody else's
        yield
        return
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


@contextmanager
def _tracing(frames: int) -> Iterator[bool]:
    """Trace allocations with that many callers; whether so many are seen."""
    if tracemalloc.is_tracing():
        yield tracemalloc.get_traceback_limit() >= frames
        return
    tracemalloc.start(frames)
    try:
        yield True
    finally:
        tracemalloc.stop()


class _Mallinfo2(ctypes.Structure):
    """glibc's ``struct mallinfo2``."""

    _fields_ = [
        (name, ctypes.c_size_t)
        for name in (
            "arena",
            "ordblks",
            "smblks",
            "hblks",
            "hblkhd",
            "usmblks",
            "fsmblks",
            "uordblks",
            "fordblks",
            "keepcost",
        )
    ]


@functools.cache
def _native_memory() -> Callable[[], int] | None:
    """Tells how many bytes C's allocator has given out; None where it doesn't say."""
    try:
        mallinfo2 = ctypes.CDLL(None).mallinfo2
    except (AttributeError, OSError, TypeError):
        return None
    mallinfo2.restype = _Mallinfo2

    def in_use() -> int:
        info = mallinfo2()
        return int(info.uordblks + info.hblkhd)

    return in_use
