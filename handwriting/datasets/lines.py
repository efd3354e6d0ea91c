"""Lines of handwriting composed from single characters: each by one writer, on one baseline.

UNIPEN's isolated characters keep their size but not their place. Here the characters of one
writer stand side by side at the sizes they were written in, on a baseline, with gaps as in
hand-printed text: mostly a third of an x-height, now and then none or an overlap.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from handwriting.alphabet import CHARACTERS
from handwriting.datasets.strokes import Characters
from handwriting.ink import Drawing
from handwriting.line import Line, SizeModel

LENGTHS = (3, 8)
"""Fewest and most characters of a line, spaces not counted."""

KINDS = {
    "lower": (0.35, "small letters"),
    "capitalised": (0.15, "a capital, then small letters"),
    "upper": (0.1, "capitals"),
    "digits": (0.15, "digits"),
    "mixed": (0.25, "any of the 62 characters"),
}
"""Kinds of line: share, description."""

GAPS = (0.2, 0.5)
GAP_SPREAD = 0.15
"""A line's mean gap between characters is within `GAPS`, each gap deviates from it; x-heights."""

SPACE = 1.3
SPACE_SPREAD = 0.2
TWO_WORDS = 0.4
"""What a space adds to a gap, x-heights, and how many of the lines with room for it have one."""

WOBBLE = 0.08
"""Standard deviation of a character's foot about the baseline, x-heights."""

LATE = "ijtxf"
LATE_SHARE = 0.3
"""Characters whose dot or bar may come after the word is written, and how often it does."""


@dataclass(frozen=True)
class ComposedLine:
    """A line and what it says.

    Args:
        text: With spaces.
        kind: One of `KINDS`.
        drawing: The strokes in the order they were drawn.
        groups: For each character but spaces, the indices of its strokes.
        line: Where it stands and how large.
    """

    text: str
    kind: str
    drawing: Drawing
    groups: list[list[int]]
    line: Line


def compose_lines(
    characters: Characters, sizes: SizeModel, count: int, seed: int
) -> list[ComposedLine]:
    """Compose lines.

    Args:
        characters: Where they are from; a writer of fewer than 20 is left out.
        sizes: Needed for each writer's x-height, and for what hangs below the baseline.
        count: How many lines.
        seed: Of every choice.
    """
    random = np.random.default_rng(seed)
    x_heights = find_x_heights(characters, sizes)
    writers, counts = np.unique(characters.writers, return_counts=True)
    writers = writers[counts >= 20]
    lines = []
    while len(lines) < count:
        own = np.flatnonzero(characters.writers == random.choice(writers))
        line = _compose(characters, own, float(x_heights[own[0]]), sizes, random)
        if line:
            lines.append(line)
    return lines


def find_x_heights(characters: Characters, sizes: SizeModel) -> np.ndarray:
    """float (n,): the x-height of each character's writer, in the characters' own units."""
    heights = np.array([max(_extent(drawing)[1][1], 1e-9) for drawing in characters.drawings])
    ratios = heights / sizes.heights[characters.labels]
    x_heights = np.empty(len(characters))
    for writer in np.unique(characters.writers):
        own = characters.writers == writer
        x_heights[own] = np.median(ratios[own])
    return x_heights


def _compose(
    characters: Characters,
    own: np.ndarray,
    x_height: float,
    sizes: SizeModel,
    random: np.random.Generator,
) -> ComposedLine | None:
    """One line from a writer's samples; None if the writer has not what the kind needs."""
    kind = random.choice(list(KINDS), p=[share for share, _ in KINDS.values()])
    length = int(random.integers(LENGTHS[0], LENGTHS[1] + 1))
    split = 0
    if length >= 5 and random.random() < TWO_WORDS:
        split = int(random.integers(2, length - 1))
    mean_gap = random.uniform(*GAPS)

    text, strokes, late, right = "", [], [], 0.0
    for position in range(length):
        index = _pick(characters, own, kind, position in (0, split), random)
        if index is None:
            return None
        if split and position == split:
            text += " "
            strokes, late = strokes + late, []
            right += x_height * (SPACE + SPACE_SPREAD * random.standard_normal())
        label = characters.labels[index]
        drawing = [np.asarray(stroke, np.float64) for stroke in characters.drawings[index]]
        low, extent = _extent(drawing)
        depth = sizes.depths[label] / sizes.heights[label] * extent[1]
        depth += WOBBLE * x_height * random.standard_normal()
        if position:
            right += x_height * (mean_gap + GAP_SPREAD * random.standard_normal())
        moved = [(position, stroke - low + (right, depth - extent[1])) for stroke in drawing]
        right += extent[0]
        text += CHARACTERS[label]
        if CHARACTERS[label] in LATE and len(moved) > 1 and random.random() < LATE_SHARE:
            late.append(moved.pop())
        strokes += moved
    strokes += late
    groups = [[] for _ in range(length)]
    for number, (position, _) in enumerate(strokes):
        groups[position].append(number)
    drawing = [stroke for _, stroke in strokes]
    return ComposedLine(text, str(kind), drawing, groups, Line(0.0, x_height))


def _pick(
    characters: Characters,
    own: np.ndarray,
    kind: str,
    first: bool,
    random: np.random.Generator,
) -> int | None:
    labels = characters.labels[own]
    match kind:
        case "digits":
            fitting = labels < 10
        case "upper":
            fitting = (labels >= 10) & (labels < 36)
        case "capitalised" if first:
            fitting = (labels >= 10) & (labels < 36)
        case "lower" | "capitalised":
            fitting = labels >= 36
        case _:
            fitting = np.ones(len(labels), bool)
    if not fitting.any():
        return None
    # Every character is as likely as any other, however often this writer wrote it.
    label = random.choice(np.unique(labels[fitting]))
    return int(random.choice(own[labels == label]))


def _extent(drawing: Drawing) -> tuple[np.ndarray, np.ndarray]:
    """Upper left corner of a drawing's box, and its width and height."""
    points = np.concatenate(drawing)
    low = points.min(axis=0)
    return low, points.max(axis=0) - low
