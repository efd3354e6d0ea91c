"""Metrics: scikit-learn's numbers on what is stored, sensible intervals, odd cases."""

import dataclasses
from itertools import pairwise

import numpy as np
import pytest
from sklearn import metrics as sk

from handwriting.alphabet import BYMERGE, CASE_INSENSITIVE, CHARACTERS
from handwriting.evaluation.metrics import (
    count_confusions,
    expected_calibration_error,
    rank_confusions,
    score,
    score_classes,
)
from handwriting.evaluation.predictions import Predictions
from handwriting.evaluation.results import ConfusionMatrix


def random_predictions(n=800, classes=CHARACTERS, seed=0):
    """A classifier that is right more often than not, on uneven classes."""
    rng = np.random.default_rng(seed)
    k = len(classes)
    labels = rng.choice(k, n, p=rng.dirichlet(np.full(k, 1.5)))
    scores = rng.normal(0, 1, (n, k))
    scores[np.arange(n), labels] += 2.5
    powers = np.exp(scores)
    probabilities = powers / powers.sum(axis=1, keepdims=True)
    return Predictions.from_probabilities(tuple(classes), labels, probabilities)


@pytest.fixture(scope="module")
def predictions():
    return random_predictions()


@pytest.fixture(scope="module")
def metrics(predictions):
    return score(predictions)


@pytest.mark.filterwarnings("ignore:y_pred contains classes not in y_true")
def test_an_independent_script_finds_the_same_figures(predictions, metrics, tmp_path):
    """What README tells outsiders to do with `predictions.npz`."""
    predictions.save(tmp_path / "predictions.npz")
    stored = np.load(tmp_path / "predictions.npz")
    labels, predicted = stored["labels"], stored["predicted"]
    p = stored["probabilities"].astype(np.float64)
    p /= p.sum(axis=1, keepdims=True)
    every = np.arange(62)

    def merged(indices, look_alikes):
        return [
            CHARACTERS[i].upper() if CHARACTERS[i] in look_alikes else CHARACTERS[i]
            for i in indices
        ]

    def folded(look_alikes):
        return sk.accuracy_score(merged(labels, look_alikes), merged(predicted, look_alikes))

    assert metrics.accuracy == sk.accuracy_score(labels, predicted)
    assert metrics.accuracy == sk.accuracy_score(labels, p.argmax(axis=1))
    expected = {
        "top3_accuracy": sk.top_k_accuracy_score(labels, p, k=3, labels=every),
        "bymerge_accuracy": folded("cijklmopsuvwxyz"),
        "case_insensitive_accuracy": folded("abcdefghijklmnopqrstuvwxyz"),
        "balanced_accuracy": sk.balanced_accuracy_score(labels, predicted),
        "macro_f1": sk.f1_score(labels, predicted, average="macro"),
        "log_loss": -np.log(p[np.arange(len(p)), labels]).mean(),
    }
    for name, value in expected.items():
        assert getattr(metrics, name) == pytest.approx(value, abs=1e-9), name


def test_every_interval_holds_its_figure(metrics):
    figures = dataclasses.asdict(metrics)
    for name in [name for name in figures if not name.endswith("_ci95")]:
        low, high = figures[f"{name}_ci95"]
        assert low < figures[name] < high, name


def test_wilsons_interval_is_the_published_one(predictions):
    """81 of 263 right, Newcombe 1998, table I: 0.2553 to 0.3662."""
    labels = np.zeros(263, int)
    right = (np.arange(263) < 81)[:, None]
    narrow = Predictions.from_probabilities(
        ("0", "1"), labels, np.where(right, [[0.9, 0.1]], [[0.1, 0.9]])
    )
    assert score(narrow).accuracy_ci95 == pytest.approx((0.2553, 0.3662), abs=5e-5)
    assert score_classes(narrow)[0].accuracy_ci95 == pytest.approx((0.2553, 0.3662), abs=5e-5)


def test_intervals_are_the_same_every_time(predictions, metrics):
    assert score(predictions) == metrics


def test_bootstrap_interval_of_a_mean_is_about_that_of_the_normal_distribution(
    predictions, metrics
):
    loss = -np.log(predictions.probabilities[np.arange(len(predictions)), predictions.labels])
    half_width = 1.96 * loss.std() / np.sqrt(len(loss))
    low, high = metrics.log_loss_ci95
    assert (high - low) / 2 == pytest.approx(half_width, rel=0.1)


