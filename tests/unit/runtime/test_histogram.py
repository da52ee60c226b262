"""The histogram: percentiles within the stated bound, merging as if counted together."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ft_numba_aot.runtime.histogram import ERROR, LEAST, MOST, PER_DECADE, RATIO, Histogram

seconds = st.floats(LEAST, MOST)
PERCENTS = (0, 1, 25, 50, 90, 99, 99.9, 100)


def true_percentile(values: list[float], percent: float) -> float:
    return float(np.percentile(values, percent, method="inverted_cdf"))


@given(st.lists(seconds, min_size=1), st.sampled_from(PERCENTS))
def test_a_percentile_is_within_the_bound(values, percent):
    true = true_percentile(values, percent)
    assert abs(Histogram(values).percentile(percent) - true) <= ERROR * true


@pytest.mark.parametrize("percent", PERCENTS)
@pytest.mark.parametrize("spread", [0.01, 1.0, 1.6])
def test_percentiles_of_many_durations(percent, spread):
    values = np.random.default_rng(7).lognormal(math.log(5e-6), spread, 100_000).tolist()
    true = true_percentile(values, percent)
    assert Histogram(values).percentile(percent) == pytest.approx(true, rel=ERROR)


def test_the_stated_bound_is_that_of_the_buckets():
    assert (RATIO - 1) / (RATIO + 1) < ERROR


@given(st.lists(seconds, max_size=30))
def test_percentiles_are_each_percentile_and_rise(values):
    histogram = Histogram(values)
    together = histogram.percentiles(PERCENTS)
    assert together == [histogram.percentile(percent) for percent in PERCENTS]
    if values:
        assert together == sorted(together)
        assert min(values) <= together[0]
        assert together[-1] <= max(values)


@given(st.lists(seconds, min_size=1))
def test_mean_least_and_greatest_are_exact(values):
    histogram = Histogram(values)
    assert histogram.count == len(values)
    assert histogram.mean == pytest.approx(math.fsum(values) / len(values), rel=1e-12)
    assert (histogram.minimum, histogram.maximum) == (min(values), max(values))


def test_one_value_is_every_percentile_of_itself():
    assert Histogram([3.3e-6]).percentiles(PERCENTS) == [3.3e-6] * len(PERCENTS)


def test_nothing_has_no_mean_and_no_percentile():
    nothing = Histogram()
    assert (nothing.count, nothing.mean, nothing.percentile(50)) == (0, None, None)
    assert nothing.trimmed_mean(99) is None


@given(st.lists(st.lists(seconds), max_size=5))
def test_merged_is_counted_together(parts):
    merged = Histogram()
    for part in parts:
        merged.merge(Histogram(part))
    together = Histogram([value for part in parts for value in part])
    assert merged.counts == together.counts
    assert (merged.minimum, merged.maximum) == (together.minimum, together.maximum)
    assert merged.total == pytest.approx(together.total)
    assert merged.percentiles(PERCENTS) == together.percentiles(PERCENTS)


@given(st.lists(seconds), st.lists(seconds))
def test_since_is_what_came_later(before, after):
    histogram = Histogram(before)
    earlier = Histogram.from_dict(histogram.to_dict())
    histogram.add(after)
    later = histogram.since(earlier)
    assert later.counts == Histogram(after).counts
    if after:
        assert later.minimum <= min(after) * (1 + 1e-9)
        assert later.maximum >= max(after) * (1 - 1e-9)


@given(st.lists(seconds))
def test_json_gives_it_back(values):
    histogram = Histogram(values)
    stored = json.loads(json.dumps(histogram.to_dict(), allow_nan=False))
    again = Histogram.from_dict(stored)
    assert again.to_dict() == histogram.to_dict() == stored
    assert again.percentiles(PERCENTS) == histogram.percentiles(PERCENTS)


@pytest.mark.parametrize(
    "stored",
    [
        {},
        {"buckets": {"x": 1}, "seconds": 1.0, "minimum": 1.0, "maximum": 1.0},
        {"buckets": {"1": 0}, "seconds": 1.0, "minimum": 1.0, "maximum": 1.0},
        {"buckets": {"1": 1}, "seconds": None, "minimum": 1.0, "maximum": 1.0},
        {"buckets": {"1": 1}, "seconds": 1.0, "minimum": None, "maximum": 1.0},
        {"buckets": {"1": 1}},
        {"buckets": {"99999": 1}, "seconds": 1.0, "minimum": 1.0, "maximum": 1.0},
        {"buckets": {"1": 1}, "seconds": math.nan, "minimum": 1.0, "maximum": 1.0},
        {"buckets": {"1": 1}, "seconds": math.inf, "minimum": 1.0, "maximum": 1.0},
        {"buckets": {"1": 1}, "seconds": 3.0, "minimum": 2.0, "maximum": 1.0},
    ],
)
def test_what_is_no_histogram_is_not_taken_for_one(stored):
    with pytest.raises((ValueError, KeyError, TypeError)):
        Histogram.from_dict(stored)


@pytest.mark.parametrize(
    ("odd", "counted"),
    [(0.0, LEAST), (-1.0, LEAST), (math.nan, LEAST), (1e-300, LEAST), (math.inf, MOST)],
)
def test_what_no_clock_gives_counts_as_the_nearest(odd, counted):
    histogram = Histogram([odd])
    assert histogram.to_dict() == Histogram([counted]).to_dict()
    assert histogram.percentile(50) == counted


def test_a_few_interruptions_do_not_move_the_trimmed_mean():
    calm = Histogram([1e-5] * 1000)
    interrupted = Histogram([1e-5] * 991 + [0.1] * 9)
    assert calm.trimmed_mean(99) == pytest.approx(1e-5, rel=ERROR)
    assert interrupted.trimmed_mean(99) == pytest.approx(1e-5, rel=ERROR)
    assert interrupted.mean > 50 * calm.mean


@given(st.lists(seconds, max_size=50), st.integers(-18, 4))
def test_up_to_a_power_of_ten_and_its_root_is_exact(values, halves):
    edge = 10 ** (halves / 2)
    # The edge's own last bits are the logarithm's.
    apart = [value for value in values if not math.isclose(value, edge, rel_tol=1e-12)]
    assert Histogram(apart).up_to(halves / 2) == sum(value <= edge for value in apart)
    assert PER_DECADE % 2 == 0


def test_it_stays_small():
    values = np.random.default_rng(1).lognormal(math.log(1e-4), 2.0, 100_000).tolist()
    assert len(Histogram(values).counts) < 1000
