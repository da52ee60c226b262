"""Where the time of chosen source files goes, instruction by instruction, with hardly any of ours.

Imports the standard library. Only frames of these files are watched at each instruction, so that
what they call runs as it does, and a call takes from its instruction to the next one. A frame that
other code calls back, such as a function given to ``DataFrame.apply``, is part of that call.
Python 3.12 and later tell of the watched files alone; 3.11 of every function called, too.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from time import perf_counter
from types import CodeType, FrameType
from typing import Any

# What 3.12 and later number tools by; 0 to 2 are debuggers', coverage's and profilers'.
_TOOLS = (2, 3, 4, 1, 0)


class Spent:
    """Of a code object, by instruction: ``seconds`` without those of watched frames that it calls,
    ``inner`` theirs, and ``times``, how often it ran.

    ``calls`` and ``total`` are of the whole; of a recursion the outermost call's seconds count.
    """

    __slots__ = ("calls", "code", "depth", "inner", "seconds", "times", "total")

    def __init__(self, code: CodeType) -> None:
        length = len(code.co_code) // 2 + 1
        self.code = code
        self.seconds = [0.0] * length
        self.inner = [0.0] * length
        self.times = [0] * length
        self.calls = 0
        self.total = 0.0
        self.depth = 0


class Steps:
    """What is spent in files, by code object, while ``watching``.

    ``always`` are functions that are watched, whoever calls them. ``outside`` is how long no frame
    of these files ran.
    """

    def __init__(self, files: Collection[str], always: Collection[CodeType] = ()) -> None:
        self.files = frozenset(files)
        self.always = frozenset(map(id, always))
        self._spent: dict[int, Spent] = {}
        # Who called: its frame, what is spent there, its instruction, and when it began.
        self._callers: list[tuple[FrameType | None, Spent, int, float]] = []
        self._top: FrameType | None = None
        self._now: Spent = Spent(self.__init__.__code__)  # type: ignore[misc]
        self._last = 0
        self._since = 0.0
        # All that was spent so far, and when the frame began in that.
        self._sum = 0.0
        self._began = 0.0
        self.outside = 0.0

    @property
    def spent(self) -> list[Spent]:
        """Of each code object that ran."""
        return list(self._spent.values())

    @contextmanager
    def watching(self) -> Iterator[None]:
        """For as long as this lasts, in this thread."""
        self._since = perf_counter()
        with _monitored(self) if sys.version_info >= (3, 12) else _traced(self):
            yield
        self._charge(perf_counter())

    def _charge(self, now: float) -> None:
        elapsed = now - self._since
        if self._top is None:
            self.outside += elapsed
        else:
            self._now.seconds[self._last] += elapsed
            self._sum += elapsed

    def wanted(self, frame: FrameType) -> bool:
        """Whether a frame of these files is watched."""
        top = self._top
        return top is None or frame.f_back is top or id(frame.f_code) in self.always

    def enter(self, frame: FrameType) -> None:
        """A watched frame begins, or goes on."""
        self._charge(perf_counter())
        code = frame.f_code
        spent = self._spent.get(id(code))
        if spent is None:
            spent = self._spent[id(code)] = Spent(code)
        self._callers.append((self._top, self._now, self._last, self._began))
        spent.calls += 1
        spent.depth += 1
        self._top, self._now, self._last = frame, spent, max(frame.f_lasti, 0) // 2
        self._began = self._sum
        self._since = perf_counter()

    def step(self, offset: int) -> None:
        """The watched frame comes to an instruction."""
        elapsed = perf_counter() - self._since
        spent = self._now
        spent.seconds[self._last] += elapsed
        self._sum += elapsed
        last = self._last = offset // 2
        spent.times[last] += 1
        self._since = perf_counter()

    def leave(self) -> None:
        """The watched frame returns, yields or raises."""
        self._charge(perf_counter())
        spent = self._now
        elapsed = self._sum - self._began
        spent.depth -= 1
        if not spent.depth:
            spent.total += elapsed
        self._top, self._now, self._last, self._began = self._callers.pop()
        if self._top is not None:
            self._now.inner[self._last] += elapsed
        self._since = perf_counter()


@contextmanager
def _traced(steps: Steps) -> Iterator[None]:
    files, wanted, step = steps.files, steps.wanted, steps.step

    def local(frame: FrameType, event: str, _: Any) -> Any:
        if event == "opcode":
            step(frame.f_lasti)
        elif event == "return":
            steps.leave()
        return local

    def called(frame: FrameType, event: str, _: Any) -> Any:
        if frame.f_code.co_filename not in files or not wanted(frame):
            return None
        frame.f_trace_lines, frame.f_trace_opcodes = False, True
        steps.enter(frame)
        return local

    before = sys.gettrace()
    sys.settrace(called)
    try:
        yield
    finally:
        sys.settrace(before)


@contextmanager
def _monitored(steps: Steps) -> Iterator[None]:
    monitoring: Any = sys.monitoring  # type: ignore[attr-defined, unused-ignore]
    events = monitoring.events
    tool = _take_tool(monitoring)
    own = events.INSTRUCTION | events.PY_RETURN | events.PY_YIELD | events.PY_RESUME
    seen: dict[int, CodeType] = {}
    getframe = sys._getframe

    def begins(code: CodeType, _: int) -> Any:
        if code.co_filename not in steps.files:
            # Of this function nothing more is told.
            return monitoring.DISABLE
        frame = getframe(1)
        if steps.wanted(frame):
            if id(code) not in seen:
                seen[id(code)] = code
                monitoring.set_local_events(tool, code, own)
            steps.enter(frame)
        return None

    def resumes(code: CodeType, _: int) -> None:
        frame = getframe(1)
        if steps.wanted(frame):
            steps.enter(frame)

    def thrown(code: CodeType, offset: int, _: Any) -> None:
        if id(code) in seen:
            resumes(code, offset)

    def comes_to(_: CodeType, offset: int) -> None:
        if getframe(1) is steps._top:
            steps.step(offset)

    def ends(*_: Any) -> None:
        if getframe(1) is steps._top:
            steps.leave()

    callbacks: dict[int, Callable[..., Any]] = {
        events.PY_START: begins,
        events.PY_RESUME: resumes,
        events.PY_THROW: thrown,
        events.INSTRUCTION: comes_to,
        events.PY_RETURN: ends,
        events.PY_YIELD: ends,
        events.PY_UNWIND: ends,
    }
    for event, callback in callbacks.items():
        monitoring.register_callback(tool, event, callback)
    # Those of unwinding can't be had for some functions alone.
    monitoring.set_events(tool, events.PY_START | events.PY_THROW | events.PY_UNWIND)
    monitoring.restart_events()
    try:
        yield
    finally:
        monitoring.set_events(tool, 0)
        for code in seen.values():
            monitoring.set_local_events(tool, code, 0)
        for event in callbacks:
            monitoring.register_callback(tool, event, None)
        monitoring.free_tool_id(tool)


def _take_tool(monitoring: Any) -> int:
    for tool in _TOOLS:
        try:
            monitoring.use_tool_id(tool, "ft-numba-aot profile")
        except ValueError:
            continue
        return tool
    raise RuntimeError("no number is left for a tool in sys.monitoring")
