"""Predictions: checked at the door, the same after saving, and true to what was given."""

import numpy as np
import pytest

from handwriting.alphabet import BYMERGE, CHARACTERS
from handwriting.errors import InputError
from handwriting.evaluation.predictions import LEAST, Predictions


def softmax(scores):
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def test_what_is_stored_is_what_is_loaded(tmp_path):
    rng = np.random.default_rng(0)
    probabilities = softmax(rng.normal(0, 4, (500, 62)))
    labels = rng.integers(62, size=500)
    given = Predictions.from_probabilities(tuple(CHARACTERS), labels, probabilities)
    given.save(tmp_path / "predictions.npz")
    loaded = Predictions.load(tmp_path / "predictions.npz")
    assert loaded.classes == given.classes
    np.testing.assert_array_equal(loaded.labels, labels)
    np.testing.assert_array_equal(loaded.predicted, probabilities.argmax(axis=1))
    np.testing.assert_array_equal(loaded.probabilities, given.probabilities)
    np.testing.assert_allclose(loaded.probabilities, probabilities, rtol=0.02, atol=1e-7)
    np.testing.assert_allclose(loaded.confidence, probabilities.max(axis=1), atol=5e-4)
    np.testing.assert_allclose(loaded.probabilities.sum(axis=1), 1, atol=1e-12)


def test_rounding_hides_no_loss():
    """A sure mistake costs as much as the classifier said, however small the probability."""
    given = Predictions.from_probabilities(("0", "1"), [1], [[1 - 1e-12, 1e-12]])
    assert np.log(given.probabilities[0, 1]) == pytest.approx(np.log(1e-12), abs=0.02)


def test_an_impossible_truth_keeps_the_log_loss_finite():
    given = Predictions.from_probabilities(("0", "1"), [1], [[1.0, 0.0]])
    assert given.probabilities[0, 1] == LEAST


@pytest.mark.parametrize("shift", [0.0, 1e-6, -1e-6])
def test_the_answer_survives_rounding(shift):
    """Both are rounded to 0.5, so only the answer's lift tells them apart."""
    probabilities = np.array([[0.0, 0.5 - shift, 0.5 + shift]])
    given = Predictions.from_probabilities(("0", "1", "2"), [0], probabilities)
    answer = probabilities.argmax()
    assert given.predicted[0] == answer
    assert (np.delete(given.kept[0], answer) < given.kept[0, answer]).all()


def test_groups_follow_the_characters_not_the_columns():
    given = Predictions.from_probabilities(("z", "Z", "7"), [0], [[1.0, 0.0, 0.0]])
    z, capital, seven = given.groups(BYMERGE)
    assert z == capital == BYMERGE.classes.index("Z")
    assert seven == 7


@pytest.mark.parametrize(
    ("classes", "labels", "probabilities", "message"),
    [
        (("0", "1"), [0, 1], [[1, 0]], r"probabilities are \(1, 2\): 2 labels"),
        (("0", "1"), [0], [[0.7, 0.7]], "row 0 with sum 1.4"),
        (("0", "1"), [0], [[1.5, -0.5]], "no probabilities"),
        (("0", "1"), [0], [[np.nan, 1]], "no probabilities"),
        (("0", "1"), [2], [[1, 0]], "labels must lie in 0 … 1"),
        (("0", "1"), [-1], [[1, 0]], "labels must lie in 0 … 1"),
        (("0", "1"), [0.5], [[1, 0]], "labels must be"),
        (("0", "ö"), [0], [[1, 0]], "'ö' is no class"),
        (("0", "0"), [0], [[1, 0]], "1 different"),
        (("0", "1"), [], np.zeros((0, 2)), "labels must be"),
    ],
)
def test_what_does_not_fit_is_refused(classes, labels, probabilities, message):
    with pytest.raises(InputError, match=message):
        Predictions.from_probabilities(classes, labels, np.array(probabilities, float))


def truncated(path, predictions):
    predictions.save(path)
    path.write_bytes(path.read_bytes()[:-60])


def no_archive(path, predictions):
    path.write_bytes(b"accuracy: very good")


def other_arrays(path, predictions):
    np.savez(path, weights=np.ones(3))


def pickled(path, predictions):
    np.savez(path, classes=np.array([object()]), labels=np.zeros(1), predicted=np.zeros(1))


def answer_is_not_the_maximum(path, predictions):
    np.savez(
        path,
        classes=np.array(predictions.classes),
        labels=predictions.labels,
        predicted=1 - predictions.predicted,
        probabilities=predictions.kept,
    )


@pytest.mark.parametrize(
    "damage", [truncated, no_archive, other_arrays, pickled, answer_is_not_the_maximum]
)
def test_a_damaged_file_is_named(tmp_path, damage):
    path = tmp_path / "predictions.npz"
    damage(path, Predictions.from_probabilities(("0", "1"), [0, 1], [[0.9, 0.1], [0.2, 0.8]]))
    with pytest.raises(InputError, match=r"predictions\.npz"):
        Predictions.load(path)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(InputError, match="is missing"):
        Predictions.load(tmp_path / "predictions.npz")
