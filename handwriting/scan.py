"""An image of handwriting → its connected components, and any of them as EMNIST would show them.

Dark ink on light paper or the reverse, scanned or photographed. The paper's own brightness is
estimated from its surroundings and divided out, so that uneven light makes no difference; what
stands out from it is ink. Ink is then converted as EMNIST's makers did (`handwriting.ink`).
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError
from scipy import ndimage
from skimage.filters import apply_hysteresis_threshold
from skimage.measure import label, regionprops
from skimage.morphology import skeletonize

from handwriting import ink
from handwriting.errors import InputError
from handwriting.segmentation import Part

FORMATS = ("PNG", "JPEG")
MAX_BYTES = 50_000_000
MAX_PIXELS = 100_000_000
"""Limits of a file from outside: above any camera's, and decoded in a second or two."""

LONGEST = 2400
"""Longer side that an image is scaled down to, pixels."""

SHORTEST = 160
"""Shorter side that a tiny image is scaled up to, pixels, so that its ink has a shape."""

COARSE = 150
"""Longer side at which the paper is estimated, pixels."""

FAINT = 0.12
"""Least contrast of ink with its paper, as a share of the range from black to white."""

NOISE = 5.0
"""Ink is darker than the paper by that many standard deviations of the paper's grain."""

SPECK = 0.35
"""Components with a smaller longer side are dust, in widths of the pen."""

MAX_COMPONENTS = 200
"""More than any one line has."""

TALL = 0.4
LEADING = 0.15
"""Characters are at least that high, and lines that far apart, as shares of the highest part."""

SKELETON_POINTS = 96
"""Points that stand for a component where distances are measured."""

OVERSAMPLING = 4
"""Pixels per scan pixel before `ink.develop`, so that edges are smooth."""

PEN_WIDTHS = (4.0, 10.0)
"""Thinner and thicker pens than those of EMNIST's scans are brought within, scan pixels where
`ink.PEN_WIDTH` is usual."""


