"""Predictions → figures of merit, each with its 95 % interval."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from sklearn import metrics as sklearn_metrics

from handwriting.alphabet import BYMERGE, CASE_INSENSITIVE, Alphabet
from handwriting.evaluation.intervals import Interval, bootstrap_intervals, wilson_interval
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
class Headline:
    """How pages show one of the figures.

    Args:
        name: The field of `Metrics`.
        title: For a reader.
        meaning: One line for those who want to know.
        is_share: Whether it reads best in percent.
    """

    name: str
    title: str
    meaning: str
    is_share: bool = True

    def show(self, value: float) -> str:
        """The figure as text, e.g. `87.18 %`."""
        return f"{100 * value:.2f} %" if self.is_share else f"{value:.4f}"

    def show_interval(self, interval: Interval) -> str:
        """The interval as text, e.g. `86.99 – 87.37 %`."""
        low, high = self.show(interval[0]), self.show(interval[1])
        return f"{low.removesuffix(' %')} – {high}"


HEADLINES = (
    Headline("accuracy", "Accuracy", "Samples whose predicted class is the true one."),
    Headline("top3_accuracy", "Top 3", "The true class is among the three most probable."),
    Headline("bymerge_accuracy", "ByMerge", "Letters whose two cases look alike count as one."),
    Headline("case_insensitive_accuracy", "Any case", "Upper and lower case count as one."),
    Headline("balanced_accuracy", "Balanced", "Mean accuracy of the classes, rare or common."),
    Headline("macro_f1", "Macro F1", "Mean over the classes of F1.", is_share=False),
    Headline("log_loss", "Log loss", "Mean −ln of the true class's probability.", is_share=False),
    Headline("expected_calibration_error", "Calibration error", "Gap of confidence to accuracy."),
)
"""The figures of `Metrics` in the order that pages show them."""


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


def fold_confusions(matrix: np.ndarray, groups: np.ndarray) -> np.ndarray:
    """The confusion matrix of a coarser alphabet.

    Args:
        matrix: int (k, k).
        groups: int (k,), the coarser class of each class, as `Predictions.groups` gives it.

    Returns:
        int64 (g, g) for coarser classes 0 … g - 1; those without members stay empty.
    """
    folded = np.zeros((groups.max() + 1,) * 2, np.int64)
    np.add.at(folded, (groups[:, None], groups[None, :]), matrix)
    return folded


def score(predictions: Predictions) -> Metrics:
    """Compute the headline figures and their intervals."""
    labels, predicted = predictions.labels, predictions.predicted
    k, n = len(predictions.classes), len(predictions)
    every = np.arange(k)
    values = {
        "accuracy": sklearn_metrics.accuracy_score(labels, predicted),
        "top3_accuracy": 1.0
        if k <= 3
        else sklearn_metrics.top_k_accuracy_score(
            labels, predictions.probabilities, k=3, labels=every
        ),
        "bymerge_accuracy": _folded_accuracy(predictions, BYMERGE),
        "case_insensitive_accuracy": _folded_accuracy(predictions, CASE_INSENSITIVE),
        # What balanced_accuracy_score gives, without its warning of classes that have no samples.
        "balanced_accuracy": sklearn_metrics.recall_score(
            labels, predicted, labels=np.unique(labels), average="macro"
        ),
        "macro_f1": sklearn_metrics.f1_score(labels, predicted, average="macro"),
        "log_loss": sklearn_metrics.log_loss(labels, predictions.probabilities, labels=every),
        "expected_calibration_error": expected_calibration_error(
            predictions.confidence, predictions.correct
        ),
    }
    proportions = list(values)[:4]
    intervals = {name: wilson_interval(round(values[name] * n), n) for name in proportions}
    intervals |= _bootstrap(predictions)
    return Metrics(
        **{name: float(value) for name, value in values.items()},
        **{f"{name}_ci95": interval for name, interval in intervals.items()},
    )


def _folded_accuracy(predictions: Predictions, alphabet: Alphabet) -> float:
    groups = predictions.groups(alphabet)
    return sklearn_metrics.accuracy_score(groups[predictions.labels], groups[predictions.predicted])


def _calibration_bin(confidence: np.ndarray) -> np.ndarray:
    """int64 (n,): bin m holds confidences in (m / 15, (m + 1) / 15]."""
    return np.clip(np.ceil(confidence * CALIBRATION_BINS).astype(np.int64) - 1, 0, None)


def expected_calibration_error(confidence: np.ndarray, correct: np.ndarray) -> float:
    """Mean gap between confidence and accuracy over equal-width bins, weighted by their size.

    Guo, Pleiss, Sun, Weinberger, "On calibration of modern neural networks", 2017, equation 3.

    Args:
        confidence: float (n,), 0 to 1.
        correct: bool (n,).
    """
    gap = np.bincount(_calibration_bin(confidence), weights=correct - confidence)
    return float(np.abs(gap).sum() / len(confidence))


def _bootstrap(predictions: Predictions) -> dict[str, Interval]:
    """Intervals of the four figures that are no proportions, from the same resamples.

    A resample's confusion matrix and sums are all that is needed, so scikit-learn's functions,
    which take 0.3 s each on 116,323 samples, are not called a thousand times.
    """
    k, n = len(predictions.classes), len(predictions)
    cell = predictions.labels * k + predictions.predicted
    loss = -np.log(predictions.probabilities[np.arange(n), predictions.labels])
    bins = _calibration_bin(predictions.confidence)
    gap = predictions.correct - predictions.confidence

    def statistics(indices: np.ndarray) -> np.ndarray:
        matrix = np.bincount(cell[indices], minlength=k * k).reshape(k, k)
        hits, support, answers = matrix.diagonal(), matrix.sum(axis=1), matrix.sum(axis=0)
        present, occurring = support > 0, support + answers > 0
        gaps = np.bincount(bins[indices], weights=gap[indices])
        return np.array(
            [
                (hits[present] / support[present]).mean(),
                (2 * hits[occurring] / (support + answers)[occurring]).mean(),
                loss[indices].mean(),
                np.abs(gaps).sum() / n,
            ]
        )

    names = ("balanced_accuracy", "macro_f1", "log_loss", "expected_calibration_error")
    return dict(zip(names, bootstrap_intervals(statistics, n), strict=True))


def score_classes(predictions: Predictions) -> tuple[ClassScore, ...]:
    """Compute one score a class, in column order."""
    classes = predictions.classes
    precision, recall, f1, support = sklearn_metrics.precision_recall_fscore_support(
        predictions.labels,
        predictions.predicted,
        labels=np.arange(len(classes)),
        zero_division=np.nan,
    )
    matrix = confusion_matrix(predictions)
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


def _known(value: float) -> float | None:
    return None if np.isnan(value) else float(value)


def rank_confusions(predictions: Predictions) -> tuple[Confusion, ...]:
    """Every confused pair, most frequent first; equal counts in the order of the classes."""
    matrix = confusion_matrix(predictions)
    np.fill_diagonal(matrix, 0)
    true, predicted = np.nonzero(matrix)
    order = np.argsort(-matrix[true, predicted], kind="stable")
    return tuple(
        Confusion(predictions.classes[i], predictions.classes[j], int(matrix[i, j]))
        for i, j in zip(true[order], predicted[order], strict=True)
    )
