"""Kernels of a user's as Python: declarations, arguments, results, and which extension counts."""

from __future__ import annotations

import copy
import inspect
import json
import math
import pickle
import re
import runpy
import sys
import warnings
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from ft_numba_aot.aot import (
    BoolIn,
    F64In,
    F64Out,
    I64In,
    I64Out,
    Kernel,
    _extension,
    backend_info,
    div,
    helper,
    kernel,
)

FACTOR = np.float64(2.0)
PAIR = (1, np.float32(0.5))
NAN = math.nan


@helper
def scaled(value: float) -> float:
    return div(value, 0.0) if value < 0.0 else value * FACTOR


@kernel
def change(close: F64In, timeperiod: int = 1, *, out: F64Out) -> None:
    """What it was ``timeperiod`` candles ago, taken from what it is."""
    for i in range(timeperiod, len(close)):
        out[i] = close[i] - close[i - timeperiod]


@kernel
def both(high: F64In, low: F64In, *, factor: float = 1.0, middle: F64Out, side: I64Out) -> None:
    change(high, out=middle)
    for i in range(len(high)):
        middle[i] = scaled(high[i] - low[i]) * factor
        side[i] = 1 if high[i] > low[i] else -1


@kernel(name="sum_of_some", work=lambda length, least: length + 1)
def some(values: I64In, there: BoolIn, least: int, room: F64Out) -> float:
    room[len(values)] = 0.0
    for i in range(len(values)):
        if there[i] and values[i] >= least:
            room[len(values)] += values[i]
    return room[len(values)]


CLOSE = [1.0, 2.0, 4.0]
FRAME = pd.DataFrame({"high": [3.0, 1.0], "low": [1, 2], "close": [2.0, 2.0]}, index=[7, 8])


@pytest.mark.parametrize(
    "close",
    [
        np.array(CLOSE),
        np.array([1, 9, 2, 9, 4])[::2],
        np.array(CLOSE, ">f8"),
        np.array(CLOSE, "f4"),
        [1, 2, 4],
        tuple(CLOSE),
    ],
)
def test_arrays(close: Any) -> None:
    result = change(close)
    assert type(result) is np.ndarray
    np.testing.assert_array_equal(result, [NAN, 1.0, 2.0], strict=True)
    np.testing.assert_array_equal(change(close, timeperiod=np.int64(2)), [NAN, NAN, 3.0])
    np.testing.assert_array_equal(change.as_python(close, 2), [NAN, NAN, 3.0])


@pytest.mark.parametrize("dtype", ["float64", "int32", "Float64"])
def test_a_series_keeps_its_index(dtype: str) -> None:
    close = pd.Series(CLOSE, index=[5, 6, 7], name="close").astype(dtype)
    pd.testing.assert_series_equal(change(close), pd.Series([NAN, 1.0, 2.0], index=[5, 6, 7]))
    missing = pd.Series([1.0, None, 4.0], dtype="Float64")
    np.testing.assert_array_equal(change(missing), [NAN] * 3)


def test_columns_of_a_frame() -> None:
    middle, side = both(FRAME)
    pd.testing.assert_series_equal(middle, pd.Series([4.0, -math.inf], index=[7, 8]))
    assert side.tolist() == [1, -1]
    assert both(FRAME, low=[0.0, 0.0], factor=0.5)[0].tolist() == [3.0, 1.0]
    assert change(FRAME, 1).tolist()[1:] == [0.0]
    with pytest.raises(KeyError, match="both: the DataFrame has no column 'low', but high, close"):
        both(FRAME.drop(columns="low"))
    twice = pd.concat([FRAME, FRAME], axis=1)
    with pytest.raises(ValueError, match="change: the DataFrame has 2 columns 'close'"):
        change(twice)


def test_a_number_and_room_to_work() -> None:
    assert some([1, 2, 3], [True, False, True], 1) == 4.0
    assert type(some(np.arange(0), np.zeros(0, bool), 1)) is float


def test_outputs_of_the_callers() -> None:
    out = np.empty(3)
    assert change(CLOSE, out=out) is out
    assert out[2] == 2.0


def read_only() -> np.ndarray[Any, Any]:
    array = np.zeros(3)
    array.flags.writeable = False
    return array


