"""``python -m benchmarks.talib_mutations [MODULE…]``: do the cases notice a kernel that is changed?

Of every module that TA-Lib's functions run, each fused multiply-add is made plain, and each number
nudged: integers by one, floats by a share of 2**-30; what of that no case notices, and isn't 0, is
doubled. What runs is plain Python. A change is noticed where a result differs from TA-Lib's, an
error is raised, or there is no end. Which functions can notice is found by tracing. The cases are
``talib_identity``'s of few candles, ``edges``'s, and candles in which every pattern occurs or just
doesn't; whether the probes of start-up validation notice is told, too. What was found is kept in
docs/talib.json, and docs/talib.md is written anew. Exit status 1 where a change goes unnoticed.
"""

from __future__ import annotations

import argparse
import ast
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from types import FrameType
from typing import Any

import mutants
import numpy as np
import talib
from candles import same_bits
from edges import around_patterns, before_patterns, edges
from patterns import AT_LIMIT, at_limit, rows

from ft_numba_aot import _backend
from ft_numba_aot.runtime import probes
from ft_numba_aot.ta._compute import Compute
from ft_numba_aot.ta._lookback import LOOKBACK
from ft_numba_aot.ta._table import CANDLESTICK, DEFINITIONS

from . import talib_results
from .talib_identity import case

KINDS = {"fma made plain": mutants.PlainProduct, "constant nudged": mutants.NudgedConstant}
CASES, LONGEST = 250, 130
# What these don't notice, so many more get, one in two of them as small as 1e-14 of what it was,
# of so many functions at most.
MORE, LONGER, SMALLEST, FUNCTIONS = 600, 400, -14, 6
# Cases of each function by which the lines that it runs are found.
TRACED = 40
# Of every so many cases one is tried first, with all functions: most changes show at once.
SAMPLED = 20
# Seconds for a call of a mutant; what takes longer doesn't end.
SECONDS = 5

Case = tuple[list[Any], list[Any], list[Any]]


class DoubledConstant(mutants.NudgedConstant):
    """Doubles a float that isn't 0, and finds such; the places are those that are nudged."""

    def __init__(self, site: int = -1) -> None:
        super().__init__(site)
        self.floats: list[int] = []

    def visit_Constant(self, node: ast.Constant) -> ast.AST:  # noqa: N802
        if type(node.value) is not float or not node.value:
            return super().visit_Constant(node)
        self.floats.append(self.seen)
        return ast.Constant(2.0 * node.value) if self.changes(node) else node


@cache
def cases(name: str) -> list[Case]:
    """Arrays, parameters and TA-Lib's results, the short ones first."""
    definition = DEFINITIONS[name]
    calls: list[tuple[list[Any], list[Any]]] = []
    number = 0
    while len(calls) < CASES:
        arrays, parameters = case(name, number)
        number += 1
        if len(arrays[0]) <= LONGEST:
            calls.append((arrays, [*parameters.values()]))
    calls += edges(name)
    defaults = [parameter.default for parameter in definition.parameters]
    if definition.flags & CANDLESTICK:
        candles = [*_pattern_candles()]
        found = getattr(talib, name)(*np.ascontiguousarray(rows()), *defaults)
        lookback = LOOKBACK[name](*defaults)
        candles += before_patterns(rows(), found, lookback, occurrences=20, others=150)
        candles += around_patterns(rows(), found, occurrences=25, others=24)
        calls += ((list(part), defaults) for part in candles)
        if name in AT_LIMIT:
            rng = np.random.default_rng(11)
            for towards in (0.0, -np.inf, np.inf):
                calls.append((at_limit(name, rng, 0.3, towards=towards), [0.3]))
    calls.sort(key=lambda call: len(call[0][0]))
    return [(arrays, values, _theirs(name, arrays, values)) for arrays, values in calls]


