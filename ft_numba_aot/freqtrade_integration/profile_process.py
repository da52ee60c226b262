"""One run of a strategy's indicators and signals in a process of its own, watched at each step.

Imports the standard library; freqtrade when it runs, as ``freqtrade`` would. ``python -m
ft_numba_aot.freqtrade_integration.profile_process stock|ours RESULT EXCHANGE ARGUMENT…`` writes a
pickled ``Profile`` to RESULT. EXCHANGE is as in ``backtest_process``.
"""
# mypy: disable-error-code="import-untyped, import-not-found"

from __future__ import annotations

import importlib
import inspect
import logging
import math
import pickle
import sys
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import CodeType
from typing import Any

from . import switch, table
from .backtest_process import OURS, backtesting, keep_log, keeping_error

_INFORMATIVE = "freqtrade.strategy.informative_decorator"


@dataclass(slots=True)
class Call:
    """What a place of the strategy's code takes; ``replaced`` and ``reason`` are of
    ``profile_replaced``, the rest of ``profile_source.Row``."""

    kind: str
    file: str
    line: int
    function: str
    text: str
    seconds: float
    inner: float
    calls: int
    name: str
    chain: tuple[str, ...]
    keywords: tuple[str, ...]
    in_loop: bool
    of_rows: bool
    replaced: str = ""
    reason: str = ""
    imported: bool = False


@dataclass(slots=True)
class Method:
    """A function of the strategy that freqtrade called; ``seconds`` with all that it called."""

    name: str
    file: str
    line: int
    calls: int
    seconds: float


@dataclass(slots=True)
class Profile:
    """What was found. ``seconds`` are of indicators and signals together, ``freqtrade`` its part.

    ``error`` is freqtrade's message where it stopped with one, ``raised`` says that it was the
    strategy that raised. ``missing`` has, by pair and timeframe, the file that should hold it.
    """

    strategy: str = ""
    file: str = ""
    timeframe: str = ""
    accelerated: bool = False
    pairs: list[str] = field(default_factory=list)
    candles: int = 0
    seconds: float = 0.0
    freqtrade: float = 0.0
    methods: list[Method] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)
    missing: dict[str, str] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)
    status: str = ""
    error: str = ""
    raised: bool = False


def main(argv: Sequence[str]) -> int:
    """Run, and write what came of it; returns the exit status."""
    which, result, exchange, *arguments = argv
    profile = Profile(accelerated=which == OURS)

    def keep(record: logging.LogRecord) -> None:
        if record.levelno >= logging.WARNING and record.getMessage() not in profile.warnings:
            profile.warnings.append(record.getMessage())

    keep_log(keep)
    if which == OURS:
        switch.enable_on_import()
    try:
        with keeping_error(profile):
            _profile(profile, arguments, exchange)
    finally:
        profile.status = str(switch.status())
        Path(result).write_bytes(pickle.dumps(profile))
    return 0


def _profile(profile: Profile, arguments: Sequence[str], exchange: str) -> None:
    with backtesting(arguments, exchange) as made:
        from freqtrade.enums import CandleType
        from freqtrade.exceptions import OperationalException

        if len(made.strategylist) != 1:
            raise OperationalException("one strategy at a time can be profiled")
        strategy, config = made.strategylist[0], made.config
        profile.strategy, profile.timeframe = strategy.get_strategy_name(), made.timeframe
        kind = config.get("candle_type_def", CandleType.SPOT)
        needed = [(pair, made.timeframe, kind) for pair in made.pairlists.whitelist]
        profile.missing = _missing(config, needed)
        data, timerange = made.load_bt_data()
        profile.pairs = list(data)
        profile.candles = sum(map(len, data.values()))
        made._set_strategy(strategy)
        try:
            _run(profile, made, data, timerange)
        finally:
            # A backtest doesn't ask for these.
            with suppress(Exception):
                profile.missing |= _missing(config, strategy.gather_informative_pairs())


def _missing(config: Any, needed: Iterable[tuple[str, str, Any]]) -> dict[str, str]:
    """The files of candles that aren't there."""
    from freqtrade.data.history import get_datahandler

    handler = get_datahandler(config["datadir"], config["dataformat_ohlcv"])
    missing = {}
    for pair, timeframe, kind in needed:
        name = handler._pair_data_filename
        path = name(config["datadir"], pair, timeframe, kind)
        old = name(config["datadir"], pair, timeframe, kind, no_timeframe_modify=True)
        if not path.exists() and not old.exists():
            missing[f"{pair}, {timeframe}"] = str(path)
    return missing


