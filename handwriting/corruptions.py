"""Images made harder on purpose, reproducibly: what a test set hardly has, but pens and scans do.

After Hendrycks and Dietterich, "Benchmarking neural network robustness to common corruptions and
perturbations", 2019, and Mu and Gilmer, "MNIST-C", 2019, with strengths in units that a reader
can picture.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import ndimage
from skimage.morphology import disk

FINER = 4
"""How many times finer the grid is on which a pen becomes thicker or thinner."""

CHUNK = 256
"""Images that are on the finer grid at once."""

Corrupt = Callable[[np.ndarray, float, np.random.Generator], np.ndarray]
"""From float32 (n, 28, 28) of 0 to 255, a strength and a source of chance to the same shape."""


@dataclass(frozen=True)
class Corruption:
    """One way in which images become harder.

    Args:
        name: For a reader.
        unit: Of the strengths.
        strengths: From weak to strong.
        function: What it does.
    """

    name: str
    unit: str
    strengths: tuple[float, ...]
    function: Corrupt

    def apply(self, images: np.ndarray, strength: float, seed: int) -> np.ndarray:
        """Corrupt images, the same way at every call.

        Args:
            images: uint8 (n, 28, 28), bright ink on black.
            strength: In this corruption's unit; one of `strengths`, or any other.
            seed: Of directions, places and noise.

        Returns:
            uint8 (n, 28, 28).
        """
        random = np.random.default_rng(seed)
        corrupted = self.function(images.astype(np.float32), strength, random)
        return np.clip(np.rint(corrupted), 0, 255).astype(np.uint8)


def _transform(images: np.ndarray, matrices: np.ndarray, shifts: np.ndarray) -> np.ndarray:
    """Each image through its own map of output to input places, about the middle; black outside."""
    middle = (np.array(images.shape[1:]) - 1) / 2
    return np.stack(
        [
            ndimage.affine_transform(image, matrix, middle - matrix @ middle - shift, order=1)
            for image, matrix, shift in zip(images, matrices, shifts, strict=True)
        ]
    )


def _rotate(images: np.ndarray, degrees: float, random: np.random.Generator) -> np.ndarray:
    """To either side."""
    angles = np.deg2rad(degrees) * random.choice([-1, 1], len(images))
    matrices = np.array([[np.cos(angles), -np.sin(angles)], [np.sin(angles), np.cos(angles)]])
    return _transform(images, np.moveaxis(matrices, 2, 0), np.zeros((len(images), 2)))


def _shift(images: np.ndarray, pixels: float, random: np.random.Generator) -> np.ndarray:
    """In any direction."""
    angles = random.uniform(0, 2 * np.pi, len(images))
    shifts = pixels * np.stack([np.sin(angles), np.cos(angles)], axis=1)
    return _transform(images, np.broadcast_to(np.eye(2), (len(images), 2, 2)), shifts)


def _scale(images: np.ndarray, factor: float, random: np.random.Generator) -> np.ndarray:
    """About the middle."""
    matrices = np.broadcast_to(np.eye(2) / factor, (len(images), 2, 2))
    return _transform(images, matrices, np.zeros((len(images), 2)))


def _thicken(images: np.ndarray, pixels: float, random: np.random.Generator) -> np.ndarray:
    """By so many pixels on either side of the stroke."""
    return _on_finer_grid(images, pixels, ndimage.grey_dilation)


def _thin(images: np.ndarray, pixels: float, random: np.random.Generator) -> np.ndarray:
    """By so many pixels from either side of the stroke."""
    return _on_finer_grid(images, pixels, ndimage.grey_erosion)


def _on_finer_grid(images: np.ndarray, radius: float, operate: Callable) -> np.ndarray:
    footprint = disk(round(radius * FINER))[None]
    n, height, width = images.shape
    done = np.empty_like(images)
    for start in range(0, n, CHUNK):
        chunk = images[start : start + CHUNK]
        # Places of pixels as areas, so that the way back is a mean of each.
        fine = ndimage.zoom(chunk, (1, FINER, FINER), order=1, mode="grid-constant", grid_mode=True)
        fine = operate(fine, footprint=footprint, mode="constant")
        done[start : start + CHUNK] = fine.reshape(-1, height, FINER, width, FINER).mean((2, 4))
    return done


def _blur(images: np.ndarray, sigma: float, random: np.random.Generator) -> np.ndarray:
    return ndimage.gaussian_filter(images, (0, sigma, sigma), mode="constant")


def _add_noise(images: np.ndarray, share: float, random: np.random.Generator) -> np.ndarray:
    """Gaussian, independent for each pixel; its standard deviation is that share of white."""
    return images + random.normal(0, 255 * share, images.shape)


def _occlude(images: np.ndarray, side: float, random: np.random.Generator) -> np.ndarray:
    """A square of paper whose middle lies on the ink."""
    side, occluded = round(side), images.copy()
    for image in occluded:
        inked = np.argwhere(image > 127)
        if len(inked):
            top, left = np.maximum(inked[random.integers(len(inked))] - side // 2, 0)
            image[top : top + side, left : left + side] = 0
    return occluded


CORRUPTIONS = (
    Corruption("Rotation", "degrees", (10, 20, 30, 45), _rotate),
    Corruption("Shift", "pixels", (1, 2, 3, 4), _shift),
    Corruption("Shrinking", "of the size", (0.9, 0.8, 0.7, 0.6), _scale),
    Corruption("Thicker pen", "pixels", (0.5, 1, 1.5, 2), _thicken),
    Corruption("Thinner pen", "pixels", (0.25, 0.5, 0.75, 1), _thin),
    Corruption("Blur", "pixels", (0.5, 1, 1.5, 2), _blur),
    Corruption("Noise", "of white", (0.1, 0.2, 0.3, 0.4), _add_noise),
    Corruption("Occlusion", "pixels", (4, 6, 8, 10), _occlude),
)
"""All that a report can show, each from weak to strong."""
