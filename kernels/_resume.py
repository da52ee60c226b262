"""Kernels that go on where they stopped, made from the kernels' own source.

A stream adds one candle to a series and wants the last value of each output. Its kernel is the
batch kernel, rewritten so that it can be called again for one more candle:

- Every array that has a value a candle is a ring: index ``i`` becomes ``i & mask``, with a power of
  two of values, at least lookback + 2 of them. Indexes stay those of the whole series, so nothing
  has to be shifted. The first run is over the whole history, with a mask of -1.
- A loop over the candles to the end of the series begins at the first new candle, from the second
  run on. What it carries from candle to candle is kept in slots, which are part of the memory.
- What stands between such loops (seeds, constants) runs once. What is read later is kept in slots.
  Conditions are evaluated again; calls of functions with such loops are treated like loops.

Loops in another form can't be resumed: the function then has a form that can, in
``_resume_forms``. This imports the standard library only; what it makes is compiled by the build,
and is what runs where there is no native extension.
"""

from __future__ import annotations

import ast
import sys
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

from ._resume_flow import names_in, parsed
from ._resume_function import ARRAYS, COUNT, MASK, NOTHING, RESUMED, SLOTS, Function

# Families of kernels that a stream has; other kernels of them are left out by name.
FAMILIES = (
    "overlap",
    "channels",
    "stops",
    "momentum",
    "efficiency",
    "stochastic",
    "williams",
    "directional",
    "oscillators",
    "volatility",
    "volume",
    "cycle",
    "pattern_one",
    "pattern_two",
    "pattern_three",
    "pattern_more",
    "statistic",
    "operators",
    "transform",
    "price",
)
OTHERS = {"heikin_ashi"}

# Modules that are taken as they are: no loops over candles, no arrays.
AS_THEY_ARE = {"_spec", "_numeric"}

# The head of a memory: candles so far; the mask, -1 for the first run and 0 for none so far; where
# the rings begin. Then parameters, slots, rings of inputs, outputs and work, and state.
AT_COUNT, AT_MASK, AT_RINGS, AT_PARAMETERS = range(4)


class Module:
    """A module of the kernels, and the module that can be resumed."""

    def __init__(self, name: str, package: Package) -> None:
        self.name = name
        self.package = package
        path = package.folder / f"{name}.py"
        self.tree = ast.parse(path.read_text(encoding="utf-8"), str(path))
        self.made = ModuleType(f"{package.name}.{name}")
        self.made.__package__ = package.name
        self.made.__file__ = str(path)
        self.imported: dict[str, tuple[str, str]] = {}
        self.functions: dict[str, Function] = {}
        self.defined: dict[str, ast.FunctionDef] = {}
        self.done: dict[int, ast.FunctionDef] = {}

    @property
    def constants(self) -> dict[str, Any]:
        """Global names of the ordinary module."""
        return vars(self.package.ordinary(self.name))

    def prepare(self) -> None:
        """Put forms in their places, and see what is defined and imported."""
        forms = self.package.forms.get(self.name, {})
        for at, one in enumerate(self.tree.body):
            if isinstance(one, ast.FunctionDef) and one.name in forms:
                self.tree.body[at] = _with_form(one, forms[one.name])
        present = set(self.constants)
        needed = {name for node in forms.values() for name in names_in(node)} - present
        for node in self.package.form_imports:
            names = [alias for alias in node.names if (alias.asname or alias.name) in needed]
            if names:
                at = next(
                    i for i, one in enumerate(self.tree.body) if isinstance(one, ast.ImportFrom)
                )
                self.tree.body.insert(at + 1, ast.ImportFrom(node.module, names, node.level))
        for found in ast.walk(self.tree):
            if isinstance(found, ast.ImportFrom) and found.level == 1 and found.module:
                for alias in found.names:
                    self.imported[alias.asname or alias.name] = (found.module, alias.name)
            elif isinstance(found, ast.FunctionDef):
                self.defined[found.name] = found

    def function(self, name: str) -> Function | None:
        """The helper or kernel of that name, seen from here."""
        if name in self.imported:
            module, original = self.imported[name]
            return self.package.module(module).function(original)
        if self.name in AS_THEY_ARE or name not in self.defined:
            return None
        if name not in self.functions:
            node = self.defined[name]
            if not node.decorator_list:
                return None
            self.functions[name] = Function(node, self)
        return self.functions[name]

    def rewrite(self, function: Function) -> ast.FunctionDef:
        if id(function) not in self.done:
            self.done[id(function)] = function.rewritten()
        return self.done[id(function)]

    def make(self) -> None:
        """Execute the module that can be resumed."""
        if self.name not in AS_THEY_ARE:
            self.made.__dict__.update(self.package.annotations())
            _Definitions(self).visit(self.tree)
            ast.fix_missing_locations(self.tree)
        sys.modules[self.made.__name__] = self.made
        exec(compile(self.tree, f"<resumable {self.name}>", "exec"), self.made.__dict__)

    @property
    def text(self) -> str:
        """Its source."""
        return ast.unparse(self.tree)


def _with_form(node: ast.FunctionDef, form: ast.FunctionDef) -> ast.FunctionDef:
    """The form, declared as what it stands for."""
    decorator = form.decorator_list[0]
    assert isinstance(decorator, ast.Call)
    form.decorator_list = node.decorator_list
    if decorator.keywords:
        declared = node.decorator_list[0]
        assert isinstance(declared, ast.Call)
        others = [one for one in declared.keywords if one.arg != "work"]
        declared.keywords = [*others, *decorator.keywords]
    return form


