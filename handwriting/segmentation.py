"""The strokes of a line, or the connected components of a scanned one → characters and words.

Geometry alone cannot tell an `H` from two strokes side by side, nor a classifier alone an `l`
from half of it. So every run of neighbouring parts that could be one character is proposed
(`propose`), the recognizer reads all of them in one batch, and the best way to cut the whole line
is found by dynamic programming (`choose`). The score of a cut line is a weighted sum of `FEATURES`
over its characters: a semi-Markov conditional random field (Sarawagi & Cohen 2004), whose dozen
weights are learned from composed lines (`python -m handwriting.training.reading`).

Parts are ordered by their horizontal centres, so a dot or a bar that was drawn after the rest of
the word is still beside the stroke that it belongs to.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from handwriting.alphabet import CHARACTERS, Alphabet
from handwriting.line import SizeModel

MAX_PARTS = 5
"""Most parts of a character; of UNIPEN's characters 4 in 10,000 have more."""

OUTLINE = 32
"""Points that stand for a part where distances are measured."""

WIDE = 1.5
WIDEST = 3.5
WIDEST_GAP = 0.7
"""Most characters are narrower than the first, all of several parts than the second, and none has
a wider gap within; x-heights."""

FAR = 1.5
"""Distances beyond are as this one, x-heights."""

SPACE_GAP = 0.85
SPACE_EXCESS = 0.6
"""A gap is a space if it is at least that wide and that much wider than the line's usual gap,
x-heights."""

SMALL = 0.6
"""Nothing but a dot or a dash is shorter and narrower, x-heights."""

TYPICAL_HEIGHT = 1.5
"""Median height of UNIPEN's characters, x-heights."""

LOOKALIKES = ("0Oo", "1Il", "Cc", "Kk", "Mm", "Pp", "Ss", "Uu", "Vv", "Ww", "Xx", "Yy", "Zz")
LOOKALIKES += ("5", "9g", "Jj", "Ff", "Tt")
_alone = set(CHARACTERS) - set("".join(LOOKALIKES))
SHAPES = Alphabet(
    "shapes",
    (*LOOKALIKES, *sorted(_alone)),
    (*LOOKALIKES, *sorted(_alone)),
)
"""Characters told apart by their image alone: that `O` may be `o` is no doubt that it is one."""

FEATURES = (
    "character",
    "doubt",
    "stroke count",
    "size",
    "smallness",
    "inner gap",
    "inner distance",
    "width",
    "overlap with the last",
    "gap to the last",
    "distance to the last",
    "touches the last",
)


@dataclass(frozen=True)
class Part:
    """A stroke, or a connected component of an image.

    Args:
        points: float (k, 2), along the ink, at most `OUTLINE` of them.
        box: float (4,), left, top, right, bottom.
    """

    points: np.ndarray
    box: np.ndarray

    @classmethod
    def from_stroke(cls, stroke: np.ndarray) -> Part:
        """A pen stroke, float (k, 2), as evenly spaced points."""
        stroke = np.asarray(stroke, np.float64)
        steps = np.hypot(*np.diff(stroke, axis=0).T)
        along = np.concatenate([[0], np.cumsum(steps)])
        at = np.linspace(0, along[-1], OUTLINE) if along[-1] > 0 else np.zeros(1)
        points = np.column_stack([np.interp(at, along, stroke[:, axis]) for axis in (0, 1)])
        return cls(points, box_of([stroke]))


def box_of(strokes: Sequence[np.ndarray]) -> np.ndarray:
    """float (4,): left, top, right and bottom of strokes that have at least a point."""
    points = np.concatenate(strokes)
    return np.concatenate([points.min(axis=0), points.max(axis=0)]).astype(np.float64)


def join_touching(parts: Sequence[Part], reach: float) -> tuple[list[Part], list[list[int]]]:
    """Join the parts that are within reach of each other, as ink on paper would.

    Args:
        parts: Of one line.
        reach: Largest distance that still touches, in the drawing's units.

    Returns:
        The joined parts, and for each the indices of what it is made of.
    """
    group = list(range(len(parts)))
    for i, part in enumerate(parts):
        for j in range(i):
            if group[j] == group[i]:
                continue
            offsets = part.points[:, None] - parts[j].points
            if (offsets**2).sum(axis=-1).min() <= reach**2:
                group = [group[i] if g == group[j] else g for g in group]
    joined, members = [], []
    for name in dict.fromkeys(group):
        own = [i for i, g in enumerate(group) if g == name]
        boxes = np.array([parts[i].box for i in own])
        points = np.concatenate([parts[i].points for i in own])
        box = np.concatenate([boxes[:, :2].min(axis=0), boxes[:, 2:].max(axis=0)])
        joined.append(Part(points, box))
        members.append(own)
    return joined, members


