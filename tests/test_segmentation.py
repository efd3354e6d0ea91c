import numpy as np
import pytest

from handwriting.alphabet import CHARACTERS
from handwriting.datasets.lines import ComposedLine
from handwriting.line import Line, load_size_model
from handwriting.segmentation import (
    FEATURES,
    MAX_PARTS,
    Part,
    choose,
    find_spaces,
    join_touching,
    propose,
)
from handwriting.training.reading import Example, find_true_runs, fit_weights

STEM = [[0, 0], [0, 90]]
DOT = [[1, -20], [2, -18]]


def parts(*strokes, at=None):
    """Strokes as parts, each moved to the right by what `at` says."""
    at = at or [0] * len(strokes)
    return [Part.from_stroke(np.add(s, (x, 0.0))) for s, x in zip(strokes, at, strict=True)]


def runs(proposal):
    return {tuple(proposal.members(span)) for span in proposal.spans}


def test_a_stroke_is_followed_by_even_steps():
    part = Part.from_stroke(np.array([[0, 0], [0, 1], [0, 2], [0, 100]]))
    steps = np.diff(part.points[:, 1])
    np.testing.assert_allclose(steps, steps[0])
    assert part.box.tolist() == [0, 0, 0, 100]


def test_a_late_dot_is_proposed_with_its_stem():
    # Two i: stem, stem, dot, dot.
    proposal = propose(parts(STEM, STEM, DOT, DOT, at=[0, 60, 0, 60]))
    assert {(0, 2), (1, 3)} <= runs(proposal)


def test_parts_far_apart_are_not_proposed_as_one():
    proposal = propose(parts(STEM, STEM, at=[0, 300]))
    assert runs(proposal) == {(0,), (1,)}


def test_runs_are_bounded_however_many_parts_there_are():
    proposal = propose(parts(*[DOT] * 200, at=[0.1 * i for i in range(200)]))
    lengths = proposal.spans[:, 1] - proposal.spans[:, 0]
    assert lengths.max() <= MAX_PARTS
    assert len(proposal.spans) <= 200 * MAX_PARTS


def test_the_best_cut_uses_each_part_once():
    proposal = propose(parts(STEM, STEM, STEM, STEM, at=[0, 30, 60, 90]))
    wanted = {(0, 1), (2,), (3,)}
    scores = np.array(
        [
            1.0 if tuple(span) in {(0, 2), (2, 3), (3, 4)} else -1.0
            for span in proposal.spans.tolist()
        ]
    )
    chosen = choose(proposal, scores)
    assert {tuple(proposal.members(proposal.spans[i])) for i in chosen} == wanted


@pytest.mark.parametrize("seed", range(5))
def test_the_best_cut_is_the_best_of_all(seed):
    proposal = propose(parts(*[STEM] * 6, at=[20 * i for i in range(6)]))
    scores = np.random.default_rng(seed).normal(size=len(proposal.spans))
    by_start = {}
    for number, (start, stop) in enumerate(proposal.spans.tolist()):
        by_start.setdefault(start, []).append((stop, scores[number]))

    def best_from(start):
        if start == len(proposal.parts):
            return 0.0
        return max(score + best_from(stop) for stop, score in by_start[start])

    assert scores[choose(proposal, scores)].sum() == pytest.approx(best_from(0))


@pytest.mark.parametrize("strokes", [[[[5, 5]]], [[[5, 5]], [[5, 5]]], [[[0, 5], [90, 5]]]])
def test_ink_without_height_has_features_too(strokes):
    proposal = propose(parts(*strokes))
    uniform = np.full((len(proposal.spans), len(CHARACTERS)), 1 / len(CHARACTERS))
    features = proposal.features(uniform, load_size_model())
    assert features.shape == (len(proposal.spans), len(FEATURES))
    assert np.isfinite(features).all()


def test_size_and_place_of_the_drawing_make_no_difference():
    uniform = np.full((1, len(CHARACTERS)), 1 / len(CHARACTERS))
    features = []
    for scale in (0.01, 50):
        strokes = [np.array(STEM) * scale - 7, np.array([[30, 20], [70, 25]]) * scale - 7]
        proposal = propose([Part.from_stroke(stroke) for stroke in strokes])
        features.append(
            proposal.features(uniform.repeat(len(proposal.spans), axis=0), load_size_model())
        )
    np.testing.assert_allclose(*features, atol=1e-6)


def test_a_wide_gap_is_a_space():
    lefts = np.array([0, 40, 80, 190, 230])
    boxes = np.column_stack([lefts, 0 * lefts, lefts + 30, 0 * lefts + 40])
    assert find_spaces(boxes, 30).tolist() == [False, False, False, True, False]


def test_generous_letter_spacing_is_no_row_of_spaces():
    lefts = np.array([0, 70, 143, 210, 282])
    boxes = np.column_stack([lefts, 0 * lefts, lefts + 30, 0 * lefts + 40])
    assert not find_spaces(boxes, 30).any()


def test_touching_strokes_become_one_component():
    cross = parts([[0, 50], [60, 50]], [[30, 0], [30, 100]], STEM, at=[0, 0, 120])
    joined, members = join_touching(cross, reach=3)
    assert members == [[0, 1], [2]]
    assert joined[0].box.tolist() == [0, 0, 60, 100]


def test_weights_learn_to_cut():
    # Bars belong to the stem that they cross, and the image says nothing.
    bar = [[-20, 45], [20, 45]]
    examples = []
    for gap in (60, 70, 80):
        drawing = [np.add(s, (x, 0.0)) for x in (0, gap, 2 * gap) for s in (STEM, bar)]
        line = ComposedLine("ttt", "lower", drawing, [[0, 1], [2, 3], [4, 5]], Line(90, 50))
        proposal = propose([Part.from_stroke(stroke) for stroke in drawing])
        uniform = np.full((len(proposal.spans), len(CHARACTERS)), 1 / len(CHARACTERS))
        features = proposal.features(uniform, load_size_model())
        true = find_true_runs(line, proposal, [0, 0, 1, 1, 2, 2])
        examples.append(Example(proposal, features, true))
    weights = fit_weights(examples)
    for example in examples:
        chosen = choose(example.proposal, example.features @ weights)
        assert chosen == np.flatnonzero(example.true).tolist()
