"""95 % intervals: Wilson's for proportions, the bootstrap's for everything else."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy import stats

from handwriting.evaluation.results import Interval

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


def bootstrap_intervals(
    statistics: Callable[[np.ndarray], np.ndarray], samples: int
) -> list[Interval]:
    """Basic (reverse percentile) bootstrap intervals of several statistics of the same samples.

    The basic kind, because the calibration error of a resample is biased upward: the percentile
    interval of a well calibrated model would lie above its own estimate, this one lies below and
    is then stretched to reach it. None of these statistics is ever negative.

    Args:
        statistics: From int (n,) sample indices, drawn with replacement, to float (m,).
        samples: n.

    Returns:
        m intervals, the same at every call.
    """
    estimates = statistics(np.arange(samples))
    if samples == 1:
        return [(float(estimate), float(estimate)) for estimate in estimates]
    result = _bootstrap(statistics, samples)
    low = np.minimum(np.maximum(result.low, 0), estimates)
    high = np.maximum(result.high, estimates)
    return list(zip(low.tolist(), high.tolist(), strict=True))


def bootstrap_differences(
    statistics: Callable[[np.ndarray], np.ndarray], samples: int
) -> list[Interval]:
    """Intervals of how much statistics of the same samples differ between two classifiers.

    As `bootstrap_intervals`, but both are computed from each resample, so that what makes a
    sample hard for both cancels out; a difference has no bound to keep.

    Args:
        statistics: From int (n,) sample indices, drawn with replacement, to float (2, m): those
            of the first, those of the second.
        samples: n.

    Returns:
        m intervals of second less first, the same at every call.
    """

    def differences(indices: np.ndarray) -> np.ndarray:
        first, second = statistics(indices)
        return second - first

    if samples == 1:
        return [(float(d), float(d)) for d in differences(np.arange(1))]
    result = _bootstrap(differences, samples)
    return list(zip(result.low.tolist(), result.high.tolist(), strict=True))


def _bootstrap(statistics: Callable[[np.ndarray], np.ndarray], samples: int):
    return stats.bootstrap(
        (np.arange(samples),),
        statistics,
        n_resamples=RESAMPLES,
        batch=1,
        vectorized=False,
        confidence_level=CONFIDENCE,
        method="basic",
        rng=SEED,
    ).confidence_interval