@dataclass(frozen=True)
class Proposal:
    """All runs of parts that may be one character.

    Args:
        parts: Ordered by their horizontal centres.
        order: int (n,), where each of `parts` was in the list given.
        spans: int (m, 2), first part and one past the last of each run.
        unit: The line's x-height as far as it is known before anything is read.
    """

    parts: list[Part]
    order: np.ndarray
    spans: np.ndarray
    unit: float

    def members(self, span: Sequence[int]) -> list[int]:
        """The parts of a run, as indices into the list given, ascending."""
        return sorted(self.order[span[0] : span[1]].tolist())

    def box(self, span: Sequence[int]) -> np.ndarray:
        """Left, top, right and bottom of a run."""
        boxes = self._boxes[span[0] : span[1]]
        return np.concatenate([boxes[:, :2].min(axis=0), boxes[:, 2:].max(axis=0)])

    def features(self, probabilities: np.ndarray, sizes: SizeModel) -> np.ndarray:
        """What speaks for and against each run being a character.

        Args:
            probabilities: float (m, 62), the recognizer's answer to each run.
            sizes: How tall characters are and how many strokes they take.

        Returns:
            float (m, len(FEATURES)).
        """
        probabilities = np.maximum(probabilities, 1e-6)
        shapes = SHAPES.project(probabilities).max(axis=1)
        boxes = np.array([self.box(span) for span in self.spans])
        heights = np.maximum(boxes[:, 3] - boxes[:, 1], 0.02 * self.unit) / self.unit
        lengths = np.maximum(heights, (boxes[:, 2] - boxes[:, 0]) / self.unit)
        counts = self.spans[:, 1] - self.spans[:, 0]
        strokes = sizes.strokes[:, np.minimum(counts, sizes.strokes.shape[1]) - 1]
        rows = np.zeros((len(self.spans), len(FEATURES)))
        rows[:, 0] = 1
        rows[:, 1] = np.log(shapes)
        rows[:, 2] = np.log((probabilities * strokes.T).sum(axis=1))
        rows[:, 3] = np.log((probabilities * sizes.height_likelihoods(heights)).sum(axis=1))
        rows[:, 4] = np.maximum(0, 1 - lengths / SMALL)
        for row, (start, stop) in zip(rows, self.spans, strict=True):
            row[5:8] = self._inside(start, stop)
            row[8:] = self._cuts[start]
        return rows

    @cached_property
    def _boxes(self) -> np.ndarray:
        return np.array([part.box for part in self.parts])

    @cached_property
    def _distances(self) -> np.ndarray:
        """float (n, MAX_PARTS + 1): from each part to those after it, in x-heights."""
        count = len(self.parts)
        distances = np.full((count, MAX_PARTS + 1), FAR)
        for i, part in enumerate(self.parts):
            for j in range(i + 1, min(i + MAX_PARTS + 1, count)):
                offsets = part.points[:, None] - self.parts[j].points
                nearest = np.sqrt((offsets**2).sum(axis=-1).min())
                distances[i, j - i] = min(nearest / self.unit, FAR)
        return distances

    @cached_property
    def _cuts(self) -> np.ndarray:
        """float (n, 4): overlap, gap and distance across the place before each part."""
        cuts = np.zeros((len(self.parts), 4))
        for at in range(1, len(self.parts)):
            before, after = slice(max(0, at - MAX_PARTS), at), slice(at, at + MAX_PARTS)
            gap = self._boxes[after, 0].min() - self._boxes[before, 2].max()
            gap = np.clip(gap / self.unit, -FAR, FAR)
            nearest = min(
                self._distances[i, j - i]
                for i in range(max(0, at - MAX_PARTS), at)
                for j in range(at, min(i + MAX_PARTS + 1, len(self.parts)))
            )
            cuts[at] = max(0, -gap), max(0, gap), nearest, nearest < 0.06
        return cuts

    def _inside(self, start: int, stop: int) -> tuple[float, float, float]:
        """Widest gap, longest step from part to part, and excess width of one run."""
        boxes = self._boxes[start:stop]
        gap = _widest_gap(boxes) / self.unit
        width = np.ptp(boxes[:, ::2]) / self.unit
        step, linked, loose = 0.0, [start], list(range(start + 1, stop))
        while loose:
            nearest, part = min(
                (self._distances[min(i, j), abs(i - j)], j) for i in linked for j in loose
            )
            step = max(step, nearest)
            linked.append(part)
            loose.remove(part)
        return gap, step, np.clip(width - WIDE, 0, 2)


