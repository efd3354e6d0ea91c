"""How far a classifier's confidence can be trusted: calibration, and what refusing would gain."""

from __future__ import annotations

import numpy as np

from handwriting.evaluation.intervals import wilson_interval
from handwriting.evaluation.metrics import CALIBRATION_BINS, calibration_bin
from handwriting.evaluation.predictions import Predictions
from handwriting.evaluation.results import CalibrationBin, Trust

THRESHOLDS = (*(i / 100 for i in range(100)), 0.995, 0.999)
"""Every percent that a page can ask for, and two more where sure classifiers crowd."""


def measure_trust(predictions: Predictions) -> Trust | None:
    """Count what confidence says of being right; None where no confidence is known."""
    if not predictions.has_probabilities:
        return None
    confidence, correct = predictions.confidence, predictions.correct
    # Ascending, so that what is answered at a threshold is all from one place on.
    order = np.argsort(confidence, kind="stable")
    first = np.searchsorted(confidence[order], THRESHOLDS, side="left")
    right_from = np.append(np.cumsum(correct[order][::-1])[::-1], 0)
    return Trust(
        bins=_calibrate(confidence, correct),
        thresholds=THRESHOLDS,
        answered=tuple((len(predictions) - first).tolist()),
        right=tuple(right_from[first].tolist()),
        area_under_risk_coverage=area_under_risk_coverage(confidence, correct),
    )


def _calibrate(confidence: np.ndarray, correct: np.ndarray) -> tuple[CalibrationBin, ...]:
    index = calibration_bin(confidence)
    samples, right, sums = (
        np.bincount(index, weights=weights, minlength=CALIBRATION_BINS)
        for weights in (None, correct, confidence)
    )
    return tuple(
        CalibrationBin(
            samples=int(n),
            right=int(hits),
            confidence=float(total / n) if n else None,
            accuracy_ci95=wilson_interval(hits, n) if n else None,
        )
        for n, hits, total in zip(samples, right, sums, strict=True)
    )


def area_under_risk_coverage(confidence: np.ndarray, correct: np.ndarray) -> float:
    """Share of errors among the answered, averaged over how many are answered.

    For each sample: how often the classifier errs on those at least as sure as it (Geifman,
    Uziel, El-Yaniv, "Bias-reduced uncertainty estimation for deep neural classifiers", 2019).
    0 is perfect; without any order by confidence it is the error rate.

    Args:
        confidence: float (n,), 0 to 1.
        correct: bool (n,).
    """
    order = np.argsort(-confidence, kind="stable")
    sure = -confidence[order]
    # Equals are answered together: whichever comes first in a file must not matter.
    answered = np.searchsorted(sure, sure, side="right")
    wrong = np.cumsum(~correct[order])
    return float((wrong[answered - 1] / answered).mean())