@cache
def more(name: str) -> list[Case]:
    """More arrays, parameters and TA-Lib's results."""
    found = []
    rng = np.random.default_rng([*name.encode()])
    for number in range(10_000, 10_000 + MORE):
        arrays, parameters = case(name, number)
        if number % 2:
            scale = 10 ** rng.uniform(SMALLEST, 0)
            arrays = [array * scale for array in arrays]
        if len(arrays[0]) <= LONGER:
            values = [*parameters.values()]
            found.append((arrays, values, _theirs(name, arrays, values)))
    return found


@cache
def _pattern_candles() -> list[np.ndarray[Any, Any]]:
    """Candles in which each pattern occurs; and with a price changed now and then."""
    every = np.ascontiguousarray(rows())
    found = [every[:, at : at + 4_000].copy() for at in range(0, every.shape[1], 4_000)]
    rng = np.random.default_rng(5)
    for _ in range(4):
        changed = every.copy()
        at = np.arange(7, every.shape[1], 9)
        price, other = rng.integers(0, 4, (2, len(at)))
        changed[price, at] = every[other, at - rng.integers(0, 4, len(at))]
        changed[price, at] += rng.choice([0.0, 0.0, 0.01, -0.01], len(at))
        found.append(np.ascontiguousarray(changed))
    return found


@cache
def probed(name: str) -> list[Case]:
    """The arrays of start-up validation's probes."""
    definition = DEFINITIONS[name]
    found = []
    for arrays, keywords in probes.array_calls(name):
        values = {one.name: one.default for one in definition.parameters} | keywords
        if len(arrays) == len(definition.arguments) and _in_range(name, values):
            call = list(arrays), [*values.values()]
            found.append((*call, _theirs(name, *call)))
    return found


def _in_range(name: str, values: dict[str, Any]) -> bool:
    return all(one.low <= values[one.name] <= one.high for one in DEFINITIONS[name].parameters)


def _theirs(name: str, arrays: list[Any], values: list[Any]) -> list[Any]:
    results = getattr(talib, name)(*arrays, *values)
    return list(results) if isinstance(results, tuple) else [results]


@cache
def lines() -> dict[str, set[tuple[str, int]]]:
    """The lines of kernels, as (module, number), that each function runs; None: of any."""
    found = {}
    kernels = _backend._pure_kernels()
    for name in DEFINITIONS:
        seen: set[tuple[str, int]] = set()

        def trace(frame: FrameType, event: str, _: Any, seen: Any = seen) -> Any:
            file = frame.f_code.co_filename
            if file.startswith(str(mutants.FOLDER)):
                seen.add((file[len(str(mutants.FOLDER)) + 1 : -3], frame.f_lineno))
                return trace
            return None

        compute = _computing(name, kernels)
        short = [one for one in cases(name) if len(one[0][0]) <= LONGEST]
        for arrays, values, _results in short[-TRACED:]:
            sys.settrace(trace)
            try:
                compute(arrays, values)
            finally:
                sys.settrace(None)
        found[name] = seen
    return found


def _computing(name: str, kernels: Any) -> Compute:
    compute = Compute(DEFINITIONS[name])
    kernel = kernels[name.lower()]
    compute._kernel, compute._work = _backend._pure(kernel), kernel.work
    return compute


@cache
def _uses() -> dict[str, set[tuple[str, int]]]:
    """The lines on which each name of the kernels is read."""
    found: dict[str, set[tuple[str, int]]] = {}
    for module in mutants.modules():
        for node in ast.walk(mutants.tree(module)):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
                found.setdefault(node.id, set()).add((module, node.lineno))
    return found


def _functions(module: str, line: int) -> list[str]:
    """The functions that run this line, or what is around it; of a constant, a line with it."""
    wanted = {(module, line)}
    for node in mutants.tree(module).body:
        if isinstance(node, ast.Assign | ast.AnnAssign) and node.lineno <= line <= (
            node.end_lineno or line
        ):
            named = {one.id for one in ast.walk(node) if isinstance(one, ast.Name)}
            stored = {
                one.id
                for one in ast.walk(node)
                if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store)
            }
            for name in stored & named:
                wanted |= _uses().get(name, set())
    running = [name for name, seen in lines().items() if wanted & seen]
    around = set()  # few cases come to some lines
    for node in mutants.tree(module).body:
        if isinstance(node, ast.FunctionDef) and node.lineno <= line <= (node.end_lineno or line):
            around = {(module, one) for one in range(node.lineno, (node.end_lineno or line) + 1)}
    if not (running or around):
        around = {(m, one) for seen in lines().values() for m, one in seen if m == module}
    more_of_them = [name for name, seen in lines().items() if around & seen]
    return [*running, *(name for name in more_of_them if name not in running)]


