"""What ``import talib`` finds where this folder comes first: ``ft_numba_aot``'s faces as they are.

``talib._ta_lib`` has what is private to TA-Lib's C library, all of it missing. ``TALIB_SUITE``
names the folder of TA-Lib's sources, whose type stubs its tests compare with what is there.
"""

import os
import sys
from types import ModuleType

from ft_numba_aot import stream, ta, talib_func


class _Private(ModuleType):
    """Has any name, so that tests of other things in the same file can be collected."""

    def __getattr__(self, name: str):
        if name.startswith("__"):
            raise AttributeError(name)

        def missing(*args: object, **kwargs: object) -> None:
            raise NotImplementedError(f"talib._ta_lib.{name} is private to TA-Lib")

        return missing


talib_func.__file__ = os.path.join(os.environ["TALIB_SUITE"], "talib", "__init__.py")
talib_func._ta_lib = _Private("talib._ta_lib")
sys.modules.update(
    {
        "talib": talib_func,
        "talib.abstract": ta,
        "talib.func": talib_func,
        "talib.stream": stream,
        "talib._ta_lib": talib_func._ta_lib,
    }
)
