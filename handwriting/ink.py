"""Pen strokes → the 28×28 image that EMNIST's makers would have made of them.

EMNIST's conversion (Cohen et al. 2017, section II-C, https://arxiv.org/abs/1702.05373): a
128×128 scan, Gaussian blur with σ = 1, crop to the ink, centre it in a square without changing
its aspect ratio, leave a border of 2 pixels, scale down to 28×28 with bicubic interpolation,
stretch the intensities to 0–255. The scans' size and pen are not published; `INK_LENGTH` and
`PEN_WIDTH` are what makes rendered strokes match the real images in box, ink, thickness and
sharpness (`tests/test_ink.py` measures all four).
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageFilter

from handwriting.errors import InputError

SIDE = 28
"""Height and width of the image, pixels."""

BORDER = 2
"""Empty pixels on each side of the longer side of the ink."""

BLUR = 1.0
"""Standard deviation of the scan's blur, scan pixels."""

INK_LENGTH = 44.0
"""Longer side of the box around the pen's path in the scan, scan pixels."""

PEN_WIDTH = 6.5
"""Width of the pen in the scan, scan pixels."""

MARGIN = 2.0
"""How far the blurred edge is counted as ink when the scan is cropped, scan pixels."""

STEP = 1.0
"""Distance of the points at which the pen's disc is drawn, scan pixels: between two of them its
edge is less than 0.04 pixels too far in."""

CHUNK = 4096
"""Points that are drawn at once."""

MAX_STROKES = 500
MAX_POINTS = 20_000
MAX_COORDINATE = 1e6
"""Limits of a drawing from outside: far above what a hand draws, low enough to answer at once."""

Drawing = Sequence[np.ndarray]
"""Strokes in the order they were drawn, each float (k, 2): x to the right, y down, any unit."""


def parse_drawing(value: object) -> list[np.ndarray]:
    """Check a drawing from outside.

    Args:
        value: Decoded JSON: `{"strokes": [[[x, y], …], …]}`, or the list of strokes alone.
            Empty strokes are dropped; anything else beside `strokes` is ignored.

    Returns:
        The strokes, each float64 (k, 2) with k ≥ 1; empty for an empty drawing.

    Raises:
        InputError: It is not of that form, not finite, or over the limits.
    """
    strokes = value.get("strokes") if isinstance(value, dict) else value
    if not isinstance(strokes, list):
        raise InputError('a drawing is {"strokes": [[[x, y], …], …]}')
    if len(strokes) > MAX_STROKES:
        raise InputError(f"a drawing has at most {MAX_STROKES} strokes, this one {len(strokes):,}")
    if not all(isinstance(stroke, list) for stroke in strokes):
        raise InputError("a stroke is a list of [x, y] points")
    total = sum(map(len, strokes))
    if total > MAX_POINTS:
        raise InputError(f"a drawing has at most {MAX_POINTS:,} points, this one {total:,}")
    return [_parse_stroke(stroke) for stroke in strokes if stroke]


def _parse_stroke(stroke: list) -> np.ndarray:
    for point in stroke:
        if not isinstance(point, list) or len(point) != 2:
            raise InputError("a point is [x, y]")
        for coordinate in point:
            # A bool is an int to Python, but not a coordinate.
            if isinstance(coordinate, bool) or not isinstance(coordinate, int | float):
                raise InputError("a coordinate is a number")
            if not abs(coordinate) <= MAX_COORDINATE:
                raise InputError(f"a coordinate is finite and within ±{MAX_COORDINATE:,.0f}")
    return np.array(stroke, np.float64)


def render(
    drawing: Drawing, pen_width: float = PEN_WIDTH, ink_length: float = INK_LENGTH
) -> np.ndarray:
    """Draw strokes as EMNIST would show them.

    The drawing's own size, place and brush make no difference: the path is scaled before a pen
    of fixed width follows it.

    Args:
        drawing: Strokes as `Drawing` has them.
        pen_width: Width of the pen, scan pixels.
        ink_length: Longer side of the path's box, scan pixels: the larger, the sharper the
            edges, because the blur stays the same.

    Returns:
        uint8 (28, 28), upright, bright ink on black; all black for an empty drawing.
    """
    strokes = [np.asarray(stroke, np.float64) for stroke in drawing if len(stroke)]
    if not strokes:
        return np.zeros((SIDE, SIDE), np.uint8)

    paths, extent, side = lay_on_scan(strokes, pen_width, ink_length)
    points = np.concatenate([space_evenly(path, STEP) for path in paths])
    covered = _cover(points, pen_width, side)
    return develop(Image.fromarray(np.rint(255 * covered).astype(np.uint8)), extent)


