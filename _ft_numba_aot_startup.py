"""What ``ft_numba_aot.pth`` starts in every Python process of an activated environment.

It waits for the first import of one of ``TRIGGERS``, and has freqtrade accelerated then. Until that
import nothing else is imported, not even what this module would like to have: each process pays.
"""

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from importlib.machinery import ModuleSpec
    from types import ModuleType

# Those of ft_numba_aot.freqtrade_integration.table, which would take long to import.
TRIGGERS = frozenset(
    {
        "freqtrade.configuration.configuration",
        "freqtrade.freqtradebot",
        "freqtrade.optimize.backtesting",
        "freqtrade.optimize.hyperopt",
    }
)

# The first switches everything off. The second only this: freqtrade-aot and
# ft_numba_aot.enable() do as they are told.
SWITCHES = ("FT_NUMBA_AOT", "FT_NUMBA_AOT_STARTUP")
OFF = frozenset({"0", "false", "no", "off"})


def start() -> None:
    """Wait for freqtrade, unless the environment says no; does nothing the second time."""
    if _finder in sys.meta_path:
        return
    for switch in SWITCHES:
        if os.environ.get(switch, "").strip().lower() in OFF:
            return
    sys.meta_path.insert(0, _finder)


def cancel() -> None:
    """Wait no more. What is accelerated already stays so."""
    if _finder in sys.meta_path:
        sys.meta_path.remove(_finder)
    after_import = sys.modules.get("ft_numba_aot.freqtrade_integration.after_import")
    if after_import is not None:
        after_import.cancel(_enable)


class _Finder:
    """Sees what is imported, and finds nothing itself."""

    def __init__(self) -> None:
        self._busy = False

    def find_spec(
        self,
        fullname: str,
        path: "Sequence[str] | None" = None,
        target: "ModuleType | None" = None,
    ) -> "ModuleSpec | None":
        if fullname not in TRIGGERS or self._busy or _imported_by_us():
            return None
        self._busy = True
        try:
            _call_back_after_import()
        finally:
            self._busy = False
            if self in sys.meta_path:
                sys.meta_path.remove(self)
        # The import system is past the finder that now stands first.
        for finder in sys.meta_path:
            spec = finder.find_spec(fullname, path, target)
            if spec is not None:
                return spec
        return None


def _call_back_after_import() -> None:
    try:
        from ft_numba_aot.freqtrade_integration import after_import

        for trigger in TRIGGERS:
            after_import.call(trigger, _enable)
    except Exception as error:
        _warn(error)


def _imported_by_us() -> bool:
    """Whether freqtrade is imported by what accelerates it: who imports that decides, as do
    hyperopt's workers, and it can't be used before its own import is over."""
    return any(
        getattr(getattr(module, "__spec__", None), "_initializing", False)
        for name, module in list(sys.modules.items())
        if name.startswith("ft_numba_aot.freqtrade_integration.")
    )


def _enable() -> None:
    """Enable once; what goes wrong leaves freqtrade stock."""
    if _imported_by_us():
        return
    try:
        from ft_numba_aot.freqtrade_integration import after_import, switch

        after_import.cancel(_enable)
        try:
            switch.enable_on_import()
        except Exception:
            switch.disable()
            raise
    except Exception as error:
        _warn(error)


def _warn(error: Exception) -> None:
    import logging

    # Without a configuration, logging prints warnings to stderr.
    logging.getLogger("ft_numba_aot").warning(
        "freqtrade runs stock, ft-numba-aot is broken (%s: %s). Mend it: %s -m pip install "
        "--force-reinstall --no-deps ft-numba-aot; or take it out: %s -m _ft_numba_aot_rollback",
        type(error).__name__,
        error,
        sys.executable,
        sys.executable,
    )


_finder = _Finder()
