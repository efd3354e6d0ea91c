"""Which two classes are taken for each other, and what that costs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from handwriting.evaluation.results import ConfusionMatrix


@dataclass(frozen=True)
class ConfusedPair:
    """Two classes that were taken for each other at least once, in the order of the classes.

    Args:
        first: The one.
        second: The other.
        first_as_second: Samples of the first that were read as the second.
        second_as_first: The reverse.
        cost: What share of all samples these mistakes are, 0 to 1.
        merged_accuracy: The accuracy if nobody could tell the two apart and they were one class:
            higher than the accuracy by `cost`.
    """

    first: str
    second: str
    first_as_second: int
    second_as_first: int
    cost: float
    merged_accuracy: float


def rank_pairs(matrix: ConfusionMatrix) -> tuple[ConfusedPair, ...]:
    """Every confused pair, the costliest first; equal ones in the order of the classes.

    Raises:
        ValueError: The matrix counts no samples.
    """
    counts = matrix.counts
    samples, right = counts.sum(), np.trace(counts)
    if samples == 0:
        raise ValueError("a matrix without samples has no accuracy")
    both = np.triu(counts + counts.T, 1)
    first, second = np.nonzero(both)
    mistakes = both[first, second]
    return tuple(
        ConfusedPair(
            matrix.classes[i],
            matrix.classes[j],
            int(counts[i, j]),
            int(counts[j, i]),
            float(both[i, j] / samples),
            float((right + both[i, j]) / samples),
        )
        for i, j in zip(
            *(axis[np.argsort(-mistakes, kind="stable")] for axis in (first, second)), strict=True
        )
    )
