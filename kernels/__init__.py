"""The algorithms, one module a family. ``_spec`` says what a kernel is."""

from importlib import import_module

FAMILIES = (
    "overlap",
    "channels",
    "stops",
    "momentum",
    "efficiency",
    "stochastic",
    "williams",
    "directional",
    "oscillators",
    "volatility",
    "volume",
    "cycle",
    "pattern_one",
    "pattern_two",
    "pattern_three",
    "pattern_more",
    "statistic",
    "operators",
    "transform",
    "price",
    "metrics",
    "pnl",
    "backtest",
    "simulation",
    "precision",
    "pandas_ta",
    "qtpylib",
    "rolling",
    "technical",
    "many",
    "many_windows",
    "many_rings",
)


def load() -> None:
    """Import every family, which fills ``_spec.KERNELS``."""
    for family in FAMILIES:
        import_module(f".{family}", __name__)
