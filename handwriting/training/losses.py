"""Loss and accuracy for samples of which a set of candidate classes is known.

A sample with an exact label has one candidate; a letter whose case is unknown has two. Where a
network has several heads, the candidates are among the classes of one head, so that only that
head, and the trunk below it, learns from the sample.
"""

from __future__ import annotations

import keras
from keras import ops


def candidate_crossentropy(candidates, probabilities):
    """Minus the logarithm of the summed probability of the candidates.

    For a single candidate this is categorical cross-entropy; for several it is the negative
    marginal log-likelihood of learning from partial labels (Jin and Ghahramani 2002, "Learning
    with multiple labels").

    Args:
        candidates: float (n, k) or (n, heads, k), one for a candidate, else zero; at least one
            in a sample.
        probabilities: float of the same shape; the last axis sums to one.

    Returns:
        float (n,), at least zero.
    """
    summed = sum_sample(candidates * probabilities)
    return -ops.log(ops.clip(summed, keras.config.epsilon(), 1.0))


def candidate_accuracy(candidates, probabilities):
    """Whether the likeliest class, of the head in question, is a candidate: float (n,)."""
    predicted = ops.argmax(probabilities, axis=-1)
    return sum_sample(candidates * ops.one_hot(predicted, candidates.shape[-1]))


def sum_sample(values):
    """The sum of each sample's values, over heads and classes: (n,)."""
    return ops.sum(values, axis=tuple(range(1, len(values.shape))))
