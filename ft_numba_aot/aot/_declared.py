"""``@kernel`` and ``@helper``: what they say of a function, and what calling a kernel does.

Imports the standard library and numpy.
"""

from __future__ import annotations

import functools
import importlib
import importlib.util
import inspect
import os
import sys
import threading
from collections.abc import Callable, Iterator
from inspect import Parameter, Signature
from types import FunctionType
from typing import Any, TypeVar, get_type_hints, overload

from .._backend import BackendInfo
from .._kernels import _spec
from . import _arguments, _bound
from ._extension import Unit

F = TypeVar("F", bound=Callable[..., Any])

_HELPER = "__ft_numba_aot_helper__"
_UNIT = "__ft_numba_aot_unit__"
_HINTS: dict[Any, str] = {
    **{getattr(_spec, name): name for name in ("F64In", "I64In", "BoolIn", "F64Out", "I64Out")},
    **{scalar: scalar.__name__ for scalar in (int, float, bool)},
}
_RETURNED: dict[str, Callable[[Any], Any]] = {"int": int, "float": float, "bool": bool}
_ABSENT: Any = object()
_lock = threading.RLock()


class Kernel:
    """A function of arrays and numbers that runs compiled where its extension is current.

    Its caller passes the arrays that it reads and its numbers, and gets the arrays that it writes,
    as long as those: one, or a tuple in the order of the declaration. Arrays may be ndarrays,
    Series or lists; with a Series among them, results are Series of its index. With a DataFrame as
    first argument, arrays are its columns of the same names. An output that is passed by its name
    is written to, and returned.

    Raises ``TypeError``, ``ValueError`` or ``KeyError``, with the argument's name, for what the
    kernel can't take, and whatever the kernel's own code raises.
    """

    def __init__(
        self, function: FunctionType, name: str | None, work: Callable[..., int] | None
    ) -> None:
        functools.update_wrapper(self, function)
        self.function, self.work = function, work
        self.name = name or function.__name__
        self.arguments, self.returns = _declaration(function, self.name)
        arrays = [a for a, code in self.arguments.items() if code not in _arguments.SCALARS]
        self.outputs = [a for a in arrays if self.arguments[a].isupper()]
        self._inputs = [a for a in arrays if a not in self.outputs]
        self._work = _work_space(self) if work else None
        if self._work:
            self.outputs.remove(self._work)
        self._check_declaration()
        declared = inspect.signature(function).parameters
        given = [p for a, p in declared.items() if a in self._inputs or a not in arrays]
        outputs = [Parameter(a, Parameter.KEYWORD_ONLY, default=None) for a in self.outputs]
        self.__signature__ = Signature(sorted([*given, *outputs], key=lambda p: p.kind))
        self._given = _giver(self.name, self.__signature__)
        self._given_frame = _giver(self.name, self._frame_signature())
        self._where = {argument: f"{self.name}: {argument}" for argument in self.arguments}
        self._resolved: tuple[Callable[..., Any], BackendInfo] | None = None
        self.unit: Unit = function.__globals__.setdefault(
            _UNIT, Unit(os.path.abspath(function.__code__.co_filename))
        )
        self.unit.kernels.append(self)

    def _check_declaration(self) -> None:
        if not self._inputs:
            raise _wrong(self.function, "it takes no array: annotate one, such as F64In")
        if self.returns is None and not self.outputs:
            raise _wrong(self.function, "it gives no result: add an output, such as *, out: F64Out")
        if self.returns is not None and self.outputs:
            raise _wrong(
                self.function,
                f"it writes to {self.outputs[0]} and returns a number; one of both, please",
            )

    def _frame_signature(self) -> Signature:
        parameters = [Parameter("_frame", Parameter.POSITIONAL_ONLY)]
        for name, parameter in self.__signature__.parameters.items():
            if name in self._inputs:
                parameter = Parameter(name, Parameter.KEYWORD_ONLY, default=_ABSENT)
            parameters.append(parameter)
        return Signature(sorted(parameters, key=lambda parameter: parameter.kind))

    def __call__(self, *positional: Any, **named: Any) -> Any:
        """Check the arguments, make room for the outputs, run the kernel, return the outputs."""
        return self._run((self._resolved or self._resolve())[0], positional, named)

    def as_python(self, *positional: Any, **named: Any) -> Any:
        """The same call, run as Python whatever there is: to test, to debug and to measure."""
        return self._run(self.pure(), positional, named)

    def _run(
        self, function: Callable[..., Any], positional: tuple[Any, ...], named: dict[str, Any]
    ) -> Any:
        if positional and _arguments.is_frame(positional[0]):
            values = self._given_frame(*positional, **named)
            for name in self._inputs:
                if values[name] is _ABSENT:
                    values[name] = _arguments.column(positional[0], name, self.name)
        else:
            values = self._given(*positional, **named)
        index = self._check(values)
        length = len(values[self._inputs[0]])
        for name in self.outputs:
            code, out = self.arguments[name], values[name]
            if out is None:
                values[name] = _arguments.new(code, length)
            else:
                index = None
                _arguments.written(out, code.lower(), length, self._where[name])
        if self._work:
            values[self._work] = self._room(values, length)
        result = function(*[values[name] for name in self.arguments])
        if self.returns is not None:
            return result
        results = [values[name] for name in self.outputs]
        if index is not None:
            series = sys.modules["pandas"].Series
            results = [series(out, index=index, copy=False) for out in results]
        return results[0] if len(results) == 1 else tuple(results)

    def _check(self, values: dict[str, Any]) -> Any:
        """Make the arguments what the kernel takes; returns the index of their Series, if any."""
        index, whose, length = None, "", -1
        for name, code in self.arguments.items():
            if (scalar := _arguments.SCALARS.get(code)) is not None:
                values[name] = scalar(values[name], self._where[name])
            elif name in self._inputs:
                value = values[name]
                values[name] = array = _arguments.read(value, code, self._where[name])
                if length < 0:
                    length = len(array)
                elif len(array) != length:
                    raise ValueError(
                        f"{self._where[name]} has {len(array)} values, "
                        f"{self._inputs[0]} has {length}"
                    )
                if value is not array and _arguments.is_series(value):
                    if index is None:
                        index, whose = value.index, name
                    elif not index.equals(value.index):
                        raise ValueError(f"{self._where[name]} has another index than {whose}")
        return index

    def _room(self, values: dict[str, Any], length: int) -> _arguments.Array:
        assert self.work is not None
        scalars = [values[n] for n, code in self.arguments.items() if code in _arguments.SCALARS]
        size = self.work(length, *scalars)
        if isinstance(size, bool) or not isinstance(size, int) or size < 0:
            raise ValueError(f"{self.name}: work({length}, …) is {size!r}, no number of floats")
        return _arguments.new(self.arguments[str(self._work)], size)

    def resolved(self) -> tuple[Callable[..., Any], BackendInfo]:
        """What runs the kernel, on arrays that were checked; and which that is, and why."""
        return self._resolved or self._resolve()

    def _resolve(self) -> tuple[Callable[..., Any], BackendInfo]:
        with _lock:
            if self._resolved is None:
                native, info = self.unit.resolve(self)
                self._resolved = native or self.pure(), info
            return self._resolved

    def pure(self) -> Callable[..., Any]:
        """The kernel as Python, on the same checked arrays as the compiled one."""
        function = _bound.Binding(bare, {})(self.function)
        codes = list(self.arguments.values())
        returned = None if self.returns is None else _RETURNED[self.returns]

        def run(*arguments: Any) -> Any:
            result = function(*map(_as_python, arguments, codes))
            return None if returned is None else returned(result)

        return run

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[str, str, str]]:
        return _found, (self.function.__module__, str(self.unit.file), self.name)

    def __repr__(self) -> str:
        return f"<kernel {self.name} of {self.unit.file}>"


