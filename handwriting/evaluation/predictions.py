"""What a classifier said about a test set: the one thing that all of `evaluation/` starts from."""

from __future__ import annotations

import zipfile
import zlib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from handwriting.alphabet import CHARACTERS, Alphabet
from handwriting.errors import InputError

LEAST = 2.0**-64
"""The least probability that is kept, so that no log loss is infinite."""

LEAST_FALSE = 2.0**-24
"""The least that is kept of a class that is not the true one."""

FEW = 2.0**-7
"""Below it, probabilities are kept with fewer digits."""


@dataclass(frozen=True)
class Predictions:
    """A classifier's answers for n labelled samples, in the test set's order.

    Make one with `from_probabilities`, `from_labels` or `load`. What is kept is what
    `predictions.npz` holds, so metrics are the same before saving and after loading.
    Probabilities are rounded so that the file compresses well: 116,323 × 62 of the shipped model
    take 6 MB instead of 27. That moves no answer, no confidence by more than 0.0003, and the log
    loss by 0.000002; a common floor for all classes would have hidden 0.0016 of it.

    Args:
        classes: The character of each class, in column order.
        labels: int64 (n,), the true class of each sample.
        predicted: int64 (n,), the class that was answered.
        kept: float32 (n, k), the probabilities as stored: above 0, the predicted class never
            below another, rows that sum to one but for rounding. None where only the answers are
            known; `has_probabilities` tells.

    Raises:
        InputError: The parts do not fit each other.
    """

    classes: tuple[str, ...]
    labels: np.ndarray
    predicted: np.ndarray
    kept: np.ndarray | None

    def __post_init__(self):
        k, n = len(self.classes), len(self.labels)
        unknown = [c for c in self.classes if len(c) != 1 or c not in CHARACTERS]
        if unknown:
            raise InputError(f"{unknown[0]!r} is no class: use single characters of {CHARACTERS}")
        if k < 2 or len(set(self.classes)) < k:
            raise InputError(f"{k} classes, {len(set(self.classes))} different: need two or more")
        for name in ("labels", "predicted"):
            indices = _check_indices(name, getattr(self, name), n, k)
            object.__setattr__(self, name, indices)
        if self.kept is None:
            return
        if self.kept.shape != (n, k):
            raise InputError(
                f"probabilities are {self.kept.shape}: {n:,} labels of {k} classes need {(n, k)}"
            )
        if self.kept.dtype != np.float32 or not (self.kept > 0).all():
            raise InputError("stored probabilities must be float32 above 0")
        highest = self.kept[np.arange(n), self.predicted]
        if not (self.kept <= highest[:, None]).all() or (highest > 1).any():
            raise InputError("the predicted class must be the most probable one of its row")

    @classmethod
    def from_probabilities(
        cls, classes: tuple[str, ...], labels: np.ndarray, probabilities: np.ndarray
    ) -> Predictions:
        """Take in what a classifier gives.

        Args:
            classes: The character of each column.
            labels: int (n,), the true class of each sample.
            probabilities: float (n, k), rows that sum to one. The first largest of a row is the
                answer.

        Raises:
            InputError: Shapes do not fit, or a row is no probability distribution.

        Example:
            >>> given = Predictions.from_probabilities(("0", "1"), [1], [[0.2, 0.8]])
            >>> given.predicted, given.confidence.round(1)
            (array([1]), array([0.8]))
        """
        labels, probabilities = np.asarray(labels), np.asarray(probabilities)
        if probabilities.ndim != 2 or probabilities.shape != (len(labels), len(classes)):
            raise InputError(
                f"probabilities are {probabilities.shape}: {len(labels):,} labels of "
                f"{len(classes)} classes need {(len(labels), len(classes))}"
            )
        sums = probabilities.sum(axis=1, dtype=np.float64)
        bad = ~(np.isfinite(sums) & (np.abs(sums - 1) < 1e-3) & (probabilities >= 0).all(axis=1))
        if bad.any():
            row = int(np.argmax(bad))
            raise InputError(
                f"{bad.sum():,} rows are no probabilities, the first is row {row} with sum "
                f"{sums[row]:.4g}: each row needs numbers from 0 to 1 that sum to 1"
            )
        labels = _check_indices("labels", labels, len(labels), len(classes))
        predicted = probabilities.argmax(axis=1)
        rows = np.arange(len(labels))
        kept = np.clip(probabilities, LEAST_FALSE, 1).astype(np.float32)
        kept[rows, labels] = np.clip(probabilities[rows, labels], LEAST, 1)
        kept = _with_single_maximum(_round(kept), predicted)
        return cls(tuple(classes), labels, predicted, kept)

    @classmethod
    def from_labels(
        cls, classes: tuple[str, ...], labels: np.ndarray, predicted: np.ndarray
    ) -> Predictions:
        """Take in the answers of a classifier that tells no probabilities.

        Args:
            classes: The character of each class.
            labels: int (n,), the true class of each sample.
            predicted: int (n,), the class that was answered.

        Raises:
            InputError: The parts do not fit each other.
        """
        return cls(tuple(classes), np.asarray(labels), np.asarray(predicted), None)

    @classmethod
    def load(cls, path: Path) -> Predictions:
        """Read a `predictions.npz`.

        Raises:
            InputError: The file is missing, damaged, or holds something else.
        """
        try:
            with np.load(path, allow_pickle=False) as file:
                classes, labels = file["classes"], file["labels"]
                predicted = file["predicted"]
                kept = file["probabilities"] if "probabilities" in file.files else None
        except FileNotFoundError:
            raise InputError(f"{path} is missing: evaluate the model again") from None
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile, zlib.error) as error:
            raise InputError(f"{path} holds no predictions ({error}): evaluate again") from None
        try:
            return cls(tuple(str(c) for c in classes), labels, predicted, kept)
        except InputError as error:
            raise InputError(f"{path}: {error}") from None

    def save(self, path: Path) -> None:
        """Write `predictions.npz`: `classes`, `labels`, `predicted` and, if known,
        `probabilities`."""
        probabilities = {"probabilities": self.kept} if self.has_probabilities else {}
        np.savez_compressed(
            path,
            classes=np.array(self.classes),
            labels=self.labels.astype(np.uint8),
            predicted=self.predicted.astype(np.uint8),
            **probabilities,
        )

    def __len__(self) -> int:
        return len(self.labels)

    @property
    def has_probabilities(self) -> bool:
        """Whether more is known than the answers; if not, asking for more is an InputError."""
        return self.kept is not None

    def _known(self) -> np.ndarray:
        if self.kept is None:
            raise InputError(
                "only the predicted labels are known: this needs predictions with probabilities"
            )
        return self.kept

    @cached_property
    def probabilities(self) -> np.ndarray:
        """float64 (n, k): what was stored, with rows that sum to one again."""
        exact = self._known().astype(np.float64)
        return exact / exact.sum(axis=1, keepdims=True)

    @cached_property
    def confidence(self) -> np.ndarray:
        """float64 (n,): the probability of the predicted class."""
        highest = self._known()[np.arange(len(self)), self.predicted]
        return highest / self.kept.sum(axis=1, dtype=np.float64)

    @cached_property
    def label_probability(self) -> np.ndarray:
        """float64 (n,): the probability of the true class."""
        given = self._known()[np.arange(len(self)), self.labels]
        return given / self.kept.sum(axis=1, dtype=np.float64)

    @cached_property
    def correct(self) -> np.ndarray:
        """bool (n,): whether the predicted class is the true one."""
        return self.labels == self.predicted

    @cached_property
    def mistakes(self) -> np.ndarray:
        """int64 (m,): indices of the misread samples, the most confident first if that is known."""
        wrong = np.flatnonzero(~self.correct)
        if not self.has_probabilities:
            return wrong
        return wrong[np.argsort(-self.confidence[wrong], kind="stable")]

    def groups(self, alphabet: Alphabet) -> np.ndarray:
        """int64 (k,): which class of a coarser alphabet each of these classes belongs to."""
        return alphabet.class_of[[CHARACTERS.index(c) for c in self.classes]]


