"""A report as a page of its own and as a README."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
from jinja2 import Environment, PackageLoader, StrictUndefined, Template, select_autoescape
from matplotlib.colors import to_hex

from handwriting.evaluation.figures import Figure
from handwriting.evaluation.metrics import count_confusions
from handwriting.evaluation.misread import COLUMNS, choose_misread, draw_sheet
from handwriting.evaluation.predictions import Predictions
from handwriting.evaluation.results import HEADLINES, count_samples
from handwriting.evaluation.style import DARK, LIGHT, THEMES, percent

if TYPE_CHECKING:
    from handwriting.evaluation.report import Report

MOST_CONFUSIONS = 30

HEAT_STEPS = 16
"""So many colours of a theme's map; the page mixes those between."""

GROUP_NAMES = {"digit": "0–9", "upper": "A–Z", "lower": "a–z"}


def render_page(
    report: Report,
    figures: Sequence[Figure],
    predictions: Predictions,
    images: np.ndarray | None,
) -> str:
    """One HTML file that opens from disk without a network.

    The figures are inside, and so are the confusion matrix and some of its samples, to be explored
    by a script of the page's own. Where scripts are off, the matrix is a figure like the others.

    Args:
        report: What is told.
        figures: What was drawn for it.
        predictions: What it was computed from.
        images: uint8 (n, 28, 28), the samples in the same order, or None.
    """
    return find_template("page.html").render(
        report=report,
        about=count_samples(report.dataset),
        figures=figures,
        matrix=describe_matrix(predictions, images),
        headlines=HEADLINES,
        group_names=GROUP_NAMES,
        confusions=report.confusions[:MOST_CONFUSIONS],
        light=LIGHT,
        dark=DARK,
        percent=percent,
        embed=embed_figure,
    )


def describe_matrix(predictions: Predictions, images: np.ndarray | None) -> dict[str, Any]:
    """What `templates/matrix.js` draws.

    Returns:
        `classes`; `counts` (rows are true classes); `heat`, the colours of each theme from the
        least to the largest share; `sheet`, a picture with `columns` samples in a row, or None
        where no image is known; `samples`, for each sample of the picture its true class, its
        predicted class, its number in the test set and its confidence, or None where that is
        unknown; and whether the samples are the `surest` of their cells or just the first.
    """
    chosen = choose_misread(predictions) if images is not None else np.empty(0, np.int64)
    sure = [None] * len(chosen)
    if predictions.has_probabilities:
        # Rounded down, so that no mistake becomes a certainty.
        sure = (np.floor(1e4 * predictions.confidence[chosen]) / 1e4).tolist()
    return {
        "classes": "".join(predictions.classes),
        "counts": count_confusions(predictions).counts.tolist(),
        "heat": {
            theme.name: [to_hex(theme.heat(step / (HEAT_STEPS - 1))) for step in range(HEAT_STEPS)]
            for theme in THEMES
        },
        "sheet": draw_sheet(images[chosen]) if len(chosen) else None,
        "columns": COLUMNS,
        "samples": list(
            zip(
                predictions.labels[chosen].tolist(),
                predictions.predicted[chosen].tolist(),
                chosen.tolist(),
                sure,
                strict=True,
            )
        ),
        "surest": predictions.has_probabilities,
    }


def render_readme(report: Report, figures: Sequence[Figure]) -> str:
    """The headlines and figures in Markdown, as a repository shows them."""
    return find_template("readme.md").render(
        report=report,
        about=count_samples(report.dataset),
        group_names=GROUP_NAMES,
        figures=figures,
        headlines=HEADLINES,
    )


@cache
def find_template(name: str) -> Template:
    """A page of `templates/`."""
    environment = Environment(
        loader=PackageLoader("handwriting.evaluation", "templates"),
        autoescape=select_autoescape(["html"]),
        keep_trailing_newline=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template(name)


def embed_figure(figure: Figure, theme_name: str) -> str:
    """The SVG as a data URI."""
    theme = LIGHT if theme_name == "light" else DARK
    content = base64.b64encode(figure.path(theme, "svg").read_bytes()).decode()
    return f"data:image/svg+xml;base64,{content}"
