"""Temperatures: what they do to answers, and that fitting finds them."""

import numpy as np
import pytest

from handwriting.priors import adjust, temper
from handwriting.training.calibration import fit_temperature, weigh_samples

RANDOM = np.random.default_rng(0)


def draw(samples, classes):
    """Probabilities, and labels drawn by them: a calibrated classifier."""
    probabilities = RANDOM.dirichlet(np.full(classes, 0.5), samples)
    labels = (probabilities.cumsum(axis=1) > RANDOM.random((samples, 1))).argmax(axis=1)
    return probabilities, np.eye(classes)[labels]


def test_a_temperature_divides_the_logits():
    logits = RANDOM.normal(size=(5, 4))
    probabilities = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    cooler = np.exp(logits / 2) / np.exp(logits / 2).sum(axis=1, keepdims=True)
    np.testing.assert_allclose(temper(probabilities, 2), cooler)
    assert temper(probabilities, 1) is probabilities


def test_a_certain_answer_stays_finite():
    certain = np.array([[1, 0, 0], [0, 1, 0]], np.float32)
    np.testing.assert_array_equal(temper(certain, 1.5), certain)
    assert temper(certain, 1.5).dtype == np.float32


@pytest.mark.parametrize("temperature", [0.7, 1.0, 1.6])
def test_the_temperature_that_was_applied_is_found(temperature):
    probabilities, candidates = draw(20_000, 5)
    assert fit_temperature(temper(probabilities, 1 / temperature), candidates) == pytest.approx(
        temperature, abs=0.05
    )


def test_it_is_the_corrected_answers_that_are_calibrated():
    probabilities, candidates = draw(40_000, 3)
    trained, wanted = np.array([0.6, 0.3, 0.1]), candidates.mean(axis=0)
    outputs = temper(adjust(probabilities, wanted, trained), 1 / 1.4)
    assert fit_temperature(outputs, candidates, trained, wanted) == pytest.approx(1.4, abs=0.05)


def test_weights_make_samples_as_common_as_wanted():
    candidates = np.eye(3)[[0, 0, 0, 1, 2]]
    weights = weigh_samples(candidates, np.array([1, 1, 2]))
    np.testing.assert_allclose(weights @ candidates / weights.sum(), [0.25, 0.25, 0.5])


def test_classes_that_a_sample_leaves_open_are_weighted_as_one():
    candidates = np.array([[1, 0, 0], [0, 1, 0], [1, 1, 0], [0, 0, 1]], float)
    weights = weigh_samples(candidates, np.array([3, 3, 2]))
    np.testing.assert_allclose(weights, [1, 1, 1, 1])
