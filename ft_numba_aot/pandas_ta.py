"""pandas-ta's indicators: same names, arguments and results.

``from ft_numba_aot import pandas_ta as ta`` instead of ``import pandas_ta as ta``; ``df.ta`` is
pandas-ta's own. A function that isn't accelerated, or was never tried against the pandas-ta that
is installed, is pandas-ta's own. Needs ft-pandas-ta, which comes with freqtrade.
"""

from __future__ import annotations

from ._face import face

__getattr__, __dir__ = face("pandas_ta", __name__)
