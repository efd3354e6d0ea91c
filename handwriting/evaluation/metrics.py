"""Predictions → figures of merit, each with its 95 % interval."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from sklearn import metrics as sklearn_metrics

from handwriting.alphabet import BYMERGE, CASE_INSENSITIVE
from handwriting.evaluation.intervals import Interval, bootstrap_interval, wilson_interval
from handwriting.evaluation.predictions import Predictions

CALIBRATION_BINS = 15
"""Equal-width bins of confidence, as Guo et al. 2017 use."""


@dataclass(frozen=True)
class Metrics:
    """The headline figures of one evaluation; every `…_ci95` is a 95 % interval (low, high).

    Intervals are Wilson's for proportions and seeded bootstraps for the rest (`intervals.py`).

    Args:
        accuracy: Share of samples whose predicted class is the true one.
        top3_accuracy: Share whose true class is among the three most probable.
        bymerge_accuracy: Accuracy after replacing true and predicted class by their ByMerge
            class: `c` read as `C` is then right. Labels are folded, not probabilities.
        case_insensitive_accuracy: The same with every letter's two cases as one.
        balanced_accuracy: Mean of the accuracies of the classes that have samples.
        macro_f1: Mean F1 over the classes that occur, as truth or as answer.
        log_loss: Mean of −ln of the true class's probability, nats.
        expected_calibration_error: Mean gap between confidence and accuracy over
            `CALIBRATION_BINS` bins, weighted by their size (Guo et al. 2017).
    """

    accuracy: float
    accuracy_ci95: Interval
    top3_accuracy: float
    top3_accuracy_ci95: Interval
    bymerge_accuracy: float
    bymerge_accuracy_ci95: Interval
    case_insensitive_accuracy: float
    case_insensitive_accuracy_ci95: Interval
    balanced_accuracy: float
    balanced_accuracy_ci95: Interval
    macro_f1: float
    macro_f1_ci95: Interval
    log_loss: float
    log_loss_ci95: Interval
    expected_calibration_error: float
    expected_calibration_error_ci95: Interval


@dataclass(frozen=True)
class ClassScore:
    """How one class fares. What has no samples to be computed from is None.

    Args:
        character: The class.
        support: Number of samples whose true class it is.
        accuracy: Share of them that were read right (scikit-learn calls it recall).
        accuracy_ci95: Wilson's 95 % interval of it.
        precision: Share of right answers among the answers of this class.
        recall: The same number as `accuracy`, under the name that goes with `precision`.
        f1: Harmonic mean of precision and recall.
        most_confused_with: The class that its samples were taken for most often.
    """

    character: str
    support: int
    accuracy: float | None
    accuracy_ci95: Interval | None
    precision: float | None
    recall: float | None
    f1: float | None
    most_confused_with: str | None


@dataclass(frozen=True)
class Confusion:
    """How many samples of class `true` were read as class `predicted`."""

    true: str
    predicted: str
    count: int


def confusion_matrix(predictions: Predictions) -> np.ndarray:
    """int64 (k, k): samples by true class (rows) and predicted class (columns)."""
    every = np.arange(len(predictions.classes))
    return sklearn_metrics.confusion_matrix(
        predictions.labels, predictions.predicted, labels=every
    ).astype(np.int64)
