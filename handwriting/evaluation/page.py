"""A report as a page of its own and as a README."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING

from jinja2 import Environment, PackageLoader, StrictUndefined, Template, select_autoescape

from handwriting.evaluation.figures import Figure
from handwriting.evaluation.results import HEADLINES
from handwriting.evaluation.style import DARK, LIGHT, percent

if TYPE_CHECKING:
    from handwriting.evaluation.report import Report

MOST_CONFUSIONS = 30

GROUP_NAMES = {"digit": "0–9", "upper": "A–Z", "lower": "a–z"}


def render_page(report: Report, figures: Sequence[Figure]) -> str:
    """One HTML file that opens from disk: figures inside, no script, no network."""
    return find_template("page.html").render(
        report=report,
        figures=figures,
        headlines=HEADLINES,
        group_names=GROUP_NAMES,
        confusions=report.confusions[:MOST_CONFUSIONS],
        light=LIGHT,
        dark=DARK,
        percent=percent,
        embed=embed_figure,
    )


def render_readme(report: Report, figures: Sequence[Figure]) -> str:
    """The headlines and figures in Markdown, as a repository shows them."""
    return find_template("readme.md").render(
        report=report,
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
