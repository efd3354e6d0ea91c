"""Which samples look most like one."""

from __future__ import annotations

import numpy as np


def nearest_samples(image: np.ndarray, images: np.ndarray, most: int) -> np.ndarray:
    """Rank images by how near they are to one.

    The distance is the Euclidean one between images of half the width and height: it forgives a
    shift of a pixel, which the full size would count as much as another shape.

    Args:
        image: uint8 (28, 28).
        images: uint8 (n, 28, 28).
        most: How many to find.

    Returns:
        int64 (m,): indices into `images`, the nearest first; m is `most`, or n where that is less.
    """
    gaps = _halve(images) - _halve(image[None])
    return np.argsort((gaps**2).sum(axis=(1, 2)), kind="stable")[:most]


def _halve(images: np.ndarray) -> np.ndarray:
    n, height, width = images.shape
    blocks = images.reshape(n, height // 2, 2, width // 2, 2)
    return blocks.mean(axis=(2, 4), dtype=np.float32)
