"""The source text of freqtrade's objects, read from their files without importing them.

Imports the standard library. An object is spelled ``module:qualified.name``. Its text is that of
its statement, decorators included, without its indentation and with ``\\n`` line ends: the same
for every Python that reads the file.
"""

from __future__ import annotations

import ast
import hashlib
import importlib.util
import warnings
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Assign | ast.AnnAssign
Find = Callable[[str], Path | None]

_COMPOUND = (ast.If, ast.Try, ast.With)


class Source(NamedTuple):
    """An object's statement: where it is defined, its first line (1-based), and its text.

    A property's setter and deleter belong to it, and have a first line each.
    """

    name: str
    path: Path
    lines: tuple[int, ...]
    text: str

    @property
    def fingerprint(self) -> str:
        """Sixteen hexadecimal digits of the text's SHA-256."""
        return hashlib.sha256(self.text.encode()).hexdigest()[:16]


class _Module(NamedTuple):
    lines: list[str]
    body: list[ast.stmt]
    package: str


class NotFound(Exception):
    """There is no such object; the message says which part of its name is missing."""


def installed(module: str) -> Path | None:
    """The file of a module of this Python, None where there is none."""
    try:
        spec = importlib.util.find_spec(module)
    except ImportError:
        return None
    if spec is None or not spec.origin or not spec.origin.endswith(".py"):
        return None
    return Path(spec.origin)


def below(*folders: Path) -> Find:
    """A way to find the files of modules in folders of unpacked packages."""

    def find(module: str) -> Path | None:
        for folder in folders:
            base = folder.joinpath(*module.split("."))
            for path in (base.with_name(base.name + ".py"), base / "__init__.py"):
                if path.is_file():
                    return path
        return None

    return find


def source(name: str, find: Find = installed) -> Source:
    """Where ``name`` is defined, imports and base classes followed; ``NotFound`` if nowhere."""
    module, _, qualified = name.partition(":")
    return _source(module, tuple(qualified.split(".")), find, name, 8)


def _source(module: str, names: tuple[str, ...], find: Find, asked: str, depth: int) -> Source:
    path = find(module)
    if path is None or depth == 0:
        raise NotFound(f"{asked}: no module {module}")
    parsed = _parse(path, module)
    body = parsed.body
    nodes: list[Definition] = []
    for position, name in enumerate(names):
        owner = nodes[0] if nodes else None
        if owner is not None:
            if not isinstance(owner, ast.ClassDef):
                raise NotFound(f"{asked}: {names[position - 1]} is no class")
            body = owner.body
            # A private name is mangled outside its class.
            if name.startswith(mangled := f"_{owner.name.lstrip('_')}__"):
                name = "__" + name.removeprefix(mangled)
                names = (*names[:position], name, *names[position + 1 :])
        nodes = _definitions(body, name)
        if not nodes:
            rest = names[position:]
            if owner is None:
                return _imported(parsed, rest, find, asked, depth)
            return _inherited(module, owner, rest, find, asked, depth)
    firsts, text = [], ""
    for node in nodes:
        decorators = getattr(node, "decorator_list", [])
        first = min([node.lineno, *(decorator.lineno for decorator in decorators)])
        indent = " " * node.col_offset
        firsts.append(first)
        for line in parsed.lines[first - 1 : node.end_lineno]:
            text += line.removeprefix(indent).rstrip() + "\n"
    return Source(f"{module}:{'.'.join(names)}", path, tuple(firsts), text)


def _imported(
    module: _Module, names: tuple[str, ...], find: Find, asked: str, depth: int
) -> Source:
    origin = _import(module, names[0])
    if origin is None:
        raise NotFound(f"{asked}: no {names[0]}")
    target, original = origin
    return _source(target, (original, *names[1:]), find, asked, depth - 1)


def _inherited(
    module: str, owner: ast.ClassDef, names: tuple[str, ...], find: Find, asked: str, depth: int
) -> Source:
    for base in owner.bases:
        if isinstance(base, ast.Name):
            try:
                return _source(module, (base.id, *names), find, asked, depth - 1)
            except NotFound:
                continue
    raise NotFound(f"{asked}: no {names[0]} in {module}:{owner.name}")


def methods(module: str, method: str, find: Find = installed) -> Iterator[str]:
    """The names of all methods called ``method`` of a module's classes."""
    path = find(module)
    if path is None:
        return
    for node in _parse(path, module).body:
        if isinstance(node, ast.ClassDef) and _definitions(node.body, method):
            yield f"{module}:{node.name}.{method}"


@cache
def _parse(path: Path, module: str) -> _Module:
    text = path.read_text(encoding="utf-8")
    package = module if path.name == "__init__.py" else module.rpartition(".")[0]
    with warnings.catch_warnings():
        # Of the other package's text, which Python warned of when it compiled it.
        warnings.simplefilter("ignore")
        body = ast.parse(text).body
    # str.splitlines would also break at form feeds, which Python's line numbers don't.
    return _Module(text.split("\n"), body, package)


def _statements(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    for node in body:
        yield node
        if isinstance(node, _COMPOUND):
            yield from _statements(node.body)
            yield from _statements(getattr(node, "orelse", []))


def _definitions(body: list[ast.stmt], name: str) -> list[Definition]:
    """The last statement that defines ``name``, and the other accessors if it is a property."""
    found: list[Definition] = []
    for node in _statements(body):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            if node.name == name:
                accessor = any(_is_accessor(decorator) for decorator in node.decorator_list)
                found = [*found, node] if accessor else [node]
        elif isinstance(node, (ast.Assign, ast.AnnAssign)):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            if any(isinstance(target, ast.Name) and target.id == name for target in targets):
                found = [node]
    return found


def _is_accessor(decorator: ast.expr) -> bool:
    return isinstance(decorator, ast.Attribute) and decorator.attr in ("setter", "deleter")


def _import(module: _Module, name: str) -> tuple[str, str] | None:
    """The module and name that a module-level ``from … import …`` takes ``name`` from."""
    for node in _statements(module.body):
        if not isinstance(node, ast.ImportFrom):
            continue
        for alias in node.names:
            if (alias.asname or alias.name) == name:
                target = node.module or ""
                if node.level:
                    parents = module.package.split(".")
                    kept = parents[: len(parents) - node.level + 1]
                    target = ".".join([*kept, target] if target else kept)
                return target, alias.name
    return None


@cache
def file_fingerprint(path: Path) -> str:
    """The same of a whole file; line ends don't count."""
    return hashlib.sha256(path.read_bytes().replace(b"\r\n", b"\n")).hexdigest()[:16]


def forget() -> None:
    """Give back the memory of the files."""
    _parse.cache_clear()
    file_fingerprint.cache_clear()
