"""``technical.consensus``: same names, arguments and results."""

from __future__ import annotations

from .._face import face

__getattr__, __dir__ = face("technical.consensus", __name__)
