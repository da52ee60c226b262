"""The log of JSON lines: what is written is read back, rotation, and disks that are full."""

from __future__ import annotations

import errno
import io
import json
import logging
import os
import subprocess
import sys
from pathlib import Path

import pytest

from ft_numba_aot.runtime.performance_log import PerformanceLog, read

FULL = Path("/dev/full")


@pytest.fixture
def path(tmp_path) -> Path:
    return tmp_path / "new" / "folder" / "performance.jsonl"


def test_records_are_read_back_in_order(path):
    log = PerformanceLog(path)
    records = [{"function": "metrics.größe", "calls": i, "p50": None} for i in range(5)]
    log.write(records[:2])
    log.write(records[2:])
    assert list(read(path)) == records
    assert [json.loads(line) for line in path.read_text("utf-8").splitlines()] == records


def test_nothing_to_write_makes_no_file(path):
    PerformanceLog(path).write([])
    assert not path.parent.exists()


def test_it_is_open_only_while_it_is_written(path):
    log = PerformanceLog(path)
    log.write([{"a": 1}])
    path.rename(path.with_name("moved"))
    log.write([{"a": 2}])
    assert list(read(path)) == [{"a": 2}]


def test_it_rotates_and_stays_within_its_size(path):
    log = PerformanceLog(path, max_bytes=1000, backups=2)
    for number in range(500):
        log.write([{"number": number}])
    files = sorted(path.parent.iterdir())
    assert [file.name for file in files] == [path.name, f"{path.name}.1", f"{path.name}.2"]
    assert all(file.stat().st_size <= 1000 for file in files)
    numbers = [record["number"] for record in read(path)]
    assert numbers == list(range(numbers[0], 500))
    assert len(numbers) > 100


def test_a_percent_sign_is_no_format(path):
    PerformanceLog(path).write([{"function": "%s %d"}])
    assert list(read(path)) == [{"function": "%s %d"}]


def test_torn_and_foreign_lines_are_skipped(path):
    path.parent.mkdir(parents=True)
    path.write_bytes(b'{"a": 1}\n{"a": 2\n\n[1]\n\xff\xfe\n{"a": 3}\n')
    assert list(read(path)) == [{"a": 1}, {"a": 3}]
    assert list(read(path.with_name("none"))) == []


def test_a_file_where_the_folder_should_be_is_an_oserror(tmp_path):
    (tmp_path / "file").touch()
    log = PerformanceLog(tmp_path / "file" / "log.jsonl")
    with pytest.raises(OSError, match="file"):
        log.write([{"a": 1}])


@pytest.mark.skipif(not FULL.exists(), reason="no /dev/full")
def test_a_full_disk_is_an_oserror_and_nothing_else(tmp_path, capfd):
    path = tmp_path / "log.jsonl"
    path.symlink_to(FULL)
    log = PerformanceLog(path, max_bytes=0)
    for _ in range(2):
        with pytest.raises(OSError, match=os.strerror(errno.ENOSPC)):
            log.write([{"a": 1}, {"a": 2}])
    assert capfd.readouterr() == ("", "")


def test_after_a_full_disk_no_record_is_glued_to_what_was_cut_off(path, monkeypatch):
    log = PerformanceLog(path)
    log.write([{"a": 1}])

    class Cutting(io.TextIOWrapper):
        def write(self, text: str) -> int:
            super().write(text[: len(text) // 2])
            self.flush()
            raise OSError(errno.ENOSPC, "full")

    def opened(self: logging.FileHandler) -> io.TextIOWrapper:
        return Cutting(open(self.baseFilename, "ab"), encoding="utf-8")

    with monkeypatch.context() as patch:
        patch.setattr(logging.FileHandler, "_open", opened)
        with pytest.raises(OSError, match="full"):
            log.write([{"a": 2}, {"a": 3}])
    log.write([{"a": 4}, {"a": 5}])
    assert list(read(path)) == [{"a": 1}, {"a": 4}, {"a": 5}]


def test_logging_knows_nothing_of_it(path, caplog):
    before = list(logging.root.handlers)
    with caplog.at_level(logging.DEBUG):
        PerformanceLog(path).write([{"a": 1}])
    assert caplog.records == []
    assert logging.root.handlers == before


def test_it_leaves_no_error_at_exit(path):
    code = (
        "import sys; from pathlib import Path\n"
        "from ft_numba_aot.runtime.performance_log import PerformanceLog\n"
        "log = PerformanceLog(Path(sys.argv[1])); log.write([{'a': 1}])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=True
    )
    assert (done.stdout, done.stderr) == ("", "")
    assert list(read(path)) == [{"a": 1}]
