"""What a recipe learns from: images or trajectories, with the classes that each may be."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from handwriting import ink
from handwriting.alphabet import CHARACTERS, Alphabet
from handwriting.datasets.splits import find_split, load_images
from handwriting.datasets.strokes import UNIPEN, Part, load_unipen
from handwriting.errors import InputError
from handwriting.ink import Drawing
from handwriting.trajectory import follow

Kind = Literal["image", "trajectory"]
"""What a network reads: an image of the ink, or the path of the pen."""

PEN_SPREAD = 0.26
SHARPNESS_SPREAD = 0.3
"""Standard deviations of the logarithms of the pen's width and of the scan's size in EMNIST."""

REDRAWN = 0.5
"""Share of the drawings that are learned once more, with strokes in another order or direction."""

COARSE = 0.3
"""Share of the drawings that are learned in whole pixels, as a mouse reports them."""

COARSE_LENGTHS = (20, 120)
"""Longer side of such a drawing, pixels."""


@dataclass(frozen=True)
class Samples:
    """What networks read, and its candidate classes.

    Args:
        inputs: uint8 (n, 28, 28, 1), images, upright, bright ink on black; or float32 (n, 1,
            points, channels), trajectories.
        candidates: float32 (n, k), one for each class that the sample may be, else zero;
            (n, heads, k) for a network with several heads.
    """

    inputs: np.ndarray
    candidates: np.ndarray

    def __len__(self) -> int:
        return len(self.inputs)

    def __getitem__(self, index) -> Samples:
        return Samples(self.inputs[index], self.candidates[index])

    @property
    def exact(self) -> np.ndarray:
        """bool (n,): which samples have a single candidate."""
        return self.candidates.reshape(len(self), -1).sum(axis=1) == 1

    def for_head(self, head: int, heads: int) -> Samples:
        """The same samples for one head of a network that has several."""
        candidates = np.zeros((len(self), heads, self.candidates.shape[1]), np.float32)
        candidates[:, head] = self.candidates
        return Samples(self.inputs, candidates)


def load_samples(
    name: str,
    classes: Alphabet,
    validation: float,
    seed: int,
    limit: int | None = None,
    kind: Kind = "image",
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
        kind: Trajectories are to be had of strokes only.

    Raises:
        InputError: The files are missing or damaged, or the data set has a class outside the
            model's.
    """
    if name == UNIPEN:
        load = _load_trajectories if kind == "trajectory" else _load_renderings
        return load("train", classes, seed, limit), load(
            "validation", classes, seed, limit and round(limit * validation)
        )
    images, labels = load_images(name, "train")
    chosen = np.random.default_rng(seed).permutation(len(labels))[:limit]
    samples = Samples(
        images[chosen, ..., None], _candidates(find_split(name).alphabet, classes)[labels[chosen]]
    )
    held = round(validation * len(samples))
    return samples[held:], samples[:held]


def concatenate(parts: list[Samples]) -> Samples:
    """All samples of several sets, in order."""
    return Samples(
        np.concatenate([part.inputs for part in parts]),
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


def _choose_drawings(
    part: Part, classes: Alphabet, random: np.random.Generator, limit: int | None
) -> tuple[list[Drawing], np.ndarray]:
    """Drawings of a part of UNIPEN in random order, and their candidates."""
    characters = load_unipen(part)
    chosen = random.permutation(len(characters))[:limit]
    known = np.eye(len(CHARACTERS), len(classes), dtype=np.float32)
    return [characters.drawings[index] for index in chosen], known[characters.labels[chosen]]


def _load_renderings(part: Part, classes: Alphabet, seed: int, limit: int | None) -> Samples:
    """UNIPEN's characters as EMNIST would show them, written with many different pens."""
    random = np.random.default_rng(seed)
    drawings, candidates = _choose_drawings(part, classes, random, limit)
    lengths = ink.INK_LENGTH * np.exp(SHARPNESS_SPREAD * random.standard_normal(len(drawings)))
    lengths = lengths.clip(24, 100)
    widths = ink.PEN_WIDTH / ink.INK_LENGTH * lengths
    widths *= np.exp(PEN_SPREAD * random.standard_normal(len(drawings)))
    images = list(map(ink.render, drawings, widths, lengths))
    return Samples(np.array(images)[..., None], candidates)


def _load_trajectories(part: Part, classes: Alphabet, seed: int, limit: int | None) -> Samples:
    """UNIPEN's characters as paths of the pen.

    Those to train on come in other orders as well, and some of them in whole pixels: rounding turns
    the directions of a path, which a network that has seen fine tablets only takes for another
    character.
    """
    random = np.random.default_rng(seed)
    drawings, candidates = _choose_drawings(part, classes, random, limit)
    if part == "train":
        again = np.flatnonzero(random.random(len(drawings)) < REDRAWN)
        drawings += [_redraw(drawings[index], random) for index in again]
        candidates = np.concatenate([candidates, candidates[again]])
        for index in np.flatnonzero(random.random(len(drawings)) < COARSE):
            drawings[index] = _coarsen(drawings[index], random)
    return Samples(np.array(list(map(follow, drawings)))[:, None], candidates)


def _redraw(drawing: Drawing, random: np.random.Generator) -> list[np.ndarray]:
    """The same ink with its strokes in another order, or one of them in the other direction."""
    strokes = list(drawing)
    if len(strokes) > 1 and random.random() < 0.5:
        first = random.integers(1, len(strokes))
        return strokes[first:] + strokes[:first]
    turned = random.integers(len(strokes))
    strokes[turned] = strokes[turned][::-1]
    return strokes


def _coarsen(drawing: Drawing, random: np.random.Generator) -> list[np.ndarray]:
    """The same ink in whole pixels, so large that these show."""
    length = np.exp(random.uniform(*np.log(COARSE_LENGTHS)))
    pixel = max(np.ptp(np.concatenate(drawing), axis=0).max() / length, 1e-9)
    return [np.rint(stroke / pixel) for stroke in drawing]