def _check_indices(name: str, indices: np.ndarray, n: int, k: int) -> np.ndarray:
    if indices.shape != (n,) or n == 0 or not np.issubdtype(indices.dtype, np.integer):
        raise InputError(f"{name} must be one list of class indices, not {indices.shape}")
    if indices.min() < 0 or indices.max() >= k:
        raise InputError(f"{name} must lie in 0 … {k - 1}, the indices of the {k} classes")
    return indices.astype(np.int64, copy=False)


def _round(probabilities: np.ndarray) -> np.ndarray:
    """Round float32 to 12 binary digits after the first, the small ones to 5."""
    few = probabilities < FEW
    for chosen, digits in ((~few, 12), (few, 5)):
        dropped = 23 - digits
        bits = probabilities[chosen].view(np.uint32) + np.uint32(1 << (dropped - 1))
        probabilities[chosen] = (bits >> dropped << dropped).view(np.float32)
    return probabilities


def _with_single_maximum(kept: np.ndarray, predicted: np.ndarray) -> np.ndarray:
    """Lift the predicted class by a last place where rounding has made it one of several maxima.

    So `argmax` of what is stored is `predicted`, whichever way a reader breaks ties.
    """
    rows = np.arange(len(kept))
    others = kept.copy()
    others[rows, predicted] = 0
    highest = others.max(axis=1)
    tied = np.flatnonzero(kept[rows, predicted] <= highest)
    kept[tied, predicted[tied]] = np.nextafter(highest[tied], np.float32(1))
    return kept
