"""The figures of a comparison: what changed for each class, and the calibrations side by side."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import matplotlib.pyplot as plt
import numpy as np
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, PercentFormatter

from handwriting.alphabet import CHARACTERS, KINDS
from handwriting.evaluation.compare import ClassChange
from handwriting.evaluation.results import CalibrationBin
from handwriting.evaluation.style import CHARACTER_FONT, LIGHT, Theme

MARKERS = "osD^vP"


@dataclass(frozen=True)
class ClassChangesDisplay:
    """The difference of every class's accuracy, with its 95 % interval.

    Args:
        classes: In the order of the axis.
    """

    classes: tuple[ClassChange, ...]

    @property
    def figsize(self) -> tuple[float, float]:
        """Width and height in inches that give every class the same room."""
        return 1.6 + 0.2 * max(20, len(self.classes)), 4.0

    def plot(self, ax: Axes | None = None, theme: Theme = LIGHT) -> Axes:
        """Draw a dot and whiskers a class, faint where the interval holds no change."""
        ax = ax or plt.subplots(figsize=self.figsize)[1]
        kinds = KINDS.class_of[[CHARACTERS.index(change.character) for change in self.classes]]
        positions = np.arange(len(self.classes)) + 1.2 * np.cumsum(
            np.diff(kinds, prepend=kinds[0]) != 0
        )
        ax.axhline(0, color=theme.muted, linewidth=1, zorder=1)
        for position, kind, change in zip(positions, kinds, self.classes, strict=True):
            low, high = change.accuracy.ci95
            difference = change.accuracy.difference
            ax.errorbar(
                position,
                difference,
                # Agresti and Min's interval need not hold the difference of very few samples.
                yerr=[[max(difference - low, 0)], [max(high - difference, 0)]],
                fmt="o",
                markersize=5.5,
                color=theme.kinds[kind],
                elinewidth=1.6,
                alpha=0.35 if low <= 0 <= high else 1,
                zorder=2,
            )
        names = [change.character for change in self.classes]
        ax.set_xticks(positions, names, fontfamily=CHARACTER_FONT)
        ax.set_xlim(-1, positions[-1] + 1)
        ax.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{100 * value:+.0f}"))
        ax.grid(axis="y", linewidth=0.8)
        ax.tick_params(length=0)
        sns.despine(ax=ax, left=True, bottom=True)
        ax.set_ylabel("change of accuracy, percentage points")
        return ax


@dataclass(frozen=True)
class CalibrationsDisplay:
    """How often each of several classifiers is right when it is so and so sure.

    Args:
        names: Of the classifiers.
        bins: For each of them its bins, the least confident first.
    """

    names: tuple[str, ...]
    bins: tuple[tuple[CalibrationBin, ...], ...]
    figsize: ClassVar = (7.6, 5.6)

    def plot(self, ax: Axes | None = None, theme: Theme = LIGHT) -> Axes:
        """Draw a line each, and perfect calibration as a broken one."""
        ax = ax or plt.subplots(figsize=self.figsize)[1]
        ax.plot([0, 1], [0, 1], color=theme.muted, linewidth=1, linestyle=(0, (4, 4)))
        for i, (name, bins) in enumerate(zip(self.names, self.bins, strict=True)):
            filled = [b for b in bins if b.samples]
            ax.plot(
                [b.confidence for b in filled],
                [b.right / b.samples for b in filled],
                f"{MARKERS[i % len(MARKERS)]}-",
                color=theme.kinds[(1, 0, 2)[i % 3]],
                markersize=6,
                linewidth=1.4,
                # Names come from outside: a dollar sign begins no formula.
                label=name.replace("$", r"\$"),
                clip_on=False,
            )
        ax.xaxis.set_major_formatter(PercentFormatter(1, symbol=" %"))
        ax.yaxis.set_major_formatter(PercentFormatter(1, symbol=" %"))
        ax.set_xlim(0, 1)
        ax.set_ylim(0, 1.01)
        ax.grid(linewidth=0.8)
        ax.tick_params(length=0)
        sns.despine(ax=ax, left=True, bottom=True)
        ax.set_xlabel("confidence")
        ax.set_ylabel("share read right")
        ax.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=3, frameon=False)
        return ax
