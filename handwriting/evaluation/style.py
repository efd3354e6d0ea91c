"""How figures and pages look, in a light and a dark theme."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass

import matplotlib as mpl
import seaborn as sns
from matplotlib.colors import Colormap, ListedColormap


@dataclass(frozen=True)
class Theme:
    """The colours of one theme.

    Args:
        name: As files call it.
        background: Of figures and pages.
        text: Titles and figures.
        muted: Axis labels, captions.
        line: Grid lines and borders.
        kinds: Of digits, upper case and lower case.
        heat: Colour map for shares, from the least to the largest.
        ink: Colour map for the images, from paper to ink.
    """

    name: str
    background: str
    text: str
    muted: str
    line: str
    kinds: tuple[str, str, str]
    heat: Colormap
    ink: str

    def context(self) -> AbstractContextManager:
        """Draw in this theme within a `with`."""
        return mpl.rc_context(
            {
                **sns.axes_style("white"),
                "figure.facecolor": self.background,
                "savefig.facecolor": self.background,
                "axes.facecolor": self.background,
                "axes.edgecolor": self.line,
                "axes.labelcolor": self.muted,
                "text.color": self.text,
                "xtick.color": self.muted,
                "ytick.color": self.muted,
                "grid.color": self.line,
                "font.family": "DejaVu Sans",
                "svg.hashsalt": "handwriting",
            }
        )


_LIGHT_TO_DARK = sns.color_palette("mako_r", 256)[:-24]
"""Less the near-black that could be taken for a dark page."""


LIGHT = Theme(
    name="light",
    background="#fffefb",
    text="#23262f",
    muted="#646874",
    line="#e3e1da",
    kinds=("#c2560c", "#3053c8", "#0f766e"),
    heat=ListedColormap(_LIGHT_TO_DARK),
    ink="gray_r",
)
DARK = Theme(
    name="dark",
    background="#191d27",
    text="#e9ebf1",
    muted="#9aa0af",
    line="#2f3542",
    kinds=("#fb9a4b", "#93abff", "#2dd4bf"),
    heat=ListedColormap(_LIGHT_TO_DARK[::-1]),
    ink="gray",
)
THEMES = (LIGHT, DARK)
CHARACTER_FONT = "DejaVu Sans Mono"
"""Tells 0 from O, and 1 from l and I."""


def percent(share: float) -> str:
    """`12.3 %`, and never 100 % for what is not quite certain."""
    return "> 99.9 %" if 0.9995 <= share < 1 else f"{100 * share:.1f} %"
