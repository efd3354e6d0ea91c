"""Which classes look alike to a classifier: an order in which these stand together."""

from __future__ import annotations

import numpy as np
from scipy.cluster import hierarchy
from scipy.spatial.distance import squareform

from handwriting.alphabet import BYCLASS
from handwriting.evaluation.predictions import Predictions
from handwriting.evaluation.results import FOLDS

UNLIKE = 1e-6
"""Shares of probability below it tell nothing of likeness."""


def order_by_similarity(predictions: Predictions) -> dict[str, str]:
    """Order the classes of each of `FOLDS` so that look-alikes stand together.

    Two classes are alike as far as the classifier gives the samples of one to the other: the mean
    probability, either way, or the share of answers where no more is known. Average linkage of
    the logarithms, leaves in the order that keeps neighbours closest (Bar-Joseph, Gifford,
    Jaakkola, "Fast optimal leaf ordering for hierarchical clustering", 2001).

    Returns:
        The classes as one text by the alphabet's name, less alphabets that merge none of the
        classes and those of two classes or fewer.
    """
    orders = {}
    for alphabet in FOLDS:
        groups = predictions.groups(alphabet)
        occurring, position = np.unique(groups, return_inverse=True)
        merges = len(occurring) < len(groups)
        if len(occurring) < 3 or not (merges or alphabet is BYCLASS):
            continue
        names = [alphabet.classes[group] for group in occurring]
        order = _order(mean_probabilities(predictions, position))
        orders[alphabet.name] = "".join(names[i] for i in order)
    return orders


def mean_probabilities(predictions: Predictions, group_of: np.ndarray) -> np.ndarray:
    """float64 (g, g): what the samples of each group of classes give to each, in the mean."""
    g = group_of.max() + 1
    k = len(predictions.classes)
    sums = np.zeros((k, g))
    membership = np.eye(g)[group_of]
    given = (
        predictions.probabilities
        if predictions.has_probabilities
        else np.eye(k)[predictions.predicted]
    )
    for i in range(k):
        sums[i] = given[predictions.labels == i].sum(axis=0) @ membership
    support = np.bincount(predictions.labels, minlength=len(predictions.classes))
    return membership.T @ sums / np.maximum(membership.T @ support, 1)[:, None]


def _order(shares: np.ndarray) -> np.ndarray:
    """int64 (g,): the groups from one end to the other, beginning nearer to the first."""
    distance = -np.log(np.clip((shares + shares.T) / 2, UNLIKE, 1))
    np.fill_diagonal(distance, 0)
    tree = hierarchy.linkage(squareform(distance), "average", optimal_ordering=True)
    order = hierarchy.leaves_list(tree)
    return order if np.argmin(order) < len(order) / 2 else order[::-1]
