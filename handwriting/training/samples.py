"""What a recipe learns from: images with the classes that each may be."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from handwriting import ink
from handwriting.alphabet import CHARACTERS, Alphabet
from handwriting.datasets.splits import find_split, load_images
from handwriting.datasets.strokes import UNIPEN, Part, load_unipen
from handwriting.errors import InputError

PEN_SPREAD = 0.26
SHARPNESS_SPREAD = 0.3
"""Standard deviations of the logarithms of the pen's width and of the scan's size in EMNIST."""


@dataclass(frozen=True)
class Samples:
    """Images and their candidate classes.

    Args:
        images: uint8 (n, 28, 28), upright, bright ink on black.
        candidates: float32 (n, k), one for each class that the sample may be, else zero;
            (n, heads, k) for a network with several heads.
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
        return self.candidates.reshape(len(self), -1).sum(axis=1) == 1

    def for_head(self, head: int, heads: int) -> Samples:
        """The same samples for one head of a network that has several."""
        candidates = np.zeros((len(self), heads, self.candidates.shape[1]), np.float32)
        candidates[:, head] = self.candidates
        return Samples(self.images, candidates)


def load_samples(
    name: str, classes: Alphabet, validation: float, seed: int, limit: int | None = None
) -> tuple[Samples, Samples]:
    """The samples of a data set to train on, and those held out to validate on.

    Images are held out at random, strokes by contributor: pens and people that the network has
    not seen.

    Args:
        name: An image set whose train part is meant, or `unipen`.
        classes: Those of the model.
        validation: Fraction of the images to hold out.
        seed: Of every choice; the same seed gives the same samples.
        limit: Take at most that many samples for training, and in proportion for validation.

    Raises:
        InputError: The files are missing or damaged, or the data set has a class outside the
            model's.
    """
    if name == UNIPEN:
        return _load_strokes("train", classes, seed, limit), _load_strokes(
            "validation", classes, seed, limit and round(limit * validation)
        )
    images, labels = load_images(name, "train")
    chosen = np.random.default_rng(seed).permutation(len(labels))[:limit]
    samples = Samples(
        images[chosen], _candidates(find_split(name).alphabet, classes)[labels[chosen]]
    )
    held = round(validation * len(samples))
    return samples[held:], samples[:held]


def concatenate(parts: list[Samples]) -> Samples:
    """All samples of several sets, in order."""
    return Samples(
        np.concatenate([part.images for part in parts]),
        np.concatenate([part.candidates for part in parts]),
    )


def _candidates(source: Alphabet, classes: Alphabet) -> np.ndarray:
    """float32 (classes of the data set, classes of the model): which may be which.

    A class of the data set that merges characters (Letters knows no case) makes each of them a
    candidate.
    """
    table = np.zeros((len(source), len(classes)), np.float32)
    for row, characters in zip(table, source.members, strict=True):
        columns = classes.class_of[[CHARACTERS.index(character) for character in characters]]
        if (columns < 0).any():
            raise InputError(f"a model of {classes.name} cannot learn {characters}")
        row[columns] = 1
    return table


def _load_strokes(part: Part, classes: Alphabet, seed: int, limit: int | None) -> Samples:
    """UNIPEN's characters as EMNIST would show them, written with many different pens."""
    characters = load_unipen(part)
    random = np.random.default_rng(seed)
    chosen = random.permutation(len(characters))[:limit]
    lengths = ink.INK_LENGTH * np.exp(SHARPNESS_SPREAD * random.standard_normal(len(chosen)))
    lengths = lengths.clip(24, 100)
    widths = ink.PEN_WIDTH / ink.INK_LENGTH * lengths
    widths *= np.exp(PEN_SPREAD * random.standard_normal(len(chosen)))
    images = [
        ink.render(characters.drawings[index], width, length)
        for index, width, length in zip(chosen, widths, lengths, strict=True)
    ]
    known = np.eye(len(CHARACTERS), len(classes), dtype=np.float32)
    return Samples(np.array(images), known[characters.labels[chosen]])
