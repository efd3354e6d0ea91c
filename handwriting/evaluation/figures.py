"""Which figures a report has, and their files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas

from handwriting.alphabet import BYMERGE
from handwriting.evaluation.displays import (
    ClassAccuracyDisplay,
    ConfusionMatrixDisplay,
    MistakesDisplay,
    ReliabilityDisplay,
    RiskCoverageDisplay,
    RobustnessDisplay,
)
from handwriting.evaluation.predictions import Predictions
from handwriting.evaluation.results import ClassScore, Robustness
from handwriting.evaluation.style import THEMES, Theme

DOTS_PER_INCH = 120
MARGIN = 0.15
"""Around a figure, inches."""


class Display(Protocol):
    """What `displays.py` is made of."""

    figsize: tuple[float, float]

    def plot(self, ax: Axes | None = None, theme: Theme = ...) -> Axes: ...


@dataclass(frozen=True)
class Figure:
    """One figure of a report, in every theme.

    Args:
        name: As its files are called.
        title: Its heading.
        caption: What it shows, for those who read it and those who cannot see it.
        folder: Where its files lie.
    """

    name: str
    title: str
    caption: str
    folder: Path

    def path(self, theme: Theme, suffix: str = "png") -> Path:
        """The file of one theme."""
        return self.folder / f"{self.name}-{theme.name}.{suffix}"


def draw_figures(
    folder: Path,
    predictions: Predictions,
    scores: Sequence[ClassScore],
    images: np.ndarray | None,
    robustness: Robustness | None = None,
) -> list[Figure]:
    """Draw every figure that these predictions give, as PNG and SVG, light and dark.

    Args:
        folder: Where to put them.
        predictions: n of them.
        scores: One a class, in column order.
        images: uint8 (n, 28, 28), the samples in the same order, or None.
        robustness: What was found on corrupted images, or None.
    """
    drawn = []

    def draw(name: str, title: str, caption: str, display: Display) -> None:
        figure = Figure(name, title, caption, folder)
        for theme in THEMES:
            save_figure(figure, theme, display)
        drawn.append(figure)

    draw(
        "confusion",
        "Confusion matrix",
        "What each true character (row) was read as (column), as a share of the row, "
        "in logarithmic colours; blank where it never happened.",
        ConfusionMatrixDisplay.from_predictions(predictions),
    )
    merged = ConfusionMatrixDisplay.from_predictions(predictions, BYMERGE)
    if len(merged.matrix.classes) < len(predictions.classes):
        draw(
            "confusion-bymerge",
            "Confusion matrix, look-alike cases merged",
            f"The same with {len(merged.matrix.classes)} classes: as in EMNIST ByMerge, "
            "c i j k l m o p s u v w x y z count as their capitals.",
            merged,
        )
    draw(
        "class-accuracy",
        "Accuracy of each character",
        "Share of each character's samples that were read right, with Wilson's 95 % interval.",
        ClassAccuracyDisplay(tuple(scores), float(predictions.correct.mean())),
    )
    if predictions.has_probabilities:
        draw(
            "reliability",
            "Reliability",
            "How often the answers of each confidence are right: on the dashed line, confidence is "
            "what it says; below it, the model is surer than it should be.",
            ReliabilityDisplay.from_predictions(predictions),
        )
        draw(
            "risk-coverage",
            "Risk and coverage",
            "If the model refuses to answer below a confidence: how many samples it still answers, "
            "and how many of its answers are right. Dots name some least confidences.",
            RiskCoverageDisplay.from_predictions(predictions),
        )
    if robustness:
        draw(
            "robustness",
            "Accuracy on corrupted images",
            f"Share of {robustness.samples:,} samples, drawn at random from the test set, that "
            "are read right after each corruption, with Wilson's 95 % interval; the broken line "
            "is that of the same samples untouched.",
            RobustnessDisplay(robustness),
        )
    if images is not None and not predictions.correct.all():
        sure = predictions.has_probabilities
        draw(
            "mistakes",
            "Most confident mistakes" if sure else "Mistakes",
            "The misread samples that the model was surest of: true → read as, confidence."
            if sure
            else "The first of the misread samples: true → read as.",
            MistakesDisplay.from_predictions(predictions, images),
        )
    return drawn


def save_figure(figure: Figure, theme: Theme, display: Display) -> None:
    """Draw one figure in one theme, as PNG and SVG."""
    with theme.context():
        canvas = Canvas(figsize=display.figsize)
        display.plot(canvas.add_subplot(), theme)
        # What "tight" means, found once: savefig would draw everything twice to find it.
        room = canvas.get_tightbbox().padded(MARGIN)
        options = {"dpi": DOTS_PER_INCH, "bbox_inches": room}
        canvas.savefig(figure.path(theme), **options)
        # Without a date, the same predictions give the same bytes.
        canvas.savefig(figure.path(theme, "svg"), metadata={"Date": None}, **options)
