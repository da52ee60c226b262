"""What counts as the freqtrade that the replacements were tried against."""

from __future__ import annotations

import functools
import importlib.util
import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("freqtrade")

import freqtrade.exchange
import freqtrade.optimize.backtesting
from freqtrade.persistence import LocalTrade, Order
from freqtrade.util import FtPrecise
from freqtrade.wallets import Wallet

from ft_numba_aot.freqtrade_integration import (
    environment,
    fingerprints,
    known_sources,
    sources,
    write_fingerprints,
)

MODEL = "freqtrade.persistence.trade_model:"
SUPPORTED = ("2026.4", "2026.5", "2026.6", "2026.7", "2026.8", "2026.9")

BASE = '''\
from elsewhere import imported as renamed
from .. import nothing


LIMIT = 5
NAMED: int = (
    6
)


class Base:
    def method(self):
        """Text
over the left edge."""
        return 1

    def __private(self):
        return 2


class Child(Base):
    @property
    @decorated(
        1
    )
    def rate(self):
        return self._rate

    @rate.setter
    def rate(self, value):
        self._rate = value

    if True:
        def conditional(self): return 1
    else:
        def conditional(self): return 2


async def coroutine():
    pass  # comment
# not part of it
'''


@pytest.fixture
def package(tmp_path) -> Path:
    folder = tmp_path / "package"
    folder.mkdir()
    (folder / "__init__.py").write_text("from .base import Child as Exported\n")
    (folder / "base.py").write_text(BASE)
    (tmp_path / "elsewhere.py").write_text("def imported():\n    return 1\n")
    return tmp_path


def text_of(folder: Path, name: str) -> str:
    return sources.source(name, sources.below(folder)).text


def test_texts_are_whole_statements_at_the_left_margin(package):
    assert text_of(package, "package.base:LIMIT") == "LIMIT = 5\n"
    assert text_of(package, "package.base:NAMED") == "NAMED: int = (\n    6\n)\n"
    assert text_of(package, "package.base:Base.method") == (
        'def method(self):\n    """Text\nover the left edge."""\n    return 1\n'
    )
    assert text_of(package, "package.base:Child.rate") == (
        "@property\n@decorated(\n    1\n)\ndef rate(self):\n    return self._rate\n"
        "@rate.setter\ndef rate(self, value):\n    self._rate = value\n"
    )
    assert text_of(package, "package.base:coroutine").endswith("pass  # comment\n")
    assert text_of(package, "package.base:Child").startswith("class Child(Base):\n")
    assert "return 2" in text_of(package, "package.base:Child.conditional")


def test_objects_are_found_where_they_are_defined(package):
    def name_of(spelled: str) -> str:
        return sources.source(spelled, sources.below(package)).name

    assert name_of("package.base:Child.method") == "package.base:Base.method"
    assert name_of("package:Exported.method") == "package.base:Base.method"
    assert name_of("package.base:renamed") == "elsewhere:imported"
    assert name_of("package.base:Child._Base__private") == "package.base:Base.__private"
    for missing in ("package.base:nothing", "package.base:Child.nothing", "nowhere:x"):
        with pytest.raises(sources.NotFound, match=missing.partition(":")[0]):
            name_of(missing)


def test_line_ends_and_form_feeds_do_not_count_and_everything_else_does(package):
    base = package / "package" / "base.py"
    names = ("LIMIT", "Base.method", "Child", "coroutine")

    def all_of() -> list[str]:
        sources.forget()
        find = sources.below(package)
        return [sources.source(f"package.base:{name}", find).fingerprint for name in names]

    before = all_of()
    whole = sources.file_fingerprint(base)
    base.write_bytes(b"\n\x0c\n# moved\n" + BASE.encode().replace(b"\n", b"\r\n"))
    assert all_of() == before
    base.write_bytes(BASE.encode().replace(b"\n", b"\r\n"))
    sources.forget()
    assert sources.file_fingerprint(base) == whole
    base.write_text(BASE.replace("return 1\n\n", "return 1.0\n\n").replace("= 5", "= 5.0"))
    changed = all_of()
    assert changed[0] != before[0]
    assert changed[1] != before[1]
    assert changed[2:] == before[2:]


