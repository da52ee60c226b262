"""A command of freqtrade's run offline with faults put in, and what became of it as JSON.

Run as a script: ``faulty_backtest.py FAULTS`` and freqtrade's arguments. ``FAULTS`` are names of
functions of this file, joined by commas; ``stock`` among them leaves freqtrade as it is. What is
known of the accelerator at the end is the last line of the output.
"""

from __future__ import annotations

import atexit
import dataclasses
import json
import math
import sys
import threading
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from freqtrade.resolvers import ExchangeResolver

from ft_numba_aot.freqtrade_integration import fingerprints, offline, switch
from ft_numba_aot.runtime.manager import NumbaManager, get_numba_manager

REPORT = "report: "

# One of each kind that the backtest calls: TA-Lib's, crossings, rounding, metrics.
CALLED = (
    "indicators.talib.abstract.RSI",
    "indicators.talib.abstract.MACD",
    "indicators.qtpylib.crossed_above",
    "backtesting.price_to_precision",
    "backtesting.amount_to_contract_precision",
    "metrics.generate_periodic_breakdown_stats",
    "metrics.market_change",
)


def load_offline() -> None:
    """Have freqtrade's exchange come without a network."""
    load = ExchangeResolver.load_exchange

    def load_exchange(config: dict[str, Any], **options: Any) -> Any:
        ExchangeResolver.load_exchange = load
        try:
            return offline.offline_exchange(config)
        finally:
            ExchangeResolver.load_exchange = load_exchange

    ExchangeResolver.load_exchange = load_exchange


def report() -> None:
    """Print what the accelerator says of itself."""
    manager = get_numba_manager()
    status = switch.status()
    found = {
        "enabled": status.enabled,
        "active": status.active,
        "modules": status.modules,
        "text": str(status),
        "fallen": status.fallen,
        "alerts": [alert.cause for alert in manager.alerts.sent()],
        "kinds": {reason.key: reason.kind for reason in manager.fallback.reasons()},
        "fallbacks": manager.fallback.fallbacks(),
        "calls": {key: found["calls"] for key, found in manager.statistics().items()},
        "settings": dataclasses.asdict(manager.settings),
    }
    print(f"\n{REPORT}{json.dumps(found)}")


# Faults of functions.


def change(make: Callable[[Callable[..., Any]], Callable[..., Any]]) -> None:
    """Have each function of ``CALLED`` be what ``make`` makes of it."""
    register = NumbaManager.register

    def faulty(self: Any, module: str, name: str, **given: Any) -> Any:
        if f"{module}.{name}" in CALLED:
            given["optimized"] = make(given["optimized"])
        return register(self, module, name, **given)

    NumbaManager.register = faulty  # type: ignore[method-assign]


def validating() -> bool:
    return "validation" in threading.current_thread().name


def raising() -> None:
    """They raise, but on no probe."""

    def make(function: Callable[..., Any]) -> Callable[..., Any]:
        def fails(*args: Any, **kwargs: Any) -> Any:
            if validating():
                return function(*args, **kwargs)
            raise RuntimeError("a defect")

        return fails

    change(make)


def wrong() -> None:
    """Their results are others, the least that can be."""
    change(lambda function: lambda *args, **kwargs: nudged(function(*args, **kwargs)))


def wrong_on_real_data() -> None:
    """Their results are others, but on no probe."""

    def make(function: Callable[..., Any]) -> Callable[..., Any]:
        def errs(*args: Any, **kwargs: Any) -> Any:
            result = function(*args, **kwargs)
            return result if validating() else nudged(result)

        return errs

    change(make)


def hoarding() -> None:
    """They keep some memory at each call."""
    kept: list[bytearray] = []

    def make(function: Callable[..., Any]) -> Callable[..., Any]:
        def keeps(*args: Any, **kwargs: Any) -> Any:
            kept.append(bytearray(65536))
            return function(*args, **kwargs)

        return keeps

    change(make)


def nudged(value: Any) -> Any:
    """Another value of the same kind, as near as can be."""
    if isinstance(value, (bool, np.bool_)):
        return not value
    if isinstance(value, float):
        return type(value)(math.nextafter(value, math.inf)) if math.isfinite(value) else 0.5
    if isinstance(value, int):
        return value + 1
    if isinstance(value, str):
        return value + "x"
    if value is None:
        return 0.5
    if isinstance(value, np.ndarray):
        result = value.copy()
        result[-1:] = [nudged(item) for item in result[-1:].tolist()]
        return result
    if isinstance(value, pd.Series):
        return pd.Series(nudged(value.to_numpy()), index=value.index, name=value.name)
    if isinstance(value, pd.DataFrame):
        return value.assign(**{str(value.columns[0]): nudged(value.iloc[:, 0])})
    if isinstance(value, dict):
        return {key: nudged(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)(nudged(item) for item in value)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        (first, *_) = [
            field.name
            for field in dataclasses.fields(value)
            if isinstance(getattr(value, field.name), float)
        ]
        return dataclasses.replace(value, **{first: nudged(getattr(value, first))})
    return value


# Faults around them.


def unknown_release() -> None:
    """A freqtrade whose source nobody has seen."""
    import freqtrade

    freqtrade.__version__ = "2099.1"
    for known in (fingerprints.KNOWN, fingerprints.FILES):
        known.update({key: {} for key in known})  # type: ignore[attr-defined]


def full_disk() -> None:
    """No process of this one's can write into a file any more."""
    import resource

    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))


def no_comparing() -> None:
    """There is no thread to be had, as under some limits of containers."""
    from ft_numba_aot.runtime import validation

    def start(self: Any) -> None:
        raise RuntimeError("can't start new thread")

    validation._Worker.start = start  # type: ignore[method-assign]


FAULTS: dict[str, Callable[[], None]] = {
    function.__name__: function
    for function in (
        raising,
        wrong,
        wrong_on_real_data,
        hoarding,
        unknown_release,
        full_disk,
        no_comparing,
    )
}


def main() -> None:
    """Put the faults in, and run freqtrade."""
    faults = [name for name in sys.argv[1].split(",") if name]
    warnings.simplefilter("ignore")
    load_offline()
    atexit.register(report)
    if "stock" in faults:
        from freqtrade.main import main as run
    else:
        from ft_numba_aot.cli.freqtrade_aot import main as run
    for fault in faults:
        if fault != "stock":
            FAULTS[fault]()
    run(sys.argv[2:])


if __name__ == "__main__":
    main()
