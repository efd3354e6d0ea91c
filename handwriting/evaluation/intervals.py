"""95 % intervals: Wilson's for proportions, the bootstrap's for everything else."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy import stats

Interval = tuple[float, float]
"""Low and high end."""

CONFIDENCE = 0.95
RESAMPLES = 1000
SEED = 0


def wilson_interval(successes: int, trials: int) -> Interval:
    """Wilson's score interval of a proportion (Wilson 1927).

    Args:
        successes: From 0 to `trials`.
        trials: At least 1.
    """
    interval = stats.binomtest(int(successes), int(trials)).proportion_ci(CONFIDENCE, "wilson")
    return float(interval.low), float(interval.high)
