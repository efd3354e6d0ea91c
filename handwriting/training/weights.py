"""Weights that take little room in a file, with the precision that they need."""

from __future__ import annotations

import os
import zipfile
from pathlib import Path

import keras
import numpy as np

DROPPED_BITS = 13
"""Of a float32's 23 stored binary digits; half precision has the other ten, too."""


def shorten(model: keras.Model) -> None:
    """Round a network's weights to half precision's digits, with float32's range.

    What is dropped is zero afterwards and takes no room in a compressed file.
    """
    model.set_weights([_round(weight) for weight in model.get_weights()])


def _round(values: np.ndarray) -> np.ndarray:
    if values.dtype != np.float32:
        return values
    bits = values.view(np.uint32) + np.uint32(1 << DROPPED_BITS - 1)
    return (bits >> DROPPED_BITS << DROPPED_BITS).view(np.float32)


def save_weights(model: keras.Model, path: Path) -> None:
    """Write a Keras file, compressed, without optimiser state or custom code.

    Keras stores the parts of its archive as they are; it reads compressed ones as well. The file
    is written beside its place and moved in.
    """
    stored, packed = (path.with_name(f"{word}-{path.name}") for word in ("stored", "packed"))
    model.save(stored, include_optimizer=False)
    with (
        zipfile.ZipFile(stored) as plain,
        zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as small,
    ):
        for name in plain.namelist():
            small.writestr(name, plain.read(name))
    stored.unlink()
    os.replace(packed, path)
