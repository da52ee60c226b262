"""Where the time of a source goes, what it is taken for, and what is said of it."""

from __future__ import annotations

import importlib.util
import json
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pandas as pd
import pytest

from ft_numba_aot import cli, freqtrade_integration
from ft_numba_aot.cli.profile_advice import RULES, advice
from ft_numba_aot.freqtrade_integration import (
    BacktestError,
    profile_run,
    profile_source,
    profile_steps,
)
from ft_numba_aot.freqtrade_integration.profile_process import Call, Method, Profile
from ft_numba_aot.freqtrade_integration.profile_source import CALL, LOOP, STATEMENT, Row
from ft_numba_aot.freqtrade_integration.profile_steps import Spent, Steps

SOURCE = """\
import time
from functools import reduce


def helper(seconds):
    time.sleep(seconds)
    return [value for value in range(3)]


def apply(function, times):
    for _ in range(times):
        function()


def fibonacci(number):
    return number if number < 2 else fibonacci(number - 1) + fibonacci(number - 2)


def raises():
    raise ValueError("on purpose")


def generates():
    yield 1
    time.sleep(0.002)
    yield 2


class Owner:
    def method(self):
        time.sleep(0.001)

    def run(self, other):
        from itertools import chain
        time.sleep(0.02); helper(0.01)
        other.apply(
            lambda: time.sleep(0.002),  # "#" and all
            5,
        )
        for number in range(300):  # in a loop
            number = number + 1
        for length in (1, 2, 3):
            self.method()
        chain((), ())
        try:
            raises()
        except ValueError:
            pass
        total = sum(generates())
        text = (
            "a"
            .upper()
            .lower()
        )
        again = Owner()
        again.method()
        unknown = Owner()
        unknown = other
        unknown.apply(time.time, 1)
        word = "x"
        word = word.upper()
        reduce(lambda one, two: one + two, (1, 2, 3))
        return fibonacci(5)
"""


def clock() -> float:
    """Seconds in whole steps of 2⁻³⁰, of which any sum is exact."""
    return (time.perf_counter_ns() << 30) // 10**9 / 2**30


def load(path: Path, name: str) -> ModuleType:
    path.write_text(SOURCE, encoding="utf-8")
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Any, Steps, list[Row]]]:
    """The owner that was watched, its steps and its rows; ``other`` isn't watched."""
    folder = tmp_path_factory.mktemp("sources")
    strategy = load(folder / "strategy.py", "watched_strategy")
    other = load(folder / "other.py", "watched_other")
    sys.modules["watched_strategy"] = strategy
    owner = strategy.Owner()
    steps = Steps([str(folder / "strategy.py")])
    before = sys.gettrace()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(profile_steps, "perf_counter", clock)
        with steps.watching():
            assert owner.run(other) == 5
            time.sleep(0.01)
    assert sys.gettrace() is before
    yield owner, steps, profile_source.rows(steps.spent, owner, 300)
    del sys.modules["watched_strategy"]


def of(steps: Steps, name: str) -> Spent:
    (spent,) = (one for one in steps.spent if one.code.co_name == name)
    return spent


def rows_of(rows: list[Row], text: str) -> list[Row]:
    return [row for row in rows if row.text.startswith(text)]


