"""Predictions → figures of merit, each with its 95 % interval."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from sklearn import metrics as sklearn_metrics

from handwriting.alphabet import BYMERGE, CASE_INSENSITIVE, KINDS, Alphabet
from handwriting.evaluation.intervals import bootstrap_intervals, wilson_interval
from handwriting.evaluation.predictions import Predictions
from handwriting.evaluation.results import (
    HEADLINES,
    ClassScore,
    Confusion,
    ConfusionMatrix,
    GroupScore,
    Metrics,
)

PROPORTIONS = ("accuracy", "top3_accuracy", "bymerge_accuracy", "case_insensitive_accuracy")
"""The figures that count samples, so that Wilson's interval is theirs."""

CALIBRATION_BINS = 15
"""Equal-width bins of confidence, as Guo et al. 2017 use."""


def count_confusions(predictions: Predictions) -> ConfusionMatrix:
    """Count the samples by true and predicted class."""
    counts = sklearn_metrics.confusion_matrix(
        predictions.labels, predictions.predicted, labels=np.arange(len(predictions.classes))
    )
    return ConfusionMatrix(predictions.classes, predictions.classes, counts.astype(np.int64))


def score(predictions: Predictions) -> Metrics:
    """Compute the headline figures and their intervals."""
    labels, predicted = predictions.labels, predictions.predicted
    k, n = len(predictions.classes), len(predictions)
    values = {
        "accuracy": sklearn_metrics.accuracy_score(labels, predicted),
        "bymerge_accuracy": _folded_accuracy(predictions, BYMERGE),
        "case_insensitive_accuracy": _folded_accuracy(predictions, CASE_INSENSITIVE),
        # What balanced_accuracy_score gives, without its warning of classes that have no samples.
        "balanced_accuracy": sklearn_metrics.recall_score(
            labels, predicted, labels=np.unique(labels), average="macro"
        ),
        "macro_f1": sklearn_metrics.f1_score(labels, predicted, average="macro"),
    }
    if predictions.has_probabilities:
        every, probabilities = np.arange(k), predictions.probabilities
        values |= {
            "top3_accuracy": 1.0
            if k <= 3
            else sklearn_metrics.top_k_accuracy_score(labels, probabilities, k=3, labels=every),
            "log_loss": sklearn_metrics.log_loss(labels, probabilities, labels=every),
            "expected_calibration_error": expected_calibration_error(
                predictions.confidence, predictions.correct
            ),
        }
    intervals = {
        name: wilson_interval(round(values[name] * n), n) for name in PROPORTIONS if name in values
    }
    names, statistics = resampled_statistics(predictions)
    intervals |= dict(zip(names, bootstrap_intervals(statistics, n), strict=True))
    absent = dict.fromkeys(headline.name for headline in HEADLINES)
    return Metrics(
        **absent | {name: float(value) for name, value in values.items()},
        **{f"{name}_ci95": intervals.get(name) for name in absent},
    )


def _folded_accuracy(predictions: Predictions, alphabet: Alphabet) -> float:
    groups = predictions.groups(alphabet)
    return sklearn_metrics.accuracy_score(groups[predictions.labels], groups[predictions.predicted])


def calibration_bin(confidence: np.ndarray) -> np.ndarray:
    """int64 (n,): bin m holds confidences in (m / 15, (m + 1) / 15]."""
    return np.clip(np.ceil(confidence * CALIBRATION_BINS).astype(np.int64) - 1, 0, None)


def expected_calibration_error(confidence: np.ndarray, correct: np.ndarray) -> float:
    """Mean gap between confidence and accuracy over equal-width bins, weighted by their size.

    Guo, Pleiss, Sun, Weinberger, "On calibration of modern neural networks", 2017, equation 3.

    Args:
        confidence: float (n,), 0 to 1.
        correct: bool (n,).
    """
    gap = np.bincount(calibration_bin(confidence), weights=correct - confidence)
    return float(np.abs(gap).sum() / len(confidence))