@pytest.mark.parametrize(
    ("call", "error", "said"),
    [
        (
            change,
            TypeError,
            r"change\(\) missing 1 required positional argument: 'close'",
        ),
        (lambda: change(CLOSE, 1, 2), TypeError, r"change\(\) takes from 1 to 2 positional"),
        (lambda: change(CLOSE, period=1), TypeError, "unexpected keyword argument 'period'"),
        (lambda: change(CLOSE, 2.0), TypeError, "change: timeperiod=2.0: expected a whole number"),
        (lambda: change(CLOSE, None), TypeError, "timeperiod=None: expected a whole number"),
        (lambda: change(CLOSE, 2**63), ValueError, "timeperiod=9223372036854775808: doesn't fit"),
        (lambda: both(FRAME, factor="1"), TypeError, "both: factor='1': expected a number"),
        (lambda: both(FRAME, factor=10**400), ValueError, "both: factor=1.*: too large"),
        (lambda: change(5.0), ValueError, "change: close=5.0: expected an array"),
        (lambda: change(np.ones((2, 2))), ValueError, "change: close has 2 dimensions"),
        (lambda: change([[1], [2, 3]]), TypeError, r"change: close=\[\[1\], \[2, 3\]\]: "),
        (lambda: change(["a"]), TypeError, "change: close is of <U1, expected float64"),
        (lambda: change([1.0, None]), TypeError, "close is of object.*: in row 1 it has None"),
        (lambda: change(np.ones(2, "M8[s]")), TypeError, "close is of datetime64"),
        (lambda: change(np.ma.masked_equal([1.0], 1.0)), TypeError, "close is a masked array"),
        (
            lambda: some([1.5], [True], 1),
            TypeError,
            "sum_of_some: values is of float64, expected int64",
        ),
        (lambda: some([1], [1], 1), TypeError, "sum_of_some: there is of int64, expected bool"),
        (lambda: both([1.0], CLOSE), ValueError, "both: low has 3 values, high has 1"),
        (
            lambda: both(pd.Series([1.0]), pd.Series([1.0], index=[1])),
            ValueError,
            "both: low has another index than high",
        ),
        (lambda: change(CLOSE, out=[0.0] * 3), TypeError, r"out=\[0.0.*: expected an ndarray"),
        (lambda: change(CLOSE, out=np.zeros(3, "f4")), TypeError, "out is of float32, expected"),
        (lambda: change(CLOSE, out=np.zeros(2)), ValueError, r"out has the shape \(2,\), expected"),
        (lambda: change(CLOSE, out=np.zeros(6)[::2]), ValueError, "change: out isn't contiguous"),
        (lambda: change(CLOSE, out=read_only()), ValueError, "change: out is read-only"),
    ],
)
def test_errors_name_the_argument(call: Any, error: type[Exception], said: str) -> None:
    with pytest.raises(error, match=said):
        call()


def test_a_bool_is_true_or_false() -> None:
    @kernel
    def flagged(close: F64In, up: bool) -> bool:
        return up and len(close) > 0

    assert flagged(CLOSE, np.bool_(True)) is True
    assert pickle.loads(pickle.dumps(flagged)) is flagged
    with pytest.raises(TypeError, match="flagged: up=1: expected True or False"):
        flagged(CLOSE, 1)


def test_room_that_is_no_number() -> None:
    @kernel(work=lambda length: -1)
    def wrong(close: F64In, room: F64Out) -> float:
        return 0.0

    with pytest.raises(ValueError, match=r"wrong: work\(3, …\) is -1, no number of floats"):
        wrong(CLOSE)


def of(source: str) -> Any:
    """What the declaration raises."""
    scope: dict[str, Any] = {"__name__": "declared"}
    exec(f"from ft_numba_aot.aot import *\n{source}", scope)


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("@kernel\ndef f(a, *, out: F64Out): ...", "line 2: kernel f: a has no annotation: one of"),
        ("@kernel\ndef f(a: str, *, out: F64Out): ...", "a is annotated str: one of F64In, I64In"),
        ("@kernel\ndef f(a: list[int], *, out: F64Out): ...", r"a is annotated .*list\S*: one of"),
        ("@kernel\ndef f(a: 'Floats', *, out: F64Out): ...", "annotations can't be read: name 'Fl"),
        ("@kernel\ndef f(*a: F64In, out: F64Out): ...", r"\*a.* has no fixed number: name each"),
        (
            "@kernel\ndef f(a: F64In = 1, *, out: F64Out): ...",
            "a is an array, which has no default",
        ),
        (
            "@kernel\ndef f(a: F64In, n: int = 2.5, *, out: F64Out): ...",
            "default of n=2.5: expected",
        ),
        ("@kernel\ndef f(a: F64In) -> str: ...", "it returns str: int, float, bool, or None"),
        ("@kernel\ndef f(n: int, *, out: F64Out): ...", "it takes no array"),
        ("@kernel\ndef f(a: F64In): ...", r"it gives no result: add an output"),
        (
            "@kernel\ndef f(a: F64In, out: F64Out) -> int: ...",
            "it writes to out and returns a numb",
        ),
        ("@kernel(work=len)\ndef f(a: F64In, n: int) -> int: ...", "its last argument is room"),
        ("@kernel(name='a b')\ndef f(a: F64In) -> int: ...", "'a b' is no name for a kernel"),
        ("@kernel\nclass f: ...", "@kernel stands above a function, not above <class"),
        ("@helper\nclass f: ...", "@helper stands above a function, not above <class"),
    ],
)
def test_wrong_declarations(source: str, said: str) -> None:
    with pytest.raises(TypeError, match=said):
        of(source)


