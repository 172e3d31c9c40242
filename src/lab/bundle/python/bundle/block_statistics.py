"""When a measurement may stop: steadiness of the warm-up, and the interval of the lower decile of timed blocks.

The lab computes the stored estimates anew from the same blocks; these decide how many blocks there are.
"""

import math
from itertools import pairwise
from statistics import NormalDist, median

LEVEL = 0.005
GROUPS = 8
STUDENT_95_6 = 1.9431802805153024
HIGHEST_CORRELATION = 0.95
SHARE = 0.1


def is_steady(values):
    """Whether values change by less than 0.5 % from first to last: an equivalence test at 5 % (TOST)."""
    if len(values) < GROUPS:
        return False
    edges = [group * len(values) // GROUPS for group in range(GROUPS + 1)]
    medians = [median(values[a:b]) for a, b in pairwise(edges)]
    centre = sum(medians) / GROUPS
    middle = (GROUPS - 1) / 2
    spread = sum((k - middle) ** 2 for k in range(GROUPS))
    slope = sum((k - middle) * value for k, value in enumerate(medians)) / spread
    squares = sum((value - centre - slope * (k - middle)) ** 2 for k, value in enumerate(medians))
    half = STUDENT_95_6 * math.sqrt(squares / (GROUPS - 2) / spread)
    return (abs(slope) + half) * (GROUPS - 1) / centre <= LEVEL


def independent_count(values):
    """Independent blocks that say as much as these, by their lag-1 correlation."""
    n = len(values)
    if n < 4:
        return n
    centre = sum(values) / n
    squares = sum((value - centre) ** 2 for value in values)
    if squares == 0:
        return n
    shifted = sum((b - centre) * (a - centre) for a, b in pairwise(values))
    raw = shifted / squares
    correlation = min(HIGHEST_CORRELATION, max(0.0, raw + (1 + 3 * raw) / n))
    return max(2, n * (1 - correlation) / (1 + correlation))


def incomplete_beta(x, a, b):
    """Regularised incomplete beta function by its continued fraction (DLMF 8.17.22)."""
    if x <= 0 or x >= 1:
        return float(x >= 1)
    if x > (a + 1) / (a + b + 2):
        return 1 - incomplete_beta(1 - x, b, a)
    logs = math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log(1 - x)

    def guard(value):
        return 1e-300 if abs(value) < 1e-300 else value

    c, d = 1.0, 1 / guard(1 - (a + b) * x / (a + 1))
    fraction = d
    for m in range(1, 501):
        for numerator in (
            m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)),
            -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1)),
        ):
            d = 1 / guard(1 + numerator * d)
            c = guard(1 + numerator / c)
            fraction *= c * d
        if abs(c * d - 1) < 1e-15:
            break
    return math.exp(logs) / a * fraction


def student_975(freedom):
    """97.5 % quantile of Student's t, by bisection."""

    def share_above(t):
        return 0.5 * incomplete_beta(freedom / (freedom + t * t), freedom / 2, 0.5)

    low, high = 0.0, 2.0
    while share_above(high) > 0.025:
        high *= 2
    while high - low > 1e-9 * high:
        centre = (low + high) / 2
        low, high = (centre, high) if share_above(centre) > 0.025 else (low, centre)
    return (low + high) / 2


def lower_decile(values):
    """Value and 95 % half-width relative to it, respecting autocorrelation; infinite for a single block."""
    ordered, n, count = sorted(values), len(values), independent_count(values)
    position = min(n, max(1, (n + 1 / 3) * SHARE + 1 / 3))
    below = int(position)
    value = ordered[below - 1] + (position - below) * (ordered[min(n, below + 1) - 1] - ordered[below - 1])
    spread = 1.0 if count < 2 else student_975(count - 1) * math.sqrt(SHARE * (1 - SHARE) / count)
    first, last = math.floor(n * (SHARE - spread)), math.ceil(n * (SHARE + spread)) - 1
    low, high = ordered[max(0, first)], ordered[min(n - 1, max(last, 0))]
    if first >= 0 or n < 2:
        low, high = min(value, low), max(value, high)
    else:
        half = student_975(max(1, count - 1)) * tail_error(ordered, count)
        low, high = value - half, max(high, value + half)
    return value, (high - low) / 2 / value if n > 1 and value > 0 else math.inf


def tail_error(ordered, count):
    """Standard error of the decile of values whose lower half scatters like a normal distribution's."""
    centre = median(ordered)
    below = [value for value in ordered if value <= centre]
    deviation = math.sqrt(sum((centre - value) ** 2 for value in below) / max(1, len(below) - 0.5))
    normal = NormalDist()
    return deviation * math.sqrt(SHARE * (1 - SHARE)) / (normal.pdf(normal.inv_cdf(SHARE)) * math.sqrt(count))
