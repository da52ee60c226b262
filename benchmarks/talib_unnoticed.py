"""Why no case notices some changes of kernels: for docs/talib.md.

A reason, and the code that it is true of, by module. What stands here was thought through; what no
case notices and isn't here is listed as not explained.
"""

from __future__ import annotations

_OF_A_CANDLE = "the candle that an average is of, which is read only where it has no period"

REASONS: dict[str, dict[str, str]] = {
    "overwritten, or reset, before it is read": {
        "_extremes": "bottom = top = 0.0\nbottom_at = top_at = -1",
        "operators": "best = 0.0\nbest_at = -1",
        "stochastic": "lowest = highest = 0.0\nlowest_at = highest_at = -1",
        "directional": "lowest = -1\nhighest = -1",
        "statistic": "sum_y = 0.0\nsum_xy = 0.0\nsum_abs = 0.0\nleaving = 0.0",
        "_moving": "e2 = e3 = e4 = e5 = e6 = 0.0\nroot_total = root_weighted = 0.0\nwork[j] = 0.0",
        "pattern_more": "value, at = 0, -4\nat = -4",
        "cycle": "mean1 = mean2 = mean3 = 0.0",
        "volume": "slot = 0",  # a ring may begin anywhere
    },
    "a head that is written again, or isn't read": {
        "stops": "fill_head(out, begin + 1)",
        "directional": "fill_head(out, begin + (timeperiod - 1 if timeperiod > 1 else 1))\n"
        "fill_head(out, begin + 2 * timeperiod - 1)\n"
        "for i in range(len(high) - 1, first - 1, -1):  # backwards: reads what it hasn't replaced",
        "momentum": "for i in range(len(real) - 1, first - 1, -1):  "
        "# backwards: reads what it hasn't replaced",
        "overlap": "ma_from(real[: last + 1], begin, period, matype, averages, spare)",
        "stochastic": "for j in range(timeperiod - 1, -1, -1):",
    },
    "more work space than is used": {
        "_hilbert": "RING, LAST = 64, 63\nSTATE = 3 * RING + 8\n"
        "PHASE_STATE = CIRCLES + LONGEST_CYCLE * (LONGEST_CYCLE + 1)",
        "_moving": "return int(sqrt(float(timeperiod))) if matype == HMA else 0",
        "overlap": "ordered = work[n : 2 * n]\nstarts = work[2 * n : 2 * n + count]",
        "stochastic": "return 2 * min(n, timeperiod)",
    },
    "two ways to the same numbers": {
        "_extremes": "odd = 0",
        "efficiency": "BLOCK = 1024",
        "momentum": "if fastmatype == 1 and slowmatype == 1 and signalmatype == 1 "
        "and signalperiod > 1:",
        "oscillators": "if range_short > 0.0 and range_middle > 0.0 and range_long > 0.0:",
        "statistic": "HALVING = 128",
        "stochastic": "odd = 0\nif timeperiod > 1 and comparable(high, low, close, begin):",
        "williams": "BLOCK = 1024",
    },
    "a number that isn't read": {
        "_candles": "BODY_VERY_LONG = Setting(REAL_BODY, 10, 3.0)\n"
        "UNUSED = Setting(REAL_BODY, 0, 0.0)\n"
        "return upper_shadow(candles, i) > average(candles, SHADOW_LONG, 0.0, i)\n"
        "return lower_shadow(candles, i) > average(candles, SHADOW_LONG, 0.0, i)",
        "pattern_one": "& (lower_shadow(candles, i) > average(candles, SHADOW_VERY_LONG, 0.0, i))\n"
        "very_long = average(candles, SHADOW_VERY_LONG, 0.0, i)",
        "pattern_more": "value = hikkake(candles, 0.0, i)",
        "statistic": "regression(real, timeperiod, SLOPE, 0.0, out)\n"
        "regression(real, timeperiod, INTERCEPT, 0.0, out)",
    },
    _OF_A_CANDLE: {
        "pattern_one": "near_low = bottom <= candles.low[i - 1] + average(candles, NEAR, nears, "
        "i - 1)\n"
        "near_high = bottom >= candles.high[i - 1] - average(candles, NEAR, nears, i - 1)",
        "pattern_two": "& about_equal(candles, equals, i - 1, close, before)\n"
        "& about_equal(candles, equals, i - 1, candles.close[i], candles.close[i - 1])\n"
        "& about_equal(candles, equals, i - 1, candles.open[i], candles.open[i - 1])\n"
        "and close <= before + average(candles, EQUAL, equals, i - 1)\n"
        "candles, equals, i - 1, candles.close[i], candles.low[i - 1]\n"
        "and close > before + average(candles, EQUAL, equals, i - 1)",
        "pattern_three": "+ (real_body(candles, i - 1) <= average(candles, middle, middle2, "
        "i - 1))\n"
        "doji = average(candles, BODY_DOJI, ranges, i - 2)\n"
        "found = between(open[i], low, high) and apart < average(candles, NEAR, nears, i - 1)\n"
        "near = average(candles, NEAR, nears, i - 1)\n"
        "and about_equal(candles, nears, i - 1, candles.open[i], candles.open[i - 1])\n"
        "and about_equal(candles, equals, i - 2, candles.close[i], candles.close[i - 2])\n"
        "return real_body(candles, i) > real_body(candles, i - 1) - average(candles, FAR, fars, "
        "i - 1)\n"
        "return real_body(candles, i) < real_body(candles, i - 1) - average(candles, FAR, fars, "
        "i - 1)\n"
        "and upper_shadow(candles, i - 2) < average(candles, SHADOW_SHORT, shadows1, i - 2)\n"
        "shadow2 = upper_shadow(candles, i - 1) > average(candles, SHADOW_SHORT, shadows2, i - 1)\n"
        "and body3 < body2 + average(candles, NEAR, nears2, i - 1)\n"
        "and about_equal(candles, equals1, i - 2, open[i - 1], close[i - 2])\n"
        "and about_equal(candles, equals2, i - 1, open[i], close[i - 1])",
        "pattern_more": "near = average(candles, NEAR, nears, i - 1)\n"
        "near = average(candles, NEAR, nears, i - 2)",
    },
    "follows from the other conditions: these candles are of one colour, or each white one closes "
    "higher": {
        "pattern_more": "if is_white(candles, i - 1):\n"
        "return 100 * color(candles, i - 1) if found else 0",
        "pattern_three": "nears2 = range_total(candles, NEAR, first - 1)\n"
        ">= close[i - 1] - real_body(candles, i) - average(candles, NEAR, nears2, i - 1)",
    },
    "tells -100, 0 and 100, or an infinity, or whole numbers apart all the same": {
        "pattern_more": "if value > 0:\n(value > 0 and close[i] > candles.high[at - 1])\n"
        "or (value < 0 and close[i] < candles.low[at - 1])",
        "_candles": "mean = total / setting.period if setting.period > 0 else "
        "size(candles, setting.kind, i)",
        "_numeric": "return math.copysign(INF, a) * math.copysign(1.0, b)\n"
        "return INF if numerator > 0 else -INF\n"
        "return math.sqrt(x) if x >= 0.0 else NAN if x == x and x < 0.0 else x",
        "overlap": "starts[k] = 0.0\ntotal = 0.0\n"
        "starts[limited(periods[i], minperiod, maxperiod) - minperiod] += 1.0\nstarts[k] += 1.0",
        "statistic": "rank = timeperiod if rank > timeperiod else 1 if rank < 1 else rank",
        "_hilbert": "elif abs(imaginary_part) <= 0.01:",
        "_window": "return n - 1 if n > 0 else 0",
    },
    "counts candles that stand still from the first one on, or adds nothing: the sums are 0": {
        "_moving": "flat = 0",
        "efficiency": "flat = 0",
        "directional": "flat = 0",
        "oscillators": "idle = 0",
        "statistic": "returns_x, returns_y, begin + 1, first, center_x, center_y",
    },
    "of the first candles of a cycle, long before there is a result": {
        "_hilbert": "for steps in range(1, LONGEST_CYCLE + 1):\nif steps > 0:\nif steps <= 0:",
        "_moving": "previous_phase = 0.0",
        "cycle": "days = 0\ntrend = 0",
    },
    "a phase that is carried on only where all prices are 0, and is only compared": {
        "cycle": "phase = sine = leadsine = 0.0",
    },
    "between what a constant window leaves of its sums, 1e-16 of them at most, and what any other "
    "does, far more": {
        "statistic": "EPSILON = 1e-14\nif variance < weight * squares * 1e-12:",
        "overlap": "if variance < weight * squares * 1e-12:",
    },
    "never below 0: sums over a constant window are exact": {
        "statistic": "divisor = 0.0 if divisor < 0.0 else divisor",
    },
    "beyond what the functions convert to integers; tests/unit/test_numeric.py has it": {
        "_numeric": "if x != x or x >= 2147483648.0 or x <= -2147483649.0:\nreturn -2147483648",
    },
}


def reason(module: str, code: str) -> str | None:
    """Why no case can notice a change of this line of a module; None where that isn't known."""
    for why, by_module in REASONS.items():
        if code in by_module.get(module, "").splitlines():
            return why
    return None
