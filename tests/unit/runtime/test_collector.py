"""The collector: every record counts once, whatever thread or process it came from."""

from __future__ import annotations

import errno
import json
import logging
import math
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ft_numba_aot.runtime import collector as collector_module
from ft_numba_aot.runtime import performance_log, snapshot_files, snapshots
from ft_numba_aot.runtime.collector import INTERVAL, BenchmarkCollector
from ft_numba_aot.runtime.histogram import ERROR

needs_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork")


@pytest.fixture(autouse=True)
def folder(monkeypatch, tmp_path) -> Path:
    """Where the files go. The run's name is set in the environment by the collector itself."""
    monkeypatch.setenv("FT_NUMBA_AOT_LOGS", str(tmp_path / "logs"))
    monkeypatch.setenv(snapshot_files.VARIABLE, "")
    return tmp_path / "logs"


@pytest.fixture
def told() -> list[tuple[str, str]]:
    return []


@pytest.fixture
def collector(told) -> BenchmarkCollector:
    made = BenchmarkCollector(lambda cause, message: told.append((cause, message)))
    made.enabled = True
    return made


@pytest.fixture
def clock(monkeypatch) -> Clock:
    return Clock(monkeypatch)


class Clock:
    """Stands in for the monotonic clock of the collector, and goes when it is told to."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = time.monotonic()
        monkeypatch.setattr(collector_module, "monotonic", lambda: self.now)

    def go(self, seconds: float) -> None:
        self.now += seconds


def files(folder: Path, suffix: str = ".snapshot.json") -> list[Path]:
    return sorted(folder.glob(f"*{suffix}")) if folder.exists() else []


def calls(snapshot: dict, key: str = "ta.SMA") -> int:
    return snapshot["functions"][key]["calls"]


def run(code: str, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """A program of its own; its files are those of a run of its own."""
    program = folder.parent / "program.py"
    program.write_text(code, encoding="utf-8")
    return subprocess.run(
        [sys.executable, str(program), *arguments], capture_output=True, text=True, check=True
    )


def test_it_is_off_by_default_and_then_nothing_is_kept(folder):
    collector = BenchmarkCollector()
    assert not collector.enabled
    collector.record("ta.SMA", 1e-6)
    collector.record_original("ta.SMA", 1e-6)
    collector.count_fallback("ta.SMA")
    collector.count_mismatch("ta.SMA")
    collector.flush()
    assert collector.snapshot()["functions"] == {}
    assert collector.snapshot()["processes"] == []
    assert not folder.exists()
    assert os.environ[snapshot_files.VARIABLE] == ""


def test_what_was_recorded_is_in_the_snapshot(collector):
    # Sums of these are exact.
    unit, theirs = 2.0**-20, 2.0**-9
    for number in range(1, 1001):
        collector.record("ta.SMA", number * unit)
    for _ in range(10):
        collector.record_original("ta.SMA", theirs)
    collector.count_fallback("ta.EMA")
    collector.count_mismatch("ta.EMA")
    collector.count_mismatch("ta.EMA")
    snapshot = collector.snapshot()
    sma, ema = snapshot["functions"]["ta.SMA"], snapshot["functions"]["ta.EMA"]
    assert (sma["calls"], sma["fallbacks"], sma["mismatches"]) == (1000, 0, 0)
    assert (ema["calls"], ema["fallbacks"], ema["mismatches"]) == (0, 1, 2)
    assert sma["optimized"]["mean"] == 500.5 * unit
    assert (sma["optimized"]["minimum"], sma["optimized"]["maximum"]) == (unit, 1000 * unit)
    for name, true in (("p50", 500 * unit), ("p90", 900 * unit), ("p99", 990 * unit)):
        assert abs(sma["optimized"][name] - true) <= ERROR * true
    assert sma["original"]["calls"] == 10
    assert sma["speedup"] == theirs / (500.5 * unit)
    assert sma["saved_seconds"] == 1000 * theirs - 500_500 * unit
    assert ema["speedup"] is None
    assert ema["saved_seconds"] is None
    assert (snapshot["calls"], snapshot["fallbacks"], snapshot["mismatches"]) == (1000, 1, 2)
    assert snapshot["saved_seconds"] == sma["saved_seconds"]
    [process] = snapshot["processes"]
    assert process["pid"] == os.getpid()


def test_a_snapshot_changes_nothing(collector):
    collector.record("ta.SMA", 1e-6)
    first = collector.snapshot()
    collector.record("ta.SMA", 1e-6)
    assert calls(first) == 1
    assert calls(collector.snapshot()) == calls(collector.snapshot()) == 2


def test_switched_off_it_keeps_what_it_has(collector):
    collector.record("ta.SMA", 1e-6)
    collector.enabled = False
    collector.record("ta.SMA", 1e-6)
    assert calls(collector.snapshot()) == 1


def test_reset_forgets(collector):
    collector.record("ta.SMA", 1e-6)
    collector.reset()
    assert collector.snapshot()["functions"] == {}
    collector.record("ta.SMA", 1e-6)
    assert calls(collector.snapshot()) == 1


def test_json_is_the_snapshot_and_merges_into_itself(collector):
    collector.record("ta.SMA", 1e-6)
    collector.record("metrics.größe", 2.0)
    collector.record_original("ta.SMA", 3e-6)
    collector.count_fallback("ta.EMA")
    stored = json.loads(collector.to_json())
    snapshot = collector.snapshot()
    assert stored["functions"] == snapshot["functions"]
    assert snapshots.merge([stored]) == stored
    assert json.loads(json.dumps(snapshot, allow_nan=False)) == snapshot


# Of exact sums, in whatever order.
times = st.lists(st.integers(1, 10**7).map(lambda units: units * 2.0**-20), max_size=20)


@given(st.lists(st.tuples(times, times, st.integers(0, 3)), max_size=4))
def test_merged_snapshots_are_what_one_process_would_have_seen(parts):
    def seen(parts: list) -> dict:
        collector = BenchmarkCollector()
        collector.enabled = True
        for ours, theirs, fallbacks in parts:
            for seconds in ours:
                collector.record("ta.SMA", seconds)
            for seconds in theirs:
                collector.record_original("ta.SMA", seconds)
            for _ in range(fallbacks):
                collector.count_fallback("ta.EMA")
        return collector.snapshot()

    merged = snapshots.merge([seen([part]) for part in parts])
    together = seen(parts)
    assert merged["functions"] == together["functions"]
    assert merged["calls"] == together["calls"]


@pytest.mark.parametrize(
    "stored",
    [[], {}, {"format": 99}, {"format": 1, "processes": [1], "functions": {}}, {"format": 1}, 3],
)
def test_what_is_no_snapshot_is_not_merged(stored):
    with pytest.raises(ValueError, match=r"snapshot|format|process"):
        snapshots.merge([stored])


def test_no_count_is_lost_between_threads(collector):
    threads, each = 8, 20_000
    start = threading.Barrier(threads + 1)
    done = threading.Event()

    def work() -> None:
        start.wait()
        for number in range(each):
            collector.record("ta.SMA", 1e-6)
            if number % 64 == 0:
                collector.record_original("ta.SMA", 2e-6)
            if number % 100 == 0:
                collector.count_fallback("ta.SMA")

    def look() -> None:
        start.wait()
        while not done.is_set():
            collector.snapshot()
            collector.flush()

    workers = [threading.Thread(target=work) for _ in range(threads)]
    reader = threading.Thread(target=look)
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        for thread in (*workers, reader):
            thread.start()
        for thread in workers:
            thread.join()
        done.set()
        reader.join()
    finally:
        sys.setswitchinterval(before)
    function = collector.snapshot()["functions"]["ta.SMA"]
    assert function["calls"] == threads * each
    assert function["original"]["calls"] == threads * math.ceil(each / 64)
    assert function["fallbacks"] == threads * each // 100
    assert function["optimized"]["seconds"] == pytest.approx(threads * each * 1e-6)


def test_a_record_is_cheap(collector):
    def seconds() -> float:
        start = time.thread_time()
        for _ in range(20_000):
            collector.record("ta.SMA", 3.3e-6)
        return (time.thread_time() - start) / 20_000

    # Less than a microsecond; three allow for a machine that is busy with other tests.
    assert min(seconds() for _ in range(10)) < 3e-6


def test_it_is_written_at_most_every_interval(collector, clock, folder):
    intervals = []
    collector.after_interval = lambda: intervals.append(clock.now)
    collector.record("ta.SMA", 1e-6)
    clock.go(INTERVAL - 0.1)
    collector.record("ta.SMA", 1e-6)
    assert files(folder) == []
    clock.go(0.2)
    collector.record("ta.SMA", 1e-6)
    [path] = files(folder)
    assert calls(json.loads(path.read_text("utf-8"))) == 3
    collector.record("ta.SMA", 1e-6)
    clock.go(INTERVAL - 0.1)
    collector.record_original("ta.SMA", 1e-6)
    assert calls(json.loads(path.read_text("utf-8"))) == 3
    clock.go(0.2)
    collector.record_original("ta.SMA", 1e-6)
    assert calls(json.loads(path.read_text("utf-8"))) == 4
    assert len(intervals) == 2


def test_what_follows_an_interval_may_fail(collector, clock, caplog):
    def fail() -> None:
        raise RuntimeError("a bug")

    collector.after_interval = fail
    collector.record("ta.SMA", 1e-6)
    clock.go(INTERVAL + 1)
    collector.record("ta.SMA", 1e-6)
    assert "a bug" in caplog.text
    assert calls(collector.snapshot()) == 2


def test_what_follows_an_interval_may_record(collector, clock):
    collector.after_interval = lambda: collector.record("ta.EMA", 1e-6)
    collector.record("ta.SMA", 1e-6)
    clock.go(INTERVAL + 1)
    collector.record("ta.SMA", 1e-6)
    assert calls(collector.snapshot(), "ta.EMA") == 1


def test_nothing_new_is_not_written(collector, folder):
    collector.record("ta.SMA", 1e-6)
    collector.flush()
    [path] = files(folder)
    path.unlink()
    collector.flush()
    assert files(folder) == []


def test_only_whole_snapshots_are_left(collector, folder):
    for number in range(20):
        collector.record(f"ta.{number}", 1e-6)
        collector.flush()
    assert [path.name for path in folder.iterdir()] == [files(folder)[0].name]


def test_the_file_is_named_by_run_process_and_start(collector, folder):
    collector.record("ta.SMA", 1e-6)
    collector.flush()
    [process] = collector.snapshot()["processes"]
    [path] = files(folder)
    started = int(process["started"] * 1000)
    assert path.name == f"{process['run']}.{os.getpid()}-{started}.snapshot.json"
    assert process["run"] == os.environ[snapshot_files.VARIABLE]


def test_a_runs_name_that_is_none_is_not_taken(monkeypatch, collector, folder):
    monkeypatch.setenv(snapshot_files.VARIABLE, "../../elsewhere")
    collector.record("ta.SMA", 1e-6)
    collector.flush()
    assert len(files(folder)) == 1
    assert os.environ[snapshot_files.VARIABLE].endswith(f"-{os.getpid()}")


def other_run(folder: Path, stamp: str, count: int, age: float = 0.0) -> Path:
    """A file as another run would have left it."""
    other = BenchmarkCollector()
    other.enabled = True
    for _ in range(count):
        other.record("ta.SMA", 1e-6)
    folder.mkdir(exist_ok=True)
    path = folder / f"{stamp}-77.77-1.snapshot.json"
    path.write_text(other.to_json(), "utf-8")
    os.utime(path, (time.time() - age, time.time() - age))
    return path


def test_merged_is_the_last_run_or_several(collector, folder):
    other_run(folder, "20010101T000000000", 100)
    other_run(folder, "20020101T000000000", 20)
    collector.record("ta.SMA", 1e-6)
    assert calls(collector.merged()) == 1
    assert calls(collector.merged(2)) == 21
    assert calls(collector.merged(9)) == 121
    assert len(collector.merged(2)["runs"]) == 2
    assert collector.merged(0)["functions"] == {}


def test_merged_in_a_process_that_collects_nothing_is_what_others_left(folder):
    assert snapshot_files.merged()["functions"] == {}
    other_run(folder, "20010101T000000000", 100)
    assert calls(BenchmarkCollector().merged()) == calls(snapshot_files.merged()) == 100


def test_merged_has_what_was_not_written_yet(collector, folder):
    collector.record("ta.SMA", 1e-6)
    collector.flush()
    collector.record("ta.SMA", 1e-6)
    merged = collector.merged()
    assert calls(merged) == 2
    assert len(merged["processes"]) == 1


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[]", b"\xff\xfe\x00", b'{"format":2}', b"[" * 100_000, b'{"format":1e999}'],
)
def test_files_that_are_no_snapshots_are_named_and_skipped(collector, folder, content):
    collector.record("ta.SMA", 1e-6)
    run = os.environ[snapshot_files.VARIABLE]
    folder.mkdir()
    bad = folder / f"{run}.1-1.snapshot.json"
    bad.write_bytes(content)
    (folder / "foreign.snapshot.json").write_text("{}", "utf-8")
    merged = collector.merged()
    assert calls(merged) == 1
    assert merged["unreadable"] == [bad.name]


def test_old_runs_are_pruned_by_a_new_one(collector, folder):
    kept = snapshot_files.RUNS_KEPT
    paths = [other_run(folder, f"200{n}0101T000000000", 1, age=1000.0 * (9 - n)) for n in range(9)]
    oldest, still_writing = paths[1], paths[0]
    os.utime(still_writing)
    foreign = folder / "mine.txt"
    foreign.touch()
    log = folder / oldest.name.replace(".snapshot.json", ".performance.jsonl.1")
    log.touch()
    os.utime(log, (1, 1))
    unfinished = folder / f"{oldest.name}.77.part"
    unfinished.touch()
    os.utime(unfinished, (1, 1))
    collector.record("ta.SMA", 1e-6)
    collector.flush()
    left = set(folder.iterdir())
    assert still_writing in left
    assert foreign in left
    assert not {oldest, log, unfinished} & left
    assert len(files(folder)) == kept + 1


# Processes.

WORKERS = """
import multiprocessing, os, sys
from ft_numba_aot.runtime.collector import BenchmarkCollector