def resampled_statistics(
    predictions: Predictions,
) -> tuple[list[str], Callable[[np.ndarray], np.ndarray]]:
    """The figures that are no proportions, as a function of which samples are taken.

    How often a resample has each sample is all that is needed, so scikit-learn's functions,
    which take 0.3 s each on 116,323 samples, are not called a thousand times. Counting hits from
    the mistakes, which are few, halves the time.

    Returns:
        m names of figures, those that need probabilities last or absent; and from int (n,)
        sample indices to float (m,) figures.
    """
    k, n = len(predictions.classes), len(predictions)
    wrong = np.flatnonzero(~predictions.correct)
    true, answered = predictions.labels[wrong], predictions.predicted[wrong]
    sure = predictions.has_probabilities
    if sure:
        loss = -np.log(predictions.label_probability)
        bins = calibration_bin(predictions.confidence)
        gap = predictions.correct - predictions.confidence

    def statistics(indices: np.ndarray) -> np.ndarray:
        times = np.bincount(indices, minlength=n).astype(np.float64)
        support = np.bincount(predictions.labels, times, k)
        hits = support - np.bincount(true, times[wrong], k)
        answers = hits + np.bincount(answered, times[wrong], k)
        present, occurring = support > 0, support + answers > 0
        found = [
            (hits[present] / support[present]).mean(),
            (2 * hits[occurring] / (support + answers)[occurring]).mean(),
        ]
        if sure:
            gaps = np.bincount(bins, times * gap)
            found += [(times * loss).sum() / n, np.abs(gaps).sum() / n]
        return np.array(found)

    names = ["balanced_accuracy", "macro_f1"]
    return names + ["log_loss", "expected_calibration_error"] * sure, statistics


def score_classes(predictions: Predictions) -> tuple[ClassScore, ...]:
    """Compute one score a class, in column order."""
    classes = predictions.classes
    precision, recall, f1, support = sklearn_metrics.precision_recall_fscore_support(
        predictions.labels,
        predictions.predicted,
        labels=np.arange(len(classes)),
        zero_division=np.nan,
    )
    matrix = count_confusions(predictions).counts
    errors = matrix - np.diag(matrix.diagonal())
    return tuple(
        ClassScore(
            character,
            int(support[i]),
            _known(recall[i]),
            wilson_interval(matrix[i, i], support[i]) if support[i] else None,
            _known(precision[i]),
            _known(recall[i]),
            _known(f1[i]),
            classes[errors[i].argmax()] if errors[i].any() else None,
        )
        for i, character in enumerate(classes)
    )


def score_groups(predictions: Predictions) -> tuple[GroupScore, ...]:
    """Compute one score for digits, upper and lower case, as far as there are samples."""
    kinds = predictions.groups(KINDS)
    true, predicted = kinds[predictions.labels], kinds[predictions.predicted]
    scores = []
    for index, group in enumerate(KINDS.classes):
        chosen = true == index
        support = int(chosen.sum())
        if support:
            right = int(predictions.correct[chosen].sum())
            own = int((predicted[chosen] == index).sum())
            scores.append(
                GroupScore(
                    group,
                    support,
                    right / support,
                    wilson_interval(right, support),
                    own / support,
                    wilson_interval(own, support),
                )
            )
    return tuple(scores)


def _known(value: float) -> float | None:
    return None if np.isnan(value) else float(value)


def rank_confusions(predictions: Predictions) -> tuple[Confusion, ...]:
    """Every confused pair, most frequent first; equal counts in the order of the classes."""
    matrix = count_confusions(predictions).counts
    np.fill_diagonal(matrix, 0)
    true, predicted = np.nonzero(matrix)
    order = np.argsort(-matrix[true, predicted], kind="stable")
    return tuple(
        Confusion(predictions.classes[i], predictions.classes[j], int(matrix[i, j]))
        for i, j in zip(true[order], predicted[order], strict=True)
    )