def test_seconds_add_up(watched: tuple[Any, Steps, list[Row]]) -> None:
    _, steps, rows = watched
    run, helper = of(steps, "run"), of(steps, "helper")
    assert run.calls == helper.calls == 1
    assert run.total == sum(run.seconds) + sum(run.inner)
    assert helper.total >= 0.01
    assert steps.outside >= 0.01
    nowhere = [
        spent.seconds[instruction.offset // 2]
        for spent in steps.spent
        for instruction, where in profile_source._instructions(spent.code)
        if where is None
    ]
    assert sum(row.seconds for row in rows) + sum(nowhere) == run.total
    assert sum(nowhere) < run.total / 100


def test_a_recursion_counts_once(watched: tuple[Any, Steps, list[Row]]) -> None:
    _, steps, _ = watched
    spent = of(steps, "fibonacci")
    assert spent.calls == 15
    assert spent.depth == 0
    assert spent.total == sum(spent.seconds)


def test_what_is_called_back_is_of_who_calls_back(
    watched: tuple[Any, Steps, list[Row]],
) -> None:
    _, steps, rows = watched
    (row,) = rows_of(rows, "other.apply(")
    assert (row.kind, row.calls, row.line) == (CALL, 1, 36)
    assert row.seconds >= 0.01
    assert row.text == "other.apply(lambda: time.sleep(0.002), 5,)"
    assert row.chain == ("apply",)
    # Without frames of other code between, it is watched.
    assert [one.calls for one in steps.spent if one.code.co_name == "<lambda>"] == [2]


def test_calls_of_a_line_are_told_apart(watched: tuple[Any, Steps, list[Row]]) -> None:
    _, _, rows = watched
    (slept,) = rows_of(rows, "time.sleep(0.02)")
    (helped,) = rows_of(rows, "helper(")
    assert slept.line == helped.line
    assert slept.seconds >= 0.02
    assert slept.name == "time:sleep"
    assert helped.seconds < 0.01 <= helped.inner
    assert helped.function.endswith("Owner.run")


def test_a_loop_over_rows_is_one_row(watched: tuple[Any, Steps, list[Row]]) -> None:
    _, _, rows = watched
    (loop,) = rows_of(rows, "for number in range(300): …")
    assert (loop.kind, loop.calls, loop.of_rows) == (LOOP, 300, True)
    assert loop.chain == ("range",)
    assert not rows_of(rows, "number = number + 1")


def test_another_loop_is_not(watched: tuple[Any, Steps, list[Row]]) -> None:
    owner, _, rows = watched
    (called,) = rows_of(rows, "self.method()")
    assert (called.kind, called.calls, called.in_loop) == (CALL, 3, True)
    assert called.callee is type(owner).method
    assert not rows_of(rows, "helper(")[0].in_loop


def test_names_are_looked_up_and_nothing_is_run(watched: tuple[Any, Steps, list[Row]]) -> None:
    _, _, rows = watched
    assert rows_of(rows, "chain(")[0].name == "itertools:chain"
    assert rows_of(rows, "reduce(")[0].name == "_functools:reduce"
    assert rows_of(rows, "other.apply(")[0].name == ""
    assert rows_of(rows, "again.method()")[0].name == "watched_strategy:Owner.method"
    assert rows_of(rows, "unknown.apply(")[0].name == ""


def test_a_chain_is_one_call(watched: tuple[Any, Steps, list[Row]]) -> None:
    _, _, rows = watched
    (chain,) = rows_of(rows, '"a".upper()')
    assert (chain.text, chain.calls) == ('"a".upper().lower()', 1)
    assert chain.chain == ("upper", "lower")
    assert [row.kind for row in rows_of(rows, "text = …")] in ([], [STATEMENT])


def test_frames_that_raise_or_yield_are_left(watched: tuple[Any, Steps, list[Row]]) -> None:
    _, steps, _ = watched
    assert all(spent.depth == 0 for spent in steps.spent)
    assert of(steps, "raises").calls == 1
    generator = of(steps, "generates")
    assert generator.calls == 3
    assert generator.total >= 0.002


def test_what_is_watched_gives_the_same() -> None:
    def populate(frame: Any) -> Any:
        close = frame["close"]
        frame["mean"] = close.rolling(5).mean()
        frame["text"] = close.apply(lambda value: f"{value:.3f}")
        for number in range(4):
            frame[f"power_{number}"] = close**number
        frame["names"] = ",".join(sorted(locals()))
        try:
            frame["none"]
        except KeyError as error:
            frame["error"] = str(error)
        return frame

    made = pd.DataFrame({"close": np.random.default_rng(1).lognormal(0, 1, 50)})
    with Steps([__file__]).watching():
        watched = populate(made.copy())
    pd.testing.assert_frame_equal(watched, populate(made.copy()), check_exact=True)


def test_an_error_ends_the_watching() -> None:
    steps = Steps([__file__])
    before = sys.gettrace()
    with pytest.raises(ValueError, match="on purpose"), steps.watching():
        raise ValueError("on purpose")
    assert sys.gettrace() is before


def test_a_source_that_is_gone_has_rows_all_the_same(tmp_path: Path) -> None:
    path = tmp_path / "gone.py"
    module = load(path, "gone")
    steps = Steps([str(path)])
    with steps.watching():
        module.helper(0.001)
    path.unlink()
    found = profile_source.rows(steps.spent, module, 300)
    assert sum(row.seconds for row in found) >= 0.001


def call(text: str = "x.y()", **values: Any) -> Call:
    given: dict[str, Any] = {
        "kind": CALL,
        "file": "/somewhere/strategy.py",
        "line": 10,
        "function": "S.populate_indicators",
        "text": text,
        "seconds": 1.0,
        "inner": 0.0,
        "calls": 2,
        "name": "",
        "chain": (),
        "keywords": (),
        "in_loop": False,
        "of_rows": False,
    }
    return Call(**{**given, **values})


def profile(*calls: Call, **values: Any) -> Profile:
    given: dict[str, Any] = {
        "strategy": "Slow",
        "file": "/somewhere/strategy.py",
        "timeframe": "5m",
        "pairs": ["BTC/USDT", "ETH/USDT"],
        "candles": 2000,
        "seconds": sum(one.seconds for one in calls) + 0.5,
        "freqtrade": 0.5,
        "methods": [Method("populate_indicators", "/somewhere/strategy.py", 8, 2, 3.0)],
        "calls": list(calls),
        "status": "ft-numba-aot is off",
    }
    return Profile(**{**given, **values})


@pytest.mark.parametrize(
    ("title", "found"),
    [
        ("Replaced by ft-numba-aot", call(name="talib:SMA", replaced="yes")),
        ("A loop over the rows", call(kind=LOOP, chain=("iterrows",), of_rows=True)),
        ("DataFrame.apply(axis=1)", call(chain=("apply",), keywords=("axis=1", "lambda"))),
        ("A Python function of each window", call(chain=("rolling", "apply"))),
        ("A Python function of each value", call(chain=("map",), keywords=("lambda",))),
        ("A Python function of each value", call(name="numpy:vectorize")),
        ("Rolling windows of pandas", call(chain=("rolling", "std", "shift"))),
        ("Weighted means of pandas", call(chain=("ewm", "mean"))),
        (
            "One indicator for many lengths",
            call(name="talib.abstract:SMA", in_loop=True, calls=16),
        ),
        ("Columns added one by one", call('df[f"a_{n}"] = …', kind=STATEMENT, in_loop=True)),
        (
            "Merged informative pairs",
            call(name="freqtrade.strategy.strategy_helper:merge_informative_pair"),
        ),
        ("Called for each row", call("helper(row)", calls=2000)),
    ],
)
def test_each_rule_knows_what_it_is_for(title: str, found: Call) -> None:
    (one,) = advice(profile(found, call("nothing()", chain=("shift",))))
    assert one.title == title
    assert one.calls == [found]
    assert one.seconds == 1.0


def test_every_rule_is_tried_above() -> None:
    (mark,) = test_each_rule_knows_what_it_is_for.pytestmark  # type: ignore[attr-defined]
    assert {title for title, _ in mark.args[1]} == {rule.title for rule in RULES}


@pytest.mark.parametrize(
    "found",
    [
        call(chain=("rolling", "agg")),
        call(chain=("groupby", "apply")),
        call(name="talib.abstract:SMA", in_loop=True, calls=6),
        call(name="talib:SMA", replaced="yes", imported=True),
        call(name="talib:SMA", replaced="no", reason="another one"),
        call('df["a"] = …', kind=STATEMENT),
    ],
)
def test_other_calls_have_no_advice(found: Call) -> None:
    assert advice(profile(found)) == []


def test_what_takes_little_has_no_advice() -> None:
    assert advice(profile(call(chain=("apply",), seconds=0.001), call("nothing()"))) == []


def test_nothing_is_to_be_replaced_once_it_is() -> None:
    replaced = call(name="talib:SMA", replaced="yes")
    assert advice(profile(replaced, accelerated=True)) == []


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    """What the command prints of a profile, after its status was checked."""
    monkeypatch.setenv("COLUMNS", "80")

    def show(found: Profile, *arguments: str) -> str:
        monkeypatch.setattr(profile_run, "profile", lambda *_, **__: found)
        assert cli.main(["profile", *arguments]) == 0
        return capsys.readouterr().out

    return show


CALLS = [
    call(
        'dataframe.apply(lambda row: row["high"] - row["low"] * row["close"], axis=1)',
        chain=("apply",),
        keywords=("axis=1",),
        seconds=12.25,
    ),
    call("ta.SMA(dataframe)", name="talib.abstract:SMA", replaced="yes", line=11, seconds=1234.5),
    call("own(dataframe)", inner=0.75, line=12, seconds=0.0, calls=123456),
    call(
        "ta.EMA(dataframe)",
        name="talib.abstract:EMA",
        replaced="no",
        reason="it was changed",
        seconds=5.0,
    ),
    call("other()", file="/somewhere/helpers.py", line=3, replaced="partly", seconds=2.0),
    call(
        "merge_informative_pair(a)",
        file="/lib/informative_decorator.py",
        name="freqtrade.strategy.strategy_helper:merge_informative_pair",
        imported=True,
        seconds=50.0,
    ),
    call("tiny()", seconds=1e-6),
    call('dataframe["a"] = …', kind=STATEMENT, calls=0, seconds=3.0),
]


def test_a_screen_of_80_columns(shown: Any) -> None:
    text = shown(profile(*CALLS, missing={"XRP/USDT, 1h": "/data/XRP_USDT-1h.feather"}))
    assert max(map(len, text.splitlines())) <= 80
    lines = [line.strip() for line in text.splitlines()]
    flat = " ".join(text.split())
    assert "Slow, /somewhere/strategy.py" in flat
    assert "2,000 of 2 pairs, 5m" in flat
    assert "By call, in strategy.py" in text
    assert "By call, in helpers.py" in text
    assert "By call, in freqtrade, for @informative" in text
    assert "freqtrade, for @informative 50.0 s 3.8%" in flat
    (row,) = [line for line in lines if line.startswith("ta.SMA")]
    assert row.split()[-6:] == ["2", "1,234s", "94.4%", "11", "would", "be"]
    (row,) = [line for line in lines if line.startswith("ta.EMA")]
    assert row.rstrip().endswith("not here")
    assert "it was changed" in flat
    (row,) = [line for line in lines if line.startswith("own(")]
    assert row.split()[1:3] == ["123,456", "750ms"]
    assert "2 more, see --all" in flat
    assert "tiny()" not in text
    assert "DataFrame.apply(axis=1): 0.9%" not in text
    assert "Merged informative pairs: 3.8%, line informative_decorator.py:10" in flat
    assert "No candles of XRP/USDT, 1h: /data/XRP_USDT-1h.feather isn't there" in flat
    assert "ft-numba-aot replaces what takes 94.6% of it" in flat


def test_all_of_it(shown: Any) -> None:
    text = shown(profile(*CALLS, warnings=["something odd"]), "--all")
    assert "tiny()" in text
    assert "see --all" not in text
    assert "something odd" in text


def test_what_is_left(shown: Any) -> None:
    text = shown(profile(*CALLS, accelerated=True), "--accelerated")
    (row,) = [line for line in text.splitlines() if "ta.SMA" in line]
    assert row.split()[-1] == "is"
    assert "94.4% of what is left is ft-numba-aot's" in text


def test_what_was_to_be_on_and_is_off(shown: Any) -> None:
    found = profile(*CALLS, accelerated=True, status="ft-numba-aot is off: FT_NUMBA_AOT=0\nmore")
    text = shown(found, "--accelerated")
    assert "code      ft-numba-aot is off: FT_NUMBA_AOT=0 " in text
    assert "more" not in text.partition("By method")[0]
    found = profile(*CALLS, accelerated=True, status="ft-numba-aot is on\nmore")
    assert "code      accelerated, " in shown(found, "--accelerated")


def test_nothing_to_replace(shown: Any) -> None:
    assert "replaces nothing that this strategy calls" in shown(profile(call()))


def test_as_json(shown: Any) -> None:
    found = json.loads(shown(profile(*CALLS), "--json"))
    assert found["strategy"] == "Slow"
    assert found["seconds"] == sum(one.seconds for one in CALLS) + 0.5
    assert found["freqtrade"] == 0.5
    assert [one["line"] for one in found["calls"]] == [one.line for one in CALLS]
    assert found["calls"][1]["share"] == 1234.5 / found["seconds"]
    assert found["methods"][0]["name"] == "populate_indicators"
    assert found["advice"][0]["title"] == "Replaced by ft-numba-aot"
    assert found["advice"][0]["places"] == ["/somewhere/strategy.py:11", "/somewhere/helpers.py:3"]
    assert found["replaceable"] == 1236.5


@pytest.mark.parametrize(
    ("error", "status"),
    [(BacktestError("no such strategy"), 2), (profile_run.StrategyRaised("Slow raised: x"), 1)],
)
def test_errors_have_a_status(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    error: Exception,
    status: int,
) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise error

    monkeypatch.setattr(profile_run, "profile", fail)
    assert cli.main(["profile", "-s", "Slow"]) == status
    output = capsys.readouterr()
    assert output.err == f"ft-numba-aot profile: {error}\n"
    assert output.out == ""


def test_without_freqtrade(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(freqtrade_integration, "installed", lambda: False)
    assert cli.main(["profile"]) == 2
    assert freqtrade_integration.INSTALL in capsys.readouterr().err


def test_a_process_that_ends_without_a_result(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(profile_run, "run_process", lambda *_: ("it ended", 0, ""))
    with pytest.raises(BacktestError, match="it ended"):
        profile_run.profile([])
