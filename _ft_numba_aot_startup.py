"""What ``ft_numba_aot.pth`` starts in every Python process of an activated environment.

It waits for the first import of one of ``TRIGGERS``, and has freqtrade accelerated then. Until that
import nothing else is imported, not even what this module would like to have: each process pays.
Where ``FT_NUMBA_AOT`` says no, it waits for ``CONFIGURATION`` alone, to keep ``BLOCK`` out of what
freqtrade hashes and exports; that needs nothing of the package, which may be broken.
"""

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from importlib.machinery import ModuleSpec
    from types import ModuleType
    from typing import Any

# What reads a configuration, and what in that is ours.
CONFIGURATION = "freqtrade.configuration.configuration"
BLOCK = "performance_optimization"

# Those of ft_numba_aot.freqtrade_integration.table, which would take long to import.
TRIGGERS = frozenset(
    {
        CONFIGURATION,
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
    """Wait for freqtrade as the environment says; does nothing the second time."""
    everything, startup = (os.environ.get(switch, "").strip().lower() in OFF for switch in SWITCHES)
    # Who accelerates on its own still needs the block.
    if startup and not everything:
        return
    finder = _block_finder if everything else _finder
    if finder not in sys.meta_path:
        sys.meta_path.insert(0, finder)


def cancel() -> None:
    """Wait no more. What is accelerated already stays so."""
    for finder in (_finder, _block_finder):
        if finder in sys.meta_path:
            sys.meta_path.remove(finder)
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


class _BlockFinder:
    """Has the loader of ``CONFIGURATION`` keep the block out; finds nothing itself."""

    def find_spec(
        self,
        fullname: str,
        path: "Sequence[str] | None" = None,
        target: "ModuleType | None" = None,
    ) -> "ModuleSpec | None":
        if fullname != CONFIGURATION or self not in sys.meta_path:
            return None
        # Those before have been asked, or ask this one.
        for finder in sys.meta_path[sys.meta_path.index(self) + 1 :]:
            spec = finder.find_spec(fullname, path, target)
            if spec is not None:
                _keep_block_out_of(spec.loader)
                return spec
        return None


def _keep_block_out_of(loader: "Any") -> None:
    execute = loader.exec_module

    def exec_module(module: "ModuleType") -> None:
        loader.exec_module = execute
        execute(module)
        if _block_finder in sys.meta_path:
            sys.meta_path.remove(_block_finder)
        # A later freqtrade may read its configuration in another way.
        owner = getattr(module, "Configuration", None)
        if hasattr(owner, "load_config"):
            _keep_block_out(owner)

    loader.exec_module = exec_module


def _keep_block_out(owner: "Any") -> None:
    """Have a configuration be what it would be without the block, whatever is in that."""
    import functools

    original = owner.load_config

    @functools.wraps(original)
    def load_config(self: "Any") -> "dict[str, Any]":
        config: dict[str, Any] = original(self)
        for each in (config, config.get("original_config")):
            if isinstance(each, dict):
                each.pop(BLOCK, None)
        return config

    owner.load_config = load_config


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
_block_finder = _BlockFinder()
