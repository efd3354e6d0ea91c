"""Targets between labels and other networks' answers."""

import numpy as np

from handwriting.training.distillation import soft_crossentropy, soften
from handwriting.training.losses import candidate_crossentropy

EXACT, UNKNOWN = [0.0, 1, 0], [0.0, 1, 1]
ANSWER = [0.2, 0.6, 0.2]


def test_a_target_is_partly_the_label_and_partly_the_answer():
    targets = soften(np.array([EXACT]), np.array([ANSWER]), trust=0.5)
    np.testing.assert_allclose(targets, [[0.1, 0.8, 0.1]], rtol=1e-6)


def test_an_unknown_case_is_divided_as_the_answers_have_it():
    targets = soften(np.array([UNKNOWN]), np.array([ANSWER]), trust=0)
    np.testing.assert_allclose(targets, [[0, 0.75, 0.25]], rtol=1e-6)


def test_only_the_head_with_candidates_is_taught():
    candidates = np.array([[[0.0, 0, 0], EXACT]])
    targets = soften(candidates, np.array([[ANSWER, ANSWER]]), trust=1)
    np.testing.assert_allclose(targets, [[[0, 0, 0], ANSWER]], rtol=1e-6)


def test_of_exact_labels_it_is_the_usual_loss():
    candidates, probabilities = np.array([EXACT]), np.array([ANSWER])
    np.testing.assert_allclose(
        soft_crossentropy(candidates, probabilities),
        candidate_crossentropy(candidates, probabilities),
    )


def test_the_targets_themselves_are_the_best_answer():
    exact, answer = np.array([EXACT], np.float32), np.array([ANSWER], np.float32)
    targets = soften(exact, answer)
    best = soft_crossentropy(targets, targets)
    assert best < soft_crossentropy(targets, exact)
    assert best < soft_crossentropy(targets, answer)
