"""Tests of what freqtrade does only from some release on."""

from __future__ import annotations

import freqtrade
import pytest

from ft_numba_aot.freqtrade_integration.write_fingerprints import by_number


def since(release: str, before: str) -> pytest.MarkDecorator:
    """Skip with older releases, of which ``before`` says what they do."""
    older = by_number(freqtrade.__version__) < by_number(release)
    return pytest.mark.skipif(older, reason=f"before freqtrade {release}, {before}")
