"""Which labels of a test set are suspect: the classifier's answers against the labels."""

from __future__ import annotations

import warnings

import numpy as np

from handwriting.alphabet import BYMERGE
from handwriting.evaluation.predictions import Predictions
from handwriting.evaluation.results import LabelIssues
from handwriting.evaluation.similarity import mean_probabilities

ALIKE = 4
"""Two classes look alike from so many times the mean likeness of all pairs on …"""

LEAST_ALIKE = 0.01
"""… and from this likeness on: of a strong classifier, a single wrong label exceeds the mean."""

SURE = 0.9
"""An answer must be so sure to accuse a label, and answers so sure must be right so often."""


def find_label_issues(predictions: Predictions) -> LabelIssues | None:
    """Find and rank the samples whose label may be wrong; None where no probability is known.

    By confident learning (Northcutt, Jiang, Chuang, "Confident learning: estimating uncertainty
    in dataset labels", 2021) as cleanlab has it: for each pair of classes it estimates how many
    samples of one bear the label of the other, and takes those with the largest margin between.

    It assumes that a sure answer against the label is the label's fault. Between classes that
    look alike it is nobody's, and an answer that is not sure accuses nobody: the suspects among
    these are kept apart from those that are probably mislabelled.
    """
    if not predictions.has_probabilities:
        return None
    suspects = _rank_suspects(predictions)
    lookalikes = find_lookalikes(predictions)
    alike = lookalikes[predictions.labels[suspects], predictions.predicted[suspects]]
    confident = predictions.confidence >= SURE
    trustworthy = confident.any() and predictions.correct[confident].mean() >= SURE
    sure = confident[suspects] & trustworthy
    right, n = int(predictions.correct.sum()), len(predictions)
    return LabelIssues(
        mislabelled=tuple(suspects[~alike & sure].tolist()),
        unsure=tuple(suspects[~alike & ~sure].tolist()),
        alike=tuple(suspects[alike].tolist()),
        lookalikes=tuple(
            predictions.classes[i] + predictions.classes[j]
            for i, j in np.argwhere(np.triu(lookalikes))
        ),
        accuracy_without_mislabelled=right / (n - int((~alike & sure).sum())),
        accuracy_without_suspects=right / (n - len(suspects)),
    )


def _rank_suspects(predictions: Predictions) -> np.ndarray:
    """int64 (m,): indices of misread samples, the lowest margin of the label first."""
    # Its import takes a while, and finding look-alikes needs none of it.
    from cleanlab import filter as cleanlab

    if len(np.unique(predictions.labels)) < 2:
        return np.empty(0, np.int64)
    with warnings.catch_warnings():
        # Classes of one sample, whose label it will not doubt: neither should we.
        warnings.filterwarnings("ignore", "May not flag all label issues", UserWarning)
        suspect = cleanlab.find_label_issues(
            predictions.labels, predictions.probabilities, n_jobs=1
        )
    suspects = np.flatnonzero(suspect & ~predictions.correct)
    margin = predictions.label_probability - predictions.confidence
    return suspects[np.argsort(margin[suspects], kind="stable")]


def find_lookalikes(predictions: Predictions) -> np.ndarray:
    """bool (k, k), symmetric: which pairs of classes are too alike to blame a misreading on.

    Those that are one class of ByMerge, as its makers found the two cases of a letter alike, and
    those that this classifier itself finds alike: it gives the samples of one to the other, in
    the mean either way, several times as much probability as it does over all pairs, and not
    next to none. Measured by the mean, a weak classifier does not find everything alike.
    """
    k = len(predictions.classes)
    given = mean_probabilities(predictions, np.arange(k))
    likeness = (given + given.T) / 2
    pairs = ~np.eye(k, dtype=bool)
    groups = predictions.groups(BYMERGE)
    alike = likeness >= max(ALIKE * likeness[pairs].mean(), LEAST_ALIKE)
    return pairs & (alike | (groups[:, None] == groups[None, :]))
