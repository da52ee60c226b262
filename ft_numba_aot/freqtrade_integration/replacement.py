"""What a replacement is: the contract between the modules that have some and the switch.

Imports the standard library.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from ..runtime.registration import Call
from . import talib_lookups


@dataclass(frozen=True, slots=True)
class Replacement:
    """One object of freqtrade, and what stands in for it while the accelerator is on.

    ``original`` and ``relies_on`` are spelled ``module:qualified.name``, such as
    ``freqtrade.persistence.trade_model:LocalTrade.calc_profit_ratio``. ``ours`` is what goes into
    the class or module as it stands: a function, staticmethod, classmethod, property or class.
    ``part`` is the name that ``status`` shows; the replacements of a part are made together or
    not at all. ``relies_on`` names the objects whose source ours predicts or inlines. ``native``
    says that it is of use with the native kernels alone. ``unfit`` says why it wouldn't do the
    same in this process, where no source tells; it is asked once, when a part is replaced.
    ``probes`` gives calls, ``(arguments, keywords)``, that ours is compared with the original on
    at start-up, the first an ordinary one; a function that has some may be called again at any
    time, and changes nothing. While other code has replaced a function of TA-Lib that the original
    looks up as it runs, ``ours`` leaves the call to it: ``talib_lookups``.
    """

    original: str
    ours: Any
    part: str
    relies_on: tuple[str, ...] = ()
    native: bool = False
    unfit: Callable[[], str | None] | None = None
    probes: Callable[[], Iterable[Call]] | None = None

    def __post_init__(self) -> None:
        if self.original.partition(".")[0] in talib_lookups.PACKAGES:
            object.__setattr__(self, "ours", talib_lookups.asking(self.ours))