def _as_python(argument: Any, code: str) -> Any:
    """Arrays as memory whose items are Python's own numbers, as the compiled code sees them."""
    if code in _arguments.SCALARS:
        return argument
    view = memoryview(argument)
    return view if code.isupper() else view.toreadonly()


@overload
def kernel(function: Callable[..., Any], /) -> Kernel: ...


@overload
def kernel(
    *, name: str | None = None, work: Callable[..., int] | None = None
) -> Callable[[Callable[..., Any]], Kernel]: ...


def kernel(
    function: Callable[..., Any] | None = None,
    /,
    *,
    name: str | None = None,
    work: Callable[..., int] | None = None,
) -> Any:
    """Declare a kernel: its annotations say what it takes, ``F64Out`` or ``I64Out`` what it writes.

    ``name`` is another than the function's, for those made in a loop. ``work(length, *numbers)``
    says how many floats of room its last argument gets, of ``F64Out``, which begins as NaN.
    Raises ``TypeError`` for annotations that aren't a kernel's.
    """
    if function is None:
        return lambda declared: Kernel(declared, name, work)
    if not isinstance(function, FunctionType):
        raise TypeError(f"@kernel stands above a function, not above {function!r}")
    return Kernel(function, name, work)


def helper(function: F) -> F:
    """Declare a function that kernels call, to be compiled into them. It stays what it is."""
    if not isinstance(function, FunctionType):
        raise TypeError(f"@helper stands above a function, not above {function!r}")
    setattr(function, _HELPER, True)
    return function


