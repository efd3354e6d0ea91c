"""How common each character is, and what follows for a model's answers.

Corrected for other class frequencies, made less sure, or pooled with another model's.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.special import softmax

from handwriting.alphabet import CHARACTERS

# fmt: off
EMNIST_COUNTS = np.array([
    34585, 38374, 34203, 35143, 33535, 31416, 34232, 35754, 33946, 33847,
    6407, 3878, 10094, 4562, 4934, 9182, 2517, 3152, 11946, 3762, 2468, 5076, 9002,
    8237, 24983, 8347, 2605, 5073, 20764, 9820, 12602, 4637, 4695, 2771, 4743, 2701,
    10033, 5159, 2854, 10177, 24631, 2561, 3687, 8738, 2725, 1896, 2491, 15318, 2645,
    11418, 2749, 2448, 2994, 14105, 2699, 18262, 2830, 2910, 2697, 2822, 2365, 2725,
])
# fmt: on
"""int64 (62,): samples of each character among ByClass's 697,932 official train labels."""

UNIFORM = np.ones(len(EMNIST_COUNTS))
"""float64 (62,): every character as common as any other."""

SMALL = np.array([character.islower() for character in CHARACTERS])
"""bool (62,): the small letters."""


def adjust(probabilities: np.ndarray, trained: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """Correct posteriors for class frequencies other than those of the training samples.

    Bayes' rule with the likelihoods kept and the prior exchanged: each column is multiplied by
    `wanted / trained`, then the rows are renormalised (Saerens, Latinne, Decaestecker 2002,
    "Adjusting the outputs of a classifier to new a priori probabilities", eq. 4; the "logit
    adjustment" of Menon et al. 2021).

    Args:
        probabilities: float (n, k), rows that sum to one.
        trained: float (k,), positive: how frequent the classes were in training, in any unit.
        wanted: float (k,), not negative: how frequent they are where the model is used.

    Returns:
        float (n, k) of the same dtype, rows that sum to one.
    """
    weights = np.asarray(wanted, np.float64) / np.sum(wanted) / (trained / np.sum(trained))
    adjusted = probabilities * weights
    return (adjusted / adjusted.sum(axis=1, keepdims=True)).astype(probabilities.dtype)


def temper(probabilities: np.ndarray, temperature: float) -> np.ndarray:
    """Make answers less sure, or surer, without changing their order.

    What dividing the logits by a temperature does, by way of the probabilities (Guo et al. 2017,
    "On calibration of modern neural networks", section 4.2).

    Args:
        probabilities: float (n, k), rows that sum to one.
        temperature: Positive; above one is less sure.

    Returns:
        float (n, k) of the same dtype, rows that sum to one.
    """
    if temperature == 1:
        return probabilities
    highest = probabilities.max(axis=1, keepdims=True)
    powers = (probabilities / highest) ** (1 / temperature)
    return powers / powers.sum(axis=1, keepdims=True)


def pool(answers: Sequence[np.ndarray], weights: Sequence[float]) -> np.ndarray:
    """One answer out of several about the same samples, given with equal class frequencies.

    Their weighted geometric mean, renormalised: the logarithmic opinion pool (Genest, Zidek 1986,
    "Combining probability distributions", section 3), for which weights need not sum to one.

    Args:
        answers: float (n, k) each, rows that sum to one.
        weights: How much each counts, not negative.

    Returns:
        float (n, k) of the first one's dtype, rows that sum to one.
    """
    tiny = np.finfo(np.float32).tiny
    logs = sum(
        weight * np.log(np.maximum(answer, tiny, dtype=np.float64))
        for answer, weight in zip(answers, weights, strict=True)
    )
    return softmax(logs, axis=1).astype(answers[0].dtype)


def pool_pen(
    answers: Sequence[np.ndarray],
    weights: Sequence[float],
    small: float = 1.0,
    prior: np.ndarray = UNIFORM,
) -> np.ndarray:
    """What image and path of the pen say together about drawings.

    Args:
        answers: float (n, 62) each, as for `pool`.
        weights: As for `pool`.
        small: How much likelier small letters are than the pooled answers say.
        prior: float (62,), how common each character is, in any unit.

    Returns:
        float (n, 62) of the first answer's dtype, rows that sum to one.
    """
    return adjust(pool(answers, weights), UNIFORM, np.where(SMALL, small, 1) * prior)
