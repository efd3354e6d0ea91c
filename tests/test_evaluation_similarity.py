"""Similarity: look-alikes stand together, in an order of exactly the classes that there are."""

import numpy as np

from handwriting.alphabet import CHARACTERS
from handwriting.evaluation.predictions import Predictions
from handwriting.evaluation.similarity import order_by_similarity


def mistaking(classes: str, pairs: list[str]) -> Predictions:
    """Ten samples a class; the members of a pair get 0.3 of each other's probability."""
    k = len(classes)
    shares = np.full((k, k), 1e-4)
    np.fill_diagonal(shares, 1)
    for one, other in pairs:
        i, j = classes.index(one), classes.index(other)
        shares[i, j] = shares[j, i] = 0.3
    labels = np.repeat(np.arange(k), 10)
    probabilities = shares / shares.sum(axis=1, keepdims=True)
    return Predictions.from_probabilities(tuple(classes), labels, probabilities[labels])


def test_look_alikes_are_neighbours():
    pairs = ["0O", "Oo", "g9", "1l", "lI", "5S", "2Z"]
    order = order_by_similarity(mistaking(CHARACTERS, pairs))["byclass"]
    assert sorted(order) == sorted(CHARACTERS)
    for one, other in pairs:
        assert abs(order.index(one) - order.index(other)) == 1


def test_merged_classes_are_ordered_as_one():
    orders = order_by_similarity(mistaking(CHARACTERS, ["0o", "s5", "kx"]))
    assert {name: len(order) for name, order in orders.items()} == {
        "byclass": 62,
        "bymerge": 47,
        "case-insensitive": 36,
    }
    for one, other in ("0O", "S5", "KX"):
        order = orders["bymerge"]
        assert abs(order.index(one) - order.index(other)) == 1


def test_digits_have_nothing_to_merge():
    assert list(order_by_similarity(mistaking("0123456789", ["17"]))) == ["byclass"]


def test_classes_without_samples_have_their_place_too():
    given = mistaking("012345", ["13"])
    some = given.labels != 4
    fewer = Predictions.from_probabilities(
        given.classes, given.labels[some], given.probabilities[some]
    )
    assert sorted(order_by_similarity(fewer)["byclass"]) == list("012345")


def test_two_classes_have_no_order():
    assert order_by_similarity(mistaking("01", [])) == {}
