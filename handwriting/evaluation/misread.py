"""Which misread samples a report's page carries, and the one picture that holds them."""

from __future__ import annotations

import base64
import io

import numpy as np
from PIL import Image

from handwriting.evaluation.predictions import Predictions

MOST_OF_CELL = 4
"""So many samples of each pair of true and predicted class."""

MOST = 3000
"""So many in all: under 2 MB as base64."""

COLUMNS = 64
"""Samples in a row of the picture."""


def choose_misread(predictions: Predictions) -> np.ndarray:
    """A few mistakes of each confused pair, the surest first.

    Where there is no room for all, every pair's first comes before any pair's second, and frequent
    pairs come before rare ones.

    Returns:
        int64 (m,), indices of samples.
    """
    mistakes = predictions.mistakes
    k = len(predictions.classes)
    cells = predictions.labels[mistakes] * k + predictions.predicted[mistakes]
    counts = np.bincount(cells, minlength=k * k)
    by_cell = np.argsort(cells, kind="stable")
    rank = np.empty(len(mistakes), np.int64)
    starts = np.cumsum(counts) - counts
    rank[by_cell] = np.arange(len(mistakes)) - starts[cells[by_cell]]
    order = np.lexsort((-counts[cells], rank))
    return mistakes[order[rank[order] < MOST_OF_CELL][:MOST]]


def draw_sheet(images: np.ndarray) -> str:
    """The images side by side, `COLUMNS` in a row, as the data URI of a PNG.

    Args:
        images: uint8 (m, 28, 28), bright ink on black, at least one.
    """
    m, side = len(images), images.shape[-1]
    rows = -(-m // COLUMNS)
    cells = np.zeros((rows * COLUMNS, side, side), np.uint8)
    cells[:m] = images
    sheet = cells.reshape(rows, COLUMNS, side, side).swapaxes(1, 2)
    file = io.BytesIO()
    Image.fromarray(sheet.reshape(rows * side, COLUMNS * side)).save(file, "PNG")
    return "data:image/png;base64," + base64.b64encode(file.getvalue()).decode()
