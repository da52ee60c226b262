"""``technical.util``: same names, arguments and results."""

from __future__ import annotations

from .._face import face

__getattr__, __dir__ = face("technical.util", __name__)
