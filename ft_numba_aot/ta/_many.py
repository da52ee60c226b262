"""``Function.many``: an indicator for many values of its parameters, as the columns of one frame.

Nothing of the Function's state changes. Results, and errors, are those of calling it once for
each; pandas, or polars for its frames and Series, is imported by the first call.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from itertools import chain, product
from string import Formatter
from typing import TYPE_CHECKING, Any, NamedTuple

from . import _kinds
from ._compute import Array
from ._kinds import FRAME, POLARS_FRAME, POLARS_SERIES, SERIES, SETS_OF_ARRAYS, floats, kind_of
from ._many_kernels import Columns, Values, complete, compute_many, dtypes_of

if TYPE_CHECKING:
    from ._function import Function


class Call(NamedTuple):
    """What one call of ``many`` asks for: combinations of parameters, and the columns' names.

    ``error`` is what the combination that would follow raises, if one does.
    """

    function: Function
    candles: Any
    series: list[Any]
    combinations: list[tuple[int | float, ...]]
    names: Sequence[str]
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
    starts = range(0, len(dtypes) * len(values), len(dtypes))
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
    several = {one for one, value in given.items() if _is_several(value)}
    given |= {one: [*given[one]] for one in several}
    found, error, varying = _combined(function, state.values, given, several, combinations)
    return Call(
        function,
        candles,
        _price_names(series),
        found,
        _names(function, found, [one for one in parameters if one in varying], name),
        error,
    )


def _is_several(value: Any) -> bool:
    return hasattr(value, "__iter__") and not isinstance(value, (str, bytes))


def _combined(
    function: Function,
    values: dict[str, int | float],
    given: dict[str, Any],
    several: set[str],
    combinations: Iterable[Mapping[str, Any]] | None,
) -> tuple[list[tuple[int | float, ...]], TypeError | None, set[str]]:
    """All parameters of each combination, once; the error after them; what columns are named by."""
    types = function._types
    if combinations is not None:
        if several:
            names = ", ".join(sorted(several))
            raise TypeError(f"combinations has the values of {names}: give one")
        listed = [dict(each) for each in combinations]
        varying = {one for each in listed for one in each}
        if unknown := varying - types.keys():
            raise TypeError(f"{function._definition.name} has no {', '.join(sorted(unknown))}")
        return *_one_by_one(function, values, [given | each for each in listed]), varying
    choices = [given[one] if one in several else [given.get(one, values[one])] for one in types]
    pairs = zip(types.values(), choices, strict=True)
    if all(isinstance(one, kind) for kind, options in pairs for one in options):
        return [*dict.fromkeys(product(*choices))], None, several or set(given)
    named = [one for one in types if one in given]
    chosen = product(*(given[one] if one in several else [given[one]] for one in named))
    changes = [dict(zip(named, each, strict=True)) for each in chosen]
    return *_one_by_one(function, values, changes), several or set(given)


def _one_by_one(
    function: Function, values: dict[str, int | float], changes: Iterable[dict[str, Any]]
) -> tuple[list[tuple[int | float, ...]], TypeError | None]:
    """The combinations that these changes make, and the error of the one after them, if any."""
    found: dict[tuple[int | float, ...], None] = {}
    for change in changes:
        try:
            found[tuple(function._with(values, change).values())] = None
        except TypeError as refused:
            named = ", ".join(f"{one}={value!r}" for one, value in change.items())
            return [*found], TypeError(f"{refused}: {named}")
    return [*found], None


@lru_cache
def _fields(template: str) -> frozenset[str]:
    return frozenset(field for _, field, _, _ in Formatter().parse(template) if field is not None)


@lru_cache
def _by_place(template: str, names: tuple[str, ...]) -> str:
    """The template with places, of values in the order of ``names``, instead of names."""
    made = ""
    for text, field, spec, conversion in Formatter().parse(template):
        made += text.replace("{", "{{").replace("}", "}}")
        if field is not None:
            spec = f":{_by_place(spec, names)}" if spec else ""
            made += f"{{{names.index(field)}{'!' + conversion if conversion else ''}{spec}}}"
    return made


def _names(
    function: Function,
    combinations: Sequence[tuple[int | float, ...]],
    varying: Sequence[str],
    template: str | None,
) -> tuple[str, ...]:
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
    # Of ints, equal ones have equal names; of True, 1.0 and -0.0 not.
    whole = {*map(type, chain.from_iterable(combinations))} == {int}
    named = _named if whole else _named.__wrapped__
    plain = function._definition.name.lower()
    return named(template, tuple(known), plain, tuple(outputs), tuple(combinations))


@lru_cache(32)
def _named(
    template: str,
    known: tuple[str, ...],
    plain: str,
    outputs: tuple[str, ...],
    combinations: tuple[tuple[int | float, ...], ...],
) -> tuple[str, ...]:
    """Names of the columns, no two of them the same."""
    name_of = _by_place(template, known).format
    names = [name_of(plain, output, *values) for values in combinations for output in outputs]
    refuse_twice(names, f"name={template!r}")
    return tuple(names)


def refuse_twice(names: Sequence[str], source: str) -> None:
    """``ValueError`` where a name is that of two columns."""
    if len(set(names)) < len(names):
        twice = next(one for at, one in enumerate(names) if one in names[:at])
        raise ValueError(f"{source} gives two columns the name {twice!r}")


def _price_names(series: Mapping[str, Any]) -> list[Any]:
    from ._function import _price_series

    return _price_series(dict(series))


def checked(call: Call) -> tuple[list[Array], list[Values]]:
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
    first = call.combinations[0] if call.combinations else ()
    arrays = compute._checked(given, first)
    values = complete(compute, arrays, call.combinations)
    if call.error is not None:
        raise call.error
    return arrays, values


def framed(columns: Columns, names: Sequence[str], given: Any) -> Any:
    """A frame of the columns, of the library of what was given, with its index if it has one."""
    if kind_of(given) == POLARS_FRAME or _has_polars(given):
        import polars

        return polars.DataFrame(dict(zip(names, columns.arrays, strict=True)))
    import pandas as pd

    from . import _frames

    index = given.index if kind_of(given) in (FRAME, SERIES) else pd.RangeIndex(columns.length)
    if columns.are_rows:
        return _frames.frame(columns.rows, index, names)
    return pd.DataFrame(dict(zip(names, columns.arrays, strict=True)), index=index)


def _has_polars(given: Any) -> bool:
    return isinstance(given, dict) and any(kind_of(one) == POLARS_SERIES for one in given.values())
