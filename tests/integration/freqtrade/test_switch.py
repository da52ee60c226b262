"""Switching on and off: what is replaced, what isn't and why, and that nothing is left behind."""

from __future__ import annotations

import copy
import functools
import importlib
import importlib.util
import inspect
import logging
import re
import subprocess
import sys
import threading
import types
from pathlib import Path

import pytest

pytest.importorskip("freqtrade")

import freqtrade.optimize.backtesting
from freqtrade.data import metrics
from freqtrade.optimize.hyperopt_loss import hyperopt_loss_max_drawdown
from freqtrade.persistence import LocalTrade, Trade
from integration.freqtrade.objects import everything

import ft_numba_aot
from ft_numba_aot import freqtrade_integration
from ft_numba_aot.freqtrade_integration import (
    after_import,
    environment,
    fingerprints,
    reasons,
    registry,
    switch,
    table,
)
from ft_numba_aot.freqtrade_integration.replacement import Replacement
from ft_numba_aot.runtime.configuration import ConfigurationError
from ft_numba_aot.runtime.manager import get_numba_manager

FOLDER = Path(freqtrade_integration.__file__).parent
MODEL = "freqtrade.persistence.trade_model:"


@pytest.fixture(autouse=True)
def _leave_it_off():
    ft_numba_aot.disable()
    yield
    ft_numba_aot.disable()
    get_numba_manager().reset()


@pytest.fixture
def replacing(monkeypatch):
    """Makes the table consist of these replacements, each of a known object."""

    def use(*replacements: Replacement, known: bool = True) -> None:
        name = f"{freqtrade_integration.__name__}._of_this_test"
        module = types.ModuleType(name)
        module.REPLACEMENTS = replacements  # type: ignore[attr-defined]
        monkeypatch.setitem(sys.modules, name, module)
        monkeypatch.setattr(table, "MODULES", ("_of_this_test",))
        monkeypatch.setattr(table, "LATE", {})
        monkeypatch.setattr(switch, "TALIB", "never_imported")
        monkeypatch.setattr(switch, "_verdicts", {})
        monkeypatch.setattr(switch, "_said", set())
        if known:
            monkeypatch.setattr(fingerprints, "check", lambda *_: fingerprints.SUPPORTED)

    return use


def replacements() -> list[Replacement]:
    return [
        replacement
        for name in (*table.MODULES, *(table.LATE if importlib.util.find_spec("optuna") else ()))
        if not isinstance(module := switch._import(name), str)
        for replacement in module.REPLACEMENTS
    ]


def test_after_disable_every_attribute_is_the_original_in_its_place():
    # What the modules of the table import of freqtrade is imported for good.
    ft_numba_aot.enable()
    ft_numba_aot.disable()
    before = everything()
    ft_numba_aot.enable()
    while_on = everything()
    ft_numba_aot.disable()
    assert everything() == before
    assert while_on != before
    assert list(while_on) == list(before)
    meta_path = [type(finder).__module__ for finder in sys.meta_path]
    assert after_import.__name__ not in meta_path


def test_while_on_every_active_attribute_is_ours():
    entries = replacements()
    status = ft_numba_aot.enable()
    assert status.enabled
    assert status.active, str(status)
    assert "events" in status.active
    shown = {name for part in status.parts for name in part.replaced}
    # Parts of what isn't imported yet are not among them.
    active = [entry for entry in entries if entry.part in status.active]
    assert active
    for entry in active:
        placed = inspect.getattr_static(*switch.resolve(entry.original))
        assert type(placed) is type(entry.ours)
        assert placed is entry.ours or registry._function(placed) is _proxy(entry)
        assert entry.original in shown


def _proxy(entry: Replacement):
    """What stands in for a function that may run its original."""
    name = registry.function_name(entry.original)
    (registration,) = [r for r in get_numba_manager().registrations() if r.name == name]
    assert registration.pure
    assert registration.optimized is registry._function(entry.ours)
    return registration.proxy


def test_a_function_that_is_not_its_original_takes_its_part_with_it():
    stock = dict(vars(metrics))
    ft_numba_aot.enable()
    assert metrics.calculate_csum is not stock["calculate_csum"]
    manager = get_numba_manager()
    manager.fallback.condemn(manager.registration("metrics", "sharpe"), "mismatch", "1 is not 2")
    status = ft_numba_aot.status()
    assert metrics.calculate_csum is stock["calculate_csum"]
    assert "statistics" not in status.active
    assert "events" in status.active
    assert "metrics.sharpe isn't as its original on this machine: 1 is not 2" in str(status)


