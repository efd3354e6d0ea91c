"""What one number would do for a classifier's confidence: temperature scaling.

Guo, Pleiss, Sun, Weinberger, "On calibration of modern neural networks", 2017, section 4.2.
"""

from __future__ import annotations

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax

from handwriting.evaluation.metrics import expected_calibration_error
from handwriting.evaluation.predictions import Predictions
from handwriting.evaluation.results import TemperatureScaling

SEED = 0
LEAST_SAMPLES = 20
"""With fewer, halves are too small for even one number to be found from them."""

TEMPERATURES = (0.05, 20.0)
"""Between which it is sought."""


def scale_temperature(predictions: Predictions) -> TemperatureScaling | None:
    """Divide the logits by a temperature that makes the evaluated samples likeliest.

    There is no other sample of the data to find it from, so the samples are dealt into two
    halves at random, and each half is scaled with what was found from the other: no sample has
    a part in the temperature that it is judged with. Answers stay the same, but for ties.

    Returns:
        None where no probabilities are known, or there are hardly any samples.
    """
    if not predictions.has_probabilities or len(predictions) < LEAST_SAMPLES:
        return None
    n, labels = len(predictions), predictions.labels
    logits = np.log(predictions.probabilities)
    order = np.random.default_rng(SEED).permutation(n)
    halves = order[: n // 2], order[n // 2 :]
    temperatures = [_find_temperature(logits[half], labels[half]) for half in halves]
    confidence, loss = np.empty(n), np.empty(n)
    for half, temperature in zip(halves, reversed(temperatures), strict=True):
        scaled = log_softmax(logits[half] / temperature, axis=1)
        rows = np.arange(len(half))
        confidence[half] = np.exp(scaled[rows, predictions.predicted[half]])
        loss[half] = -scaled[rows, labels[half]]
    return TemperatureScaling(
        temperatures=(temperatures[0], temperatures[1]),
        log_loss=float(loss.mean()),
        expected_calibration_error=expected_calibration_error(confidence, predictions.correct),
    )


def _find_temperature(logits: np.ndarray, labels: np.ndarray) -> float:
    rows = np.arange(len(labels))

    def loss(log_temperature: float) -> float:
        scaled = log_softmax(logits / np.exp(log_temperature), axis=1)
        return -scaled[rows, labels].mean()

    found = minimize_scalar(loss, bounds=np.log(TEMPERATURES), options={"xatol": 1e-3})
    return float(np.exp(found.x))