collector = BenchmarkCollector()
collector.enabled = True

def work(number):
    for _ in range(100):
        collector.record("ta.SMA", 1e-6)
    return os.getpid()

if __name__ == "__main__":
    work(0)
    if sys.argv[1] == "loky":
        from joblib import Parallel, delayed
        pids = Parallel(n_jobs=2)(delayed(work)(number) for number in range(10))
    else:
        with multiprocessing.get_context(sys.argv[1]).Pool(2) as pool:
            pids = pool.map(work, range(10), chunksize=1)
            pool.close()
            pool.join()
    print(len({os.getpid(), *pids}), collector.snapshot()["calls"], collector.merged()["calls"])
"""


@pytest.mark.parametrize("method", ["fork", "forkserver", "spawn"])
def test_all_workers_of_multiprocessing_are_merged(folder, method):
    if method != "spawn" and not hasattr(os, "fork"):
        pytest.skip("no fork")
    processes, own, merged = map(int, run(WORKERS, folder, method).stdout.split())
    assert (own, merged) == (100, 1100)
    after = snapshot_files.merged()
    assert after["calls"] == 1100
    assert len(after["processes"]) == len(files(folder)) == processes
    assert len(after["runs"]) == 1


def test_all_workers_of_joblib_are_merged_once_they_ended(folder):
    pytest.importorskip("joblib")
    # A function of __main__ is pickled with what it refers to: loky's workers import it instead.
    (folder.parent / "jobs.py").write_text(WORKERS, "utf-8")
    code = """