@pytest.mark.parametrize("what", ["type", "name", "documentation", "signature"])
def test_a_replacement_keeps(what):
    def of(raw):
        functions = list(fingerprints._functions(raw))
        if what == "type":
            return type(raw)
        if what == "name":
            return [function.__name__ for function in functions]
        if what == "documentation":
            return [function.__doc__ for function in functions]
        return [list(inspect.signature(function).parameters) for function in functions]

    differing = [
        entry.original
        for entry in replacements()
        if of(inspect.getattr_static(*switch.resolve(entry.original))) != of(entry.ours)
    ]
    assert differing == []


def test_the_table_lists_every_module_that_has_replacements():
    pattern = re.compile(r"^REPLACEMENTS\b", re.MULTILINE)
    having = {
        ".".join(path.relative_to(FOLDER).with_suffix("").parts)
        for path in FOLDER.rglob("*.py")
        if pattern.search(path.read_text(encoding="utf-8"))
    }
    assert having == {*table.MODULES, *table.LATE}


def test_enabling_twice_and_from_many_threads_is_enabling_once():
    barrier = threading.Barrier(6)
    found = []

    def enable() -> None:
        barrier.wait()
        found.append(ft_numba_aot.enable())

    threads = [threading.Thread(target=enable) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    records = list(switch._state.records)
    assert all(status.enabled for status in found)
    assert ft_numba_aot.enable() == ft_numba_aot.status()
    assert switch._state.records == records
    assert len({(id(record.owner), record.name) for record in records}) == len(records)


def test_functions_are_replaced_wherever_they_were_imported_by_name(replacing):
    original = metrics.calculate_max_drawdown

    @functools.wraps(original)
    def ours(*args, **kwargs):
        return original(*args, **kwargs)

    replacing(Replacement("freqtrade.data.metrics:calculate_max_drawdown", ours, "test"))
    assert hyperopt_loss_max_drawdown.calculate_max_drawdown is original
    ft_numba_aot.enable()
    placed = metrics.calculate_max_drawdown
    assert placed is not original
    assert get_numba_manager().registration("backtesting", "max_drawdown").optimized is ours
    assert hyperopt_loss_max_drawdown.calculate_max_drawdown is placed
    late = types.ModuleType("freqtrade.imported_while_on")
    late.by_another_name = placed  # type: ignore[attr-defined]
    sys.modules[late.__name__] = late
    try:
        ft_numba_aot.disable()
    finally:
        del sys.modules[late.__name__]
    assert late.by_another_name is original
    assert metrics.calculate_max_drawdown is original
    assert hyperopt_loss_max_drawdown.calculate_max_drawdown is original


def test_a_class_is_replaced_wherever_it_was_imported_by_name(replacing):
    original = freqtrade.optimize.backtesting.FtPrecise

    class Ours(original):
        pass

    replacing(Replacement("freqtrade.util.ft_precise:FtPrecise", Ours, "test"))
    ft_numba_aot.enable()
    assert freqtrade.optimize.backtesting.FtPrecise is Ours
    assert freqtrade.util.FtPrecise is Ours
    ft_numba_aot.disable()
    assert freqtrade.optimize.backtesting.FtPrecise is original
    assert freqtrade.util.FtPrecise is original


@pytest.mark.parametrize(
    ("name", "ours"),
    [
        ("LocalTrade.calc_profit", lambda self: 1),
        ("LocalTrade.entry_side", property(lambda self: "ours")),
        ("LocalTrade.reset_trades", staticmethod(lambda: None)),
        ("Order.parse_from_ccxt_object", staticmethod(lambda: None)),
        ("Trade.adjust_stop_loss", lambda self: None),
        ("LocalTrade.__init__", lambda self: None),
    ],
)
def test_descriptors_go_in_and_out_as_they_are(replacing, name, ours):
    owner, attribute = switch.resolve(MODEL + name)
    before = list(vars(owner).items())
    replacing(Replacement(MODEL + name, ours, "test"))
    ft_numba_aot.enable()
    assert vars(owner)[attribute] is ours
    ft_numba_aot.disable()
    after = list(vars(owner).items())
    assert [key for key, _ in after] == [key for key, _ in before]
    assert all(mine is theirs for (_, mine), (_, theirs) in zip(after, before, strict=True))


def test_an_inherited_attribute_is_deleted_again(replacing):
    assert "adjust_stop_loss" not in vars(Trade)
    replacing(Replacement(MODEL + "Trade.adjust_stop_loss", lambda self: None, "test"))
    ft_numba_aot.enable()
    assert "adjust_stop_loss" in vars(Trade)
    assert Trade.adjust_stop_loss is not LocalTrade.adjust_stop_loss
    ft_numba_aot.disable()
    assert "adjust_stop_loss" not in vars(Trade)
    assert Trade.adjust_stop_loss is LocalTrade.adjust_stop_loss


def test_an_unknown_fingerprint_leaves_the_whole_part_stock_with_one_line(
    replacing, monkeypatch, caplog
):
    def check(name, raw):
        return fingerprints.Support(name != MODEL + "LocalTrade.to_json", "unknown fingerprint")

    monkeypatch.setattr(fingerprints, "check", check)
    ours = MODEL + "LocalTrade.calc_profit", lambda self: None
    replacing(
        Replacement(*ours, "broken", relies_on=(MODEL + "LocalTrade.to_json",)),
        Replacement(MODEL + "LocalTrade.calc_profit_ratio", lambda self: None, "broken"),
        Replacement(MODEL + "LocalTrade.entry_side", property(lambda self: 1), "whole"),
        known=False,
    )
    before = dict(vars(LocalTrade))
    with caplog.at_level(logging.INFO, "ft_numba_aot"):
        status = ft_numba_aot.enable()
        ft_numba_aot.disable()
        ft_numba_aot.enable()
    assert status.active == ("whole",)
    changed = {name for name, raw in vars(LocalTrade).items() if raw is not before[name]}
    assert changed == {"entry_side"}
    told = [one for one in caplog.records if one.name.partition(".")[0] == "ft_numba_aot"]
    line, alert = [record.getMessage() for record in told]
    version = freqtrade.__version__
    assert alert == line
    assert line == (f"broken: freqtrade's own code runs: unknown fingerprint, freqtrade {version}")
    assert f"broken  stock: unknown fingerprint, freqtrade {version}" in str(status)


def test_what_freqtrade_lacks_leaves_the_part_stock(replacing):
    replacing(
        Replacement("freqtrade.persistence.no_such_module:x", None, "module"),
        Replacement(MODEL + "LocalTrade.no_such_method", None, "method"),
    )
    status = ft_numba_aot.enable()
    assert status.active == ()
    assert "no_such_module" in status.parts[0].reason
    assert "no_such_method" in status.parts[1].reason


def test_a_module_that_does_not_import_is_a_part_that_is_stock(replacing, monkeypatch):
    replacing(Replacement(MODEL + "LocalTrade.calc_profit", lambda self: None, "whole"))
    monkeypatch.setattr(table, "MODULES", ("no_such_module", *table.MODULES))
    status = ft_numba_aot.enable()
    assert status.active == ("whole",)
    assert "no_such_module" in status.parts[0].reason


def test_without_native_kernels_what_needs_them_is_stock(replacing, monkeypatch):
    from ft_numba_aot import _backend

    pure = _backend.BackendInfo("pure", None, None, None, "of this test")
    monkeypatch.setattr(_backend, "backend", lambda: "pure")
    monkeypatch.setattr(_backend, "backend_info", lambda: pure)
    method = MODEL + "LocalTrade.calc_profit"
    replacing(
        Replacement(method, lambda self: None, "kernels", native=True),
        Replacement(method + "_ratio", lambda self: None, "python"),
    )
    status = ft_numba_aot.enable()
    assert status.active == ("python",)
    assert "of this test" in str(status)
    assert "pure kernels" in str(status)


def test_an_error_while_replacing_puts_everything_back(replacing):
    method = MODEL + "LocalTrade.calc_profit"
    replacing(
        Replacement(method, lambda self: None, "one"),
        Replacement(method, lambda self: None, "two"),
    )
    before = dict(vars(LocalTrade))
    with pytest.raises(RuntimeError, match=r"LocalTrade\.calc_profit is replaced twice"):
        ft_numba_aot.enable()
    assert dict(vars(LocalTrade)) == before
    assert not ft_numba_aot.status().enabled


def test_what_others_put_there_meanwhile_stays(replacing, caplog):
    original = vars(LocalTrade)["calc_profit"]
    theirs = lambda self: None  # noqa: E731
    replacing(Replacement(MODEL + "LocalTrade.calc_profit", lambda self: None, "test"))
    ft_numba_aot.enable()
    LocalTrade.calc_profit = theirs
    try:
        ft_numba_aot.disable()
        assert vars(LocalTrade)["calc_profit"] is theirs
        assert "LocalTrade.calc_profit was changed by other code" in caplog.text
    finally:
        LocalTrade.calc_profit = original


@pytest.mark.parametrize("block", [{}, {"enable_numba_optimization": True}, None])
def test_a_configuration_without_a_refusal_enables(block):
    config = {"stake_currency": "USDT", "performance_optimization": block}
    before = copy.deepcopy(config)
    assert ft_numba_aot.enable(config).enabled
    assert config == before


def test_a_configuration_can_refuse():
    config = {"performance_optimization": {"enable_numba_optimization": False}}
    before = everything()
    original = copy.deepcopy(config)
    for enabled_before in (False, True):
        if enabled_before:
            ft_numba_aot.enable()
        status = ft_numba_aot.enable(config)
        assert not status.enabled
        assert status.parts == ()
        assert "enable_numba_optimization is false" in str(status)
        assert "enable_numba_optimization is false" in str(ft_numba_aot.status())
    assert config == original
    assert everything() == before


def test_the_environment_can_refuse(monkeypatch):
    monkeypatch.setenv("FT_NUMBA_AOT", "0")
    status = ft_numba_aot.enable({"performance_optimization": {"enable_numba_optimization": True}})
    assert not status.enabled
    assert "FT_NUMBA_AOT" in status.reason


@pytest.mark.parametrize("block", ["nonsense", {"phase": 1}, {"validation": "always"}])
def test_a_configuration_that_is_not_valid_is_named(block):
    with pytest.raises(ConfigurationError, match="performance_optimization"):
        ft_numba_aot.enable({"performance_optimization": block})
    assert not ft_numba_aot.status().enabled


def test_an_untried_environment_replaces_nothing(monkeypatch):
    monkeypatch.setattr(environment, "PANDAS", (7,))
    status = ft_numba_aot.enable()
    assert not status.enabled
    assert "was not tried, only 7.x" in str(status)


def test_without_freqtrade_it_says_what_to_install(monkeypatch):
    monkeypatch.setattr(switch, "installed", lambda: False)
    with pytest.raises(ImportError, match=r'pip install "ft-numba-aot\[freqtrade\]"'):
        ft_numba_aot.enable()


def test_reasons_are_logged_once_counted_and_shown(caplog):
    ft_numba_aot.enable()
    part = ft_numba_aot.status().active[0]
    caplog.clear()
    with caplog.at_level(logging.INFO, "ft_numba_aot"):
        for _ in range(3):
            reasons.note(part, "the strategy overrides should_exit")
        reasons.note("elsewhere", "only once")
    lines = [record.getMessage() for record in caplog.records]
    assert lines == [
        f"{part}: freqtrade's own code runs: the strategy overrides should_exit",
        "elsewhere: freqtrade's own code runs: only once",
    ]
    text = str(ft_numba_aot.status())
    assert "3 times stock: the strategy overrides should_exit" in text
    assert "once stock: only once" in text
    ft_numba_aot.disable()
    assert "3 times" not in str(ft_numba_aot.enable())


def test_asking_imports_no_freqtrade_and_off_is_off():
    code = (
        "import sys, ft_numba_aot\n"
        "print(ft_numba_aot.status())\n"
        "ft_numba_aot.disable()\n"
        "print('freqtrade' in sys.modules, 'pandas' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-P", "-c", code], capture_output=True, text=True, check=True
    )
    first, last = done.stdout.splitlines()
    assert first.startswith("ft-numba-aot is off: not enabled in this process (freqtrade not")
    assert last == "False False"


