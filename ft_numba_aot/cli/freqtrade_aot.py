"""The console command ``freqtrade-aot``: freqtrade's own command line, accelerated.

Imports the standard library, and what ``freqtrade`` would.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

from .. import freqtrade_integration
from ..freqtrade_integration import switch

UNUSABLE = 2


def main(argv: Sequence[str] | None = None) -> None:
    """Run freqtrade with its own arguments, exit status and output."""
    if not freqtrade_integration.installed():
        print(f"freqtrade-aot needs freqtrade: {freqtrade_integration.INSTALL}", file=sys.stderr)
        sys.exit(UNUSABLE)
    switch.enable_on_import()
    freqtrade_integration.run_freqtrade(argv)
