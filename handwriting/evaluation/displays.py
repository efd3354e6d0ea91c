"""The report's figures: a small object holds what is shown, `plot` draws it on any axes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import matplotlib.pyplot as plt
import numpy as np
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.colors import LogNorm
from matplotlib.patches import Rectangle
from matplotlib.ticker import PercentFormatter

from handwriting.alphabet import CHARACTERS, KINDS, Alphabet
from handwriting.evaluation.metrics import count_confusions
from handwriting.evaluation.predictions import Predictions
from handwriting.evaluation.results import (
    CalibrationBin,
    ClassScore,
    ConfusionMatrix,
    Robustness,
    Trust,
)
from handwriting.evaluation.style import CHARACTER_FONT, LIGHT, Theme, percent
from handwriting.evaluation.trust import measure_trust

LEAST_SHARE = 1e-3
"""The share of a class's samples at which the confusion matrix's colours begin."""

MARKED = (0.5, 0.8, 0.9, 0.99)
"""Thresholds of confidence that the risk–coverage curve names."""

LEAST_MARKED = 0.1
"""Less coverage than this leaves no room for a name."""

MOST_COUNTED = 16
"""Up to so many classes, the confusion matrix has room for the counts."""


def _kind(character: str) -> int:
    """0 for a digit, 1 for upper, 2 for lower case."""
    return int(KINDS.class_of[CHARACTERS.index(character)])


def _group_starts(classes: Sequence[str]) -> list[int]:
    """Where digits, upper case and lower case begin, and the number of classes."""
    kinds = [_kind(character) for character in classes]
    changes = [i for i in range(1, len(kinds)) if kinds[i] != kinds[i - 1]]
    return [0, *changes, len(kinds)]


@dataclass(frozen=True)
class ConfusionMatrixDisplay:
    """How often each class was read as each other.

    Args:
        matrix: The counts and the labels of both axes.
    """

    matrix: ConfusionMatrix
    figsize: ClassVar = (14, 13)

    @classmethod
    def from_predictions(
        cls, predictions: Predictions, alphabet: Alphabet | None = None
    ) -> ConfusionMatrixDisplay:
        """Count; with an alphabet that merges classes, count by its classes."""
        matrix = count_confusions(predictions)
        return cls(matrix.fold(alphabet) if alphabet else matrix)

    def plot(self, ax: Axes | None = None, theme: Theme = LIGHT) -> Axes:
        """Draw each row as shares of its class, in logarithmic colours."""
        ax = ax or plt.subplots(figsize=self.figsize)[1]
        counts, classes = self.matrix.counts, self.matrix.classes
        shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
        sns.heatmap(
            shares,
            mask=counts == 0,
            annot=counts if len(classes) <= MOST_COUNTED else None,
            fmt=",",
            norm=LogNorm(LEAST_SHARE, 1, clip=True),
            cmap=theme.heat,
            square=True,
            # Set below: seaborn takes a second to find out whether they overlap.
            xticklabels=False,
            yticklabels=False,
            cbar_kws={"shrink": 0.4, "aspect": 28, "pad": 0.05, "label": "share of the true class"},
            rasterized=True,
            ax=ax,
        )
        ax.set_xticks(np.arange(len(classes)) + 0.5, classes)
        ax.set_yticks(np.arange(len(classes)) + 0.5, classes)
        bar = ax.collections[0].colorbar
        bar.set_ticks([0.001, 0.01, 0.1, 1], labels=["≤ 0.1 %", "1 %", "10 %", "100 %"])
        bar.ax.tick_params(length=0)
        bar.minorticks_off()
        bar.outline.set_visible(False)
        ax.tick_params(
            length=0,
            pad=4,
            labeltop=True,
            labelright=True,
            labelrotation=0,
            labelsize=min(14, 620 / len(classes)),
            labelfontfamily=CHARACTER_FONT,
        )
        for tick in ax.yaxis.get_major_ticks():
            tick.label1.set_verticalalignment("center_baseline")
            tick.label2.set_verticalalignment("center_baseline")
        for edge in _group_starts(classes):
            ax.axhline(edge, color=theme.muted, linewidth=0.8, clip_on=False)
            ax.axvline(edge, color=theme.muted, linewidth=0.8, clip_on=False)
        ax.set_xlabel("read as")
        ax.set_ylabel("true character")
        return ax


@dataclass(frozen=True)
class ClassAccuracyDisplay:
    """The accuracy of every class with its 95 % interval.

    Args:
        classes: Scores in the order of the axis.
        overall: Accuracy over all samples, drawn as a line.
    """

    classes: tuple[ClassScore, ...]
    overall: float

    @property
    def figsize(self) -> tuple[float, float]:
        """Width and height in inches that give every class the same room."""
        return 1.6 + 0.2 * max(20, len(self.classes)), 4.4

    def plot(self, ax: Axes | None = None, theme: Theme = LIGHT) -> Axes:
        """Draw a dot and whiskers a class; digits, upper and lower case stand apart."""
        ax = ax or plt.subplots(figsize=self.figsize)[1]
        starts = _group_starts([score.character for score in self.classes])
        gaps = np.searchsorted(starts, np.arange(len(self.classes)), side="right") - 1
        positions = np.arange(len(self.classes)) + 1.2 * gaps
        ax.axhline(self.overall, color=theme.muted, linewidth=1, linestyle=(0, (4, 4)), zorder=1)
        for position, score in zip(positions, self.classes, strict=True):
            if score.accuracy is None:
                continue
            low, high = score.accuracy_ci95
            ax.errorbar(
                position,
                score.accuracy,
                yerr=[[score.accuracy - low], [high - score.accuracy]],
                fmt="o",
                markersize=5.5,
                color=theme.kinds[_kind(score.character)],
                elinewidth=1.6,
                zorder=2,
                clip_on=False,
            )
        ax.set_xticks(
            positions, [score.character for score in self.classes], fontfamily=CHARACTER_FONT
        )
        ax.set_xlim(-1, positions[-1] + 1)
        lowest = min((score.accuracy_ci95[0] for score in self.classes if score.support), default=0)
        ax.set_ylim(np.floor(10 * lowest) / 10, 1.01)
        ax.annotate(
            f"all {percent(self.overall)}",
            (1, self.overall),
            xycoords=("axes fraction", "data"),
            xytext=(6, 0),
            textcoords="offset points",
            va="center",
            color=theme.muted,
        )
        ax.yaxis.set_major_formatter(PercentFormatter(1, symbol=" %"))
        ax.grid(axis="y", linewidth=0.8)
        ax.tick_params(length=0)
        sns.despine(ax=ax, left=True, bottom=True)
        ax.set_ylabel("accuracy")
        return ax


@dataclass(frozen=True)
class ReliabilityDisplay:
    """How often a classifier is right when it is so and so sure.

    Args:
        bins: Of equal width, the least confident first.
    """

    bins: tuple[CalibrationBin, ...]
    figsize: ClassVar = (12, 6.4)

    @classmethod
    def from_predictions(cls, predictions: Predictions) -> ReliabilityDisplay:
        """Count by confidence, which the predictions must know."""
        return cls(measure_trust(predictions).bins)

    def plot(self, ax: Axes | None = None, theme: Theme = LIGHT) -> Axes:
        """Draw a dot and whiskers a bin, perfect calibration as a line, and how full bins are."""
        ax = ax or plt.subplots(figsize=self.figsize)[1]
        width, total = 1 / len(self.bins), sum(b.samples for b in self.bins)
        ax.bar(
            (np.arange(len(self.bins)) + 0.5) * width,
            [b.samples / total for b in self.bins],
            0.86 * width,
            color=theme.line,
            linewidth=0,
            label="share of all samples",
            zorder=1,
        )
        ax.plot([0, 1], [0, 1], color=theme.muted, linewidth=1, linestyle=(0, (4, 4)), zorder=2)
        filled = [b for b in self.bins if b.samples]
        accuracy = np.array([b.right / b.samples for b in filled])
        low, high = np.array([b.accuracy_ci95 for b in filled]).T
        ax.errorbar(
            [b.confidence for b in filled],
            accuracy,
            yerr=np.maximum([accuracy - low, high - accuracy], 0),
            fmt="o-",
            color=theme.kinds[1],
            markersize=6,
            linewidth=1.4,
            elinewidth=1.6,
            label="share read right, with its 95 % interval",
            zorder=3,
            clip_on=False,
        )
        _draw_shares(ax)
        ax.set_xlim(0, 1)
        ax.set_ylim(0, 1.01)
        ax.set_xlabel("confidence")
        ax.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=2, frameon=False)
        return ax


@dataclass(frozen=True)
class RiskCoverageDisplay:
    """What a classifier gains by refusing to answer where it is unsure.

    Args:
        trust: Counts of the answered and the right ones by the least confidence.
    """

    trust: Trust
    figsize: ClassVar = (12, 5)

    @classmethod
    def from_predictions(cls, predictions: Predictions) -> RiskCoverageDisplay:
        """Count by confidence, which the predictions must know."""
        return cls(measure_trust(predictions))

    def plot(self, ax: Axes | None = None, theme: Theme = LIGHT) -> Axes:
        """Draw accuracy, which is one less the risk, by coverage, and name some thresholds."""
        ax = ax or plt.subplots(figsize=self.figsize)[1]
        answered, right = np.array(self.trust.answered), np.array(self.trust.right)
        known = answered > 0
        coverage = answered[known] / answered[0]
        accuracy = right[known] / answered[known]
        ax.plot(coverage, accuracy, color=theme.kinds[1], linewidth=2, zorder=2, clip_on=False)
        for threshold in MARKED:
            at = self.trust.thresholds.index(threshold)
            if answered[at] < LEAST_MARKED * answered[0]:
                continue
            ax.plot(coverage[at], accuracy[at], "o", color=theme.kinds[1], zorder=3, clip_on=False)
            ax.annotate(
                f"≥ {threshold:.2f}",
                (coverage[at], accuracy[at]),
                xytext=(-5, -5),
                textcoords="offset points",
                ha="right",
                va="top",
            )
        _draw_shares(ax)
        ax.set_xlim(0, 1)
        ax.set_ylim(max(np.floor(20 * accuracy.min() - 0.5) / 20, 0), 1.002)
        ax.set_xlabel("share of the samples that are answered")
        ax.set_ylabel("accuracy among the answers")
        return ax


def _draw_shares(ax: Axes) -> None:
    """Percents on both axes, with a fine grid and no frame."""
    ax.xaxis.set_major_formatter(PercentFormatter(1, symbol=" %"))
    ax.yaxis.set_major_formatter(PercentFormatter(1, symbol=" %"))
    ax.grid(linewidth=0.8)
    ax.set_axisbelow(True)
    ax.tick_params(length=0)
    sns.despine(ax=ax, left=True, bottom=True)


@dataclass(frozen=True)
class RobustnessDisplay:
    """What corrupted images leave of the accuracy.

    Args:
        robustness: A score for each corruption.
    """

    robustness: Robustness
    figsize: ClassVar = (13, 6.4)

    def plot(self, ax: Axes | None = None, theme: Theme = LIGHT) -> Axes:
        """Draw a small chart for each corruption, all of the same scale."""
        ax = ax or plt.subplots(figsize=self.figsize)[1]
        ax.set_axis_off()
        scores, samples = self.robustness.corruptions, self.robustness.samples
        untouched = self.robustness.right / samples
        columns = 4
        rows = -(-len(scores) // columns)
        for i, score in enumerate(scores):
            row, column = divmod(i, columns)
            place = (column / columns, 1 - (row + 1) / rows, 0.86 / columns, 0.68 / rows)
            small = ax.inset_axes(place)
            accuracy = np.array(score.right) / samples
            low, high = np.array(score.accuracy_ci95).T
            positions = np.arange(len(score.strengths))
            small.axhline(untouched, color=theme.muted, linewidth=1, linestyle=(0, (4, 4)))
            small.errorbar(
                positions,
                accuracy,
                yerr=np.maximum([accuracy - low, high - accuracy], 0),
                fmt="o-",
                color=theme.kinds[1],
                markersize=5,
                linewidth=1.4,
                elinewidth=1.6,
                clip_on=False,
            )
            small.set_title(score.name, fontsize=12, loc="left", color=theme.text)
            small.set_xticks(positions, [f"{strength:g}" for strength in score.strengths])
            small.set_xlabel(score.unit)
            small.set_xlim(-0.3, len(positions) - 0.7)
            small.set_ylim(0, 1)
            small.yaxis.set_major_formatter(PercentFormatter(1, symbol=" %"))
            if column:
                small.set_yticklabels([])
            small.grid(axis="y", linewidth=0.8)
            small.tick_params(length=0)
            sns.despine(ax=small, left=True, bottom=True)
        return ax


@dataclass(frozen=True)
class MistakesDisplay:
    """Misread samples with captions: true → predicted, confidence.

    Args:
        images: uint8 (m, 28, 28), upright, bright ink on black.
        captions: m texts, drawn below the images.
        columns: How many stand in a row.
    """

    images: np.ndarray
    captions: tuple[str, ...]
    columns: int = 8
    figsize: ClassVar = (12, 10.5)

    @classmethod
    def from_predictions(
        cls, predictions: Predictions, images: np.ndarray, most: int = 40
    ) -> MistakesDisplay:
        """Take the mistakes that the classifier was surest of, the first ones if that is unknown.

        Args:
            predictions: n of them.
            images: uint8 (n, 28, 28), the samples in the same order.
            most: How many to take where there are as many.
        """
        chosen = predictions.mistakes[:most]
        true, predicted = predictions.labels[chosen], predictions.predicted[chosen]
        captions = [
            f"{predictions.classes[i]} → {predictions.classes[j]}"
            for i, j in zip(true, predicted, strict=True)
        ]
        if predictions.has_probabilities:
            sure = predictions.confidence[chosen]
            captions = [f"{c}\n{percent(p)}" for c, p in zip(captions, sure, strict=True)]
        return cls(images[chosen], tuple(captions))

    def plot(self, ax: Axes | None = None, theme: Theme = LIGHT) -> Axes:
        """Draw the samples as tiles on one pair of axes, ink on paper."""
        ax = ax or plt.subplots(figsize=self.figsize)[1]
        side = self.images.shape[-1]
        width, height = side + 6, side + 21
        for i, (image, caption) in enumerate(zip(self.images, self.captions, strict=True)):
            left, top = i % self.columns * width, i // self.columns * height
            box = (left, left + side, top + side, top)
            ax.imshow(image, theme.ink, vmin=0, vmax=255, interpolation="nearest", extent=box)
            ax.add_patch(Rectangle((left, top), side, side, fill=False, edgecolor=theme.line))
            # Line by line, because matplotlib moves a line by the descender of the one above.
            for line, text in enumerate(caption.splitlines()):
                ax.text(
                    left + side / 2,
                    top + side + 6.5 * (line + 1),
                    text,
                    ha="center",
                    va="baseline",
                    fontsize=13,
                    fontfamily=CHARACTER_FONT,
                )
        rows = -(-len(self.images) // self.columns)
        ax.set_xlim(-1, self.columns * width)
        ax.set_ylim(rows * height, -1)
        ax.set_axis_off()
        return ax
