"""What bench shows of results, and how it times."""

from __future__ import annotations

import json
import time
import warnings
from pathlib import Path

import pytest

from ft_numba_aot import cli
from ft_numba_aot.cli import bench_run, timing
from ft_numba_aot.cli.bench_run import Result, Row

ROWS = [
    Row("talib.abstract", "LINEARREG_INTERCEPT", "", 4e-5, 1e-5, 5e-6),
    Row("talib", "SMA", "", 1e-5, 2e-5),
    Row("metrics", "generate_periodic_breakdown_stats", "", 1e-3, 1e-4),
]
WRONG = Row("metrics", "sharpe", "the result: float [1.0] instead of 2.0")


def stub(
    monkeypatch: pytest.MonkeyPatch, *rows: Row, missing: dict[str, str] | None = None
) -> None:
    result = Result(1000, 7, list(rows), missing or {})
    monkeypatch.setattr(bench_run, "run", lambda *_: result)
    monkeypatch.setenv("COLUMNS", "80")


def test_identical_results(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    stub(monkeypatch, *ROWS, missing={"freqtrade": "it isn't installed"})
    page = tmp_path / "page.html"
    assert cli.main(["bench", "--html", str(page)]) == 0
    printed = capsys.readouterr().out
    lines = printed.splitlines()
    assert max(map(len, lines[:-1])) <= 80
    (row,) = [line for line in lines if "LINEARREG_INTERCEPT" in line]
    assert row.split() == "LINEARREG_INTERCEPT 40.0 µs 10.0 µs 4.00× 5.00 µs 8.00×".split()
    assert "3 functions, all identical." in printed
    assert "Slower than the original here: talib.SMA (0.50×)." in printed
    assert "it isn't installed" in printed
    assert lines[-1] == f"Wrote {page}"
    text = page.read_text(encoding="utf-8")
    assert text.count("<svg") == 3
    assert "it isn&#x27;t installed" in text


def test_different_results(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    stub(monkeypatch, *ROWS, WRONG)
    page = tmp_path / "page.html"
    assert cli.main(["bench", "--html", str(page)]) == 1
    printed = capsys.readouterr().out
    assert "DIFFERENT" in printed
    assert WRONG.difference in printed
    assert "1 of 4 functions differ" in printed
    assert "1 of 4 functions differ" in page.read_text(encoding="utf-8")
    assert cli.main(["bench", "--json"]) == 1
    found = json.loads(capsys.readouterr().out)
    assert found["identical"] is False
    assert [row["identical"] for row in found["functions"]] == [True, True, True, False]
    assert found["functions"][0]["ratio_of_ta"] == 8.0
    assert found["functions"][3]["original"] is None


def test_what_originals_warn_of_is_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    def run(*_: object) -> Result:
        warnings.warn("a value is being set on a copy", stacklevel=1)
        return Result(1000, 7, list(ROWS), {})

    monkeypatch.setattr(bench_run, "run", run)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert cli.main(["bench"]) == 0


def test_none_is_slower(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    stub(monkeypatch, ROWS[0])
    assert cli.main(["bench"]) == 0
    assert "None is slower than its original." in capsys.readouterr().out


def test_a_page_that_cannot_be_written(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    stub(monkeypatch, *ROWS)

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_text", full)
    page = tmp_path / "page.html"
    assert cli.main(["bench", "--html", str(page)]) == 2
    assert f"--html {page}: No space left on device" in capsys.readouterr().err


def test_nothing_of_that_name(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    subject = bench_run._Subject("talib", "SMA", (), float, float)
    monkeypatch.setattr(bench_run, "_install", lambda: ({"freqtrade": "not installed"}, None))
    monkeypatch.setattr(bench_run.identity_checks, "registrations", lambda: [])
    monkeypatch.setattr(bench_run, "_subjects", lambda *_: [subject])
    assert cli.main(["bench", "--only", "nothing_like_it"]) == 2
    said = "--only nothing_like_it: found in no name; names begin with one of talib"
    assert said in capsys.readouterr().err
    monkeypatch.setattr(bench_run, "_subjects", lambda *_: [])
    assert cli.main(["bench"]) == 2
    assert "freqtrade: not installed" in capsys.readouterr().err


def test_medians_take_turns() -> None:
    calls: list[str] = []

    def slow() -> None:
        calls.append("slow")
        time.sleep(0.002)

    def slower() -> None:
        calls.append("slower")
        time.sleep(0.006)

    one, other = timing.medians([slow, slower], 3)
    assert 0.002 <= one < other
    # To warm up, to see how long one takes, then in turn, first and second alternately.
    assert calls[4:] == ["slow", "slower", "slower", "slow", "slow", "slower"]


def test_the_middle_of_nothing() -> None:
    assert bench_run.middle([None]) is None
    assert bench_run.middle([1.0, None, 3.0]) == 2.0
