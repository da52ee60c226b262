"""qtpylib's indicators, as ``technical.qtpylib`` has them: same names, arguments and results.

``from ft_numba_aot import qtpylib`` instead of ``import
freqtrade.vendor.qtpylib.indicators as qtpylib``. A function that isn't accelerated, or was never
tried against the technical that is installed, is technical's own. Needs technical, which comes
with freqtrade.
"""

from __future__ import annotations

from ._face import face

__getattr__, __dir__ = face("technical.vendor.qtpylib.indicators", __name__)
