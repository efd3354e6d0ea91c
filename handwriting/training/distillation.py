"""Several networks' knowledge in one: it learns from their answers as well as from the labels.

Hinton, Vinyals, Dean 2015, "Distilling the knowledge in a neural network", at temperature one:
on look-alikes and doubtful labels, a mean answer says more than a label does.
"""

from __future__ import annotations

import numpy as np
from keras import ops

from handwriting.training.losses import sum_sample

TRUST = 0.5
"""How much of a target is the teachers' answer; the rest is the label."""


def soften(candidates: np.ndarray, answers: np.ndarray, trust: float = TRUST) -> np.ndarray:
    """Targets between the labels and the teachers' answers.

    Where a sample has several candidates, the label's part is divided between them as the
    answers have it (the expectation step of learning from partial labels).

    Args:
        candidates: float32 (n, heads, k) or (n, k), one for a candidate, else zero.
        answers: float32 of the same shape, the teachers' mean probabilities.
        trust: From zero, for the labels alone, to one, for the answers alone.

    Returns:
        float32 of the same shape; a sample's targets sum to one, all at the head of its
        candidates.
    """
    own = candidates.any(axis=-1, keepdims=True)
    labels = candidates * np.maximum(answers, 1e-9)
    labels /= labels.reshape(len(labels), -1).sum(axis=1).reshape(-1, *[1] * (labels.ndim - 1))
    return (trust * answers * own + (1 - trust) * labels).astype(np.float32)


def soft_crossentropy(targets, probabilities):
    """Cross-entropy with targets that are probabilities themselves: float (n,).

    Args:
        targets: float (n, k) or (n, heads, k), of which a sample's sum to one.
        probabilities: float of the same shape; the last axis sums to one.
    """
    return -sum_sample(targets * ops.log(ops.clip(probabilities, 1e-7, 1.0)))