@contextmanager
def _limited() -> Iterator[None]:
    def stop(*_: Any) -> None:
        raise TimeoutError

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def notices(name: str, compute: Compute, compared: list[Case]) -> bool:
    """Whether a case of the function does."""
    for arrays, values, theirs in compared:
        try:
            with _limited():
                ours = compute(arrays, values)
        except Exception:
            return True
        if not all(same_bits(one, other) for one, other in zip(ours, theirs, strict=True)):
            return True
    return False


def tried(kind: type[mutants.Mutation], module: str, site: int) -> tuple[int, bool, bool] | None:
    """The line of a change, whether a case notices it, and whether a probe does.

    None where no function of TA-Lib comes to that line.
    """
    try:
        _, line = mutants.mutant(kind, module, site)
    except Exception:  # it can't even be imported
        return 0, True, True
    kernels = mutants.kernels()
    functions = _functions(module, line)
    if not functions:
        return None
    computing = {name: _computing(name, kernels) for name in functions}
    stages: list[tuple[Callable[[str], list[Case]], list[str]]] = [
        (lambda name: cases(name)[::SAMPLED], functions),
        (cases, functions),
        (more, functions[:FUNCTIONS]),
    ]
    by_cases = any(
        notices(name, computing[name], compared(name))
        for compared, several in stages
        for name in several
    )
    by_probes = any(notices(name, computing[name], probed(name)) for name in functions)
    return line, by_cases, by_probes


def modules() -> list[str]:
    """Those that TA-Lib's functions run."""
    found = {module for seen in lines().values() for module, _ in seen}
    return [module for module in mutants.modules() if module in found]


def main(argv: Sequence[str] | None = None) -> int:
    """Try the mutants, keep and show what was found; the exit status."""
    description = (__doc__ or "").partition(": ")[2]
    prog = "python -m benchmarks.talib_mutations"
    parser = argparse.ArgumentParser(prog=prog, description=description)
    parser.add_argument("modules", nargs="*", metavar="MODULE")
    given = parser.parse_args(argv)
    unnoticed = 0
    for module in given.modules or modules():
        source = (mutants.FOLDER / f"{module}.py").read_text("utf-8").splitlines()
        for what, kind in KINDS.items():
            alive: list[str] = []
            doubled: list[str] = []
            count = probes_miss = 0
            coarse = DoubledConstant()
            coarse.visit(mutants.tree(module))
            for site in range(mutants.sites(kind, module)):
                outcome = tried(kind, module, site)
                if outcome is None:
                    continue
                line, by_cases, by_probes = outcome
                count += 1
                probes_miss += not by_probes
                if by_cases or by_probes:
                    continue
                code = f"{line}: {source[line - 1].strip()}"
                nudged = kind is mutants.NudgedConstant and site in coarse.floats
                found = nudged and any((tried(DoubledConstant, module, site) or ())[1:])
                (doubled if found else alive).append(code)
                print(f"  {module} {code}{' (noticed when doubled)' * found}", flush=True)
            entry: talib_results.Mutants = {
                "mutants": count,
                "alive": alive,
                "doubled": doubled,
                "probes_miss": probes_miss,
            }
            talib_results.keep("mutants", {f"{module}: {what}": entry})
            print(
                f"{module}: {what}: {count - len(alive) - len(doubled)} of {count} noticed, "
                f"{count - probes_miss} by probes",
                flush=True,
            )
            unnoticed += len(alive)
    return int(unnoticed > 0)


if __name__ == "__main__":
    np.seterr(all="ignore")
    raise SystemExit(main())
