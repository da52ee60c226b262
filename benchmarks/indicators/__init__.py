"""Indicators of other packages than TA-Lib, ours against the originals: a module a family."""
