"""Neighbours: the same shape is nearer than another, even if it is shifted a little."""

import numpy as np

from handwriting.evaluation.neighbours import nearest_samples


def stroke(column: int, width: int = 4) -> np.ndarray:
    """An upright bar."""
    image = np.zeros((28, 28), np.uint8)
    image[4:24, column : column + width] = 255
    return image


def test_the_nearest_come_first():
    bars = np.stack([stroke(20), stroke(10), stroke(11), stroke(13)])
    assert list(nearest_samples(stroke(10), bars, 3)) == [1, 2, 3]


def test_fewer_than_wanted_are_all_there_are():
    assert len(nearest_samples(stroke(10), stroke(10)[None], 5)) == 1
    assert len(nearest_samples(stroke(10), np.zeros((0, 28, 28), np.uint8), 5)) == 0