def bare(value: Any) -> FunctionType | None:
    """The function that kernels call by this value; None if it is none of ours."""
    if isinstance(value, Kernel):
        return value.function
    if isinstance(value, FunctionType) and (hasattr(value, _HELPER) or value in _spec.HELPERS):
        return value
    return None


def _wrong(function: FunctionType, what: str) -> TypeError:
    code = function.__code__
    file = os.path.basename(code.co_filename)
    return TypeError(f"{file}, line {code.co_firstlineno}: kernel {function.__name__}: {what}")


def _declaration(function: FunctionType, name: str) -> tuple[dict[str, str], str | None]:
    """The codes of its arguments and of its result, as ``kernels/_spec.py`` has them."""
    if not (name.isidentifier() and name.isascii()) or name.startswith("_"):
        raise _wrong(function, f"{name!r} is no name for a kernel: a-z, 0-9, and _ within")
    try:
        hints = get_type_hints(function, include_extras=True)
    except NameError as error:
        raise _wrong(function, f"its annotations can't be read: {error}") from None
    returns = hints.pop("return", type(None))
    arguments = {}
    for argument, parameter in inspect.signature(function).parameters.items():
        if parameter.kind in {Parameter.VAR_POSITIONAL, Parameter.VAR_KEYWORD}:
            raise _wrong(function, f"{parameter} has no fixed number: name each argument")
        if argument not in hints:
            raise _wrong(function, f"{argument} has no annotation: one of {_choice()}")
        hint = hints[argument]
        if _hint(hint) is None:
            raise _wrong(function, f"{argument} is annotated {_named(hint)}: one of {_choice()}")
        code = _spec.CODES[hint]
        if parameter.default is not Parameter.empty:
            if code not in _arguments.SCALARS:
                raise _wrong(function, f"{argument} is an array, which has no default")
            _arguments.SCALARS[code](parameter.default, f"{name}: the default of {argument}")
        arguments[argument] = code
    if returns is type(None):
        return arguments, None
    if returns not in (int, float, bool):
        raise _wrong(
            function,
            f"it returns {_named(returns)}: int, float, bool, or None where it has outputs",
        )
    return arguments, _spec.CODES[returns]


def _hint(hint: Any) -> str | None:
    try:
        return _HINTS.get(hint)
    except TypeError:  # not hashable
        return None


def _choice() -> str:
    return ", ".join(_HINTS.values())


def _named(hint: Any) -> str:
    return hint.__qualname__ if isinstance(hint, type) else str(hint)


def _work_space(kernel: Kernel) -> str:
    last = next(reversed(kernel.arguments), "")
    if kernel.arguments.get(last) != "D":
        raise _wrong(kernel.function, "with work=, its last argument is room to work in: F64Out")
    return last


def _giver(name: str, signature: Signature) -> Callable[..., dict[str, Any]]:
    """A function with the signature that returns what it was given, by name."""
    parameters, defaults = list(signature.parameters.values()), {}
    for parameter in parameters:
        if parameter.default is not Parameter.empty:
            defaults[f"_default_{parameter.name}"] = parameter.default
    source = f"def {name}({', '.join(_spelled(parameters))}):\n    return {{"
    source += ", ".join(f"{p.name!r}: {p.name}" for p in parameters) + "}"
    exec(source, defaults)
    function: Callable[..., dict[str, Any]] = defaults[name]
    return function


def _spelled(parameters: list[Parameter]) -> Iterator[str]:
    kinds = [parameter.kind for parameter in parameters]
    for i, (parameter, kind) in enumerate(zip(parameters, kinds, strict=True)):
        if kind is Parameter.KEYWORD_ONLY and kind not in kinds[:i]:
            yield "*"
        default = parameter.default is not Parameter.empty
        yield f"{parameter.name}=_default_{parameter.name}" if default else parameter.name
        if kind is Parameter.POSITIONAL_ONLY and kind not in kinds[i + 1 :]:
            yield "/"


def _found(module: str, file: str, name: str) -> Kernel:
    """The kernel in another process, whose path may lack the folder that it was imported from."""
    try:
        found = importlib.import_module(module)
    except ModuleNotFoundError as error:
        spec = importlib.util.spec_from_file_location(module, file)
        if error.name != module or spec is None or spec.loader is None:
            raise
        sys.modules[module] = found = importlib.util.module_from_spec(spec)
        try:
            spec.loader.exec_module(found)
        except BaseException:
            del sys.modules[module]
            raise
    unit: Unit = vars(found)[_UNIT]
    return next(kernel for kernel in reversed(unit.kernels) if kernel.name == name)
