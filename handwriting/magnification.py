"""Whether a scanned letter was a capital, by how much EMNIST's conversion magnified it.

The conversion blurs a scan, cuts the character out and scales it to one size (Cohen et al. 2017,
section II): how large it was seems lost. It is not: what was small is magnified more, so that its
edges are softer and its pen is thicker. Where a letter's two cases have the same shape, that is
the best evidence there is; but a network learns it badly, from some fifty exact labels a letter
and images that augmentation resamples.

So it is added afterwards. The two cases of a letter share their probability by what the network
says and by what the magnification says; the sum of both, and all other characters, stay as they
were. What is learned for it (`handwriting.training.magnification`) stands in a model's account.
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from functools import cached_property

import numpy as np
from scipy.special import expit

from handwriting.alphabet import CHARACTERS

INKED = 0.3
"""Brightness, of 1, from which a pixel counts for the extent of the ink."""


def measure(images: np.ndarray) -> np.ndarray:
    """What shows how much a character was magnified, and what shape it has roughly.

    Args:
        images: uint8 (n, 28, 28), bright ink on black.

    Returns:
        float64 (n, 7), zeros for no ink: how steep edges are across and down, each weighted with
        itself, and the five steepest pixels, all in brightness per pixel; the thickness of the pen
        in pixels, which is the ink's area over half its outline's length, and that length is the
        total variation; the longer side of the ink in pixels; the logarithm of its width over its
        height; and how curved the brightness is along the outline (its Laplacian).
    """
    bright = images / 255.0
    inner = bright[:, 1:-1, 1:-1]
    left, right = bright[:, 1:-1, :-2], bright[:, 1:-1, 2:]
    above, below = bright[:, :-2, 1:-1], bright[:, 2:, 1:-1]
    across, down = np.abs(right - left) / 2, np.abs(below - above) / 2
    steepness = np.sort(np.hypot(across, down).reshape(len(images), math.prod(inner.shape[1:])))
    curved = np.abs(4 * inner - left - right - above - below)
    outline = sum(np.abs(np.diff(bright, axis=axis)).sum(axis=(1, 2)) for axis in (1, 2)) / 2
    inked = bright > INKED
    height, width = (_extent(inked.any(axis=axis)) for axis in (2, 1))
    return np.column_stack(
        [
            _divide((across**2).sum(axis=(1, 2)), across.sum(axis=(1, 2))),
            _divide((down**2).sum(axis=(1, 2)), down.sum(axis=(1, 2))),
            steepness[:, -5:].mean(axis=1),
            _divide(bright.sum(axis=(1, 2)), outline),
            np.maximum(width, height),
            np.log(np.maximum(width, 1) / np.maximum(height, 1)),
            _divide(curved.sum(axis=(1, 2)), outline),
        ]
    )


@dataclass(frozen=True)
class Magnification:
    """What a model makes of `measure`.

    Args:
        letters: The letters whose case it tells, small.
        weights: For each letter, what each measure adds to the logarithm of how much likelier the
            small letter's image is than the capital's.
        offsets: For each letter, what is added to that.
        network: How much the network's own logarithm counts; below one, because it has the labels
            of few such images and some of them by heart.
    """

    letters: str
    weights: list[list[float]]
    offsets: list[float]
    network: float

    to_json = asdict

    @cached_property
    def cases(self) -> tuple[np.ndarray, np.ndarray]:
        """int64 (letters,) twice: the columns of the capitals, and of the small letters."""
        return find_cases(self.letters)

    def compare_cases(self, images: np.ndarray) -> np.ndarray:
        """float64 (n, letters): the logarithm of how much likelier small is than capital.

        Args:
            images: uint8 (n, 28, 28), made by EMNIST's conversion.
        """
        return measure(images) @ np.transpose(self.weights) + self.offsets

    def weigh(self, probabilities: np.ndarray, images: np.ndarray, prior: np.ndarray) -> np.ndarray:
        """Share out each letter's probability between its cases anew.

        Args:
            probabilities: float (n, 62), the network's, with the class frequencies of `prior`.
            images: uint8 (n, 28, 28), made by EMNIST's conversion.
            prior: float (62,), how common each character is; a letter of which one case has none
                is left as it is.

        Returns:
            The same type and row sums as `probabilities`.
        """
        capital, small = self.cases
        possible = (prior[capital] > 0) & (prior[small] > 0)
        capital, small = capital[possible], small[possible]
        commoner = np.log(prior[small] / prior[capital])
        by_network = compare(probabilities, capital, small) - commoner
        by_size = self.compare_cases(images)[:, possible]
        share = expit(self.network * by_network + by_size + commoner)
        both = probabilities[:, capital] + probabilities[:, small]
        shared = probabilities.copy()
        shared[:, capital], shared[:, small] = both * (1 - share), both * share
        return shared


def find_cases(letters: str) -> tuple[np.ndarray, np.ndarray]:
    """int64 (letters,) twice: the columns of those letters' capitals, and of the small ones."""
    return tuple(
        np.array([CHARACTERS.index(letter) for letter in case])
        for case in (letters.upper(), letters.lower())
    )


def compare(probabilities: np.ndarray, capital: np.ndarray, small: np.ndarray) -> np.ndarray:
    """float64 (n, letters): the logarithm of how much likelier small is than capital."""
    logs = np.log(np.maximum(probabilities, np.finfo(np.float32).tiny, dtype=np.float64))
    return logs[:, small] - logs[:, capital]


def _extent(inked: np.ndarray) -> np.ndarray:
    """int64 (n,): from the first to the last inked row or column of each image."""
    last = inked.shape[1] - inked[:, ::-1].argmax(axis=1)
    return np.where(inked.any(axis=1), last - inked.argmax(axis=1), 0)


def _divide(some: np.ndarray, by: np.ndarray) -> np.ndarray:
    return some / np.maximum(by, 1e-9)
