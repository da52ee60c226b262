"""``Function.many``: an indicator for many values of its parameters, as the columns of one frame.

Nothing of the Function's state changes. Results, and errors, are those of calling it once for
each; pandas, or polars for its frames and Series, is imported by the first call.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from itertools import product
from string import Formatter
from typing import TYPE_CHECKING, Any, NamedTuple

from . import _kinds
from ._compute import Array
from ._kinds import FRAME, POLARS_FRAME, POLARS_SERIES, SERIES, SETS_OF_ARRAYS, floats, kind_of
from ._many_kernels import Columns, complete, compute_many, dtypes_of

if TYPE_CHECKING:
    from ._function import Function


class Call(NamedTuple):
    """What one call of ``many`` asks for: combinations of parameters, and the columns' names.

    ``error`` is what the combination that would follow raises, if one does.
    """

    function: Function
    candles: Any
    series: list[Any]
    combinations: list[list[int | float]]
    names: list[str]
    error: TypeError | None


def many(
    function: Function,
    args: tuple[Any, ...],
    keywords: dict[str, Any],
    name: str | None,
    combinations: Iterable[Mapping[str, Any]] | None,
) -> Any:
    """``Function.many``."""
    call = understood(function, args, keywords, name, combinations)
    compute = function.func_object
    arrays, values = checked(call)
    joined = kind_of(call.candles) in (FRAME, POLARS_FRAME)
    dtypes = dtypes_of(compute, joined=joined)
    columns = Columns(dtypes * len(values), len(arrays[0]))
    starts = range(0, len(columns.arrays), len(dtypes))
    compute_many(function._definition, compute, arrays, values, columns, starts, {})
    given = args[0] if args and kind_of(args[0]) == SERIES else call.candles
    return framed(columns, call.names, given)


def understood(
    function: Function,
    args: tuple[Any, ...],
    keywords: dict[str, Any],
    name: str | None,
    combinations: Iterable[Mapping[str, Any]] | None,
) -> Call:
    """What these arguments of ``many`` ask for."""
    state = function._state
    positional = args
    whole = bool(args) and kind_of(args[0]) in SETS_OF_ARRAYS
    if not whole:
        candles, positional = function._take_arrays(state, args)
        whole = bool(positional) and kind_of(positional[0]) in SETS_OF_ARRAYS
    if whole:
        candles, positional = positional[0], positional[1:]
    parameters = list(function._types)
    given = {one: value for one, value in keywords.items() if one in function._types}
    given |= dict(zip(parameters, positional, strict=False))
    others = {one: value for one, value in keywords.items() if one not in function._types}
    series, _ = function._bind(state, (), others, candles if whole else None)
    changes, varying = _changes(function, given, combinations)
    found: dict[tuple[int | float, ...], dict[str, int | float]] = {}
    error, types = None, function._types
    for change in changes:
        values = state.values | change
        if all(map(isinstance, change.values(), map(types.__getitem__, change))):
            found.setdefault(tuple(values.values()), values)
            continue
        try:
            values = function._with(state.values, change)
        except TypeError as refused:
            named = ", ".join(f"{one}={value!r}" for one, value in change.items())
            error = TypeError(f"{refused}: {named}")
            break
        found.setdefault(tuple(values.values()), values)
    return Call(
        function,
        candles,
        _price_names(series),
        [[*values] for values in found],
        _names(function, found.values(), [one for one in parameters if one in varying], name),
        error,
    )


def _is_several(value: Any) -> bool:
    return hasattr(value, "__iter__") and not isinstance(value, (str, bytes))


def _changes(
    function: Function, given: dict[str, Any], combinations: Iterable[Mapping[str, Any]] | None
) -> tuple[list[dict[str, Any]], set[str]]:
    """Each combination of the parameters given, and those that a column is named by."""
    several = {one for one, value in given.items() if _is_several(value)}
    if combinations is None:
        ordered = [one for one in function._types if one in given]
        values = [[*given[one]] if one in several else [given[one]] for one in ordered]
        changes = [dict(zip(ordered, each, strict=True)) for each in product(*values)]
        return changes, several or set(given)
    if several:
        raise TypeError(f"combinations has the values of {', '.join(sorted(several))}: give one")
    listed = [dict(each) for each in combinations]
    varying = {one for each in listed for one in each}
    if unknown := varying - function._types.keys():
        raise TypeError(f"{function._definition.name} has no {', '.join(sorted(unknown))}")
    return [given | each for each in listed], varying


@lru_cache
def _fields(template: str) -> frozenset[str]:
    return frozenset(field for _, field, _, _ in Formatter().parse(template) if field is not None)


def _names(
    function: Function,
    combinations: Iterable[Mapping[str, int | float]],
    varying: Sequence[str],
    template: str | None,
) -> list[str]:
    """The columns' names: those of the template's that are told apart."""
    outputs = function._output_names
    if template is None:
        template = "_".join(["{name}", *(f"{{{one}}}" for one in varying)])
    fields = _fields(template)
    known = ["name", "output", *function._types]
    if unknown := fields.difference(known):
        raise ValueError(
            f"name={template!r} asks for {', '.join(sorted(unknown))}; there are {', '.join(known)}"
        )
    if len(outputs) > 1 and "output" not in fields:
        template += "_{output}"
    plain = function._definition.name.lower()
    names = [
        template.format(name=plain, output=output, **values)
        for values in combinations
        for output in outputs
    ]
    refuse_twice(names, f"name={template!r}")
    return names


def refuse_twice(names: Sequence[str], source: str) -> None:
    """``ValueError`` where a name is that of two columns."""
    if len(set(names)) < len(names):
        twice = next(one for at, one in enumerate(names) if one in names[:at])
        raise ValueError(f"{source} gives two columns the name {twice!r}")


def _price_names(series: Mapping[str, Any]) -> list[Any]:
    from ._function import _price_series

    return _price_series(dict(series))


def checked(call: Call) -> tuple[list[Array], list[list[int | float]]]:
    """The arrays and each combination's values, or the error of the first that has one."""
    from ._function import _check_present

    candles, series, compute = call.candles, call.series, call.function.func_object
    if call.error is not None and not call.combinations:
        raise call.error
    if kind_of(candles) in SETS_OF_ARRAYS:
        _check_present(candles, series)
    if kind_of(candles) == FRAME:
        given = [_kinds.frames.column(candles, one) for one in series]
    else:
        given = [floats(candles[one]) for one in series]
    first = call.combinations[0] if call.combinations else []
    arrays = compute._checked(given, first)
    values = [complete(compute, arrays, each) for each in call.combinations]
    if call.error is not None:
        raise call.error
    return arrays, values


def framed(columns: Columns, names: list[str], given: Any) -> Any:
    """A frame of the columns, of the library of what was given, with its index if it has one."""
    if kind_of(given) == POLARS_FRAME or _has_polars(given):
        import polars

        return polars.DataFrame(dict(zip(names, columns.arrays, strict=True)))
    import pandas as pd

    index = given.index if kind_of(given) in (FRAME, SERIES) else pd.RangeIndex(columns.length)
    if columns.are_rows:
        # Not by ``_frames.frame``, which keeps each set of names that it has seen.
        return pd.DataFrame(columns.rows.T, index=index, columns=names, copy=False)
    return pd.DataFrame(dict(zip(names, columns.arrays, strict=True)), index=index)


def _has_polars(given: Any) -> bool:
    return isinstance(given, dict) and any(kind_of(one) == POLARS_SERIES for one in given.values())
