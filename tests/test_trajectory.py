"""The path of the pen as numbers."""

import numpy as np
import pytest

from handwriting.ink import space_evenly
from handwriting.trajectory import CHANNELS, MAX_STROKES, POINTS, follow

T = [np.array([[0.0, 0.0], [40.0, 0.0]]), np.array([[20.0, 0.0], [20.0, 80.0]])]
"""A bar to the right, then a stem downwards."""


def test_a_point_tells_its_place_its_direction_and_the_lifts():
    trajectory = follow(T)
    assert trajectory.shape == (POINTS, CHANNELS)
    there = trajectory[:, 7] == 1
    bar, stem = np.split(trajectory[there], [np.flatnonzero(trajectory[:, 6])[0] + 1])
    np.testing.assert_allclose(bar[0, :2], [-0.5, -1])
    np.testing.assert_allclose(bar[:-1, 2:4], np.tile([1, 0], (len(bar) - 1, 1)), atol=1e-6)
    np.testing.assert_allclose(bar[-1, 2:], [0, 0, -0.5, 0, 1, 1], atol=1e-6)
    np.testing.assert_allclose(stem[:-1, 2:4], np.tile([0, 1], (len(stem) - 1, 1)), atol=1e-6)
    np.testing.assert_allclose(stem[-1], [0, 1, 0, 0, 0, 0, 1, 1], atol=1e-6)
    assert not trajectory[~there].any()


def test_points_are_evenly_spaced_and_nearly_all_used():
    places = follow(T)[:, :2][follow(T)[:, 7] == 1]
    steps = np.hypot(*np.diff(places, axis=0).T)
    within = np.delete(steps, np.argmax(steps))  # The way through the air.
    assert within.max() < 1.1 * within.min()
    assert len(places) > POINTS - 6


@pytest.mark.parametrize("size", [0.3, 20])
def test_size_place_and_density_make_no_difference(size):
    other = [space_evenly(stroke, 0.5) * size + 1000 for stroke in T]
    np.testing.assert_allclose(follow(other), follow(T), atol=1e-4)


def test_direction_and_order_make_one():
    assert np.abs(follow([T[0][::-1], T[1]]) - follow(T)).max() > 1
    assert np.abs(follow(T[::-1]) - follow(T)).max() > 1


def test_every_drawing_fits():
    random = np.random.default_rng(0)
    for strokes in range(1, MAX_STROKES + 4):
        drawing = [random.uniform(0, 400, (random.integers(1, 9), 2)) for _ in range(strokes)]
        trajectory = follow(drawing)
        assert np.isfinite(trajectory).all()
        assert np.abs(trajectory[:, :4]).max() <= 1 + 1e-6
        assert trajectory[:, 6].sum() == min(strokes, MAX_STROKES)


def test_no_ink_is_all_zero_and_a_dot_is_in_the_middle():
    assert not follow([]).any()
    assert not follow([np.empty((0, 2))]).any()
    dot = follow([np.array([[5.0, 7.0]])])
    assert not dot[:, :6].any()
    assert dot[:, 6].sum() == 1
