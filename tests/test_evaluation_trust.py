"""Trust: calibration as scikit-learn counts it, and what a refusal below a confidence gains."""

import dataclasses

import numpy as np
import pytest
from sklearn.calibration import calibration_curve

from handwriting.evaluation.metrics import expected_calibration_error
from handwriting.evaluation.predictions import Predictions
from handwriting.evaluation.trust import area_under_risk_coverage, measure_trust

RIGHT = np.array([True, True, False, True, False])
SURE = np.array([0.95, 0.85, 0.85, 0.6, 0.55])


def answer(confidence: np.ndarray, correct: np.ndarray) -> Predictions:
    """Answers `1`, as sure as told, to samples of `1` where it is right and of `0` where not."""
    probabilities = np.column_stack([1 - confidence, confidence])
    return Predictions.from_probabilities(("0", "1"), correct.astype(int), probabilities)


def overconfident(n: int = 2000) -> Predictions:
    rng = np.random.default_rng(0)
    confidence = rng.uniform(0.5, 1, n)
    return answer(confidence, rng.random(n) < confidence**2)


@pytest.fixture(scope="module")
def predictions():
    return overconfident()


@pytest.fixture(scope="module")
def trust(predictions):
    return measure_trust(predictions)


def test_bins_are_those_of_scikit_learns_calibration_curve(predictions, trust):
    accuracy, confidence = calibration_curve(predictions.correct, predictions.confidence, n_bins=15)
    filled = [b for b in trust.bins if b.samples]
    np.testing.assert_allclose([b.right / b.samples for b in filled], accuracy)
    np.testing.assert_allclose([b.confidence for b in filled], confidence)
    for share, b in zip(accuracy, filled, strict=True):
        assert b.accuracy_ci95[0] < share < b.accuracy_ci95[1]


def test_bins_give_the_expected_calibration_error(predictions, trust):
    gaps = [abs(b.right - b.samples * b.confidence) for b in trust.bins if b.samples]
    expected = expected_calibration_error(predictions.confidence, predictions.correct)
    assert sum(gaps) / len(predictions) == pytest.approx(expected)


def test_bins_without_samples_know_nothing(trust):
    assert len(trust.bins) == 15
    assert [b.confidence for b in trust.bins[:7]] == [None] * 7
    assert [b.accuracy_ci95 for b in trust.bins[:7]] == [None] * 7


def test_each_threshold_counts_the_samples_at_least_as_sure(predictions, trust):
    for threshold, answered, right in zip(
        trust.thresholds, trust.answered, trust.right, strict=True
    ):
        sure = predictions.confidence >= threshold
        assert (answered, right) == (sure.sum(), predictions.correct[sure].sum())


def test_thresholds_are_every_percent_that_a_page_asks_for(trust):
    assert trust.thresholds[:100] == tuple(i / 100 for i in range(100))
    assert trust.answered[0] == 2000


def test_refusing_below_a_confidence_leaves_the_surer_answers():
    trust = measure_trust(answer(SURE, RIGHT))
    at = trust.thresholds.index(0.8)
    assert (trust.answered[at], trust.right[at]) == (3, 2)


def test_the_area_is_the_mean_risk_over_all_coverages():
    # Errors among those at least as sure: none of 1, 1 of 3 twice (two are equally sure), 1 of 4,
    # 2 of 5.
    expected = (0 + 1 / 3 + 1 / 3 + 1 / 4 + 2 / 5) / 5
    assert area_under_risk_coverage(SURE, RIGHT) == pytest.approx(expected)
    shuffled = np.array([3, 2, 0, 4, 1])
    assert area_under_risk_coverage(SURE[shuffled], RIGHT[shuffled]) == pytest.approx(expected)


def test_confidence_that_tells_nothing_has_the_error_rate_as_area():
    assert area_under_risk_coverage(np.full(5, 0.7), RIGHT) == pytest.approx(2 / 5)


def test_answers_without_probabilities_have_no_trust():
    labels = np.array([0, 1, 1])
    assert measure_trust(Predictions.from_labels(("0", "1"), labels, labels)) is None


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"thresholds": ()}, "a count of answers for each threshold"),
        ({"answered": (3, 4)}, "a count of answers for each threshold"),
        ({"right": (9,) * 102}, "more right answers than answers"),
        ({"answered": tuple(range(102))}, "more at a higher threshold"),
    ],
)
def test_numbers_that_contradict_each_other_are_found(change, message):
    trust = measure_trust(answer(SURE, RIGHT))
    assert trust.inconsistency(samples=5, right=3) is None
    assert message in dataclasses.replace(trust, **change).inconsistency(samples=5, right=3)


def test_numbers_of_another_evaluation_are_found():
    trust = measure_trust(answer(SURE, RIGHT))
    assert "other samples" in trust.inconsistency(samples=5, right=4)
    assert "other samples" in trust.inconsistency(samples=6, right=3)