def test_calibration_error_of_a_known_case():
    """Bin (0.6, 0.667]: half right at 0.65. Bin (0.933, 1]: always right at 0.95."""
    confidence = np.array([0.65, 0.65, 0.95, 0.95])
    correct = np.array([True, False, True, True])
    expected = 0.5 * 0.15 + 0.5 * 0.05
    assert expected_calibration_error(confidence, correct) == pytest.approx(expected)


def test_calibration_bins_end_with_their_upper_edge():
    """0.2 is the end of the third bin, so it is not averaged with 0.21 of the fourth."""
    error = expected_calibration_error(np.array([3 / 15, 0.21]), np.array([True, False]))
    assert error == pytest.approx((0.8 + 0.21) / 2)


@pytest.mark.parametrize("alphabet", [BYMERGE, CASE_INSENSITIVE], ids=lambda a: a.name)
def test_folding_the_confusion_matrix_gives_the_folded_accuracy(predictions, metrics, alphabet):
    folded = count_confusions(predictions).fold(alphabet)
    assert folded.classes == alphabet.classes
    assert folded.members == alphabet.members
    name = {"bymerge": "bymerge_accuracy", "case-insensitive": "case_insensitive_accuracy"}
    assert folded.counts.trace() / folded.counts.sum() == getattr(metrics, name[alphabet.name])


def test_classes_agree_with_the_samples(predictions):
    scores = score_classes(predictions)
    assert "".join(s.character for s in scores) == CHARACTERS
    assert sum(s.support for s in scores) == len(predictions)
    index = max(range(62), key=lambda i: scores[i].support)
    mine = predictions.labels == index
    answers = predictions.predicted == index
    hits = (mine & answers).sum()
    assert scores[index].accuracy == scores[index].recall == pytest.approx(hits / mine.sum())
    assert scores[index].precision == pytest.approx(hits / answers.sum())
    assert scores[index].f1 == pytest.approx(2 * hits / (mine.sum() + answers.sum()))
    wrong = predictions.predicted[mine & ~answers]
    assert scores[index].most_confused_with == CHARACTERS[np.bincount(wrong).argmax()]


def test_confusions_are_ranked_and_complete(predictions):
    confusions = rank_confusions(predictions)
    assert all(a.count >= b.count for a, b in pairwise(confusions))
    assert sum(c.count for c in confusions) == (~predictions.correct).sum()
    first = confusions[0]
    pair = (
        [CHARACTERS[i] for i in predictions.labels],
        [CHARACTERS[i] for i in predictions.predicted],
    )
    assert first.count == sum(
        t == first.true and p == first.predicted for t, p in zip(*pair, strict=True)
    )


def test_ten_classes_have_nothing_to_fold():
    metrics = score(random_predictions(classes="0123456789"))
    assert metrics.accuracy == metrics.bymerge_accuracy == metrics.case_insensitive_accuracy


def test_one_sample_is_enough(recwarn):
    one = Predictions.from_probabilities(("0", "1", "2", "3"), [2], [[0.1, 0.2, 0.6, 0.1]])
    metrics = score(one)
    assert metrics.accuracy == metrics.top3_accuracy == metrics.macro_f1 == 1
    assert metrics.log_loss == pytest.approx(-np.log(0.6), abs=1e-3)
    assert metrics.log_loss_ci95 == (metrics.log_loss, metrics.log_loss)
    assert not recwarn.list


def test_two_classes_are_enough():
    assert score(random_predictions(classes="aA")).top3_accuracy == 1


def test_a_class_without_samples_has_no_accuracy(recwarn):
    """`1` is answered once but never true; `2` is neither."""
    given = Predictions.from_probabilities(
        ("0", "1", "2"), [0, 0], [[0.9, 0.05, 0.05], [0.2, 0.7, 0.1]]
    )
    zero, one, two = score_classes(given)
    assert (zero.support, zero.accuracy, zero.most_confused_with) == (2, 0.5, "1")
    assert (one.support, one.accuracy, one.accuracy_ci95, one.precision) == (0, None, None, 0)
    assert (two.support, two.accuracy, two.precision, two.f1) == (0, None, None, None)
    metrics = score(given)
    assert metrics.balanced_accuracy == 0.5
    assert metrics.macro_f1 == pytest.approx((2 / 3 + 0) / 2)
    assert not recwarn.list


def test_classes_in_the_most_mistakes_come_first():
    counts = np.array([[5, 0, 1], [0, 5, 0], [3, 1, 5]])
    matrix = ConfusionMatrix(("a", "b", "c"), ("a", "b", "c"), counts)
    assert list(matrix.order_by_mistakes()) == [2, 0, 1]
