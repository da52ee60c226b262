"""``ft_numba_aot.rolling`` is pandas: same bits, index, name and type, same errors."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pandas as pd
import pytest
from candles import HEADS, REAL, SHAPES, any_candles, candles, real_candles, same_bits
from hypothesis import given
from hypothesis import strategies as st

from ft_numba_aot import _backend, _kernels, _rolling, rolling

pytestmark = pytest.mark.skipif(
    _rolling.certified() is not None, reason=f"nothing to compare: {_rolling.certified()}"
)
native = pytest.mark.skipif(_backend.backend() == "pure", reason="the kernels aren't compiled")

FLAGS = st.booleans()
# By function, what it takes besides a window.
OWN: dict[str, dict[str, st.SearchStrategy[Any]]] = {
    **{name: {} for name in ("mean", "sum", "min", "max", "median", "count", "skew", "kurt")},
    **{name: {"ddof": st.integers(-1, 3)} for name in ("std", "var", "sem", "cov")},
    "corr": {},
    "quantile": {
        "q": st.sampled_from([0, 0.0, 0.1, 0.25, 1 / 3, 0.5, 0.99, 1.0]) | st.floats(0.0, 1.0),
        "interpolation": st.sampled_from(list(_rolling.INTERPOLATIONS)),
    },
    "rank": {"method": st.sampled_from(list(_rolling.TIES)), "ascending": FLAGS, "pct": FLAGS},
}
WEIGHTS = (
    st.tuples(st.just("com"), st.sampled_from([0, 0.0, 1, 1.0, 2.5]) | st.floats(0.0, 1e6)),
    st.tuples(st.just("span"), st.sampled_from([1, 2, 3, 14, 200]) | st.floats(1.0, 1e6)),
    st.tuples(st.just("halflife"), st.sampled_from([1, 4.5]) | st.floats(0.01, 1e6)),
    st.tuples(st.just("alpha"), st.sampled_from([1, 0.5, 0.1]) | st.floats(1e-6, 1.0)),
)
PAIRED = ("cov", "corr")


def of_pandas(name: str, data: Any, window: Any, min_periods: Any, **own: Any) -> Any:
    return getattr(data.rolling(window, min_periods=min_periods), name)(**own)


def of_arrays(module: ModuleType, name: str, one: Any, two: Any, *window: Any, **own: Any) -> Any:
    data = (one, two) if name in PAIRED else (one,)
    rows, min_periods = window
    return getattr(module, name)(*data, rows, min_periods=min_periods, **own)


@st.composite
def windows(draw: st.DrawFn, rows: int) -> tuple[int, int | None]:
    window = draw(st.sampled_from([1, 2, 3, 4, 14]) | st.integers(1, max(rows, 1) + 2))
    return window, draw(st.none() | st.integers(0, window))


@st.composite
def vectors(draw: st.DrawFn) -> tuple[Any, Any]:
    """Two of a length, one with holes."""
    columns = draw(any_candles(max_size=120))
    one, two = columns["close"], columns["high"]
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    share = draw(st.sampled_from([0.0, 0.0, 0.1, 0.7]))
    one = np.where(rng.random(len(one)) < share, np.nan, one)
    with np.errstate(all="ignore"):
        return one, draw(st.sampled_from([two, columns["volume"], one * 2.0 + 1.0]))


@pytest.mark.parametrize("name", OWN)
@given(data=st.data())
def test_windows_of_arrays(name: str, data: st.DataObject) -> None:
    one, two = data.draw(vectors())
    window = data.draw(windows(len(one)))
    own = {option: data.draw(values) for option, values in OWN[name].items()}
    with np.errstate(all="ignore"):
        kept = one.copy()
        ours = of_arrays(_rolling, name, one, two, *window, **own)
        paired = {"other": pd.Series(two)} if name in PAIRED else {}
        theirs = of_pandas(name, pd.Series(one), *window, **paired, **own)
    assert same_bits(one, kept)
    assert same_bits(ours, theirs.to_numpy()), (window, own, ours, theirs)


@given(data=st.data(), weights=st.one_of(*WEIGHTS), adjust=FLAGS, ignore_na=FLAGS)
def test_weighted_mean(
    data: st.DataObject, weights: tuple[str, float], adjust: bool, ignore_na: bool
) -> None:
    one, _ = data.draw(vectors())
    arguments: Any = {
        **dict([weights]),
        "min_periods": data.draw(st.none() | st.integers(-1, 20)),
        "adjust": adjust,
        "ignore_na": ignore_na,
    }
    ours = _rolling.ewm_mean(one, **arguments)
    assert same_bits(ours, pd.Series(one).ewm(**arguments).mean().to_numpy()), arguments
    series = pd.Series(one, name="close")
    assert_same(rolling.ewm_mean(series, **arguments), series.ewm(**arguments).mean())


def assert_same(ours: Any, theirs: Any) -> None:
    assert type(ours) is type(theirs)
    if isinstance(theirs, pd.DataFrame):
        assert ours.index.identical(theirs.index)
        assert ours.columns.identical(theirs.columns)
        assert type(ours.columns) is type(theirs.columns)
        for position in range(theirs.shape[1]):
            assert_same(ours.iloc[:, position], theirs.iloc[:, position])
    elif isinstance(theirs, pd.Series):
        assert ours.index.identical(theirs.index)
        assert type(ours.index) is type(theirs.index)
        assert ours.name == theirs.name or (ours.name is theirs.name)
        assert ours.attrs == theirs.attrs
        assert ours.flags == theirs.flags
        assert_same(ours.to_numpy(), theirs.to_numpy())
        assert ours.to_numpy(copy=True).flags.writeable
    else:
        assert same_bits(ours, theirs), (ours, theirs)


def outcome(call: Callable[[], Any]) -> Any:
    try:
        return call()
    except Exception as error:
        return type(error), str(error)


def assert_same_outcome(ours: Callable[[], Any], theirs: Callable[[], Any]) -> None:
    one, other = outcome(ours), outcome(theirs)
    if isinstance(other, tuple):
        assert one == other
    else:
        assert_same(one, other)


class Odd(pd.Series):
    @property
    def _constructor(self) -> type[Odd]:
        return Odd


def odd_series() -> Iterator[pd.Series]:
    values = candles(np.random.default_rng(3), 40, "ticks")["close"]
    values[[3, 17, 18]] = np.nan, np.inf, -0.0
    plain = pd.Series(values, name="close")
    yield plain
    yield plain.iloc[5:]
    yield plain.iloc[::-1]
    yield plain.iloc[::3]
    yield plain.iloc[:0]
    yield plain.set_axis([1, 1, 2, 2] * 10)
    yield plain.set_axis(pd.date_range("2024", periods=40, freq="5min", tz="UTC", name="date"))
    yield plain.set_axis(pd.MultiIndex.from_product([range(4), range(10)]))
    yield plain.rename(None)
    yield plain.rename(("a", 1))
    yield Odd(values, name="close")
    yield pd.DataFrame({"a": values, "b": values[::-1]})["b"]
    yield pd.DataFrame(np.column_stack([values, values]))[1]
    whole = pd.Series(np.round(np.nan_to_num(values, posinf=9.0)), name=0)
    for dtype in ("int64", "int8", "uint16", "float32", "float16", "bool", "Int64", "Float64"):
        yield whole.astype(dtype)
    for dtype in ("object", "str", "datetime64[ns]", "category", "complex128", ">f8"):
        yield whole.astype(dtype)
    noted = plain.copy()
    noted.attrs["source"] = "exchange"
    yield noted
    yield plain.set_flags(allows_duplicate_labels=False)


@pytest.mark.filterwarnings("ignore:Casting complex")
@pytest.mark.parametrize("name", OWN)
def test_series_of_any_kind(name: str) -> None:
    own = {"q": 0.3} if name == "quantile" else {}
    for series in odd_series():
        if name in PAIRED:
            own = {"other": series * 2 if series.dtype == np.float64 else series}
        kept = series.copy()
        assert_same_outcome(
            lambda: getattr(rolling, name)(series, 5, min_periods=2, **own),  # noqa: B023
            lambda: of_pandas(name, series, 5, 2, **own),  # noqa: B023
        )
        pd.testing.assert_series_equal(series, kept)


def odd_frames() -> Iterator[pd.DataFrame]:
    columns = candles(np.random.default_rng(4), 30, "walk")
    plain = pd.DataFrame(columns)
    yield plain
    yield plain.iloc[:0]
    yield plain[[]]
    yield plain.set_axis(["a", "a", "b", "c", "b", "d"], axis=1)
    yield pd.DataFrame(np.column_stack(list(columns.values())))
    yield plain.assign(volume=plain["volume"].astype("int64"), bought=plain["close"] > 1.0)
    yield plain.assign(date=pd.Timestamp("2024"))
    yield plain.assign(pair="ETH/USDT")
    yield plain.assign(volume=plain["volume"].astype("Float64"))


@pytest.mark.parametrize("name", OWN)
def test_frames_of_any_kind(name: str) -> None:
    own = {"q": 0.3} if name == "quantile" else {}
    for frame in odd_frames():
        if name in PAIRED:
            own = {"other": frame.iloc[:, 0] if frame.shape[1] else None}
        for options in ({}, {"numeric_only": True}):
            assert_same_outcome(
                lambda: getattr(rolling, name)(frame, 5, min_periods=2, **own, **options),  # noqa: B023
                lambda: of_pandas(name, frame, 5, 2, **own, **options),  # noqa: B023
            )
    assert_same_outcome(lambda: rolling.ewm_mean(frame, span=5), lambda: frame.ewm(span=5).mean())


SERIES = pd.Series(np.random.default_rng(5).normal(size=30), name="close")


@pytest.mark.parametrize("name", OWN)
def test_arrays_in_arrays_out(name: str) -> None:
    own: dict[str, Any] = {"q": 0.3} if name == "quantile" else {}
    for array in (SERIES.to_numpy(), np.arange(9), SERIES.to_numpy()[::-2], np.eye(3), np.array(1)):
        paired = {"other": array} if name in PAIRED else {}
        theirs = {"other": pd.Series(array)} if name in PAIRED and array.ndim < 2 else paired
        assert_same_outcome(
            lambda: getattr(rolling, name)(array, 4, **own, **paired),  # noqa: B023
            lambda: of_pandas(name, pd.Series(array), 4, None, **own, **theirs).to_numpy(),  # noqa: B023
        )


ODD_WINDOWS = (0, -1, 2.5, True, None, "3", "3h", np.int64(4), np.float64(4), 2**31, 2**70)
ODD_PERIODS = (-1, 5, 2.0, True, "1", np.int64(2))


@pytest.mark.parametrize("window", ODD_WINDOWS, ids=repr)
def test_odd_windows(window: Any) -> None:
    for name in ("mean", "median", "max", "corr"):
        assert_same_outcome(
            lambda: getattr(rolling, name)(SERIES, window),  # noqa: B023
            lambda: of_pandas(name, SERIES, window, None),  # noqa: B023
        )


@pytest.mark.parametrize("min_periods", ODD_PERIODS, ids=repr)
def test_odd_min_periods(min_periods: Any) -> None:
    assert_same_outcome(
        lambda: rolling.sum(SERIES, 4, min_periods), lambda: SERIES.rolling(4, min_periods).sum()
    )
    assert_same_outcome(
        lambda: rolling.ewm_mean(SERIES, 4, min_periods=min_periods),
        lambda: SERIES.ewm(4, min_periods=min_periods).mean(),
    )


OPTIONS: tuple[tuple[str, dict[str, Any], dict[str, Any]], ...] = (
    ("mean", {"center": True}, {}),
    ("max", {"closed": "left"}, {}),
    ("sum", {"step": 3}, {}),
    ("mean", {"win_type": "nonsense"}, {}),
    ("mean", {"on": "date"}, {}),
    ("mean", {}, {"engine": "nonsense"}),
    ("mean", {}, {"nonsense": 1}),
    ("mean", {}, {"numeric_only": True}),
    ("std", {}, {"ddof": 1.5}),
    ("std", {}, {"ddof": True}),
    ("var", {}, {"ddof": 2**40}),
    ("quantile", {}, {"q": 1.5}),
    ("quantile", {}, {"q": "0.5"}),
    ("quantile", {}, {"q": 0.5, "interpolation": "nonsense"}),
    ("quantile", {}, {"q": 1, "interpolation": "nonsense"}),
    ("rank", {}, {"method": "first"}),
    ("rank", {}, {"pct": 1}),
    ("corr", {}, {"other": 1}),
    ("corr", {}, {"other": SERIES.to_frame()}),
    ("corr", {}, {"other": None}),
    ("corr", {}, {"other": SERIES.iloc[4:]}),
    ("corr", {}, {"other": SERIES.rename("volume")}),
    ("cov", {}, {"other": SERIES.rename(7)}),
    ("cov", {}, {"other": SERIES.set_axis(SERIES.index.astype(float))}),
    ("cov", {}, {"other": SERIES.astype("float32")}),
    ("cov", {}, {"other": SERIES, "pairwise": True}),
)


@pytest.mark.parametrize(("name", "of_window", "own"), OPTIONS)
def test_options(name: str, of_window: dict[str, Any], own: dict[str, Any]) -> None:
    assert_same_outcome(
        lambda: getattr(rolling, name)(SERIES, 4, **of_window, **own),
        lambda: getattr(SERIES.rolling(4, **of_window), name)(**own),
    )


ODD_WEIGHTS: tuple[dict[str, Any], ...] = (
    {},
    {"com": -1},
    {"span": 0.5},
    {"halflife": 0},
    {"alpha": 0},
    {"alpha": 2},
    {"com": 1, "span": 2},
    {"span": "3"},
    {"span": np.float64(3)},
    {"com": np.nan},
    {"com": np.inf},
    {"alpha": 5e-324},
    {"halflife": 1e-12},
    {"halflife": "1h", "times": pd.Series(pd.date_range("2024", periods=30, freq="h"))},
    {"span": 3, "adjust": 0},
    {"span": 3, "numeric_only": True},
    {"span": 3, "engine": "nonsense"},
)


@pytest.mark.parametrize("arguments", ODD_WEIGHTS, ids=str)
def test_odd_weights(arguments: dict[str, Any]) -> None:
    of_mean = {key: arguments[key] for key in ("numeric_only", "engine") if key in arguments}
    of_ewm = {key: value for key, value in arguments.items() if key not in of_mean}
    with np.errstate(all="ignore"):
        assert_same_outcome(
            lambda: rolling.ewm_mean(SERIES, **arguments),
            lambda: SERIES.ewm(**of_ewm).mean(**of_mean),
        )


def ordinary() -> Iterator[Callable[[], Any]]:
    for name in OWN:
        own: dict[str, Any] = {"q": 0.3} if name == "quantile" else {}
        if name in PAIRED:
            own["other"] = SERIES
        yield lambda name=name, own=own: getattr(rolling, name)(SERIES, 4, **own)
    yield lambda: rolling.ewm_mean(SERIES, span=4)
    yield lambda: rolling.mean(SERIES.to_frame(), 4)


def test_ordinary_calls_are_accelerated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rolling, "_usable", lambda: True)
    for method in ("rolling", "ewm"):
        monkeypatch.delattr(pd.core.generic.NDFrame, method)
    for call in ordinary():
        assert len(call()) == len(SERIES)


@pytest.mark.parametrize("why", ["version", "backend", "option"])
def test_pandas_runs_where_it_must(why: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if why == "version":
        monkeypatch.setattr(pd, "__version__", "3.9.0")
    elif why == "backend":
        monkeypatch.setattr(_backend, "backend", lambda: "pure")
    caches = (rolling._usable, _rolling.certified)
    for one in caches:
        one.cache_clear()
    ran = []
    own = rolling._pandas
    monkeypatch.setattr(rolling, "_pandas", lambda *a, **k: ran.append(a[0]) or own(*a, **k))
    try:
        if why == "option":
            monkeypatch.setattr(rolling.numba_, "GLOBAL_USE_NUMBA", True)
            monkeypatch.setattr(rolling, "_pandas", lambda name, *_, **__: ran.append(name))
        result = rolling.mean(SERIES, 4)
        assert ran == ["mean"]
        if why != "option":
            assert_same(result, SERIES.rolling(4).mean())
            assert (_rolling.certified() is None) == (why == "backend")
    finally:
        monkeypatch.undo()
        for one in caches:
            one.cache_clear()


def test_wide_windows_in_order_are_left_to_pandas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rolling, "_usable", lambda: True)
    monkeypatch.setattr(rolling, "_WIDEST", 10)
    monkeypatch.setattr(rolling, "_pandas", lambda name, *_, **__: name)
    assert isinstance(rolling.median(SERIES, 11), str)
    assert not isinstance(rolling.median(SERIES, 10), str)
    assert not isinstance(rolling.median(SERIES.iloc[:10], 11), str)
    assert not isinstance(rolling.mean(SERIES, 11), str)


@native
@pytest.mark.skipif(not real_candles(), reason=f"no candle files in {REAL}")
@pytest.mark.parametrize("name", OWN)
def test_real_candles(name: str) -> None:
    own: dict[str, Any] = {"q": 0.3} if name == "quantile" else {}
    for columns in list(real_candles().values())[:3]:
        one, two = (pd.Series(columns[column][:20_000]) for column in ("close", "volume"))
        paired = {"other": two} if name in PAIRED else {}
        for series in (one,) if paired else (one, two):
            for window in (5, 20, 700):
                ours = getattr(rolling, name)(series, window, **own, **paired)
                assert_same(ours, of_pandas(name, series, window, None, **own, **paired))


def with_kernels(kernels: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """``_rolling`` anew, over these kernels as Python."""
    with monkeypatch.context() as patch:
        patch.setattr(_backend, "call", lambda name: _backend._pure(kernels[name]))
        patch.setattr(_backend, "work", lambda name: kernels[name].work)
        spec = importlib.util.spec_from_file_location("ft_numba_aot._again", _rolling.__file__)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module


@native
@pytest.mark.parametrize("name", [*OWN, "ewm_mean"])
@given(data=st.data())
def test_native_equals_pure(name: str, data: st.DataObject) -> None:
    with pytest.MonkeyPatch.context() as patch:
        pure = with_kernels(_backend._pure_kernels(), patch)
    one, two = data.draw(vectors())
    if name == "ewm_mean":
        arguments: Any = {**dict([data.draw(st.one_of(*WEIGHTS))]), "adjust": data.draw(FLAGS)}
        ours, theirs = (module.ewm_mean(one, **arguments) for module in (_rolling, pure))
        assert same_bits(ours, theirs), arguments
        return
    window = data.draw(windows(len(one)))
    own = {option: data.draw(values) for option, values in OWN[name].items()}
    with np.errstate(all="ignore"):
        ours, theirs = (
            of_arrays(module, name, one, two, *window, **own) for module in (_rolling, pure)
        )
    assert same_bits(ours, theirs), (window, own)


# What a kernel does, and what it must not do instead; the function that shows it.
MUTATIONS = (
    ("sum", "removed = t - total - y", "removed = 0.0", 0),
    ("sum", "added = t - total - y", "added = 0.0", 0),
    ("sum", "last * count if same >= count else total", "total", 0),
    ("mean", "removed = t - total - y", "removed = 0.0", 1),
    ("mean", "added = t - total - y", "added = 0.0", 1),
    ("mean", "mean = last", "pass", 0),
    ("mean", "(negative == 0 and mean < 0.0)", "False", 0),
    ("mean", "(negative == count and mean > 0.0)", "False", 0),
    ("var", "removed = delta + mean - y", "removed = 0.0", 0),
    ("var", "anew = before * CANCELLED > squares", "pass", 0),
    ("std", "squares / (count - ddof)", "squares * (1.0 / (count - ddof))", 0),
    ("max", "greatest if greatest > value", "greatest if greatest >= value", 0),
    ("max", "suffix if suffix > value", "suffix if suffix >= value", 0),
    ("min", "value if value > greatest", "value if value >= greatest", 0),
    ("median", "if ordered[i] <= value", "if ordered[i] < value", 0),
    ("median", "(work[middle - 1] + work[middle]) / 2.0", "work[middle]", 0),
    ("quantile", "(work[lower + 1] - work[lower]) * share", "work[lower + 1] * share", 0),
    ("rank", "below + 1, place + 1", "below + 1, below + 1", 0),
    ("count", "rows >= min_periods", "count >= min_periods", 0),
    ("skew", "0.0625 > m2", "0.25 > m2", 0),
    ("skew", "term = part * delta * (n + 1.0)", "term = delta * delta / n * (n + 1.0)", 0),
    ("kurt", "6.0 * m2 - term * (n * n", "6.0 * m2 + term * (n * n", 0),
    ("cov", "xy -= (left - mean_x) * dy", "xy -= left * dy - mean_x * dy", 0),
    ("corr", "peak_y * peak_y * CANCELLED > yy", "False", 0),
    ("cov", "origin_x, origin_y = _origin(x[j]), _origin(y[j])", "origin_x = origin_y = 0.0", 0),
    ("corr", "abs(fma(-root, root, x)) * margin <= root * gap", "True", 0),
    ("ewm_mean", "mean = old_weight * mean + new_weight * value", "mean = value", 0),
    ("ewm_mean", "mean /= weights", "mean *= 1.0 / weights", 0),
    ("ewm_mean", "if not adjust and com == 1.0", "if False", 0),
)


def mutated(old: str, new: str, which: int, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    folder = Path(_kernels.__file__).parent
    source = (folder / "rolling.py").read_text("utf-8")
    parts = source.split(old)
    assert len(parts) > which + 1, old
    source = old.join(parts[: which + 1]) + new + old.join(parts[which + 1 :])
    kernels: dict[str, Any] = {}
    name = f"{_kernels.__name__}.mutated"
    module = ModuleType(name)
    module.__package__ = _kernels.__name__
    with monkeypatch.context() as patch:
        _backend._pure_kernels()
        patch.setattr(sys.modules[f"{_kernels.__name__}._spec"], "KERNELS", kernels)
        patch.setitem(sys.modules, name, module)
        exec(compile(source, "rolling (mutated)", "exec"), vars(module))
    return with_kernels(kernels, monkeypatch)


def all_the_same(module: ModuleType, name: str) -> bool:
    rng = np.random.default_rng(8)
    for round_ in range(150):
        shape = SHAPES[round_ % len(SHAPES)]
        columns = candles(rng, 60, shape, head=HEADS[round_ % 3], extremes=round_ % 2)
        one, two = columns["close"], columns["volume"]
        if round_ % 5 == 1 and round_ % 2 == 0:
            one, two = (column * 10.0 ** rng.integers(-12, 12, 60) for column in (one, two))
        if round_ % 5 == 2:
            one = rng.choice([0.0, -0.0, -1.0, 1.0], 60)
        window, min_periods = int(rng.integers(1, 12)), None
        if round_ in (3, 4):
            # Of positive values the sum is found below zero, and the other way round.
            values = [1.0, 3.1, 1e16, 1.1e17, 1e-5, 0.1, 7e15]
            one = np.random.default_rng(120).choice(values, 60) * (1.0 if round_ == 3 else -1.0)
            window = 3
        elif round_ % 2:
            min_periods = int(rng.integers(0, window + 1))
        with np.errstate(all="ignore"):
            if name == "ewm_mean":
                own: dict[str, Any] = {"com": 1.0 if round_ % 3 else 3.3, "adjust": round_ % 2 == 0}
                ours = module.ewm_mean(one, **own)
                theirs = pd.Series(one).ewm(**own).mean()
            else:
                own = {"q": 0.37} if name == "quantile" else {}
                ours = of_arrays(module, name, one, two, window, min_periods, **own)
                if name in PAIRED:
                    own["other"] = pd.Series(two)
                theirs = of_pandas(name, pd.Series(one), window, min_periods, **own)
        if not same_bits(ours, theirs.to_numpy()):
            return False
    return True


@pytest.mark.parametrize("name", sorted({name for name, *_ in MUTATIONS}))
def test_kernels_survive_unmutated(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert all_the_same(with_kernels(_backend._pure_kernels(), monkeypatch), name)


@pytest.mark.parametrize(("name", "old", "new", "which"), MUTATIONS)
def test_mutation_is_noticed(
    name: str, old: str, new: str, which: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not all_the_same(mutated(old, new, which, monkeypatch), name)
