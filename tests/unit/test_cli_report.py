"""``ft-numba-aot report``, of snapshots that collectors wrote."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from ft_numba_aot import cli
from ft_numba_aot.runtime import snapshot_files
from ft_numba_aot.runtime.collector import BenchmarkCollector


@pytest.fixture(autouse=True)
def logs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("FT_NUMBA_AOT_LOGS", str(tmp_path / "logs"))
    monkeypatch.setenv(snapshot_files.VARIABLE, "20260101T000000000-1")
    monkeypatch.setenv("COLUMNS", "80")
    return tmp_path / "logs"


def collect(*, trouble: bool = False) -> None:
    """What a run leaves."""
    collector = BenchmarkCollector()
    collector.enabled = True
    for number in range(100):
        collector.record("indicators.talib.abstract.LINEARREG_INTERCEPT", 1e-5)
        collector.record("indicators.talib.SMA", 2e-5)
        collector.record("metrics.generate_periodic_breakdown_stats", 3e-3)
        if number % 50 == 0:
            collector.record_original("indicators.talib.abstract.LINEARREG_INTERCEPT", 5e-5)
    if trouble:
        collector.count_fallback("indicators.talib.SMA")
        collector.count_mismatch("indicators.talib.SMA")
    collector.flush()
    collector.enabled = False


def lines(text: str) -> list[str]:
    found = text.splitlines()
    assert max(map(len, found)) <= 80
    return [line.strip() for line in found]


def test_nothing_says_how_to_collect(logs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["report"]) == 1
    printed = capsys.readouterr().out
    assert str(logs) in printed.replace("\n", "")
    assert "FT_NUMBA_AOT_PERFORMANCE_BENCHMARKING=1 freqtrade-aot backtesting" in printed
    assert '"performance_benchmarking": true' in printed


def test_nothing_as_json_and_no_page(logs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page = logs.parent / "page.html"
    assert cli.main(["report", "--json", "--html", str(page)]) == 1
    assert json.loads(capsys.readouterr().out)["functions"] == {}
    assert not page.exists()


def test_a_table_for_each_group(capsys: pytest.CaptureFixture[str]) -> None:
    collect()
    assert cli.main(["report"]) == 0
    found = lines(capsys.readouterr().out)
    assert found[0].startswith("collected  1 run, 1 process, from ")
    (row,) = [line for line in found if line.startswith("LINEARREG")]
    assert row.split() == "LINEARREG_INTERCEPT 100 1.00ms 10.0µs 10.0µs 10.0µs 5.00× 4.00ms".split()
    (long,) = [line for line in found if line.startswith("generate_")]
    assert "…" in long
    assert "talib.abstract" in found
    assert "No fallbacks, no mismatches." in found


def test_only_those_that_took_longest(capsys: pytest.CaptureFixture[str]) -> None:
    collector = BenchmarkCollector()
    collector.enabled = True
    for number in range(30):
        collector.record(f"metrics.number_{number:02}", (number + 1) * 1e-3)
    collector.flush()
    collector.enabled = False
    assert cli.main(["report"]) == 0
    found = lines(capsys.readouterr().out)
    names = [line.split()[0] for line in found if line.startswith("number_")]
    assert names == [f"number_{number:02}" for number in range(29, 9, -1)]
    (rest,) = [line for line in found if "more, see --all" in line]
    assert rest.split() == "10 more, see --all 10 55.0ms 0s".split()
    assert cli.main(["report", "--all"]) == 0
    assert capsys.readouterr().out.count("number_") == 30


def test_fallbacks_and_mismatches(capsys: pytest.CaptureFixture[str]) -> None:
    collect(trouble=True)
    assert cli.main(["report"]) == 0
    found = lines(capsys.readouterr().out)
    (row,) = [line for line in found if line.startswith("indicators.talib.SMA")]
    assert row.split() == ["indicators.talib.SMA", "1", "1"]
    assert "1 fallback, 1 mismatch. The log has the reasons." in found


def test_json_is_what_was_collected(logs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    collect()
    assert cli.main(["report", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["calls"] == 300
    assert found["folder"] == str(logs)
    assert found["runs"] == ["20260101T000000000-1"]
    assert found["functions"]["indicators.talib.SMA"]["optimized"]["p50"] > 0


def test_a_page(logs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    collect(trouble=True)
    page = logs.parent / "page.html"
    assert cli.main(["report", "--html", str(page)]) == 0
    assert f"Wrote {page}" in capsys.readouterr().out
    text = page.read_text(encoding="utf-8")
    assert "generate_periodic_breakdown_stats" in text
    assert "Functions fell back to their originals" in text
    assert "<svg" in text


def test_a_page_that_cannot_be_written(
    logs: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    collect()

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    page = logs.parent / "page.html"
    monkeypatch.setattr(Path, "write_text", full)
    assert cli.main(["report", "--html", str(page)]) == 2
    assert f"--html {page}: No space left on device" in capsys.readouterr().err


def test_runs_are_added_up(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    collect()
    monkeypatch.setenv(snapshot_files.VARIABLE, "20260102T000000000-1")
    collect()
    cli.main(["report", "--json"])
    assert json.loads(capsys.readouterr().out)["calls"] == 300
    cli.main(["report", "--json", "--runs", "2"])
    assert json.loads(capsys.readouterr().out)["calls"] == 600


def test_an_unreadable_file_is_named(logs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    collect()
    name = "20260101T000000000-1.2-3.snapshot.json"
    (logs / name).write_text("{", encoding="utf-8")
    assert cli.main(["report"]) == 0
    printed = capsys.readouterr().out
    assert "Files that can't be read" in printed
    assert name in printed
