"""The demo's work: one backtest stock and accelerated, compared and timed.

Imports the standard library until it runs. Nothing of the user's is written to: what is made
lies in a temporary folder.
"""

from __future__ import annotations

import importlib
import platform
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

from .. import freqtrade_integration
from .._backend import BackendInfo, backend_info
from .._version import __version__
from ..freqtrade_integration import BacktestError, switch
from ..freqtrade_integration.quiet import quiet
from ..runtime import configuration
from ..runtime.manager import get_numba_manager
from . import first_call, indicator_times
from .first_call import FirstCall
from .indicator_times import IndicatorTime

if TYPE_CHECKING:
    from ..freqtrade_integration.backtest import Outcome
    from ..freqtrade_integration.identity import Check
    from ..freqtrade_integration.status import Status

STOCK = "talib.abstract"
OURS = "ft_numba_aot.ta"

_STRATEGY = "DemoStrategy"
_STRATEGY_FILE = Path(freqtrade_integration.__file__).with_name("demo_strategy.py")
_IMPORT = "import {} as ta\n"


@dataclass(frozen=True, slots=True)
class Request:
    """What to backtest: generated candles, or the user's where ``datadir`` is set.

    Of the user's, ``candles`` takes only the last of each pair; None takes all.
    """

    pairs: list[str]
    timeframe: str = "5m"
    candles: int | None = None
    datadir: Path | None = None
    seed: int = 1


@dataclass(frozen=True, slots=True)
class Demo:
    """What came of it; pairs of values are stock and ours, in seconds.

    ``status`` and ``visits`` are those of the accelerated run. ``first_calls`` has the reason
    where there is no measurement.
    """

    request: Request
    modules: tuple[str, str]
    backend: BackendInfo
    versions: dict[str, str]
    candles: int
    trades: int
    checks: list[Check]
    phases: dict[str, tuple[float, float]]
    status: Status
    visits: dict[str, int]
    indicators: list[IndicatorTime]
    first_calls: dict[str, FirstCall | str]

    @property
    def identical(self) -> bool:
        """Whether both backtests gave the same, bit for bit."""
        return all(check.difference is None for check in self.checks)


def run_demo(
    request: Request,
    *,
    stock: str = STOCK,
    ours: str = OURS,
    progress: Callable[[str], None] = lambda text: None,
) -> Demo:
    """Backtest twice, compare, and time; ``BacktestError`` where freqtrade can't.

    freqtrade's objects are afterwards what they were.
    """
    modules = (importlib.import_module(stock), importlib.import_module(ours))
    with (
        quiet(),
        tempfile.TemporaryDirectory(prefix="ft-numba-aot-", ignore_cleanup_errors=True) as name,
    ):
        from ..freqtrade_integration import backtest, identity

        folder = Path(name)
        progress("preparing the candles")
        datadir, timerange = _candles(request, folder)

        def run(module: str) -> Outcome:
            return _backtest(request, module, folder, datadir, timerange)

        with _accelerated(False):
            progress("trying out freqtrade")
            _warm_up(folder / "warm-up")
            progress("backtesting with stock freqtrade")
            outcomes = [run(stock)]
        progress("backtesting accelerated")
        with _accelerated(True):
            before = switch.visits()
            outcomes.append(run(ours))
            status, after = switch.status(), switch.visits()
        progress("comparing every field")
        checks = identity.compare(*outcomes)
        progress("timing each indicator")
        calls = indicator_times.record_calls(
            outcomes[0].strategy.populate_indicators, outcomes[0].candles, modules[0]
        )
        indicators = indicator_times.time_calls(calls, *modules)
    progress("timing the first call in a fresh interpreter")
    return Demo(
        request=request,
        modules=(stock, ours),
        backend=backend_info(),
        versions=_versions(),
        candles=sum(map(len, outcomes[0].candles.values())),
        trades=len(outcomes[0].trades),
        checks=checks,
        phases={
            phase: (outcomes[0].seconds[phase], outcomes[1].seconds[phase])
            for phase in backtest.PHASES
        },
        status=status,
        visits={kind: count - before.get(kind, 0) for kind, count in after.items()},
        indicators=indicators,
        first_calls={name: first_call.measure(name) for name in first_call.CONTESTANTS},
    )


@contextmanager
def _accelerated(on: bool) -> Iterator[None]:
    """Switch freqtrade for a while; then it is as it was."""
    before = get_numba_manager().settings if switch.enabled() else None
    # Everything is compared here: nothing needs to be before, nor to be remembered.
    _switch(replace(configuration.read(None), validation="off") if on else None)
    try:
        yield
    finally:
        _switch(before)


def _switch(settings: configuration.Settings | None) -> None:
    if settings is not None:
        switch.use(settings)
    elif switch.enabled():
        switch.disable()


def _backtest(
    request: Request, module: str, folder: Path, datadir: Path, timerange: str | None
) -> Outcome:
    from ..freqtrade_integration import backtest, offline

    config = offline.backtest_config(
        datadir=datadir,
        user_data=folder,
        strategy=_STRATEGY,
        strategy_path=_strategy_with(module, folder),
        pairs=request.pairs,
        timeframe=request.timeframe,
        timerange=timerange,
    )
    return backtest.run_backtest(config)


def _warm_up(folder: Path) -> None:
    """Backtest once what nobody waits for: a process' first run pays for imports and caches."""
    folder.mkdir()
    request = Request(["BTC/USDT"], candles=1000)
    _backtest(request, STOCK, folder, *_candles(request, folder))


def _candles(request: Request, folder: Path) -> tuple[Path, str | None]:
    """The folder of candle files, and the timerange to backtest."""
    from ..freqtrade_integration import offline

    minutes = offline.minutes_of(request.timeframe)
    offline.stake_currency_of(request.pairs)
    if request.datadir is None:
        from .candles import generate_candles

        generated = generate_candles(request.pairs, request.candles or 0, minutes, request.seed)
        for pair, candles in generated.items():
            offline.store_candles(folder, pair, request.timeframe, candles)
        return folder, None
    for pair in request.pairs:
        path = offline.candle_file(request.datadir, pair, request.timeframe)
        if not path.is_file():
            raise BacktestError(
                f"no candles of {pair}: {path} doesn't exist; "
                f"freqtrade download-data --pairs {pair} --timeframes {request.timeframe} gets them"
            )
    if request.candles is None:
        return request.datadir, None
    return request.datadir, offline.timerange_of_last(
        request.candles, request.datadir, request.pairs, request.timeframe
    )


def _strategy_with(module: str, folder: Path) -> Path:
    """A folder with the bundled strategy, in which ``ta`` is ``module``."""
    source = _STRATEGY_FILE.read_text(encoding="utf-8")
    strategies = folder / "strategies" / module
    strategies.mkdir(parents=True)
    (strategies / _STRATEGY_FILE.name).write_text(
        source.replace(_IMPORT.format(STOCK), _IMPORT.format(module)), encoding="utf-8"
    )
    return strategies


def _versions() -> dict[str, str]:
    names = ("freqtrade", "TA-Lib", "numpy", "pandas")
    return {
        "ft-numba-aot": __version__,
        "python": platform.python_version(),
        **{name: metadata.version(name) for name in names},
    }
