"""What of a strategy's source the seconds of its instructions belong to: calls, loops, statements.

Imports the standard library. A chain of methods such as ``dataframe["close"].rolling(20).mean()``
is one call; what isn't a call, such as operators and columns, belongs to its statement.
"""

from __future__ import annotations

import ast
import dis
import importlib
import inspect
import io
import re
import sys
import tokenize
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

from .profile_steps import Spent

CALL, LOOP, STATEMENT = "call", "loop", "statement"

# A loop is over rows if it turns at least that often in a call, and at a good part of the candles.
LEAST_ROWS = 200
PART_OF_CANDLES = 4

# Where a line was broken: before a method, within brackets.
_WRAPPED = re.compile(r" (?=\.\w|[)\]])|(?<=[(\[]) ")

_CALLS = frozenset(("CALL", "CALL_KW", "CALL_FUNCTION_EX"))
_PARTS_OF_CHAIN = (ast.Attribute, ast.Subscript)

Range = tuple[int, int, int, int]
Resolve = Callable[[ast.expr, CodeType], Any]


def _without_comments(text: str) -> str:
    lines = text.splitlines()
    try:
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            if token.type == tokenize.COMMENT:
                line, column = token.start
                lines[line - 1] = lines[line - 1][:column]
    except (tokenize.TokenError, SyntaxError):
        # A part of a statement; its comments before that are out.
        pass
    return "\n".join(lines)


@dataclass(slots=True)
class Row:
    """What was spent at a place of a source.

    ``calls`` is how often it was called, of a loop its turns, 0 of a statement. ``inner`` are the
    seconds of the strategy's own functions that it called, which have rows of their own. ``name``
    is what is called as far as that can be told, such as ``talib.abstract:SMA``, ``chain`` the
    methods of a chain in their order, ``keywords`` the last one's by name.
    """

    kind: str
    file: str
    line: int
    function: str
    text: str
    seconds: float = 0.0
    inner: float = 0.0
    calls: int = 0
    name: str = ""
    chain: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()
    in_loop: bool = False
    of_rows: bool = False
    callee: Any = field(default=None, repr=False)


def rows(spent: Iterable[Spent], owner: Any, candles: float) -> list[Row]:
    """Of all code objects; ``owner`` is the strategy, ``candles`` the mean of a call."""
    found: dict[tuple[str, int], Row] = {}
    sources: dict[str, _Source] = {}
    spent = list(spent)
    for one in spent:
        file = one.code.co_filename
        if file not in sources:
            sources[file] = _Source(file, owner, most=max(LEAST_ROWS, candles / PART_OF_CANDLES))
        sources[file].find_loops(one)
    for one in spent:
        for node, seconds, inner, calls in sources[one.code.co_filename].parts(one):
            source = sources[one.code.co_filename]
            key = one.code.co_filename, id(node)
            if key not in found:
                found[key] = source.row(node, one.code)
            row = found[key]
            row.seconds += seconds
            row.inner += inner
            if row.kind != LOOP:
                row.calls += calls
    return list(found.values())


