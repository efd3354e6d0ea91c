import numpy as np
import pytest
from scipy import ndimage

from handwriting import ink
from handwriting.datasets.splits import load_images
from handwriting.datasets.strokes import load_unipen
from handwriting.errors import InputError
from handwriting.ink import parse_drawing, render

HOOK = [np.array([[10.0, 0.0], [60.0, 0.0], [40.0, 90.0]]), np.array([[20.0, 45.0], [70.0, 45.0]])]


def test_the_longer_side_of_the_ink_leaves_a_border_of_two_pixels():
    image = render([np.array([[0.0, 0.0], [50.0, 100.0]])])
    rows = np.flatnonzero((image > 20).any(axis=1))
    assert (rows[0], rows[-1]) == (2, 25)
    assert image.max() == 255


def test_the_ink_is_centred():
    middle = ndimage.center_of_mass(render([np.array([[300.0, 20.0], [310.0, 120.0]])]))
    np.testing.assert_allclose(middle, 13.5, atol=0.1)


def test_down_is_down_and_right_is_right():
    image = render([np.array([[0.0, 0.0], [0.0, 100.0], [80.0, 100.0]])])  # an L
    assert image[24, 18] > 200
    assert image[4, 18] == 0


@pytest.mark.parametrize("size", [30, 800])
@pytest.mark.parametrize("place", [0, 333.3])
def test_size_and_place_make_no_difference(size, place):
    moved = [stroke / 90 * size + place for stroke in HOOK]
    difference = np.abs(render(moved).astype(int) - render(HOOK))
    assert difference.max() <= 12


def test_dense_points_make_no_difference():
    dense = [
        np.column_stack(
            [
                np.interp(np.linspace(0, 1, 400), np.linspace(0, 1, len(stroke)), axis)
                for axis in stroke.T
            ]
        )
        for stroke in HOOK
    ]
    # The corner of the hook falls between two of the dense points.
    assert np.abs(render(dense).astype(int) - render(HOOK)).mean() < 1


def test_no_ink_is_black_and_a_dot_is_a_disk():
    assert not render([]).any()
    assert not render([np.empty((0, 2))]).any()
    dot = render([np.array([[5.0, 5.0]])])
    assert dot[13:15, 13:15].min() > 250
    np.testing.assert_allclose(dot, dot.T, atol=5)


def test_a_corner_is_round():
    corner = render([np.array([[0.0, 0.0], [100.0, 0.0], [100.0, 100.0]])])
    np.testing.assert_allclose(corner, corner[::-1, ::-1].T, atol=1)
    # What covers the joint of both strokes ends where a disc would: not at the square's corner.
    assert corner[2, 25] < 10
    assert corner[3, 24] > 150


def test_a_long_path_is_drawn_piece_by_piece(monkeypatch):
    whole = render(HOOK)
    np.testing.assert_array_equal(render([*HOOK, HOOK[0][::-1]]), whole)
    monkeypatch.setattr(ink, "CHUNK", 7)
    np.testing.assert_array_equal(render(HOOK), whole)


def test_a_wider_pen_leaves_more_ink():
    assert render(HOOK, pen_width=9).sum() > 1.2 * render(HOOK, pen_width=6).sum()


def test_pen_strokes_look_like_emnist(real_data):
    """Box, ink and edges of rendered strokes against real images of the same characters."""
    random = np.random.default_rng(0)
    images, image_labels = load_images("byclass-part", "train")
    characters = load_unipen("test")
    scans, pens = [], []
    for label in np.unique(characters.labels):
        scans += list(random.choice(np.flatnonzero(image_labels == label), 20))
        pens += list(random.choice(np.flatnonzero(characters.labels == label), 20))
    scans = images[scans]
    pens = np.array([render(characters.drawings[i]) for i in pens])

    assert _length(pens) == pytest.approx(_length(scans), abs=0.5)  # pixels
    assert pens.mean() == pytest.approx(scans.mean(), rel=0.06)
    assert _thickness(pens) == pytest.approx(_thickness(scans), rel=0.06)
    assert _edge(pens) == pytest.approx(_edge(scans), rel=0.06)


def _length(images):
    """Mean longer side of the box around the ink, pixels."""
    inked = images > 127
    return np.maximum(inked.any(axis=1).sum(axis=1), inked.any(axis=2).sum(axis=1)).mean()


def _thickness(images):
    """Mean of twice the typical distance from the middle of a stroke to its edge, pixels."""
    widths = []
    for image in images:
        distance = ndimage.distance_transform_edt(ndimage.zoom(image / 255, 4, order=1) > 0.5)
        ridge = (distance == ndimage.maximum_filter(distance, 3)) & (distance > 0)
        widths.append(2 * np.median(distance[ridge]) / 4)
    return np.mean(widths)


def _edge(images):
    """Standard deviation of the blur of the edges, pixels.

    Across an edge blurred by a Gaussian of deviation s, the integral of p (1 - p) is s / √π.
    """
    p = images / 255
    gradient = np.hypot(np.gradient(p, axis=1), np.gradient(p, axis=2))
    return np.mean((p * (1 - p)).sum(axis=(1, 2)) / gradient.sum(axis=(1, 2)) * np.sqrt(np.pi))


def test_a_drawing_from_outside_becomes_strokes():
    (first, second) = parse_drawing({"width": 9, "strokes": [[[1, 2], [3, 4.5]], [], [[0, 0]]]})
    np.testing.assert_array_equal(first, [[1, 2], [3, 4.5]])
    assert second.shape == (1, 2)


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (None, "strokes"),
        ("strokes", "strokes"),
        ({"strokes": 5}, "strokes"),
        ([[1, 2]], "point"),
        ([[[1, 2, 3]]], "point"),
        ([[["1", 2]]], "number"),
        ([[[True, 2]]], "number"),
        ([[[float("nan"), 2]]], "finite"),
        ([[[float("inf"), 2]]], "finite"),
        ([[[10**400, 2]]], "finite"),
        ([[[0, 0]]] * (ink.MAX_STROKES + 1), "strokes"),
        ([[[0, 0]] * (ink.MAX_POINTS + 1)], "points"),
        ([{"x": 1}], "stroke"),
    ],
)
def test_what_is_no_drawing_is_refused_in_one_line(value, reason):
    with pytest.raises(InputError, match=reason) as refusal:
        parse_drawing(value)
    assert "\n" not in str(refusal.value)
