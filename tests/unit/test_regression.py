"""What counts as slower than before: benchmarks' judgement, with a clock that the test moves."""

from __future__ import annotations

import importlib
import json
import random
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
if not (ROOT / "benchmarks" / "regression.py").exists():
    pytest.skip("not in a checkout", allow_module_level=True)
pytest.importorskip("talib")
with pytest.MonkeyPatch.context() as patched:
    # Other tests ask whether they run in the checkout: its path isn't left behind.
    patched.setattr(sys, "path", [*sys.path, str(ROOT)])
    baseline, ratios, regression = (
        importlib.import_module(f"benchmarks.{name}")
        for name in ("baseline", "ratios", "regression")
    )

ISA = "x86-64-v3"
BASELINE = {"arrays: SMA": 0.9, "arrays: RSI": 1.0, "frames: SMA": 0.2}


class Clock:
    """Time that passes only while a function is called; each may take longer by chance."""

    def __init__(self, seed: int = 0) -> None:
        self.now = 0.0
        self.chance = random.Random(seed)
        self.machine = 1.0

    def __call__(self) -> float:
        return self.now

    def taking(self, seconds: float) -> Callable[[], None]:
        """A function of so many seconds, or up to twice as many, on a machine of its speed."""

        def function() -> None:
            interruption = self.chance.random() if self.chance.random() < 0.5 else 0.0
            self.now += seconds * (1.0 + interruption) * self.machine

        return function


@pytest.fixture
def clock() -> Clock:
    return Clock()


def table(clock: Clock, factors: dict[str, float] | None = None) -> list[SimpleNamespace]:
    """The comparisons of ``BASELINE``; ours are slower by some factors."""
    found = []
    for name, ratio in BASELINE.items():
        group, function = name.split(": ")
        ours = clock.taking(1e-3 * ratio * (factors or {}).get(name, 1.0))
        found.append(
            SimpleNamespace(group=group, name=function, ours=ours, original=clock.taking(1e-3))
        )
    return found


def of(clock: Clock, factors: dict[str, float] | None = None) -> Callable[[], dict[str, float]]:
    """Measures these comparisons."""
    return lambda: ratios.measured(table(clock, factors), clock=clock)


def scripted(*measurements: dict[str, float]) -> Callable[[], dict[str, float]]:
    """Returns one after the other, as often as there are any."""
    left = iter(measurements)
    return lambda: dict(next(left))


def worse(verdicts: list[Any]) -> list[str]:
    return [verdict.name for verdict in verdicts if verdict.worse]


def test_interruptions_leave_ratios_as_they_are(clock):
    assert of(clock)() == pytest.approx(BASELINE, rel=0.1)


@pytest.mark.parametrize("speed", [0.1, 7.0])
def test_the_machine_does_not_matter(clock, speed):
    clock.machine = speed
    assert of(clock)() == pytest.approx(BASELINE, rel=0.1)


def test_nothing_is_worse_when_nothing_changed(clock):
    assert worse(ratios.judged(BASELINE, of(clock))) == []


@pytest.mark.parametrize("name", BASELINE)
@pytest.mark.parametrize("seed", range(5))
def test_a_function_that_takes_half_as_long_again_is_named(clock, name, seed):
    clock.chance.seed(seed)
    assert worse(ratios.judged(BASELINE, of(clock, {name: 1.5}))) == [name]


def test_up_to_a_fifth_is_tolerated(clock):
    assert worse(ratios.judged(BASELINE, of(clock, dict.fromkeys(BASELINE, 1.08)))) == []


def test_one_spoilt_measurement_is_not_believed():
    spoilt = {**BASELINE, "arrays: RSI": 3.0}
    verdicts = ratios.judged(BASELINE, scripted(spoilt, *[BASELINE] * ratios.AGAIN))
    assert worse(verdicts) == []
    assert {verdict.name: verdict.ratio for verdict in verdicts} == BASELINE


@pytest.mark.parametrize(("good", "verdict"), [(1, ["arrays: RSI"]), (2, [])])
def test_how_many_measurements_may_say_otherwise(good, verdict):
    spoilt = {**BASELINE, "arrays: RSI": 1.3}
    again = [*[BASELINE] * good, *[spoilt] * (ratios.AGAIN - good)]
    assert worse(ratios.judged(BASELINE, scripted(spoilt, *again))) == verdict


def test_nothing_is_measured_again_without_need():
    spoilt = {**BASELINE, "arrays: RSI": 1.3}
    assert worse(ratios.judged(BASELINE, scripted(BASELINE))) == []
    assert worse(ratios.judged(BASELINE, scripted(spoilt, BASELINE, BASELINE))) == []