@dataclass(frozen=True)
class Components:
    """The connected components of an image's ink.

    Args:
        labels: int (height, width): 0 for paper, k + 1 for component k.
        parts: The components from left to right, in pixels of the original image: boxes and
            points follow the middle of the pen's path.
        pen_width: Median width of the ink, pixels of `labels`.
    """

    labels: np.ndarray
    parts: list[Part]
    pen_width: float

    def render(self, runs: Sequence[Sequence[int]]) -> np.ndarray:
        """Show some components together, once for each run of them, as EMNIST would.

        Args:
            runs: Indices of components.

        Returns:
            uint8 (n, 28, 28), upright, bright ink on black.
        """
        boxes = ndimage.find_objects(self.labels)
        images = [self._render(run, [boxes[index] for index in run]) for run in runs]
        return np.array(images, np.uint8).reshape(-1, ink.SIDE, ink.SIDE)

    def _render(self, run: Sequence[int], boxes: list[tuple[slice, slice]]) -> np.ndarray:
        rows = slice(min(b[0].start for b in boxes), max(b[0].stop for b in boxes))
        columns = slice(min(b[1].start for b in boxes), max(b[1].stop for b in boxes))
        shape = np.isin(self.labels[rows, columns], [index + 1 for index in run])
        path = max(max(shape.shape) - self.pen_width, 1e-6)
        scale = ink.INK_LENGTH / path
        lone_dot = self.pen_width * scale > ink.INK_LENGTH
        if lone_dot:
            scale = ink.PEN_WIDTH / max(shape.shape)
        width = self.pen_width * scale
        wanted = width if lone_dot else float(np.clip(width, *PEN_WIDTHS))
        inked = _resize(shape, scale * OVERSAMPLING, (wanted - width) / 2)
        extent = max(inked.size) / OVERSAMPLING
        square = Image.new("L", (ink.scan_side(extent) * OVERSAMPLING,) * 2)
        square.paste(inked, [(square.width - side) // 2 for side in inked.size])
        return ink.develop(square.reduce(OVERSAMPLING), extent)


def load_grey(path: Path) -> np.ndarray:
    """Decode an image file.

    Args:
        path: A PNG or JPEG file.

    Returns:
        uint8 (height, width), turned as its camera says. What is transparent is paper.

    Raises:
        InputError: It is no such image, damaged, or too large.
    """
    try:
        if path.stat().st_size > MAX_BYTES:
            raise InputError(f"{path} is larger than {MAX_BYTES // 1_000_000} MB: scale it down")
        with warnings.catch_warnings(), Image.open(path, formats=FORMATS) as image:
            # Pillow's own, lower limit only warns.
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            if math.prod(image.size) > MAX_PIXELS:
                raise _too_many_pixels(path)
            image.draft("L", (LONGEST, LONGEST))
            image.thumbnail((LONGEST, LONGEST))
            return _to_grey(ImageOps.exif_transpose(image))
    except Image.DecompressionBombError:
        raise _too_many_pixels(path) from None
    except InputError:
        raise
    except (UnidentifiedImageError, SyntaxError, ValueError):
        raise InputError(f"{path} is no readable PNG or JPEG image: save it as one") from None
    except OSError as error:
        reason = error.strerror or "damaged or cut off"
        raise InputError(f"{path} cannot be read as an image: {reason}") from None


def _too_many_pixels(path: Path) -> InputError:
    return InputError(f"{path} has more than {MAX_PIXELS:,} pixels: scale it down")


def _to_grey(image: Image.Image) -> np.ndarray:
    if image.mode.startswith("I"):
        # 16 bits: Pillow's conversion would clip instead of scaling.
        return (np.asarray(image, np.float64) / 257).clip(0, 255).astype(np.uint8)
    if not image.has_transparency_data:
        return np.asarray(image.convert("L"))
    image = image.convert("LA")
    grey, opacity = (np.asarray(band, np.float64) / 255 for band in image.split())
    paper = float((grey * opacity).sum() < 0.5 * opacity.sum())
    return np.rint(255 * (grey * opacity + paper * (1 - opacity))).astype(np.uint8)


def find_components(pixels: np.ndarray) -> Components:
    """Find the ink of an image and what of it is connected.

    Args:
        pixels: uint8 (height, width): dark ink on light paper or the reverse.

    Returns:
        Components without dust and without what frames the image; none for blank paper.

    Raises:
        InputError: It is not such an image, or there is too much in it for one line.
    """
    pixels = np.asarray(pixels)
    if pixels.ndim != 2 or pixels.dtype != np.uint8 or not pixels.size:
        raise InputError(f"an image is uint8 (height, width), not {pixels.dtype} {pixels.shape}")
    scale = min(LONGEST / max(pixels.shape), max(1.0, SHORTEST / min(pixels.shape)))
    size = [max(1, round(scale * side)) for side in pixels.shape[::-1]]
    grey = np.asarray(Image.fromarray(pixels).resize(size, Image.Resampling.BICUBIC), np.float32)
    labels = label(_find_ink(grey / 255), connectivity=2)
    regions = regionprops(labels)
    if not regions:
        return Components(labels, [], 1.0)

    skeleton = skeletonize(labels > 0)
    inside = ndimage.distance_transform_edt(labels > 0)
    pen_width = max(1.0, 2 * float(np.median(inside[skeleton])) - 1)
    kept = [
        region
        for region in regions
        if max(_sides(region)) >= SPECK * pen_width and not _is_frame(region, labels.shape)
    ]
    if len(kept) > MAX_COMPONENTS:
        raise InputError(
            f"the image has {len(kept):,} separate pieces of ink, one line has at most "
            f"{MAX_COMPONENTS}: crop it to the line"
        )
    kept.sort(key=lambda region: region.bbox[1])
    renamed = np.zeros(labels.max() + 1, labels.dtype)
    renamed[[region.label for region in kept]] = np.arange(1, len(kept) + 1)
    parts = [_trace(region, skeleton, pen_width, scale) for region in kept]
    return Components(renamed[labels], parts, pen_width)


def has_several_lines(parts: Sequence[Part]) -> bool:
    """Whether a strip of paper right across has characters above and below it.

    Two on either side at least, so that a character in two pieces is none; and below each other,
    so that a line that slants is one.

    Args:
        parts: The components of an image.
    """
    if not parts:
        return False
    boxes = np.array([part.box for part in parts])
    heights = boxes[:, 3] - boxes[:, 1]
    highest = heights.max()
    # Dots and dashes are beside their characters.
    tall = boxes[heights >= TALL * highest]
    tall = tall[tall[:, 1].argsort()]
    strips = tall[1:, 1] - np.maximum.accumulate(tall[:, 3])[:-1]
    for first in np.flatnonzero(strips > LEADING * highest) + 1:
        above, below = tall[:first], tall[first:]
        left = [side[:, 0].min() for side in (above, below)]
        right = [side[:, 2].max() for side in (above, below)]
        narrower = min(right[0] - left[0], right[1] - left[1])
        if min(len(above), len(below)) > 1 and min(right) - max(left) > narrower / 2:
            return True
    return False


def _find_ink(grey: np.ndarray) -> np.ndarray:
    """bool (height, width): the ink of an image of 0 to 1."""
    grey = ndimage.gaussian_filter(grey, 0.7)
    coarse = _coarsen(grey)
    # Ink is the smaller part of its surroundings, and what deviates from them most.
    usual = ndimage.median_filter(coarse, max(3, max(coarse.shape) // 3), mode="nearest")
    if ((coarse - usual) ** 3).sum() > 0:
        grey, coarse = 1 - grey, 1 - coarse
    contrast = _contrast(grey, coarse)
    grain = 1.4826 * np.median(np.abs(grey - ndimage.median_filter(grey, 5)))
    strong = contrast[contrast > max(FAINT, NOISE * grain)]
    if not len(strong):
        return np.zeros(grey.shape, bool)
    peak = np.quantile(strong, 0.8)
    return apply_hysteresis_threshold(contrast, 0.45 * peak, 0.7 * peak)


def _coarsen(grey: np.ndarray) -> np.ndarray:
    shrink = min(1.0, COARSE / max(grey.shape))
    size = [max(1, round(shrink * side)) for side in grey.shape[::-1]]
    return np.asarray(Image.fromarray(grey).resize(size, Image.Resampling.BOX))


def _contrast(grey: np.ndarray, coarse: np.ndarray) -> np.ndarray:
    """How much darker each pixel is than the paper around it, as a share of the paper."""
    # Wider than any stroke, narrower than the light's changes.
    window = max(3, max(coarse.shape) // 8)
    # The lightest of the paper's grain is not the paper.
    smooth = ndimage.gaussian_filter(coarse, 1, mode="nearest")
    paper = ndimage.grey_closing(smooth, window, mode="nearest")
    paper = ndimage.gaussian_filter(paper, window / 4, mode="nearest")
    paper = Image.fromarray(paper).resize(grey.shape[::-1], Image.Resampling.BICUBIC)
    contrast = 1 - grey / np.maximum(np.asarray(paper), 0.1)
    return np.clip(contrast - np.median(contrast), 0, 1)


def _sides(region) -> tuple[int, int]:
    top, left, bottom, right = region.bbox
    return bottom - top, right - left


def _is_frame(region, shape: tuple[int, int]) -> bool:
    """Whether a component is the picture's edge: along a whole side of it, and touching."""
    top, left, bottom, right = region.bbox
    height, width = shape
    across = (top == 0 or bottom == height) and right - left >= 0.9 * width
    along = (left == 0 or right == width) and bottom - top >= 0.9 * height
    return across or along


def _trace(region, skeleton: np.ndarray, pen_width: float, scale: float) -> Part:
    """A component as the path of the pen that made it, pixels of the original image."""
    top, left, bottom, right = region.bbox
    rows, columns = np.nonzero(skeleton[top:bottom, left:right] & region.image)
    points = np.column_stack([columns + left, rows + top]) + 0.5
    if not len(points):
        points = np.array([[(left + right) / 2, (top + bottom) / 2]])
    points = points[:: -(-len(points) // SKELETON_POINTS)]
    half = min(pen_width, bottom - top, right - left) / 2
    box = np.array([left + half, top + half, right - half, bottom - half])
    return Part(points / scale, box / scale)


def _resize(shape: np.ndarray, scale: float, grow: float) -> Image.Image:
    """A shape scaled with smooth edges and grown by `grow` scan pixels, cropped to itself."""
    shape = np.pad(shape, 1)
    size = [max(1, round(scale * side)) for side in shape.shape[::-1]]
    image = Image.fromarray(shape.astype(np.float32)).resize(size, Image.Resampling.BICUBIC)
    inside = np.asarray(image) > 0.5
    if grow:
        grow *= OVERSAMPLING
        inside = np.pad(inside, max(1, math.ceil(grow)))
        distance = ndimage.distance_transform_edt(~inside) - ndimage.distance_transform_edt(inside)
        # A blot thinned to nothing stays what it was.
        inside = distance <= grow if (distance <= grow).any() else inside
    resized = Image.fromarray((inside * 255).astype(np.uint8))
    return resized.crop(resized.getbbox())
