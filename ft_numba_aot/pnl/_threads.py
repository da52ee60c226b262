"""Work on several threads. Imports the standard library."""

from __future__ import annotations

import itertools
import os
import threading
from collections.abc import Callable


def thread_count(threads: int | None, turns: int) -> int:
    """``threads``, or the process's cores; no more than there are turns."""
    if threads is None:
        affinity = getattr(os, "sched_getaffinity", None)
        threads = len(affinity(0)) if affinity else os.cpu_count() or 1
    elif isinstance(threads, bool) or not isinstance(threads, int):
        raise TypeError(f"threads: expected a number, found {threads!r}")
    elif threads < 1:
        raise ValueError(f"threads: {threads!r} is not above 0")
    return min(threads, turns)


def in_turns(make: Callable[[], Callable[[int], None]], turns: int, threads: int) -> None:
    """Call what ``make`` gives, for each thread one, with the numbers of all turns.

    An error of any of them is raised here.
    """
    errors: list[BaseException] = []
    numbers = itertools.count()  # its next() is atomic

    def work() -> None:
        try:
            call = make()
            while not errors and (turn := next(numbers)) < turns:
                call(turn)
        except BaseException as error:
            errors.append(error)

    others = [threading.Thread(target=work, daemon=True) for _ in range(threads - 1)]
    for thread in others:
        thread.start()
    work()
    for thread in others:
        thread.join()
    if errors:
        raise errors[0]