class _Source:
    """A file, its syntax, and where what is in it."""

    def __init__(self, file: str, owner: Any, most: float) -> None:
        self.file = file
        self.owner = owner
        self.most = most
        try:
            self.text = Path(file).read_text(encoding="utf-8")
            self.tree = ast.parse(self.text)
        except (OSError, SyntaxError, ValueError):
            self.text, self.tree = "", ast.parse("")
        self.parent: dict[int, ast.AST] = {}
        self.call_by_end: dict[tuple[int, int], ast.Call] = {}
        self.by_range: dict[Range, ast.AST] = {}
        self.statements: list[ast.stmt] = []
        # By id, the loops over rows, and how often they turned.
        self.turns: dict[int, int] = {}
        self._imports: dict[int, dict[str, Any]] = {}
        self._classes: dict[tuple[int, str], type | None] = {}
        self._owners: dict[tuple[Range, str], ast.AST] = {}
        for node in ast.walk(self.tree):
            for child in ast.iter_child_nodes(node):
                self.parent[id(child)] = node
            if isinstance(node, ast.stmt):
                self.statements.append(node)
            if isinstance(node, ast.Call):
                self.call_by_end[node.end_lineno or 0, node.end_col_offset or 0] = node
            if isinstance(node, (*_PARTS_OF_CHAIN, ast.For)):
                self.by_range[_range(node)] = node

    def ancestors(self, node: ast.AST) -> Iterator[ast.AST]:
        """The node, and what it is in, from the innermost."""
        current: ast.AST | None = node
        while current is not None:
            yield current
            current = self.parent.get(id(current))

    def find_loops(self, spent: Spent) -> None:
        """Note the loops that turned at many rows."""
        for instruction, where in _instructions(spent.code):
            if instruction.opname != "FOR_ITER" or where is None:
                continue
            loop = self.by_range.get(where)
            if not isinstance(loop, ast.For):
                loop = self._loop_of(where)
            times = spent.times[instruction.offset // 2]
            if loop is not None and times / max(1, spent.calls) >= self.most:
                self.turns[id(loop)] = self.turns.get(id(loop), 0) + times - spent.calls

    def _loop_of(self, where: Range) -> ast.For | None:
        statement = self._statement(where)
        if isinstance(statement, ast.For) and _range(statement.iter) == where:
            return statement
        return None

    def parts(self, spent: Spent) -> Iterator[tuple[ast.AST, float, float, int]]:
        """What each instruction belongs to, its seconds, inner seconds, and calls."""
        for instruction, where in _instructions(spent.code):
            place = instruction.offset // 2
            times = spent.times[place]
            seconds, inner = spent.seconds[place], spent.inner[place]
            if where is None or not (times or seconds or inner):
                continue
            node = self._owner(where, instruction.opname, spent.code)
            called = 0
            if instruction.opname in _CALLS:
                call = self._call_at(where)
                # Of a chain, only the last one counts.
                called = times if call is node else 0
            yield node, seconds, inner, called

    def _call_at(self, where: Range) -> ast.Call | None:
        # A method's call begins where its name does, if that is on a line of its own.
        return self.call_by_end.get((where[1], where[3]))

    def _owner(self, where: Range, opname: str, code: CodeType) -> ast.AST:
        kind = opname if opname in _CALLS or opname == "FOR_ITER" else ""
        key = (where, kind)
        if key not in self._owners:
            self._owners[key] = self._find_owner(where, kind, code)
        return self._owners[key]

    def _find_owner(self, where: Range, kind: str, code: CodeType) -> ast.AST:
        statement = self._statement(where)
        node: ast.AST = statement
        if kind == "FOR_ITER":
            loop = self.by_range.get(where)
            loop = loop if isinstance(loop, ast.For) else self._loop_of(where)
            if loop is not None and isinstance(loop.iter, ast.Call):
                node = self._last_of_chain(loop.iter, code)
        elif kind:
            call = self._call_at(where)
            if call is not None:
                node = self._last_of_chain(call, code)
        else:
            part = self.by_range.get(where)
            if isinstance(part, _PARTS_OF_CHAIN):
                node = self._chain_with(part, code) or statement
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
            # A statement that is nothing but a call.
            node = self._last_of_chain(node.value, code)
        over_rows = [one for one in self.ancestors(node) if id(one) in self.turns]
        return over_rows[-1] if over_rows else node

    def _last_of_chain(self, call: ast.Call, code: CodeType) -> ast.Call:
        if self.resolve(call.func, code) is not None:
            return call
        method = self.parent.get(id(call))
        return (self._chain_with(method, code) if isinstance(method, ast.Attribute) else None) or (
            call
        )

    def _chain_with(self, part: ast.AST, code: CodeType) -> ast.Call | None:
        """The call of a method of ``part``, or of a method of that."""
        while isinstance(part, _PARTS_OF_CHAIN):
            above = self.parent.get(id(part))
            if isinstance(above, ast.Call) and above.func is part:
                return self._last_of_chain(above, code)
            if not isinstance(above, _PARTS_OF_CHAIN) or above.value is not part:
                return None
            part = above
        return None

    def _statement(self, where: Range) -> ast.stmt:
        """The innermost statement that begins before and ends after."""
        start, end = (where[0], where[2]), (where[1], where[3])
        within = [
            one
            for one in self.statements
            if (one.lineno, one.col_offset) <= start
            and end <= (one.end_lineno or 0, one.end_col_offset or 0)
        ]
        if not within:
            return ast.Pass(lineno=where[0], col_offset=0, end_lineno=where[1], end_col_offset=0)
        return max(within, key=lambda one: (one.lineno, one.col_offset))

    def row(self, node: ast.AST, code: CodeType) -> Row:
        """A row without times."""
        line: int = getattr(node, "lineno", code.co_firstlineno)
        row = Row(STATEMENT, self.file, line, code.co_qualname, self._text(node, code))
        loops = (ast.For, ast.While)
        row.in_loop = any(
            isinstance(one, loops) and one is not node for one in self._within_function(node)
        ) or self._in_comprehension(node)
        if id(node) in self.turns:
            row.kind, row.calls = LOOP, self.turns[id(node)]
            row.of_rows = True
            if isinstance(node, ast.For) and isinstance(node.iter, ast.Call):
                row.chain = tuple(_methods(node.iter))
        elif isinstance(node, ast.Call):
            row.kind = CALL
            callee = row.callee = self.resolve(node.func, code)
            row.name = _spelled(callee)
            row.chain = () if callee is not None else tuple(_methods(node))
            row.keywords = tuple(_keywords(node))
        return row

    def _within_function(self, node: ast.AST) -> Iterator[ast.AST]:
        for one in self.ancestors(node):
            if isinstance(one, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
                return
            yield one

    def _in_comprehension(self, node: ast.AST) -> bool:
        kinds = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
        return any(
            isinstance(one, kinds) and one is not node for one in self._within_function(node)
        )

    def _text(self, node: ast.AST, code: CodeType) -> str:
        """The source in a line; of a compound statement, its first; of none, the function."""
        if not self.text:
            return code.co_qualname
        text = ast.get_source_segment(self.text, node) or ""
        value = getattr(node, "value", None)
        if isinstance(node, ast.Assign) and any(
            isinstance(one, ast.Call) for one in ast.walk(value or node)
        ):
            # What is called has a row of its own.
            targets = [ast.get_source_segment(self.text, one) or "" for one in node.targets]
            text = " = ".join([*targets, "…"])
        body = getattr(node, "body", None)
        if isinstance(body, list) and body and isinstance(body[0], ast.stmt):
            lines = text.splitlines()
            text = "\n".join(lines[: max(1, body[0].lineno - getattr(node, "lineno", 0))])
            text = _without_comments(text)
            text = text.rstrip() + (" …" if text.rstrip().endswith(":") else "")
        return _WRAPPED.sub("", " ".join(_without_comments(text).split()))

    def resolve(self, func: ast.expr, code: CodeType) -> Any:
        """What a name means, looked up without running anything; None of what can't be told."""
        if isinstance(func, ast.Name):
            return self._named(func.id, code)
        if not isinstance(func, ast.Attribute):
            return None
        base = self.resolve(func.value, code)
        if isinstance(base, ModuleType):
            return getattr(base, func.attr, None)
        if base is None:
            return None
        if base is self.owner or type(base).__module__.startswith("freqtrade."):
            own = vars(base) if hasattr(base, "__dict__") else {}
            found = own.get(func.attr, inspect.getattr_static(type(base), func.attr, None))
        elif isinstance(base, type):
            found = inspect.getattr_static(base, func.attr, None)
        else:
            return None
        return found.__func__ if isinstance(found, (staticmethod, classmethod)) else found

    def _named(self, name: str, code: CodeType) -> Any:
        imported = self._imported(code)
        if name in imported:
            return imported[name]
        if name in ("self", "strategy") and code.co_varnames[:1] == (name,):
            return self.owner
        if name in code.co_varnames or name in code.co_cellvars or name in code.co_freevars:
            key = id(code), name
            if key not in self._classes:
                # Where it is assigned from itself.
                self._classes[key] = None
                self._classes[key] = self._class_of(name, code)
            return self._classes[key]
        scope = _globals(self.file, self.owner)
        builtins = vars(importlib.import_module("builtins"))
        return scope.get(name, builtins.get(name))

    def _class_of(self, name: str, code: CodeType) -> type | None:
        """What a local name is an object of, if all that it is assigned are calls of one class."""
        found = set()
        for node in ast.walk(self.tree):
            if not isinstance(node, ast.Name) or node.id != name or isinstance(node.ctx, ast.Load):
                continue
            if not any(
                isinstance(one, ast.FunctionDef) and one.name == code.co_name
                for one in self.ancestors(node)
            ):
                continue
            assigned = self.parent[id(node)]
            value = assigned.value if isinstance(assigned, ast.Assign) else None
            func = value.func if isinstance(value, ast.Call) else None
            made = self.resolve(func, code) if isinstance(func, (ast.Name, ast.Attribute)) else None
            found.add(made if isinstance(made, type) else None)
        (kind,) = found if len(found) == 1 else (None,)
        # Of pandas' and numpy's objects, the methods' names say it.
        if kind is None or kind.__module__.partition(".")[0] in ("pandas", "numpy", "builtins"):
            return None
        return kind

    def _imported(self, code: CodeType) -> dict[str, Any]:
        """What a function imports itself."""
        if id(code) not in self._imports:
            found: dict[str, Any] = {}
            for node in ast.walk(self.tree):
                if isinstance(node, (ast.Import, ast.ImportFrom)) and any(
                    isinstance(one, ast.FunctionDef) and one.name == code.co_name
                    for one in self.ancestors(node)
                ):
                    found.update(_imports(node))
            self._imports[id(code)] = found
        return self._imports[id(code)]


def _imports(node: ast.Import | ast.ImportFrom) -> Iterator[tuple[str, Any]]:
    for alias in node.names:
        if isinstance(node, ast.Import):
            name = alias.name if alias.asname else alias.name.partition(".")[0]
            yield alias.asname or name, sys.modules.get(name)
        elif node.module and not node.level:
            module = sys.modules.get(node.module)
            found = getattr(module, alias.name, sys.modules.get(f"{node.module}.{alias.name}"))
            yield alias.asname or alias.name, found


def _globals(file: str, owner: Any) -> Mapping[str, Any]:
    """The globals of the module that a file is."""
    for kind in type(owner).__mro__:
        for value in vars(kind).values():
            code = getattr(value, "__code__", None)
            if code is not None and code.co_filename == file:
                scope: Mapping[str, Any] = value.__globals__
                return scope
    for module in list(sys.modules.values()):
        if getattr(module, "__file__", None) == file:
            return vars(module)
    return {}


def _range(node: Any) -> Range:
    return node.lineno, node.end_lineno, node.col_offset, node.end_col_offset


def _instructions(code: CodeType) -> Iterator[tuple[dis.Instruction, Range | None]]:
    positions = list(code.co_positions())
    for instruction in dis.get_instructions(code):
        where = positions[instruction.offset // 2]
        yield instruction, None if None in where else where  # type: ignore[misc]


def _methods(node: ast.expr) -> list[str]:
    """The names of the methods of a chain, in the order that they are called in."""
    found: list[str] = []
    current: ast.AST = node
    while True:
        if isinstance(current, ast.Call):
            if isinstance(current.func, ast.Attribute):
                found.append(current.func.attr)
            elif isinstance(current.func, ast.Name):
                found.append(current.func.id)
            current = current.func
        elif isinstance(current, _PARTS_OF_CHAIN):
            current = current.value
        else:
            return found[::-1]


def _keywords(call: ast.Call) -> Iterator[str]:
    """``axis=1``, ``raw=True`` and the like; ``lambda`` of a function made on the spot."""
    for keyword in call.keywords:
        if keyword.arg is not None and isinstance(keyword.value, ast.Constant):
            yield f"{keyword.arg}={keyword.value.value!r}"
    if any(isinstance(one, ast.Lambda) for one in [*call.args, *(k.value for k in call.keywords)]):
        yield "lambda"


def _spelled(callee: Any) -> str:
    """``module:qualified.name`` of something called, TA-Lib's by what it is imported as."""
    if callee is None:
        return ""
    kind = type(callee)
    if kind.__name__ == "Function" and kind.__module__.startswith("talib."):
        return f"talib.abstract:{getattr(callee, '_Function__namestr', '?')}"
    module: str = getattr(callee, "__module__", None) or kind.__module__
    name = getattr(callee, "__qualname__", None) or getattr(callee, "__name__", kind.__qualname__)
    if module.startswith("talib."):
        return f"talib:{name}"
    return f"{module}:{name}"
