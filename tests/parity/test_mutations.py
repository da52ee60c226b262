"""The parity tests bite: a fused multiply-add made plain, anywhere, changes a result.

Each mutant is the kernels' own source with one ``fma(a, b, c)`` turned into ``a * b + c``.
"""

from __future__ import annotations

import ast
import importlib.util
import operator
import sys
from collections.abc import Iterator
from functools import cache, reduce
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from candles import SHAPES, candles, same_bits
from definitions import arguments_of, in_order
from patterns import AT_LIMIT, at_limit

from ft_numba_aot import _backend, _kernels, metrics
from ft_numba_aot.ta._compute import Compute
from ft_numba_aot.ta._table import CANDLESTICK, DEFINITIONS, Definition

talib = pytest.importorskip("talib", reason="TA-Lib is the original")
pytestmark = pytest.mark.skipif(
    _backend.backend() == "pure", reason="mutants are pure Python: the same in a native run"
)
FOLDER = Path(_kernels.__file__).parent

# Families whose own tests have mutants: TA-Lib doesn't show them.
OTHERS = ("rolling",)

# Fused or not, these are the same bits: products with a power of two are exact (short of
# overflow), and 3 * vfactor + 1 loses nothing that matters for factors of 0 to 1.
EQUIVALENT = ("fma(0.5, ", "fma(2.0, ", "fma(4.0, ", "fma(3.0, vfactor, 1.0)")


class Plain(ast.NodeTransformer):
    """Turns the fused multiply-add number ``site`` into a plain one."""

    def __init__(self, site: int) -> None:
        self.site, self.seen = site, 0

    def visit_Call(self, node: ast.Call) -> ast.AST:
        self.generic_visit(node)
        if not (isinstance(node.func, ast.Name) and node.func.id == "fma"):
            return node
        if ast.unparse(node).startswith(EQUIVALENT):
            return node
        self.seen += 1
        if self.seen - 1 != self.site:
            return node
        a, b, c = node.args
        return ast.BinOp(ast.BinOp(a, ast.Mult(), b), ast.Add(), c)


def sites() -> Iterator[tuple[str, int]]:
    for path in sorted(FOLDER.glob("*.py")):
        if path.stem in OTHERS:
            continue
        counter = Plain(-1)
        counter.visit(ast.parse(path.read_text("utf-8")))
        for site in range(counter.seen):
            yield path.stem, site


def mutant(module: str, site: int) -> ModuleType:
    """The whole package of kernels, imported anew with one module mutated."""
    name = "_mutated_kernels"
    for loaded in [m for m in sys.modules if m.partition(".")[0] == name]:
        del sys.modules[loaded]
    tree = Plain(site).visit(ast.parse((FOLDER / f"{module}.py").read_text("utf-8")))
    code = compile(ast.fix_missing_locations(tree), f"{module} (mutated)", "exec")

    class Loader(importlib.machinery.SourceFileLoader):
        def get_code(self, fullname: str) -> Any:
            return code if fullname == f"{name}.{module}" else super().get_code(fullname)

    class Finder(importlib.machinery.PathFinder):
        @classmethod
        def find_spec(cls, fullname: str, path: Any = None, target: Any = None) -> Any:
            if not fullname.startswith(f"{name}."):
                return None
            file = FOLDER / f"{fullname.rpartition('.')[2]}.py"
            loader = Loader(fullname, str(file))
            return importlib.util.spec_from_file_location(fullname, file, loader=loader)

    finder = Finder()
    sys.meta_path.insert(0, finder)
    try:
        spec = importlib.util.spec_from_file_location(
            name, FOLDER / "__init__.py", submodule_search_locations=[str(FOLDER)]
        )
        assert spec is not None
        assert spec.loader is not None
        package = sys.modules[name] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(package)
        package.load()
    finally:
        sys.meta_path.remove(finder)
    return package


def parameters_of(definition: Definition, rng: np.random.Generator, round_: int) -> list[Any]:
    """Short periods, so that what a seed loses isn't smoothed away; each moving average in turn."""
    values: list[Any] = []
    for parameter in definition.parameters:
        low, high = parameter.low, parameter.high
        if parameter.name.endswith("matype"):
            values.append(round_ % (int(high) + 1))
        elif isinstance(parameter.default, int):
            values.append(int(rng.integers(max(low, 2), 7)))
        else:
            value = rng.lognormal(-1, 1)
            values.append(float(np.clip(np.round(value, 1) if round_ % 2 else value, low, high)))
    names = [parameter.name for parameter in definition.parameters]
    return [*in_order(dict(zip(names, values, strict=True))).values()]


@cache
def cases() -> list[tuple[str, list[Any], list[Any], list[Any]]]:
    """(function, arrays, parameters, TA-Lib's results), for functions of every family."""
    rng = np.random.default_rng(11)
    rounds = [
        candles(rng, n, shape) for n in (40, 42, 44, 46, 48, 50, 52, 60, 240) for shape in SHAPES
    ]
    found = []
    for name, definition in DEFINITIONS.items():
        if definition.flags & CANDLESTICK and name not in AT_LIMIT:
            continue  # what the mutants change, no other pattern computes
        own = np.random.default_rng([*name.encode()])  # whichever other functions there are
        for round_, columns in enumerate(rounds):
            parameters = parameters_of(definition, own, round_)
            arrays = arguments_of(definition, columns, "arrays")
            theirs = getattr(talib, name)(*arrays, *parameters)
            results = list(theirs) if isinstance(theirs, tuple) else [theirs]
            found.append((name, arrays, parameters, results))
    for name in AT_LIMIT:
        arrays = at_limit(name, rng, 0.3)
        found.append((name, arrays, [0.3], [getattr(talib, name)(*arrays, 0.3)]))
    # What TEMA starts from hardly shows in what it gives, and so takes many cases to notice.
    for period in range(2, 12):
        arrays = [rng.normal(size=40)]
        found.append(("TEMA", arrays, [period], [talib.TEMA(*arrays, period)]))
    return found


def survives(package: ModuleType, family: str) -> bool:
    """Whether no function's result changed; the mutated family's own functions go first."""
    kernels = sys.modules[f"{package.__name__}._spec"].KERNELS
    first = sorted(cases(), key=lambda case: kernels[case[0].lower()].family != family)
    for name, arrays, values, theirs in first:
        compute = Compute(DEFINITIONS[name])
        kernel = kernels[name.lower()]
        compute._kernel, compute._work = _backend._pure(kernel), kernel.work
        ours = compute(arrays, values)
        if not all(same_bits(one, other) for one, other in zip(ours, theirs, strict=True)):
            return False
    return True


def test_unmutated_kernels_survive() -> None:
    assert survives(mutant("_numeric", -1), "overlap")


@pytest.mark.parametrize(("module", "site"), list(sites()))
def test_plain_multiply_add_is_noticed(module: str, site: int) -> None:
    assert not survives(mutant(module, site), module)


def test_sequential_sum_is_noticed() -> None:
    values = candles(np.random.default_rng(2), 500, "decades")["close"]
    assert metrics.total(values) == values.sum()
    assert reduce(operator.add, values.tolist()) != values.sum()
