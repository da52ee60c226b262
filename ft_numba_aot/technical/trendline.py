"""``technical.trendline``: same names, arguments and results."""

from __future__ import annotations

from .._face import face

__getattr__, __dir__ = face("technical.trendline", __name__)
