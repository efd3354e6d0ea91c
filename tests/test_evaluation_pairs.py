"""Confused pairs: both directions, what they cost, and the accuracy without them."""

import numpy as np
import pytest
from sklearn.metrics import accuracy_score

from handwriting.evaluation.pairs import ConfusedPair, rank_pairs
from handwriting.evaluation.results import ConfusionMatrix


def matrix_of(classes: str, counts: list[list[int]]) -> ConfusionMatrix:
    return ConfusionMatrix(tuple(classes), tuple(classes), np.array(counts))


def test_the_costliest_pair_comes_first_with_both_directions():
    pairs = rank_pairs(matrix_of("0Oz", [[6, 1, 0], [3, 5, 0], [0, 2, 3]]))
    assert pairs == (
        ConfusedPair("0", "O", 1, 3, pytest.approx(0.2), pytest.approx(0.9)),
        ConfusedPair("O", "z", 0, 2, pytest.approx(0.1), pytest.approx(0.8)),
    )


def test_equal_pairs_keep_the_order_of_the_classes():
    pairs = rank_pairs(matrix_of("abc", [[1, 1, 1], [0, 1, 1], [0, 0, 1]]))
    assert [pair.first + pair.second for pair in pairs] == ["ab", "ac", "bc"]


def test_the_merged_accuracy_is_that_of_relabelled_samples():
    """An independent way: replace one of the two by the other, in truth and answer."""
    rng = np.random.default_rng(0)
    labels, predicted = rng.integers(0, 5, (2, 400))
    counts = np.zeros((5, 5), np.int64)
    np.add.at(counts, (labels, predicted), 1)
    pairs = rank_pairs(matrix_of("01234", counts))
    assert len(pairs) == 10
    for pair in pairs:
        one = [np.where(side == int(pair.second), int(pair.first), side)
               for side in (labels, predicted)]  # fmt: skip
        assert pair.merged_accuracy == pytest.approx(accuracy_score(*one), abs=1e-12)
    assert sum(pair.cost for pair in pairs) == pytest.approx((labels != predicted).mean())


def test_without_mistakes_there_are_no_pairs():
    assert rank_pairs(matrix_of("ab", [[3, 0], [0, 2]])) == ()


def test_a_matrix_without_samples_is_refused():
    with pytest.raises(ValueError, match="without samples"):
        rank_pairs(matrix_of("ab", [[0, 0], [0, 0]]))