import os, jobs
from joblib import Parallel, delayed

jobs.work(0)
pids = Parallel(n_jobs=2)(delayed(jobs.work)(number) for number in range(10))
print(len({os.getpid(), *pids}))
"""
    processes = int(run(code, folder).stdout)
    after = snapshot_files.merged()
    assert after["calls"] == 1100
    assert len(after["processes"]) == processes


def test_it_is_written_at_exit(folder):
    code = """
from ft_numba_aot.runtime.collector import BenchmarkCollector
collector = BenchmarkCollector()
collector.enabled = collector.detailed = True
collector.record("ta.SMA", 1e-6)
"""
    done = run(code, folder)
    assert (done.stdout, done.stderr) == ("", "")
    assert snapshot_files.merged()["calls"] == 1
    assert len(files(folder, ".performance.jsonl")) == 1


def in_child(check) -> None:
    """``check`` holds in a forked process."""
    pid = os.fork()
    if not pid:
        status = 1
        try:
            status = 0 if check() else 1
        finally:
            os._exit(status)
    _, status = os.waitpid(pid, 0)
    assert os.waitstatus_to_exitcode(status) == 0


@needs_fork
def test_a_forked_process_starts_at_zero_with_files_of_its_own(collector, folder):
    collector.detailed = True
    collector.record("ta.SMA", 1e-6)
    collector.record("ta.EMA", 1e-6)
    collector.flush()
    collector.record("ta.SMA", 1e-6)

    def child() -> bool:
        zero = collector.snapshot()["functions"] == {}
        for _ in range(10):
            collector.record("ta.SMA", 1e-6)
        collector.flush()
        return zero and calls(collector.snapshot()) == 10

    in_child(child)
    assert calls(collector.snapshot()) == 2
    assert calls(collector.merged()) == 12
    collector.flush()
    assert len(files(folder)) == len(files(folder, ".performance.jsonl")) == 2
    assert calls(snapshot_files.merged()) == 12


@needs_fork
def test_a_fork_while_other_threads_record_and_write_blocks_nothing(collector, folder):
    collector.detailed = True
    done = threading.Event()

    def work() -> None:
        while not done.is_set():
            collector.record("ta.SMA", 1e-6)
            collector.count_fallback("ta.SMA")
            collector.flush()

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()

    def child() -> bool:
        collector.record("ta.EMA", 1e-6)
        collector.count_fallback("ta.EMA")
        collector.flush()
        return list(collector.snapshot()["functions"]) == ["ta.EMA"]

    try:
        for _ in range(20):
            in_child(child)
    finally:
        done.set()
        for thread in threads:
            thread.join()
    collector.flush()
    merged = collector.merged()
    assert calls(merged, "ta.EMA") == 20
    assert calls(merged) == calls(collector.snapshot())
    assert merged["unreadable"] == []
    for path in files(folder, ".performance.jsonl"):
        records = path.read_text("utf-8").splitlines()
        assert all(json.loads(line)["calls"] for line in records)


@needs_fork
def test_a_fork_while_another_thread_holds_the_lock_does_not_block_the_child(collector):
    inside, leave = threading.Event(), threading.Event()

    def hold() -> None:
        with collector._lock:
            inside.set()
            leave.wait(10)

    thread = threading.Thread(target=hold)
    thread.start()
    inside.wait(10)
    try:
        in_child(lambda: collector.count_fallback("ta.SMA") is None)
    finally:
        leave.set()
        thread.join()


# The performance log.


def log_records(folder: Path) -> list[dict]:
    [path] = files(folder, ".performance.jsonl")
    return list(performance_log.read(path))


def test_the_log_has_one_record_a_function_and_interval(collector, clock, folder):
    collector.detailed = True
    for _ in range(100):
        collector.record("ta.SMA", 2e-6)
        collector.record("ta.EMA", 3e-6)
    collector.record_original("ta.SMA", 8e-6)
    clock.go(INTERVAL + 1)
    collector.record("ta.SMA", 2e-6)
    for _ in range(50):
        collector.record("ta.SMA", 4e-6)
    collector.count_mismatch("ta.SMA")
    collector.flush()
    records = log_records(folder)
    assert [(record["function"], record["calls"]) for record in records] == [
        ("ta.EMA", 100),
        ("ta.SMA", 101),
        ("ta.SMA", 50),
    ]
    assert records[1]["p50"] == pytest.approx(2e-6, rel=ERROR)
    assert records[2]["p50"] == pytest.approx(4e-6, rel=ERROR)
    assert [record["original_calls"] for record in records] == [0, 1, 0]
    assert records[1]["original_seconds"] == pytest.approx(8e-6)
    assert [record["mismatches"] for record in records] == [0, 0, 1]
    assert all(record["pid"] == os.getpid() for record in records)


def test_there_is_no_log_unless_asked_for(collector, folder):
    collector.record("ta.SMA", 1e-6)
    collector.flush()
    assert files(folder, ".performance.jsonl") == []


# Disks and folders.


@pytest.fixture(params=["file", "read only", "full"])
def broken(request, monkeypatch, folder):
    """A folder in which nothing can be written, in several ways."""
    if request.param == "file":
        folder.write_text("", "utf-8")
        return
    folder.mkdir()
    number = errno.EACCES if request.param == "read only" else errno.ENOSPC

    def fail(self: object, *args: object, **kwargs: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(Path, "write_text", fail)
    monkeypatch.setattr(logging.FileHandler, "_open", fail)


@pytest.mark.usefixtures("broken")
def test_what_cannot_be_written_is_told_once_and_collecting_goes_on(
    collector, told, clock, capfd, caplog
):
    collector.detailed = True
    for _ in range(5):
        collector.record("ta.SMA", 1e-6)
        clock.go(INTERVAL + 1)
        collector.record("ta.SMA", 1e-6)
        collector.flush()
    assert calls(collector.snapshot()) == calls(collector.merged()) == 10
    [(cause, message)] = told
    assert cause == "performance files"
    assert message.startswith("performance data can't be written, and is only kept in memory: ")
    assert capfd.readouterr() == ("", "")
    assert caplog.text == ""


def test_without_alerts_it_is_a_warning_in_the_log(folder, caplog):
    folder.write_text("", "utf-8")
    collector = BenchmarkCollector()
    collector.enabled = True
    collector.record("ta.SMA", 1e-6)
    collector.flush()
    collector.record("ta.SMA", 1e-6)
    collector.flush()
    assert [record.levelname for record in caplog.records] == ["WARNING"]


def test_an_alert_that_fails_is_no_failure(folder, caplog):
    def fail(cause: str, message: str) -> None:
        raise RuntimeError("a bug")

    folder.write_text("", "utf-8")
    collector = BenchmarkCollector(fail)
    collector.enabled = True
    collector.record("ta.SMA", 1e-6)
    collector.flush()
    assert "a bug" in caplog.text


def test_once_there_is_room_again_everything_is_written(collector, folder, monkeypatch):
    def fail(*args: object) -> None:
        raise OSError(errno.ENOSPC, "full")

    collector.record("ta.SMA", 1e-6)
    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", fail)
        collector.flush()
    assert list(folder.iterdir()) == []
    collector.flush()
    assert calls(snapshot_files.merged()) == 1


def test_an_unwritable_folder_does_not_keep_a_process_from_its_end(folder):
    folder.write_text("", "utf-8")
    code = """
