"""The report folder: what `write_report` writes and `Report.load` reads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np

from handwriting.evaluation.metrics import ClassScore, Confusion, Metrics
from handwriting.evaluation.predictions import Predictions

SCHEMA_VERSION = 1

Theme = Literal["light", "dark"]


@dataclass(frozen=True)
class Report:
    """One evaluation, as `report.json` tells it; figures and predictions lie beside it.

    Args:
        folder: Where it was read from; its name is the report's name.
        created: When, ISO 8601 in UTC.
        model: What was evaluated: `name`, and where known `recipe`, `parameters`,
            `trainable_parameters`, `trained_on`, `epochs`, `framework`, `file`, `sha256`.
        dataset: What on: `name` (a key of `datasets.splits.SPLITS`), `part`, `samples`.
        metrics: The headline figures.
        classes: One score a class, in column order.
        confusions: The pairs that were confused, most frequent first.
        notes: What a reader must know to judge the figures, a sentence each.
        environment: Versions of Python and the packages that took part.
    """

    folder: Path
    created: str
    model: dict[str, Any]
    dataset: dict[str, Any]
    metrics: Metrics
    classes: tuple[ClassScore, ...]
    confusions: tuple[Confusion, ...]
    notes: tuple[str, ...]
    environment: dict[str, str]

    @classmethod
    def load(cls, folder: Path) -> Report:
        """Read `report.json`; figures and predictions are left for when they are asked for.

        Raises:
            InputError: It is missing, damaged, foreign, or of a newer schema.
        """
        raise NotImplementedError

    @property
    def name(self) -> str:
        """The folder's name."""
        return self.folder.name

    def figure(self, name: str, theme: Theme) -> Path:
        """Where a figure's PNG lies."""
        return self.folder / "figures" / f"{name}-{theme}.png"


def write_report(
    folder: Path,
    predictions: Predictions,
    model: dict[str, Any],
    dataset: dict[str, Any],
    images: np.ndarray | None = None,
    notes: Sequence[str] = (),
) -> Report:
    """Compute everything and write the report folder, replacing the one that is there.

    It is written beside its place and moved in at the end, so a killed run leaves the previous
    report whole.

    Args:
        folder: The report's place, e.g. `reports/hand-words`.
        predictions: What is evaluated.
        model: What made them; `name` is required, see `Report`.
        dataset: What they are about: `name` and `part` are required.
        images: uint8 (n, 28, 28), the samples in the same order, for the figure of mistakes;
            without them there is none.
        notes: What a reader must know to judge the figures, a sentence each.

    Raises:
        InputError: The parts do not fit each other, or the folder cannot be written.
    """
    raise NotImplementedError


def list_reports(folder: Path) -> tuple[list[Report], dict[str, str]]:
    """The reports of a folder, newest first, and what is wrong with the rest.

    Returns:
        The good ones, and for each other folder's name one line that says why it cannot be shown.
    """
    raise NotImplementedError