class _Definitions(ast.NodeTransformer):
    def __init__(self, module: Module) -> None:
        self.module = module

    def visit_FunctionDef(self, node: ast.FunctionDef) -> Any:
        if node.name in NOTHING | OTHERS:
            return None
        function = self.module.function(node.name)
        if function is None:
            self.generic_visit(node)
            return node
        return self.module.rewrite(function)

    def visit_ClassDef(self, node: ast.ClassDef) -> Any:
        if node.name == "Candles":
            node.body += parsed(f"{MASK}: int\n{COUNT}: int")
        return node

    def visit_ImportFrom(self, node: ast.ImportFrom) -> Any:
        node.names = [alias for alias in node.names if alias.name not in NOTHING]
        return node if node.names else None


class Package:
    """The kernels that can be resumed, as a package of the name ``name``."""

    def __init__(self, kernels: ModuleType, name: str) -> None:
        assert kernels.__file__ is not None
        self.folder = Path(kernels.__file__).parent
        self.package = kernels
        self.name = name
        self.modules: dict[str, Module] = {}
        tree = ast.parse((self.folder / "_resume_forms.py").read_text(encoding="utf-8"))
        self.form_imports = [
            one for one in tree.body if (isinstance(one, ast.ImportFrom) and one.level == 1)
        ]
        self.forms: dict[str, dict[str, ast.FunctionDef]] = {}
        for one in tree.body:
            if isinstance(one, ast.FunctionDef) and one.decorator_list:
                decorator = one.decorator_list[0]
                assert isinstance(decorator, ast.Call)
                of = ast.literal_eval(decorator.args[0])
                self.forms.setdefault(of, {})[one.name] = one
        made = ModuleType(name)
        made.__path__ = []
        sys.modules[name] = made
        for family in FAMILIES:
            self.module(family)
        for module in self.modules.values():
            module.make()
        added = {MASK, COUNT, RESUMED, SLOTS}
        self.kernels: dict[str, Any] = {
            name: replace(
                kernel,
                arguments={one: code for one, code in kernel.arguments.items() if one not in added},
            )
            for name, kernel in self.modules["_spec"].made.__dict__["KERNELS"].items()
        }

    def ordinary(self, name: str) -> ModuleType:
        return sys.modules[f"{self.package.__name__}.{name}"]

    def annotations(self) -> dict[str, Any]:
        spec = self.modules["_spec"].made
        return {name: getattr(spec, name) for name in ARRAYS if hasattr(spec, name)}

    def slots(self, name: str) -> tuple[int, int]:
        """How many slots a kernel has, and how many more for each round of its last loop."""
        kernel = self.kernels[name]
        function = self.modules[kernel.family].functions[kernel.function.__name__]
        return function.slots, function.each

    def entry(self, name: str) -> str:
        """The source of ``name(memory, *candle)``, which calls ``kernel``."""
        return _entry(name, self)

    def module(self, name: str) -> Module:
        if name not in self.modules:
            module = Module(name, self)
            module.prepare()
            for imported, _ in list(module.imported.values()):
                if imported not in self.modules:
                    self.module(imported)
            self.modules[name] = module
        return self.modules[name]


def _entry(name: str, package: Package) -> str:
    """The source of ``name(memory, *candle)``: the outputs after one more candle.

    In the first run the candle isn't read: the whole history is in the rings already. Raises what
    TA-Lib's does where the candle isn't finite, or where there is no history.
    """
    kernel = package.kernels[name]
    inputs: list[str] = []
    outputs: list[tuple[str, bool]] = []
    parameters: list[str] = []
    arguments: list[str] = []
    work = False
    for argument, code in kernel.arguments.items():
        if argument == "work":
            work = True
            arguments.append(argument)
        elif code == "d":
            arguments.append(f"in_{argument}")
            inputs.append(argument)
        elif code in {"D", "I"}:
            arguments.append(f"out_{argument}")
            outputs.append((f"out_{argument}", code == "I"))
        else:
            read = f"memory[{AT_PARAMETERS + len(parameters)}]"
            arguments.append(f"int({read})" if code == "int" else read)
            parameters.append(argument)
    rings = [f"in_{one}" for one in inputs] + [one for one, _ in outputs]
    finite = " and ".join(f"abs({one}) < INF" for one in inputs)
    at_slots = AT_PARAMETERS + len(parameters)
    lines = [
        f"def {name}(memory, {', '.join(inputs)}):",
        f"    count = int(memory[{AT_COUNT}])",
        f"    mask = int(memory[{AT_MASK}])",
        f"    at = int(memory[{AT_RINGS}])",
        "    resumed = 0",
        "    length = count",
        "    if mask >= 0:",
        f"        if mask == 0 or not ({finite}):",
        f"            raise Exception('TA_{name.upper()}_Update function failed with error code 2: "
        "Bad Parameter (TA_BAD_PARAM)')",
        "        length = mask + 1",
        "        resumed = count",
        "        count += 1",
        *(
            f"        memory[at + {f'{k} * length + ' if k else ''}(resumed & mask)] = {one}"
            for k, one in enumerate(inputs)
        ),
        f"    slots = memory[{at_slots}:at]",
        *(
            f"    {one} = memory[at + {k} * length : at + {k + 1} * length]"
            for k, one in enumerate(rings)
        ),
    ]
    if work:
        lines.append(f"    work = memory[at + {len(rings)} * length :]")
    results = [
        f"int({one}[(count - 1) & mask])" if whole else f"{one}[(count - 1) & mask]"
        for one, whole in outputs
    ]
    lines += [
        f"    kernel({', '.join(arguments)}, mask, count, resumed, slots)",
        f"    memory[{AT_COUNT}] = count",
        f"    return {', '.join(results)}",
    ]
    return "\n".join(lines) + "\n"