from ft_numba_aot.runtime.collector import BenchmarkCollector
collector = BenchmarkCollector()
collector.enabled = collector.detailed = True
collector.record("ta.SMA", 1e-6)
"""
    done = run(code, folder)
    assert done.stderr.count("performance data can't be written") == 1
    assert "Traceback" not in done.stderr


# Prometheus.


def test_prometheus_text_is_parsed_back(collector):
    parser = pytest.importorskip("prometheus_client.parser")
    odd = 'ta."SMA\\\n{x}"'
    seconds = [5e-7, 1e-6, 2e-6, 3.1e-6, 3.2e-6, 1e-3, 0.5, 99.0, 101.0]
    for value in seconds:
        collector.record("ta.SMA", value)
    collector.record(odd, 1e-6)
    collector.record_original("ta.SMA", 2e-6)
    collector.count_fallback("ta.EMA")
    collector.count_mismatch("ta.EMA")
    text = collector.prometheus()
    families = {family.name: family for family in parser.text_string_to_metric_families(text)}
    assert {name: family.type for name, family in families.items()} == {
        "ft_numba_aot_calls": "counter",
        "ft_numba_aot_fallbacks": "counter",
        "ft_numba_aot_mismatches": "counter",
        "ft_numba_aot_saved_seconds": "gauge",
        "ft_numba_aot_call_duration_seconds": "histogram",
    }
    assert all(family.documentation for family in families.values())

    def counter(name: str) -> dict[str, float]:
        samples = families[f"ft_numba_aot_{name}"].samples
        assert {sample.name for sample in samples} == {f"ft_numba_aot_{name}_total"}
        return {sample.labels["function"]: sample.value for sample in samples}

    assert counter("calls") == {"ta.SMA": 9, "ta.EMA": 0, odd: 1}
    assert counter("fallbacks") == {"ta.SMA": 0, "ta.EMA": 1, odd: 0}
    assert counter("mismatches") == {"ta.SMA": 0, "ta.EMA": 1, odd: 0}

    samples = [
        sample
        for sample in families["ft_numba_aot_call_duration_seconds"].samples
        if sample.labels["function"] == "ta.SMA" and sample.labels["implementation"] == "optimized"
    ]
    buckets = {
        float(sample.labels["le"]): sample.value
        for sample in samples
        if sample.name.endswith("_bucket")
    }
    bounds = [10 ** (half / 2) for half in range(-12, 5)]
    assert list(buckets) == pytest.approx([*bounds, math.inf], rel=1e-3)
    assert list(buckets.values()) == [
        *(sum(value <= bound * (1 + 1e-12) for value in seconds) for bound in bounds),
        9,
    ]
    [count] = [sample.value for sample in samples if sample.name.endswith("_count")]
    [total] = [sample.value for sample in samples if sample.name.endswith("_sum")]
    assert (count, total) == (9, pytest.approx(sum(seconds)))
    assert collector.snapshot()["saved_seconds"] == pytest.approx(
        sum(sample.value for sample in families["ft_numba_aot_saved_seconds"].samples)
    )


def test_prometheus_text_of_nothing_and_of_merged_snapshots(collector):
    parser = pytest.importorskip("prometheus_client.parser")
    from ft_numba_aot.runtime.prometheus_text import exposition

    assert len(list(parser.text_string_to_metric_families(collector.prometheus()))) == 5
    collector.record("ta.SMA", 1e-6)
    collector.flush()
    assert 'ft_numba_aot_calls_total{function="ta.SMA"} 1.0' in exposition(collector.merged())


def test_without_prometheus_client_the_error_says_what_to_install(collector, monkeypatch):
    monkeypatch.setitem(sys.modules, "prometheus_client", None)
    with pytest.raises(ImportError, match=r"pip install 'ft-numba-aot\[prometheus\]'"):
        collector.prometheus()


def test_importing_it_brings_in_the_standard_library_alone():
    code = (
        "import sys, ft_numba_aot; before = {*sys.modules}\n"
        "import ft_numba_aot.runtime.collector, ft_numba_aot.runtime.alerts\n"
        "new = {name.partition('.')[0] for name in {*sys.modules} - before}\n"
        "print(*new - {*sys.stdlib_module_names, 'ft_numba_aot'})"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""
