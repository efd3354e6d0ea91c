"""Loss and accuracy for samples of which a set of candidate classes is known.

A sample with an exact label has one candidate; a letter whose case is unknown has two.
"""

from __future__ import annotations

import keras
from keras import ops


@keras.saving.register_keras_serializable("handwriting")
def candidate_crossentropy(candidates, probabilities):
    """Minus the logarithm of the summed probability of the candidates.

    For a single candidate this is categorical cross-entropy; for several it is the negative
    marginal log-likelihood of learning from partial labels (Jin and Ghahramani 2002, "Learning
    with multiple labels").

    Args:
        candidates: float (n, k), one for a candidate, else zero; at least one in a row.
        probabilities: float (n, k), rows that sum to one.

    Returns:
        float (n,), at least zero.
    """
    summed = ops.sum(candidates * probabilities, axis=-1)
    return -ops.log(ops.clip(summed, keras.config.epsilon(), 1.0))


@keras.saving.register_keras_serializable("handwriting")
def candidate_accuracy(candidates, probabilities):
    """Whether the likeliest class is a candidate: float (n,), one or zero."""
    predicted = ops.argmax(probabilities, axis=-1)
    return ops.sum(candidates * ops.one_hot(predicted, candidates.shape[-1]), axis=-1)
