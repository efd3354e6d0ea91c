"""What a recipe learns from: images with the classes that each may be."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from handwriting.alphabet import CHARACTERS, Alphabet
from handwriting.datasets.splits import find_split, load_images
from handwriting.errors import InputError


@dataclass(frozen=True)
class Samples:
    """Images and their candidate classes.

    Args:
        images: uint8 (n, 28, 28), upright, bright ink on black.
        candidates: float32 (n, k), one for each class that the sample may be, else zero.
    """

    images: np.ndarray
    candidates: np.ndarray

    def __len__(self) -> int:
        return len(self.images)

    def __getitem__(self, index) -> Samples:
        return Samples(self.images[index], self.candidates[index])

    @property
    def exact(self) -> np.ndarray:
        """bool (n,): which samples have a single candidate."""
        return self.candidates.sum(axis=1) == 1


def load_samples(name: str, classes: Alphabet) -> Samples:
    """The train part of a data set, for a model of the given classes.

    A class of the data set that merges characters (Letters knows no case) makes each of them a
    candidate.

    Raises:
        InputError: The files are missing or damaged, or the data set has a class outside the
            model's.
    """
    members = find_split(name).alphabet.members
    rows = np.zeros((len(members), len(classes)), np.float32)
    for row, characters in zip(rows, members, strict=True):
        columns = classes.class_of[[CHARACTERS.index(character) for character in characters]]
        if (columns < 0).any():
            raise InputError(f"a model of {classes.name} cannot learn {characters} from {name}")
        row[columns] = 1
    images, labels = load_images(name, "train")
    return Samples(images, rows[labels])


def concatenate(parts: list[Samples]) -> Samples:
    """All samples of several sets, in order."""
    return Samples(
        np.concatenate([part.images for part in parts]),
        np.concatenate([part.candidates for part in parts]),
    )


def hold_out(samples: Samples, fraction: float, seed: int) -> tuple[Samples, Samples]:
    """Split off a random part for validation.

    Returns:
        The samples to train on and those to validate on, the same for the same seed.
    """
    order = np.random.default_rng(seed).permutation(len(samples))
    held = round(fraction * len(samples))
    return samples[np.sort(order[held:])], samples[np.sort(order[:held])]
