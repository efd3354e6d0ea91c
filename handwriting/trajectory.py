"""The path of the pen as numbers: what an image loses of how something was written.

Where the pen began, which way it went and when it was lifted tell apart shapes that look alike
("online" recognition; the features are the usual ones, after Graves et al. 2009, "A novel
connectionist system for unconstrained handwriting recognition", section II-A). Size, place, speed
and the device's rate make no difference.
"""

from __future__ import annotations

import numpy as np

from handwriting.ink import Drawing, space_evenly

POINTS = 64
"""Points of a trajectory, evenly spaced along the path."""

CHANNELS = 8
"""Numbers of a point: its place (x, y); the direction to the next point of the stroke, of length
one (x, y); the way through the air to the next stroke (x, y); whether the pen is lifted there;
whether there is a point at all."""

MAX_STROKES = 16
"""Later strokes are left out: no character has as many, and each needs its points."""


def follow(drawing: Drawing) -> np.ndarray:
    """The trajectory of one drawing.

    Args:
        drawing: A list of (k, 2) strokes, x to the right, y down, any unit, in the order they
            were drawn.

    Returns:
        float32 (POINTS, CHANNELS), in units of half the longer side of the drawing's box, from
        whose centre places are measured; zero after the last point, and all zero for an empty
        drawing.
    """
    trajectory = np.zeros((POINTS, CHANNELS), np.float32)
    strokes = [np.asarray(stroke, np.float64) for stroke in drawing if len(stroke)]
    if not strokes:
        return trajectory
    corners = np.concatenate(strokes)
    low, high = corners.min(axis=0), corners.max(axis=0)
    # A lone dot has no size to scale by.
    scale = (high - low).max() / 2 or 1.0
    strokes = [(stroke - (low + high) / 2) / scale for stroke in strokes[:MAX_STROKES]]
    length = sum(np.hypot(*np.diff(stroke, axis=0).T).sum() for stroke in strokes)
    # With ends and rounding, a stroke has up to 1.5 points more than steps.
    step = max(length / (POINTS - 2 * len(strokes)), 1e-9)
    paths = [space_evenly(stroke, step) for stroke in strokes]

    points = np.concatenate(paths)
    count = len(points)
    lifted = np.zeros(count, bool)
    lifted[np.cumsum([len(path) for path in paths]) - 1] = True
    moves = np.diff(points, axis=0)
    distances = np.hypot(*moves.T)[:, None]
    drawn = ~lifted[:-1, None]
    trajectory[:count, 0:2] = points
    trajectory[: count - 1, 2:4] = drawn * moves / np.maximum(distances, 1e-9)
    trajectory[: count - 1, 4:6] = ~drawn * moves
    trajectory[:count, 6] = lifted
    trajectory[:count, 7] = 1
    return trajectory