def propose(parts: Sequence[Part]) -> Proposal:
    """Find all runs of neighbouring parts that may be one character.

    Args:
        parts: Of one line, at least one.
    """
    boxes = np.array([part.box for part in parts])
    order = np.argsort(boxes[:, 0] + boxes[:, 2], kind="stable")
    boxes = boxes[order]
    unit = _estimate_x_height(boxes)
    spans = []
    for start in range(len(parts)):
        for stop in range(start + 1, min(start + MAX_PARTS, len(parts)) + 1):
            run = boxes[start:stop]
            if np.ptp(run[:, ::2]) > WIDEST * unit and len(run) > 1:
                break
            if _widest_gap(run) > WIDEST_GAP * unit:
                break
            spans.append((start, stop))
    return Proposal([parts[i] for i in order], order, np.array(spans), unit)


def choose(proposal: Proposal, scores: np.ndarray) -> list[int]:
    """The best way to cut the line.

    Args:
        proposal: The runs.
        scores: float (m,), what each is worth as a character.

    Returns:
        Indices of the chosen runs, from left to right; each part is in exactly one.
    """
    best = np.full(len(proposal.parts) + 1, -np.inf)
    best[0] = 0
    last = np.zeros(len(best), np.int64)
    # Runs are ordered by their start, so a start's best is final before it is used.
    for index, (start, stop) in enumerate(proposal.spans):
        if best[start] + scores[index] > best[stop]:
            best[stop] = best[start] + scores[index]
            last[stop] = index
    chosen, at = [], len(proposal.parts)
    while at:
        chosen.append(int(last[at]))
        at = proposal.spans[last[at], 0]
    return chosen[::-1]


def find_spaces(boxes: np.ndarray, x_height: float) -> np.ndarray:
    """Which characters begin a new word.

    Args:
        boxes: float (n, 4), of the characters from left to right.
        x_height: Of the line.

    Returns:
        bool (n,); the first is False.
    """
    starts = np.zeros(len(boxes), bool)
    if len(boxes) > 1:
        gaps = (boxes[1:, 0] - np.maximum.accumulate(boxes[:-1, 2])) / x_height
        # The lower quartile is a gap within a word even in a line of many short words.
        usual = np.quantile(gaps, 0.25)
        starts[1:] = (gaps > SPACE_GAP) & (gaps > usual + SPACE_EXCESS)
    return starts


def _widest_gap(boxes: np.ndarray) -> float:
    """Widest empty stretch between boxes ordered by their centres, at least zero."""
    reach = np.maximum.accumulate(boxes[:-1, 2])
    ahead = np.minimum.accumulate(boxes[:0:-1, 0])[::-1]
    return float(max(0.0, (ahead - reach).max(initial=0.0)))


def _estimate_x_height(boxes: np.ndarray) -> float:
    """The x-height, from the median height of the stacks of parts that overlap in x."""
    stacks = []
    for box in boxes[np.argsort(boxes[:, 0], kind="stable")]:
        if stacks and box[0] <= stacks[-1][2]:
            low, high = np.minimum(stacks[-1], box), np.maximum(stacks[-1], box)
            stacks[-1] = np.concatenate([low[:2], high[2:]])
        else:
            stacks.append(box)
    heights = np.array([bottom - top for _, top, _, bottom in stacks])
    # Dots and dashes alone say little about size.
    height = np.median(heights[heights >= 0.3 * heights.max()]) / TYPICAL_HEIGHT
    # Without any height there is still the width to measure by.
    return float(height or np.ptp(boxes[:, ::2]) or 1.0)