@pytest.mark.parametrize("version", ["3.12", "3.13", "3.14"])
def test_other_pythons_see_the_same(version):
    python = shutil.which(f"python{version}")
    if python is None:
        pytest.skip(f"no Python {version} here")
    root = Path(importlib.util.find_spec("freqtrade").origin).parents[1]
    names = [name for name in known_sources.KNOWN if name.startswith("freqtrade.")]
    code = (
        "import importlib.util, json, pathlib, sys\n"
        "spec = importlib.util.spec_from_file_location('sources', sys.argv[1])\n"
        "sources = importlib.util.module_from_spec(spec)\n"
        "sys.modules['sources'] = sources\n"
        "spec.loader.exec_module(sources)\n"
        "find = sources.below(pathlib.Path(sys.argv[2]))\n"
        "print(json.dumps({name: sources.source(name, find).fingerprint"
        " for name in sys.argv[3:]}))"
    )
    done = subprocess.run(
        [python, "-c", code, sources.__file__, str(root), *names],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode and "command not found" in done.stderr:
        pytest.skip(f"no Python {version} here")
    assert json.loads(done.stdout) == {name: sources.source(name).fingerprint for name in names}


latest = pytest.mark.skipif(
    freqtrade.__version__ != SUPPORTED[-1],
    reason="of other releases something may be unknown, and so stock",
)


@latest
def test_everything_is_known_of_the_installed_freqtrade():
    names = write_fingerprints.wanted(write_fingerprints.replacements())
    found, missing = write_fingerprints.read(names)
    assert missing == []
    unknown = [
        name
        for name, text in found.items()
        if text.fingerprint not in known_sources.KNOWN.get(name, {})
    ]
    assert unknown == [], (
        "python -m ft_numba_aot.freqtrade_integration.fingerprints --write adds them"
    )


def test_a_file_is_known_only_where_all_its_objects_are():
    files, known = known_sources.FILES, known_sources.KNOWN
    assert write_fingerprints.whole_files(files, known) == files
    assert files


def test_the_table_is_as_its_generator_writes_it():
    text = Path(known_sources.__file__).read_text(encoding="utf-8")
    assert text == write_fingerprints.as_python(known_sources.FILES, known_sources.KNOWN)


def test_the_writer_adds_a_version_and_keeps_the_others():
    known = {"m:a": {"1" * 16: "2026.9"}, "m:b": {"2" * 16: "2026.9"}}
    both = write_fingerprints.added(known, {"m:a": "1" * 16, "m:b": "3" * 16}, {"m": "2026.10"})
    assert both == {
        "m:a": {"1" * 16: "2026.9 2026.10"},
        "m:b": {"2" * 16: "2026.9", "3" * 16: "2026.10"},
    }
    # Of 2026.8 only one object of the module is known.
    files = {"m": {"4" * 16: "2026.8", "5" * 16: "2026.9 2026.10"}}
    partly = write_fingerprints.added(both, {"m:a": "1" * 16}, {"m": "2026.8"})
    assert write_fingerprints.whole_files(files, partly) == {"m": {"5" * 16: "2026.9 2026.10"}}


@latest
def test_the_command_says_that_nothing_is_unknown(capsys):
    assert write_fingerprints.main([]) == 0
    assert f"freqtrade {freqtrade.__version__}" in capsys.readouterr().out


def test_every_supported_release_is_known():
    listed = {
        version
        for name, entries in known_sources.KNOWN.items()
        if name.startswith("freqtrade.")
        for of in entries.values()
        for version in of.split()
    }
    assert listed >= set(SUPPORTED)


def test_accepted_objects_are_added_and_the_rest_is_shown(tmp_path, monkeypatch, capsys):
    name = MODEL + "LocalTrade.calc_profit_ratio"
    lacking = MODEL + "LocalTrade.fly"
    entries = [write_fingerprints.Replacement(name, None, "test", (lacking,))]
    data = tmp_path / "known_sources.py"
    monkeypatch.setattr(write_fingerprints, "DATA", data)
    monkeypatch.setattr(write_fingerprints, "KNOWN", {})
    monkeypatch.setattr(write_fingerprints, "FILES", {})
    monkeypatch.setattr(write_fingerprints, "replacements", lambda: entries)
    arguments = ["--write", "--same-only"]
    assert write_fingerprints.main(arguments) == 1
    printed = capsys.readouterr().out
    assert f"unknown: {name}" in printed
    assert f"unknown: {lacking} (absent)" in printed
    assert name not in data.read_text()
    assert write_fingerprints.main([*arguments, "--accept", name, lacking]) == 0
    written = data.read_text()
    assert sources.source(name).fingerprint in written
    assert '"absent": ' in written
    with pytest.raises(SystemExit, match="nothing to accept: m:x"):
        write_fingerprints.main([*arguments, "--accept", "m:x"])


def test_a_releases_overrides_of_exchange_methods_are_wanted_too():
    replacement = write_fingerprints.Replacement(
        write_fingerprints.EXCHANGE + "dry_run_liquidation_price", None, "test"
    )
    names = write_fingerprints.wanted([replacement])
    assert "freqtrade.exchange.binance:Binance.dry_run_liquidation_price" in names
    assert "freqtrade.exchange.exchange:Exchange.dry_run_liquidation_price" in names


@pytest.fixture(params=["by file", "by object"])
def known(request, monkeypatch):
    """The installed objects below count as known, by their file or by their own text."""
    names = (
        MODEL + "LocalTrade.calc_profit_ratio",
        MODEL + "LocalTrade.entry_side",
        MODEL + "LocalTrade.reset_trades",
        MODEL + "LocalTrade.__set_stop_loss",
        "freqtrade.util.ft_precise:FtPrecise",
        "freqtrade.wallets:Wallet",
        "freqtrade.exchange.exchange:Exchange.get_balances",
        "sqlalchemy.orm.decl_base:_declarative_constructor",
    )
    found = {name: sources.source(name) for name in names}
    table = {name: {text.fingerprint: "this"} for name, text in found.items()}
    files = {
        name.partition(":")[0]: {sources.file_fingerprint(text.path): "this"}
        for name, text in found.items()
    }
    monkeypatch.setattr(fingerprints, "KNOWN", table)
    monkeypatch.setattr(fingerprints, "FILES", files if request.param == "by file" else {})
    if request.param == "by file":
        monkeypatch.delattr(fingerprints, "source")
    return table


@pytest.mark.parametrize(
    ("name", "raw"),
    [
        (MODEL + "LocalTrade.calc_profit_ratio", vars(LocalTrade)["calc_profit_ratio"]),
        (MODEL + "LocalTrade.entry_side", vars(LocalTrade)["entry_side"]),
        (MODEL + "LocalTrade.reset_trades", vars(LocalTrade)["reset_trades"]),
        (
            MODEL + "LocalTrade._LocalTrade__set_stop_loss",
            vars(LocalTrade)["_LocalTrade__set_stop_loss"],
        ),
        ("freqtrade.util.ft_precise:FtPrecise", FtPrecise),
        ("freqtrade.wallets:Wallet", Wallet),
        # Under freqtrade's own decorator.
        (
            "freqtrade.exchange.exchange:Exchange.get_balances",
            vars(freqtrade.exchange.Exchange)["get_balances"],
        ),
        # Generated by SQLAlchemy around its own constructor.
        (MODEL + "Order.__init__", vars(Order)["__init__"]),
    ],
)
def test_the_originals_are_known(known, name, raw):
    assert fingerprints.check(name, raw) == fingerprints.SUPPORTED


def test_what_a_release_lacks_can_be_known_to_be_dispensable(monkeypatch):
    lacking = MODEL + "LocalTrade.fly"
    assert "no fly" in fingerprints.check(lacking, None).reason
    assert "no fly" in fingerprints.check_absence(lacking).reason
    monkeypatch.setattr(fingerprints, "KNOWN", {lacking: {fingerprints.ABSENT: "2020.1"}})
    assert fingerprints.check(lacking, None) == fingerprints.SUPPORTED
    assert fingerprints.check_absence(lacking) == fingerprints.SUPPORTED


def test_what_only_this_process_lacks_was_removed(monkeypatch):
    name = MODEL + "LocalTrade.entry_side"
    monkeypatch.setattr(fingerprints, "KNOWN", {name: {fingerprints.ABSENT: "2020.1"}})
    support = fingerprints.check_absence(name)
    assert support.reason == f"{name} was removed by other code"


def test_an_unknown_text_has_its_fingerprint_named(monkeypatch):
    name = MODEL + "LocalTrade.calc_profit_ratio"
    monkeypatch.setattr(fingerprints, "KNOWN", {name: {"0" * 16: "2020.1"}})
    monkeypatch.setattr(fingerprints, "FILES", {})
    support = fingerprints.check(name, vars(LocalTrade)["calc_profit_ratio"])
    assert not support.supported
    assert support.reason == f"unknown fingerprint of {name} ({sources.source(name).fingerprint})"


@pytest.mark.parametrize("disguised", [False, True])
def test_what_others_put_there_is_not_the_original(monkeypatch, disguised):
    original = vars(LocalTrade)["calc_profit_ratio"]
    name = MODEL + "LocalTrade.calc_profit_ratio"

    def theirs(self, rate, amount=None, open_rate=None):
        return 0.0

    # functools.wraps hides a function from inspect.getsource.
    changed = functools.wraps(original)(theirs) if disguised else theirs
    for files in ({}, known_sources.FILES):
        monkeypatch.setattr(fingerprints, "FILES", files)
        support = fingerprints.check(name, changed)
        assert not support.supported
        assert "was replaced by other code" in support.reason


def test_a_class_with_a_foreign_method_is_not_the_original(known, monkeypatch):
    if not hasattr(fingerprints, "source"):
        monkeypatch.setattr(fingerprints, "source", sources.source, raising=False)
    monkeypatch.setattr(FtPrecise, "__add__", lambda self, other: self)
    assert not fingerprints.check("freqtrade.util.ft_precise:FtPrecise", FtPrecise).supported


def test_methods_of_an_exchange_are_checked_where_they_are_inherited_from(known):
    class Shop(freqtrade.exchange.Binance):
        pass

    assert fingerprints.check_method(Shop, "get_balances") == fingerprints.SUPPORTED
    assert "has no fly" in fingerprints.check_method(Shop, "fly").reason


def test_an_overriding_method_of_a_user_is_unknown():
    class Shop(freqtrade.exchange.Binance):
        def get_balances(self):
            return {}

    assert not fingerprints.check_method(Shop, "get_balances").supported


def test_environments(monkeypatch):
    assert environment.environment() == fingerprints.SUPPORTED
    monkeypatch.setattr(environment, "_version", lambda name: "4.0.0rc1")
    assert "pandas 4.0.0rc1 was not tried" in environment.environment().reason
    monkeypatch.undo()
    for minor in (10, 99):
        monkeypatch.setattr(sys, "version_info", (3, minor, 0, "final", 0))
        assert environment.environment().reason == f"Python 3.{minor} was not tried"