def test_it_looks_like_its_function() -> None:
    assert str(inspect.signature(both)).startswith("(high: ")
    assert list(inspect.signature(both).parameters) == ["high", "low", "factor", "middle", "side"]
    assert (
        inspect.getdoc(change) == "What it was ``timeperiod`` candles ago, taken from what it is."
    )
    assert repr(change) == f"<kernel change of {Path(__file__).resolve()}>"
    assert scaled(1.0) == 2.0


def test_numbers_of_the_module_are_pythons() -> None:
    @kernel
    def divided(close: F64In) -> float:
        return (close[0] / 3.0) * (PAIR[1] * 2.0) / (FACTOR - 2.0)

    with pytest.raises(ZeroDivisionError):
        divided([1.0])

    @kernel
    def halved(close: F64In) -> float:
        return close[0] / 3.0 * PAIR[1]

    assert halved([1.0]) == 1.0 / 3.0 * 0.5


def test_inputs_are_read_only() -> None:
    @kernel
    def writes(close: F64In, *, out: F64Out) -> None:
        close[0] = 1.0  # type: ignore[index]

    with pytest.raises(TypeError, match="read-only"):
        writes(CLOSE)


@pytest.fixture
def strategies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a file of kernels, imported from elsewhere as freqtrade does."""
    monkeypatch.delenv("FT_NUMBA_AOT_BACKEND", raising=False)
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    tmp_path.joinpath("shared_by_kernels.py").write_text(
        "from ft_numba_aot.aot import helper\nLIMIT = 3\n\n@helper\ndef half(x): return x / 2.0\n"
    )
    tmp_path.joinpath("some_kernels.py").write_text(
        "from ft_numba_aot.aot import *\nfrom shared_by_kernels import LIMIT, half\n\n"
        "@kernel\ndef first(a: F64In, *, out: F64Out) -> None:\n    out[0] = half(a[0]) + LIMIT\n\n"
        "@kernel\ndef second(a: F64In) -> float:\n    return a[1]\n"
    )
    return tmp_path


def imported(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The file's module, new."""
    for name in ("some_kernels", "shared_by_kernels"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    with monkeypatch.context() as patch:
        patch.syspath_prepend(str(folder))
        return __import__("some_kernels")


def test_pickled(strategies: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    module = imported(strategies, monkeypatch)
    assert copy.deepcopy(module.first) is module.first
    assert pickle.loads(pickle.dumps(both)) is both
    data = pickle.dumps(module.second)
    monkeypatch.delitem(sys.modules, "some_kernels")  # another process, with another sys.path
    found = pickle.loads(data)
    assert found is not module.second
    assert found([1.0, 2.0]) == 2.0
    assert pickle.loads(data) is found
    monkeypatch.delitem(sys.modules, "some_kernels")
    monkeypatch.delitem(sys.modules, "shared_by_kernels")
    with pytest.raises(ModuleNotFoundError, match="shared_by_kernels"):
        pickle.loads(data)
    assert "some_kernels" not in sys.modules


def built(module: Any, monkeypatch: pytest.MonkeyPatch, **changed: int) -> None:
    """As if an extension had been built from what the module's file is now."""
    kernels = {kernel.name: kernel for kernel in module.first.unit.kernels}
    about = [_extension.FORMAT, 1, 1002003, *[_extension.fingerprint(kernels[n]) for n in kernels]]
    native = SimpleNamespace(
        _about=lambda i: about[i],
        first=lambda a, out: out.fill(77.0),
        second=lambda a: 88.0,
    )
    made = _extension.Extension(native, Path("made.so"), "x86-64", "1.2.3")  # type: ignore[arg-type]
    monkeypatch.setattr(_extension, "load", lambda file, path: made)


def test_built_and_current(strategies: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    built(imported(strategies, monkeypatch), monkeypatch)
    module = imported(strategies, monkeypatch)
    assert module.first([1.0]).tolist() == [77.0]
    assert module.first.as_python([1.0]).tolist() == [3.5]
    info = backend_info(module.second)
    assert (info.backend, info.file, info.isa, info.numba) == (
        "native",
        "made.so",
        "x86-64",
        "1.2.3",
    )
    monkeypatch.setenv("FT_NUMBA_AOT_BACKEND", "pure")
    module = imported(strategies, monkeypatch)
    assert module.second([1.0, 2.0]) == 2.0
    assert backend_info(module.second).reason == "FT_NUMBA_AOT_BACKEND=pure"


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("some_kernels.py", "a[0]) +", "a[0]) -"),
        ("shared_by_kernels.py", "/ 2.0", "/ 4.0"),
        ("shared_by_kernels.py", "LIMIT = 3", "LIMIT = 4"),
    ],
)
def test_built_from_another_source(
    strategies: Path, monkeypatch: pytest.MonkeyPatch, file: str, old: str, new: str
) -> None:
    built(imported(strategies, monkeypatch), monkeypatch)
    path = strategies / file
    path.write_text(path.read_text().replace(old, new))
    module = imported(strategies, monkeypatch)
    with pytest.warns(RuntimeWarning) as warned:
        results = [module.first([1.0]).tolist() for _ in range(2)]
    assert [77.0] not in results
    assert len(warned) == 1
    assert warned[0].filename == __file__
    said = str(warned[0].message)
    assert "kernels of some_kernels.py run in pure Python, much slower: some_kernels.py" in said
    assert f"has changed since made.so was built. `ft-numba-aot build {strategies}" in said
    assert backend_info(module.first).backend == "pure"
    monkeypatch.setenv("FT_NUMBA_AOT_BACKEND", "native")
    with pytest.raises(ImportError, match=r"FT_NUMBA_AOT_BACKEND=native, but some_kernels\.py has"):
        imported(strategies, monkeypatch).first([1.0])


def test_never_built(strategies: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    module = imported(strategies, monkeypatch)
    with warnings.catch_warnings(action="error"):
        assert module.first([1.0]).tolist() == [3.5]
    assert "some_kernels.py was never built" in str(backend_info(module.first).reason)


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("_some_kernels_native.cp39-win_amd64.pyd", b"", "is for another Python or platform than"),
        (
            "_some_kernels_native.cpython-39-darwin.so",
            b"",
            "is for another Python or platform than",
        ),
        (_extension.path_of(Path("some_kernels.py")).name, b"no library", "does"),
    ],
)
def test_an_extension_that_does_not_load(
    strategies: Path, monkeypatch: pytest.MonkeyPatch, name: str, content: bytes, said: str
) -> None:
    (strategies / name).write_bytes(content)
    module = imported(strategies, monkeypatch)
    with pytest.warns(
        RuntimeWarning, match="run in pure Python, much slower: .*_some_kernels_nati"
    ):
        assert module.first([1.0]).tolist() == [3.5]
    reason = str(backend_info(module.first).reason)
    assert said in reason or "is damaged or for another platform" in reason


