"""``technical.indicator_helpers``: same names, arguments and results."""

from __future__ import annotations

from .._face import face

__getattr__, __dir__ = face("technical.indicator_helpers", __name__)
