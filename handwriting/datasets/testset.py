"""What a model is evaluated on: labelled images, scanned or drawn with a pen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from handwriting.alphabet import BYCLASS, Alphabet
from handwriting.datasets.splits import find_split, load_images
from handwriting.datasets.strokes import HELD_OUT, UNIPEN, load_unipen
from handwriting.ink import Drawing, render
from handwriting.priors import EMNIST_COUNTS, UNIFORM

Ink = Literal["scan", "pen"]
"""Whether images were scanned or drawn from pen strokes."""

CENSUS_SPLITS = ("byclass", "bymerge")
"""The splits that keep EMNIST's natural class frequencies; the others are balanced."""


@dataclass(frozen=True)
class TestSet:
    """One test set.

    Args:
        name: A data set with a test part, or `unipen`.
        part: What of it, in words.
        alphabet: The classes, in the order of the labels.
        images: uint8 (n, 28, 28), upright, bright ink on black, in the official order.
        labels: int64 (n,), indices into the alphabet.
        ink: Whether the images were scanned or drawn from pen strokes.
        prior: float (62,), how common each character is there.
        drawings: What the images are of, where they were drawn with a pen.
    """

    name: str
    part: str
    alphabet: Alphabet
    images: np.ndarray
    labels: np.ndarray
    ink: Ink
    prior: np.ndarray
    drawings: Sequence[Drawing] | None = None

    __test__ = False  # pytest: this is no test.


def load_test_set(name: str) -> TestSet:
    """Load a test set by the name of its data set.

    For `unipen` it is the contributors held out for testing, rendered as EMNIST would show them.

    Raises:
        InputError: There is none of that name, or its files are missing or damaged.
    """
    if name == UNIPEN:
        characters = load_unipen("test")
        return TestSet(
            name,
            f"contributors {' and '.join(HELD_OUT['test'])}",
            BYCLASS,
            np.array([render(drawing) for drawing in characters.drawings]),
            characters.labels,
            "pen",
            UNIFORM,
            characters.drawings,
        )
    images, labels = load_images(name, "test")
    prior = EMNIST_COUNTS if name in CENSUS_SPLITS else UNIFORM
    return TestSet(name, "test", find_split(name).alphabet, images, labels, "scan", prior)
