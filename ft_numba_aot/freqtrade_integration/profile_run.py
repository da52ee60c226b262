"""A profile of a user's strategy, made in a process of its own.

Imports the standard library; freqtrade only in the process that it starts.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from . import BacktestError
from .backtest_process import OURS, STOCK
from .profile_process import Profile
from .verification import details, run_process


class StrategyRaised(BacktestError):
    """The strategy's own code raised; the message ends with what freqtrade shows."""


def profile(
    arguments: Sequence[str],
    *,
    accelerated: bool = False,
    exchange: str = "",
    progress: Callable[[str], None] = lambda text: None,
) -> Profile:
    """Watch one strategy with the options of ``freqtrade backtesting``; nothing is exported.

    ``exchange`` is as in ``verification.verify``. ``BacktestError`` where freqtrade can't run it.
    """
    progress("running the strategy's indicators and signals")
    which = OURS if accelerated else STOCK
    found, _, output = run_process("profile_process", [which], [exchange, *arguments])
    if isinstance(found, str):
        raise BacktestError(found)
    profile: Profile = found
    if not profile.error:
        return profile
    # Without a traceback, freqtrade's warnings say more.
    warned = [(name, "WARNING", name) for name in profile.warnings]
    text = f"{profile.error}\n{details(warned, output)}".rstrip()
    if profile.raised:
        raise StrategyRaised(f"{profile.strategy} raised: {text}")
    if profile.missing:
        raise BacktestError(f"{profile.error}\n{missing(profile)}")
    raise BacktestError(f"freqtrade can't run {profile.strategy or 'this'}: {text}")


def missing(profile: Profile) -> str:
    """The pairs without candles, and the files that should have them, a line each."""
    return "\n".join(
        f"No candles of {pair}: {file} isn't there; freqtrade download-data gets them."
        for pair, file in profile.missing.items()
    )
