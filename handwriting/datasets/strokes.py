"""Isolated characters written with a pen: UNIPEN's strokes.

Source: UNIPEN train_r01_v07 (International Unipen Foundation, doi 10.5281/zenodo.1195803,
CC BY 4.0), as `strokes/unipen.npz` in the data directory. Some labels have the wrong case.
"""

from __future__ import annotations

import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np

from handwriting.alphabet import CHARACTERS
from handwriting.datasets.splits import data_directory
from handwriting.errors import InputError
from handwriting.ink import Drawing

UNIPEN = "unipen"
"""What the command line calls the data set."""

HELD_OUT = {"validation": ("tos",), "test": ("aga", "imp")}
"""Contributors kept out of training: all 62 classes, many writers, devices not seen elsewhere."""

Part = Literal["train", "validation", "test"]


@dataclass(frozen=True)
class Characters:
    """Drawings of single characters and what they are.

    Args:
        drawings: n drawings, each a list of int32 (k, 2) strokes, y down, in each contributor's
            own units.
        labels: int64 (n,), indices into `CHARACTERS`.
        writers: str (n,), a pseudonym each.
    """

    drawings: list[Drawing]
    labels: np.ndarray
    writers: np.ndarray

    def __len__(self) -> int:
        return len(self.drawings)


def unipen_path() -> Path:
    """Where the characters of all contributors lie, or would."""
    return data_directory() / "strokes" / "unipen.npz"


def load_unipen(part: Part) -> Characters:
    """The characters of one part of the contributors.

    Args:
        part: `train`, or one of `HELD_OUT`.

    Raises:
        InputError: The file is missing or not what it should be.
    """
    path = unipen_path()
    try:
        with np.load(path, allow_pickle=False) as file:
            points = file["points"]
            strokes = np.split(points, file["stroke_offsets"][1:-1])
            offsets = file["sample_offsets"]
            labels, writers, contributors = file["label"], file["writer"], file["contributor"]
    except FileNotFoundError:
        raise InputError(f"{path} is missing: UNIPEN is at doi 10.5281/zenodo.1195803") from None
    except (KeyError, OSError, ValueError, zipfile.BadZipFile) as error:
        raise InputError(f"{path} is not the stroke set ({error}): put it back") from None

    held_out = [name for names in HELD_OUT.values() for name in names]
    if part == "train":
        chosen = np.flatnonzero(~np.isin(contributors, held_out))
    else:
        chosen = np.flatnonzero(np.isin(contributors, HELD_OUT[part]))
    index = {character: position for position, character in enumerate(CHARACTERS)}
    return Characters(
        [strokes[offsets[i] : offsets[i + 1]] for i in chosen],
        np.array([index[label] for label in labels[chosen].tolist()]),
        writers[chosen],
    )