def lay_on_scan(
    strokes: Sequence[np.ndarray], pen_width: float = PEN_WIDTH, ink_length: float = INK_LENGTH
) -> tuple[list[np.ndarray], float, int]:
    """Scale and move strokes to the middle of the scan that they are drawn on.

    Args:
        strokes: At least one, each float (k, 2) with k ≥ 1, in any unit.
        pen_width: As `render` takes it.
        ink_length: As `render` takes it.

    Returns:
        The strokes, the longer side of the box around their ink, and the side of the scan; all in
        scan pixels.
    """
    points = np.concatenate(strokes)
    low, high = points.min(axis=0), points.max(axis=0)
    length = (high - low).max()
    # A lone dot has no size to scale by.
    scale = ink_length / length if length > 0 else 1.0
    extent = (ink_length if length > 0 else 0.0) + pen_width
    side = scan_side(extent)
    return [(stroke - (low + high) / 2) * scale + side / 2 for stroke in strokes], extent, side


def space_evenly(path: np.ndarray, step: float) -> np.ndarray:
    """The same path with points about so far apart.

    Args:
        path: float (k, 2), k ≥ 1.
        step: Distance of the points, in the path's unit.

    Returns:
        float64 (m, 2), m ≥ 2, with the path's own ends; twice the same point for a dot.
    """
    distance = np.concatenate([[0.0], np.hypot(*np.diff(path, axis=0).T).cumsum()])
    at = np.linspace(0, distance[-1], max(2, round(distance[-1] / step) + 1))
    return np.column_stack([np.interp(at, distance, path[:, axis]) for axis in (0, 1)])


def scan_side(extent: float) -> int:
    """Side of the scan that `develop` takes for ink of that extent, scan pixels."""
    return math.ceil(_crop(extent)) + 2


def develop(scan: Image.Image, extent: float) -> np.ndarray:
    """EMNIST's conversion of a scan: blur, crop, border, 28×28, full range.

    Args:
        scan: Bright ink in the middle of a black square of `scan_side(extent)` pixels; not all
            black.
        extent: Longer side of the ink's box, scan pixels.

    Returns:
        uint8 (28, 28), upright, bright ink on black.
    """
    crop, side = _crop(extent), scan_side(extent)
    scan = scan.filter(ImageFilter.GaussianBlur(BLUR))
    box = (side / 2 - crop / 2,) * 2 + (side / 2 + crop / 2,) * 2
    image = np.asarray(scan.resize((SIDE, SIDE), Image.Resampling.BICUBIC, box), np.float64)
    return np.rint(image * (255 / image.max())).astype(np.uint8)


def _crop(extent: float) -> float:
    """Side of the square that becomes the image, scan pixels."""
    return (extent + 2 * MARGIN) * SIDE / (SIDE - 2 * BORDER)


def _cover(points: np.ndarray, width: float, side: int) -> np.ndarray:
    """How much of each pixel a round pen covers at some of these points, so that edges are smooth.

    A pixel is taken for covered by as much as the pen's edge is beyond its middle, from none at
    half a pixel short to all at half a pixel past. Pillow's lines with round joints look the same
    and take longer (`benchmarks/rendering.py`).

    Args:
        points: float (m, 2), x and y in pixels from the corner, at least the pen's radius and two
            pixels inside the square.
        width: Diameter of the pen, pixels.
        side: Of the square, pixels.

    Returns:
        float64 (side, side), 0 to 1.
    """
    reach = math.ceil(width / 2) + 1
    nearest = np.full(side * side, np.inf)
    # However long a path is, it takes little memory.
    for some in np.split(points, range(CHUNK, len(points), CHUNK)):
        near = some.astype(np.intp)[:, :, None] + np.arange(-reach, reach + 1)
        squares = (near + 0.5 - some[:, :, None]) ** 2
        pixels = near[:, 1, :, None] * side + near[:, 0, None, :]
        distances = squares[:, 1, :, None] + squares[:, 0, None, :]
        np.minimum.at(nearest, pixels.ravel(), distances.ravel())
    return (width / 2 + 0.5 - np.sqrt(nearest)).clip(0, 1).reshape(side, side)
