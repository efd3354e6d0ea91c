"""Corruptions do what their names say, more of it with more strength, and the same every time."""

import numpy as np
import pytest

from handwriting import ink
from handwriting.corruptions import CORRUPTIONS

BY_NAME = {corruption.name: corruption for corruption in CORRUPTIONS}


@pytest.fixture(scope="module")
def images():
    """Crosses, hooks and rings as EMNIST would show them."""
    turn = np.linspace(0, 2 * np.pi, 30)
    drawings = [
        [[[0, 0], [60, 100]], [[0, 100], [60, 0]]],
        [[[0, 0], [0, 100], [50, 100]]],
        [np.stack([40 * np.cos(turn), 60 * np.sin(turn)], axis=1)],
    ]
    return np.array([ink.render([np.array(s, float) for s in d]) for d in drawings] * 4)


@pytest.mark.parametrize("corruption", CORRUPTIONS, ids=lambda corruption: corruption.name)
def test_every_corruption_is_seeded_and_grows_with_its_strength(images, corruption):
    distances = []
    for strength in corruption.strengths:
        corrupted = corruption.apply(images, strength, seed=0)
        assert corrupted.dtype == np.uint8
        assert corrupted.shape == images.shape
        np.testing.assert_array_equal(corrupted, corruption.apply(images, strength, seed=0))
        distances.append(np.abs(corrupted.astype(float) - images).mean())
    assert distances[0] > 0
    assert distances == sorted(distances)


def centre(image):
    weights = image / image.sum()
    return np.array([(weights.sum(axis=1 - axis) * np.arange(28)).sum() for axis in (0, 1)])


def test_a_shift_moves_the_ink_as_far_as_it_says(images):
    small = BY_NAME["Shrinking"].apply(images, 0.6, seed=0)  # So that no ink is lost.
    moved = BY_NAME["Shift"].apply(small, 3, seed=0)
    steps = [np.linalg.norm(centre(a) - centre(b)) for a, b in zip(small, moved, strict=True)]
    np.testing.assert_allclose(steps, 3, atol=0.1)


def test_shrinking_makes_the_box_smaller(images):
    small = BY_NAME["Shrinking"].apply(images, 0.5, seed=0)
    for before, after in zip(images, small, strict=True):
        heights = [np.ptp(np.flatnonzero((image > 60).any(axis=1))) for image in (before, after)]
        assert heights[1] == pytest.approx(0.5 * heights[0], abs=1.5)


def test_pens_become_thicker_and_thinner(images):
    amounts = [
        BY_NAME[name].apply(images, 0.75, seed=0).mean() for name in ("Thinner pen", "Thicker pen")
    ]
    assert amounts[0] < 0.8 * images.mean()
    assert amounts[1] > 1.2 * images.mean()


def test_a_rotation_there_and_back_is_the_image(images):
    turned = BY_NAME["Rotation"].apply(images, 20, seed=0)
    back = BY_NAME["Rotation"].apply(turned, -20, seed=0)
    assert np.abs(back.astype(float) - images).mean() < 6
    assert np.abs(turned.astype(float) - images).mean() > 12


def test_noise_is_as_strong_as_it_says():
    grey = np.full((50, 28, 28), 128, np.uint8)
    noisy = BY_NAME["Noise"].apply(grey, 0.1, seed=0)
    assert noisy.std() == pytest.approx(25.5, rel=0.02)


def test_occlusion_takes_ink_away_and_adds_none(images):
    hidden = BY_NAME["Occlusion"].apply(images, 8, seed=0)
    assert (hidden <= images).all()
    assert ((hidden < images).sum(axis=(1, 2)) > 0).all()
    empty = np.zeros((1, 28, 28), np.uint8)
    np.testing.assert_array_equal(BY_NAME["Occlusion"].apply(empty, 8, seed=0), empty)
