"""freqtrade's numbers, compiled ahead of time: indicators, metrics and PnL kernels.

``import ft_numba_aot.ta as ta`` stands in for ``talib.abstract``.
"""

from ._backend import BackendInfo, backend, backend_info
from ._version import __version__

__all__ = ["BackendInfo", "__version__", "backend", "backend_info"]
