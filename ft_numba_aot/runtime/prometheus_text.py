"""A snapshot in Prometheus' text format. Needs prometheus-client: the extra ``prometheus``.

Imports the standard library; prometheus_client when it is asked.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from . import snapshots
from .histogram import Histogram

if TYPE_CHECKING:
    from prometheus_client import Metric

# Half decades from 1 µs to 100 s: edges of the histogram's buckets, so that counts are exact.
BOUNDS = tuple(half / 2 for half in range(-12, 5))


def exposition(snapshot: Mapping[str, Any]) -> str:
    """``snapshot``, of one process or merged, as Prometheus scrapes it."""
    try:
        from prometheus_client import CollectorRegistry, generate_latest
        from prometheus_client.registry import Collector
    except ImportError as error:
        raise ImportError(
            "Prometheus' format needs prometheus-client: pip install 'ft-numba-aot[prometheus]'"
        ) from error

    class Snapshot(Collector):
        def collect(self) -> Iterator[Metric]:
            return _metrics(snapshots.parsed(snapshot))

    registry = CollectorRegistry(auto_describe=False)
    registry.register(Snapshot())
    return generate_latest(registry).decode()


def _metrics(tallies: Mapping[str, snapshots.Tally]) -> Iterator[Metric]:
    from prometheus_client.core import (
        CounterMetricFamily,
        GaugeMetricFamily,
        HistogramMetricFamily,
    )

    counters = {
        "calls": "Calls of the optimized function.",
        "fallbacks": "Calls in which it failed, and its original ran.",
        "mismatches": "Results that were not the original's.",
    }
    for name, documentation in counters.items():
        counter = CounterMetricFamily(f"ft_numba_aot_{name}", documentation, labels=["function"])
        for key, tally in tallies.items():
            count = tally.optimized.count if name == "calls" else getattr(tally, name)
            counter.add_metric([key], count)
        yield counter

    saved = GaugeMetricFamily(
        "ft_numba_aot_saved_seconds",
        "Estimate of the time saved, from sampled runs of the original.",
        labels=["function"],
    )
    for key, tally in tallies.items():
        if (seconds := tally.saved) is not None:
            saved.add_metric([key], seconds)
    yield saved

    duration = HistogramMetricFamily(
        "ft_numba_aot_call_duration_seconds",
        "Time of a call; of the original, of sampled calls.",
        labels=["function", "implementation"],
    )
    for key, tally in tallies.items():
        for implementation in ("optimized", "original"):
            histogram: Histogram = getattr(tally, implementation)
            if histogram.counts:
                duration.add_metric(
                    [key, implementation], _buckets(histogram), sum_value=histogram.total
                )
    yield duration


def _buckets(histogram: Histogram) -> list[tuple[str, float]]:
    buckets = [(f"{10**bound:.4g}", float(histogram.up_to(bound))) for bound in BOUNDS]
    return [*buckets, ("+Inf", float(histogram.count))]
