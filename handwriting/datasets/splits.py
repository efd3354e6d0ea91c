"""The image data sets by name: which files hold a split, and how to read them upright.

Sources: EMNIST (Cohen et al. 2017, https://www.nist.gov/itl/products-and-services/emnist-dataset)
and MNIST (LeCun, Cortes, Burges, http://yann.lecun.com/exdb/mnist).
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import numpy as np
from platformdirs import user_cache_path

from handwriting import alphabet
from handwriting.alphabet import Alphabet
from handwriting.datasets.idx import read_idx
from handwriting.errors import InputError

SIDE = 28
"""Height and width of every image, pixels."""

Part = Literal["train", "test"]


@dataclass(frozen=True)
class Split:
    """One data set: its classes, its files and how they store the images.

    Args:
        name: As the command line calls it.
        alphabet: The classes, in the order of the labels.
        sizes: Number of samples of each part that exists.
        files: Path pattern below the data directory, with `{part}` and `{kind}` to fill in.
        first_label: What the files call the first class (EMNIST Letters counts from 1).
        transposed: Whether rows and columns are swapped in the files, as in all of EMNIST.
        part_names: How the files call the parts, where not `train` and `test`.
        mapping: Path of the official list of classes below the data directory, where there is one.
        published: Whether the files can be had from a public source.
    """

    name: str
    alphabet: Alphabet
    sizes: dict[Part, int]
    files: str
    first_label: int = 0
    transposed: bool = True
    part_names: dict[Part, str] = field(default_factory=dict)
    mapping: str | None = None
    published: bool = True

    @property
    def remedy(self) -> str:
        """What to do about a missing or damaged file."""
        if self.published:
            return f"fetch it with `python -m handwriting data {self.name}`"
        public = self.name.removesuffix("-part")
        return f"{self.name} is not published, so put your own copy there or use {public}"

    def path(self, part: Part, kind: Literal["images-idx3", "labels-idx1"]) -> Path:
        """Where the file of one part lies in the data directory."""
        name = self.files.format(part=self.part_names.get(part, part), kind=kind)
        return data_directory() / name

    def paths(self, part: Part) -> tuple[Path, Path]:
        """The images' file and the labels' file of one part."""
        return self.path(part, "images-idx3"), self.path(part, "labels-idx1")


def _emnist(name: str, classes: Alphabet, train: int, test: int, **options) -> Split:
    stem = f"emnist/emnist-{name.removeprefix('emnist-')}"
    return Split(
        name,
        classes,
        {"train": train, "test": test},
        f"{stem}-{{part}}-{{kind}}-ubyte.gz",
        mapping=f"{stem}-mapping.txt",
        **options,
    )


def _emnist_part(name: str, classes: Alphabet, train: int, **options) -> Split:
    files = f"emnist/emnist-{name}-{{part}}-{{kind}}-ubyte.gz"
    return Split(name, classes, {"train": train}, files, published=False, **options)


SPLITS = {
    split.name: split
    for split in (
        _emnist("byclass", alphabet.BYCLASS, 697_932, 116_323),
        _emnist("bymerge", alphabet.BYMERGE, 697_932, 116_323),
        _emnist("balanced", alphabet.BYMERGE, 112_800, 18_800),
        _emnist("letters", alphabet.CASELESS_LETTERS, 124_800, 20_800, first_label=1),
        _emnist("digits", alphabet.DIGITS, 240_000, 40_000),
        _emnist("emnist-mnist", alphabet.DIGITS, 60_000, 10_000),
        _emnist_part("byclass-part", alphabet.BYCLASS, 129_478),
        _emnist_part("letters-part", alphabet.CASELESS_LETTERS, 43_325, first_label=1),
        Split(
            "mnist",
            alphabet.DIGITS,
            {"train": 60_000, "test": 10_000},
            "mnist/{part}-{kind}-ubyte.gz",
            transposed=False,
            part_names={"test": "t10k"},
        ),
    )
}
"""Every data set of images by name; the `-part` ones are samples of EMNIST's train pool."""


def data_directory() -> Path:
    """`$HANDWRITING_DATA`, or the user's cache directory for `handwriting`."""
    configured = os.environ.get("HANDWRITING_DATA")
    return Path(configured) if configured else user_cache_path("handwriting", appauthor=False)


def find_split(name: str) -> Split:
    """The data set of that name.

    Raises:
        InputError: There is none.
    """
    if name not in SPLITS:
        raise InputError(f"no data set is called {name!r}: choose one of {', '.join(SPLITS)}")
    return SPLITS[name]


def load_labels(name: str, part: Part) -> np.ndarray:
    """The class index of every sample of a part, without its images.

    Returns:
        int64 (n,), indices into the split's alphabet.

    Raises:
        InputError: The file is missing, damaged or has labels outside the alphabet.
    """
    split = find_split(name)
    if part not in split.sizes:
        raise InputError(f"{name} has no {part} part: choose {' or '.join(split.sizes)}")
    path = split.path(part, "labels-idx1")
    labels = read_idx(path, split.remedy)
    if labels.ndim != 1 or labels.size == 0:
        raise InputError(f"{path} holds {labels.shape}, not a list of labels: {split.remedy}")
    labels = labels.astype(np.int64) - split.first_label
    outside = (labels < 0) | (labels >= len(split.alphabet))
    if outside.any():
        raise InputError(
            f"{path} has {outside.sum():,} labels outside the {len(split.alphabet)} classes of "
            f"{name}: {split.remedy}"
        )
    return labels


def load_images(name: str, part: Part) -> tuple[np.ndarray, np.ndarray]:
    """Images and labels of one part, in the files' order.

    Args:
        name: A key of `SPLITS`.
        part: `train` or `test`.

    Returns:
        uint8 (n, 28, 28) images, upright, bright ink on black, and int64 (n,) indices into the
        split's alphabet.

    Raises:
        InputError: A file is missing, damaged, or does not fit the other.
    """
    labels = load_labels(name, part)
    split = SPLITS[name]
    path = split.path(part, "images-idx3")
    images = read_idx(path, split.remedy)
    if images.shape != (len(labels), SIDE, SIDE):
        raise InputError(
            f"{path} holds {images.shape}, not the ({len(labels)}, {SIDE}, {SIDE}) of its labels: "
            f"{split.remedy}"
        )
    if split.transposed:
        images = np.ascontiguousarray(images.transpose(0, 2, 1))
    return images, labels