def _run(profile: Profile, made: Any, data: Any, timerange: Any) -> None:
    from . import profile_replaced, profile_source
    from .profile_steps import Steps

    module = sys.modules[type(made).__module__]
    strategy = made.strategy
    files = _own_files(strategy)
    informative = importlib.import_module(_INFORMATIVE).__file__
    profile.file = files[0] if files else ""
    if profile.accelerated:
        _import_awaited()
    steps = Steps([*files, str(informative)], _populating(strategy))
    try:
        with steps.watching():
            processed = strategy.advise_all_indicators(data)
        if not module.trim_dataframes(processed, timerange, made.required_startup):
            from freqtrade.exceptions import OperationalException

            raise OperationalException("No data left after adjusting for startup candles.")
        with steps.watching():
            for pair, frame in processed.items():
                strategy.ft_advise_signals(frame, {"pair": pair})
    except Exception as error:
        profile.raised = bool(steps.spent) and _raised_in(error, files)
        raise
    roots = {id(code) for code in _populating(strategy)}
    profile.methods = [
        Method(
            spent.code.co_name,
            spent.code.co_filename,
            spent.code.co_firstlineno,
            spent.calls,
            spent.total,
        )
        for spent in steps.spent
        if id(spent.code) in roots
    ]
    profile.freqtrade = steps.outside
    found = profile_source.rows(steps.spent, strategy, profile.candles / max(1, len(data)))
    profile.seconds = math.fsum([profile.freqtrade, *(row.seconds for row in found)])
    replacements = profile_replaced.Replacements(profile.accelerated)
    fields = [name for name in Call.__slots__ if name not in ("replaced", "reason", "imported")]
    for row in sorted(found, key=lambda row: -row.seconds):
        replaced = replacements.of(row.name, row.callee)
        values = {name: getattr(row, name) for name in fields}
        profile.calls.append(
            Call(
                **values,
                replaced=replaced.state,
                reason=replaced.reason,
                imported=replaced.imported,
            )
        )


def _import_awaited() -> None:
    """What a strategy's packages may yet import: replacing and comparing it is done once."""
    for module in dict.fromkeys(table.LATE.values()):
        if module.partition(".")[0] in sys.modules:
            with suppress(ImportError):
                importlib.import_module(module)


def _own_files(strategy: Any) -> list[str]:
    """The strategy's file, and those of its bases and of what it imports that lie beside it."""
    files: dict[str, None] = {}
    scopes: list[Any] = []
    for kind in type(strategy).__mro__:
        for function in _functions(vars(kind).values()):
            if function.__module__.partition(".")[0] not in ("freqtrade", "abc", "builtins"):
                files[function.__code__.co_filename] = None
                scopes.append(function.__globals__)
    folders = {Path(file).parent for file in files}
    for scope in scopes:
        for value in list(scope.values()):
            module = inspect.getmodule(value) if inspect.isfunction(value) else value
            file = getattr(module, "__file__", None) if inspect.ismodule(module) else None
            if inspect.isfunction(value):
                file = value.__code__.co_filename
            if file and not folders.isdisjoint(Path(file).parents):
                files[str(file)] = None
    return list(files)


def _functions(values: Iterable[Any]) -> Iterable[Any]:
    for value in values:
        value = getattr(value, "__func__", value)
        if inspect.isfunction(value):
            yield inspect.unwrap(value)


def _populating(strategy: Any) -> list[CodeType]:
    """The functions that freqtrade has populate indicators and signals."""
    functions: list[Callable[..., Any]] = [fill for _, fill in strategy._ft_informative]
    functions += [
        getattr(strategy, name)
        for name in ("populate_indicators", "populate_entry_trend", "populate_exit_trend")
    ]
    functions += [
        getattr(strategy, name)
        for name in ("populate_buy_trend", "populate_sell_trend")
        if type(strategy).__dict__.get(name) is not None
    ]
    codes = [getattr(one, "__code__", None) for one in _functions(functions)]
    return [code for code in codes if isinstance(code, CodeType)]


def _raised_in(error: BaseException, files: Sequence[str]) -> bool:
    """Whether the strategy's own code is on the way to where it was raised."""
    current: BaseException | None = error
    while current is not None:
        traceback = current.__traceback__
        while traceback is not None:
            if traceback.tb_frame.f_code.co_filename in files:
                return True
            traceback = traceback.tb_next
        current = current.__cause__ or current.__context__
    return False


if __name__ == "__main__":
    # Under its own name, which the pickle refers to.
    process = importlib.import_module(f"{__package__}.profile_process")
    sys.exit(process.main(sys.argv[1:]))