@pytest.mark.parametrize("length", [0, 1])
def test_kernels_are_a_type_of_their_own(length: int) -> None:
    assert isinstance(change, Kernel)
    assert change(np.empty(length)).shape == (length,)


def test_the_example(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Instantiated as cookiecutter does it; its own tests are run, as Python."""
    template = Path(__file__).resolve().parents[2] / "examples" / "cookiecutter-kernels"
    if not template.is_dir():
        pytest.skip("the tests run without the examples")
    names = json.loads((template / "cookiecutter.json").read_text("utf-8"))

    def filled(text: str) -> str:
        return re.sub(r"{{ cookiecutter\.(\w+) }}", lambda found: names[found[1]], text)

    for file in template.rglob("*.py"):
        made = tmp_path / filled(str(file.relative_to(template)))
        made.parent.mkdir(parents=True, exist_ok=True)
        made.write_text(filled(file.read_text("utf-8")), "utf-8")
        compile(made.read_text("utf-8"), made, "exec")
    folder = tmp_path / names["folder"]
    monkeypatch.syspath_prepend(str(folder / "user_data" / "strategies"))
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    tests = runpy.run_path(str(folder / "tests" / f"test_{names['kernels']}.py"))
    del sys.modules[names["kernels"]]
    assert [one.name for one in tests["KERNELS"]] == ["volume_weighted", "trailing_line"]
    tests["test_volume_weighted"]()
    tests["test_trailing_line"]()
