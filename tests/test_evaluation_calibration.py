"""Temperature scaling finds what was done to the logits; groups are counted by the true kind."""

import numpy as np
import pytest

from handwriting.evaluation.calibration import LEAST_SAMPLES, scale_temperature
from handwriting.evaluation.metrics import score, score_groups
from handwriting.evaluation.predictions import Predictions


def overconfident(temperature, samples=4000):
    """Predictions whose labels were drawn from the probabilities of logits / temperature."""
    rng = np.random.default_rng(0)
    logits = rng.normal(0, 2, (samples, 10))
    honest = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    labels = (honest.cumsum(axis=1) < rng.random((samples, 1))).sum(axis=1)
    sure = np.exp(logits * temperature)
    return Predictions.from_probabilities(
        tuple("0123456789"), labels, sure / sure.sum(axis=1, keepdims=True)
    )


@pytest.mark.parametrize("temperature", [0.5, 1.0, 3.0])
def test_the_temperature_is_found_and_mends_the_calibration(temperature):
    predictions = overconfident(temperature)
    found = scale_temperature(predictions)
    assert found.temperatures == pytest.approx((temperature, temperature), rel=0.1)
    before = score(predictions)
    if temperature != 1:
        assert found.expected_calibration_error < 0.5 * before.expected_calibration_error
        assert found.log_loss < before.log_loss
    assert found.expected_calibration_error < 0.03


def test_no_sample_is_judged_with_a_temperature_that_it_helped_to_find():
    """The halves have temperatures of their own, and which samples they hold is seeded."""
    predictions = overconfident(1.0)
    halved = scale_temperature(predictions)
    other = Predictions.from_probabilities(
        predictions.classes, predictions.labels[::-1].copy(), predictions.probabilities[::-1]
    )
    assert halved.temperatures[0] != halved.temperatures[1]
    assert scale_temperature(other).temperatures != halved.temperatures
    assert scale_temperature(predictions) == halved


def test_what_cannot_be_scaled_is_not():
    few = LEAST_SAMPLES - 1
    tiny = Predictions.from_probabilities(("0", "1"), np.zeros(few, int), np.full((few, 2), 0.5))
    assert scale_temperature(tiny) is None
    labels = np.zeros(100, int)
    assert scale_temperature(Predictions.from_labels(("0", "1"), labels, labels)) is None


def test_groups_are_those_of_the_true_character():
    classes = ("0", "1", "O", "o")
    predictions = Predictions.from_labels(
        classes, np.array([0, 0, 0, 1, 2, 2, 3]), np.array([0, 1, 2, 1, 2, 0, 2])
    )
    digits, upper, lower = score_groups(predictions)
    assert (digits.group, digits.support, digits.accuracy) == ("digit", 4, 0.5)
    assert digits.kind_accuracy == 0.75
    assert (upper.group, upper.support, upper.accuracy, upper.kind_accuracy) == (
        "upper", 2, 0.5, 0.5,
    )  # fmt: skip
    assert (lower.group, lower.accuracy, lower.kind_accuracy) == ("lower", 0, 0)
    assert digits.accuracy_ci95[0] < 0.5 < digits.accuracy_ci95[1]


def test_groups_without_samples_are_left_out():
    predictions = Predictions.from_labels(("0", "A"), np.zeros(3, int), np.zeros(3, int))
    assert [score.group for score in score_groups(predictions)] == ["digit"]