def test_new_and_gone_functions_are_not_worse():
    now = {"arrays: SMA": 0.9, "arrays: RSI": 1.0, "arrays: NEW": 9.0}
    verdicts = ratios.judged(BASELINE, scripted(now))
    assert worse(verdicts) == []
    assert ("arrays: NEW", 9.0, None) in verdicts
    assert ("frames: SMA", None, 0.2) in verdicts


def test_better_is_told_from_the_same():
    faster = {**BASELINE, "arrays: SMA": 0.7, "arrays: RSI": 0.9}
    verdicts = ratios.judged(BASELINE, scripted(faster))
    assert [verdict.name for verdict in verdicts if verdict.better] == ["arrays: SMA"]


def test_a_baseline_is_the_median_of_measurements():
    found = ratios.settled(scripted({"a": 1.0}, {"a": 9.0}, {"a": 2.0}), times=3)
    assert found == {"a": 2.0}


def test_an_instruction_set_is_stored_beside_the_others(tmp_path):
    path = tmp_path / "baseline.json"
    baseline.write({"x86-64": baseline.stored({"a": 1.0})}, path)
    baseline.write({ISA: baseline.stored({"a": 0.123456})}, path)
    assert {isa: found["ratios"] for isa, found in baseline.read(path).items()} == {
        "x86-64": {"a": 1.0},
        ISA: {"a": 0.1235},
    }


@pytest.fixture
def command(monkeypatch, tmp_path, clock):
    """Runs the command on a stored ``BASELINE``, with ours slower by some factors."""
    path = tmp_path / "baseline.json"
    baseline.write({ISA: baseline.stored(BASELINE)}, path)
    monkeypatch.setattr(regression, "installed_isas", lambda: [ISA])

    def run(*options: str, **factors: float) -> int:
        slower = {name: factors.get(name.rpartition(" ")[2], 1.0) for name in BASELINE}
        measure = of(clock, slower)
        monkeypatch.setattr(regression, "measure", lambda isa: measure())
        status: int = regression.main(["--baseline", str(path), *options])
        return status

    return run


def test_the_command_passes(command, capsys):
    assert command() == 0
    assert "No ratio is worse by more than 20%." in capsys.readouterr().out


def test_the_command_fails_and_says_which(command, capsys):
    assert command(RSI=1.5) == 1
    shown = capsys.readouterr().out
    assert f"Worse, {ISA}: arrays: RSI." in shown
    assert max(map(len, shown.splitlines())) <= 80


def test_what_is_written_is_what_is_compared_with_next(command, capsys):
    assert command("--write", RSI=1.5) == 0
    assert command(RSI=1.5) == 0
    assert command(RSI=2.25) == 1


def test_what_was_found_can_be_stored_elsewhere(command, capsys, tmp_path):
    found = tmp_path / "found.json"
    assert command("--found", str(found), RSI=1.5) == 1
    stored = json.loads(found.read_text(encoding="utf-8"))[ISA]["ratios"]
    assert stored == pytest.approx({**BASELINE, "arrays: RSI": 1.5}, rel=0.1)


def test_a_new_function_is_shown_with_every_ratio(command, capsys, tmp_path):
    known = {name: ratio for name, ratio in BASELINE.items() if name != "frames: SMA"}
    baseline.write({ISA: baseline.stored(known)}, tmp_path / "baseline.json")
    assert command("--all") == 0
    assert "Not in the baseline, --write stores it: frames: SMA." in capsys.readouterr().out


@pytest.mark.parametrize("text", ["{}", "{", None])
def test_without_a_baseline_there_is_nothing_to_say(command, capsys, tmp_path, text):
    path = tmp_path / "baseline.json"
    path.unlink() if text is None else path.write_text(text, encoding="utf-8")
    with pytest.raises(SystemExit) as stopped:
        command()
    assert stopped.value.code == 2
    assert str(path) in capsys.readouterr().err


def test_an_instruction_set_that_is_not_here_is_refused(command, capsys):
    with pytest.raises(SystemExit) as stopped:
        command("--isa", "sparc")
    assert stopped.value.code == 2
    assert ISA in capsys.readouterr().err


def test_a_new_process_measures_what_is_named():
    pytest.importorskip("freqtrade")
    isas = regression.installed_isas()
    if not isas:
        pytest.skip("no native kernels here")
    found = regression.measure(isas[0], "frames: SMA")
    assert list(found) == ["frames: SMA"]
    assert found["frames: SMA"] > 0.0