def test_enabling_imports_neither_hyperopt_nor_commands():
    code = (
        "import sys, freqtrade.optimize.backtesting, ft_numba_aot\n"
        "before = set(sys.modules)\n"
        "status = ft_numba_aot.enable()\n"
        "print(*{name for name in sys.modules if name not in before})"
    )
    done = subprocess.run(
        [sys.executable, "-P", "-c", code], capture_output=True, text=True, check=True
    )
    loaded = done.stdout.split()
    assert "ft_numba_aot.freqtrade_integration.replacement" in loaded
    heavy = ("freqtrade.optimize.hyperopt", "freqtrade.commands", "joblib", "rich")
    assert [name for name in loaded if name.startswith(heavy)] == []


def test_a_late_module_is_replaced_when_it_is_imported(replacing, monkeypatch, tmp_path):
    replacing()
    (tmp_path / "awaited.py").write_text("def f():\n    return 'stock'\n", encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(table, "LATE", {"_late": "awaited"})
    name = f"{freqtrade_integration.__name__}._late"
    late = types.ModuleType(name)
    late.REPLACEMENTS = (Replacement("awaited:f", lambda: "ours", "late"),)  # type: ignore
    monkeypatch.setitem(sys.modules, name, late)
    assert ft_numba_aot.enable().parts == ()
    import awaited

    monkeypatch.setitem(sys.modules, "awaited", awaited)
    assert awaited.f() == "ours"
    assert type(awaited.__loader__).__module__ != after_import.__name__
    assert awaited.__spec__.loader is awaited.__loader__
    assert ft_numba_aot.status().active == ("late",)
    ft_numba_aot.disable()
    assert awaited.f() == "stock"
    # Imported already: nothing to wait for.
    ft_numba_aot.enable()
    assert awaited.f() == "ours"


def test_what_is_awaited_is_forgotten_by_disable(replacing, monkeypatch):
    replacing()
    monkeypatch.setattr(table, "LATE", {"_late": "never_imported"})
    before = list(sys.meta_path)
    ft_numba_aot.enable()
    assert sys.meta_path != before
    ft_numba_aot.disable()
    assert sys.meta_path == before
