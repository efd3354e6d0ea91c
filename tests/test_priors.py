import numpy as np
import pytest

from handwriting.alphabet import CHARACTERS
from handwriting.priors import EMNIST_COUNTS, UNIFORM, adjust, pool


def test_doubtful_images_go_to_the_more_common_class():
    doubtful = np.array([[0.5, 0.5]])
    adjusted = adjust(doubtful, trained=np.array([1, 1]), wanted=np.array([9, 1]))
    np.testing.assert_allclose(adjusted, [[0.9, 0.1]])


def test_the_trained_frequencies_change_nothing():
    probabilities = np.random.default_rng(0).dirichlet(np.ones(62), 5)
    np.testing.assert_allclose(adjust(probabilities, EMNIST_COUNTS, EMNIST_COUNTS), probabilities)


def test_adjusting_back_gives_the_first_probabilities():
    probabilities = np.random.default_rng(0).dirichlet(np.ones(62), 5)
    there = adjust(probabilities, EMNIST_COUNTS, UNIFORM)
    np.testing.assert_allclose(adjust(there, UNIFORM, EMNIST_COUNTS), probabilities)


def test_counts_are_those_of_the_official_train_labels(real_data):
    from handwriting.datasets.splits import load_labels

    np.testing.assert_array_equal(np.bincount(load_labels("byclass", "train")), EMNIST_COUNTS)


def test_half_of_emnist_is_digits():
    assert EMNIST_COUNTS.sum() == 697_932
    assert EMNIST_COUNTS[: CHARACTERS.index("A")].sum() / 697_932 == pytest.approx(0.495, abs=0.01)


def test_pooled_answers_are_the_weighted_product():
    first, second = np.array([[0.8, 0.2]]), np.array([[0.5, 0.5]])
    np.testing.assert_allclose(pool([first, second], [1, 1]), first)
    np.testing.assert_allclose(pool([first, first], [1, 1]), [[0.64 / 0.68, 0.04 / 0.68]])
    np.testing.assert_allclose(pool([first, second], [0, 1]), second)


def test_an_impossible_answer_is_pooled_without_a_fault():
    pooled = pool([np.array([[1, 0]], np.float32), np.array([[0, 1]], np.float32)], [1, 1])
    np.testing.assert_allclose(pooled, [[0.5, 0.5]])
    assert pooled.dtype == np.float32
