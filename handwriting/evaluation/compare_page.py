"""A comparison as text, as a page of its own and as `compare.json`."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np

from handwriting.evaluation.compare import Comparison, Difference, Pair
from handwriting.evaluation.compare_displays import CalibrationsDisplay, ClassChangesDisplay
from handwriting.evaluation.displays import MistakesDisplay
from handwriting.evaluation.figures import Display, Figure, save_figure
from handwriting.evaluation.page import embed_figure, find_template
from handwriting.evaluation.predictions import Predictions
from handwriting.evaluation.report import replace_folder, to_lines
from handwriting.evaluation.results import HEADLINES, Headline, Interval, count_samples
from handwriting.evaluation.style import DARK, LIGHT, THEMES

SCHEMA_VERSION = 1
CONTENT = {"compare.json", "index.html", "figures"}

MOST_CHANGES = 20
"""Corrections and new errors that a page lists; `compare.json` has all."""

MOST_LISTED = 5
"""Of them, and of the classes, that the printed table has."""

MOST_SHOWN = 32
"""Samples of which a page has pictures, of each kind."""


def render_table(comparison: Comparison) -> str:
    """What a terminal shows: the figures side by side, then what changed against the first."""
    names = comparison.names
    wide = max(14, *(len(name) for name in names)) + 2
    lines = [count_samples(comparison.dataset), ""]
    lines.append(" " * 18 + "".join(name.rjust(wide) for name in names))
    for headline in HEADLINES:
        values = [getattr(report.metrics, headline.name) for report in comparison.reports]
        shown = "".join(headline.show(value).rjust(wide) for value in values)
        lines.append(headline.title.ljust(18) + shown)
    for pair in comparison.pairs:
        lines += ["", *_tell_pair(pair, names[0])]
    return "\n".join(lines)


def _tell_pair(pair: Pair, first: str) -> list[str]:
    test = pair.mcnemar
    lines = [f"{pair.name} less {first}, with 95 % interval:"]
    lines += [
        f"  {headline.title.ljust(18)}{tell_difference(pair.figures, headline)}"
        for headline in HEADLINES
        if headline.name in pair.figures
    ]
    lines += [
        f"Only {pair.name} is right: {test.only_second:,} samples; only {first}: "
        f"{test.only_first:,}; neither: {pair.both_wrong:,}, of them alike: "
        f"{pair.both_wrong_alike:,}",
        f"McNemar's test ({test.method}): {tell_p(test.p_value)}",
    ]
    ranked = sorted(pair.classes, key=lambda change: change.broken - change.corrected)
    changed = [c for c in ranked if c.corrected != c.broken]
    for title, chosen in (
        ("Most gained", [c for c in changed if c.corrected > c.broken][:MOST_LISTED]),
        ("Most lost", [c for c in changed[::-1] if c.corrected < c.broken][:MOST_LISTED]),
    ):
        told = [f"{c.character} {c.corrected - c.broken:+,}" for c in chosen]
        lines.append(f"{title}: {', '.join(told) or 'none'} (samples)")
    for title, changes in (("Corrections", pair.corrections), ("New errors", pair.new_errors)):
        told = [f"{c.true} → {c.misread} {c.count:,}" for c in changes[:MOST_LISTED]]
        lines.append(f"{title}: {', '.join(told) or 'none'}")
    return lines


def tell_difference(figures: dict[str, Difference], headline: Headline) -> str:
    """The difference of a figure and its interval, shares in percentage points."""
    found = figures[headline.name]
    return f"{_signed(found.difference, headline)} ({_range(found.ci95, headline)})"


def _range(interval: Interval, headline: Headline) -> str:
    return " to ".join(_signed(value, headline) for value in interval)


def _signed(value: float, headline: Headline) -> str:
    return signed(100 * value, 2) if headline.is_share else signed(value, 4)


def signed(value: float, digits: int) -> str:
    """A number with its sign; nothing is +0, even where a little less was rounded to it."""
    return f"{round(value, digits) + 0.0:+.{digits}f}"


def tell_p(p_value: float) -> str:
    """A p value as text, never as a zero that it is not."""
    if p_value < 1e-300:
        return "p < 1e-300"
    return f"p = {p_value:.3g}"


def write_comparison(
    folder: Path, comparison: Comparison, images: np.ndarray | None = None
) -> None:
    """Write `compare.json`, `index.html` and `figures/`, replacing what an earlier run wrote.

    Args:
        folder: Its place.
        comparison: What to tell.
        images: uint8 (n, 28, 28), the samples in order, for pictures of those that only one
            reads right; without them there are none.

    Raises:
        InputError: The folder holds something else, or cannot be written.
    """

    def write(new: Path) -> None:
        (new / "figures").mkdir()
        calibration, figures = _draw(new / "figures", comparison, images)
        (new / "compare.json").write_text(_to_json(comparison), encoding="utf-8")
        page = find_template("compare.html").render(
            comparison=comparison,
            about=count_samples(comparison.dataset),
            names=comparison.names,
            calibration=calibration,
            figures=figures,
            headlines=HEADLINES,
            most=MOST_CHANGES,
            light=LIGHT,
            dark=DARK,
            embed=embed_figure,
            tell_difference=tell_difference,
            signed=signed,
            tell_p=tell_p,
        )
        (new / "index.html").write_text(page, encoding="utf-8")

    replace_folder(folder, CONTENT, write)


def _draw(
    folder: Path, comparison: Comparison, images: np.ndarray | None
) -> tuple[Figure | None, list[list[Figure]]]:
    """The calibrations, where two or more are known, and the figures of each pair."""

    def draw(name: str, title: str, caption: str, display: Display) -> Figure:
        figure = Figure(name, title, caption, folder)
        for theme in THEMES:
            save_figure(figure, theme, display)
        return figure

    calibration = None
    known = [
        (name, bins)
        for name, bins in zip(comparison.names, comparison.calibration, strict=True)
        if bins
    ]
    if len(known) > 1:
        calibration = draw(
            "calibration",
            "Calibrations side by side",
            "How often each is right when it is so and so sure; on the broken line, confidence "
            "and accuracy are the same.",
            CalibrationsDisplay(*zip(*known, strict=True)),
        )
    first = comparison.reports[0].predictions
    figures = []
    for number, (pair, report) in enumerate(
        zip(comparison.pairs, comparison.reports[1:], strict=True), start=2
    ):
        drawn = [
            draw(
                f"classes-{number}",
                "Change of each character",
                f"Accuracy of {pair.name} less that of {comparison.names[0]}, with its 95 % "
                "interval; faint where that holds no change.",
                ClassChangesDisplay(pair.classes),
            )
        ]
        for name, who, samples, wrong in (
            ("corrected", pair.name, pair.only_second, first),
            ("broken", comparison.names[0], pair.only_first, report.predictions),
        ):
            if images is not None and samples:
                drawn.append(
                    draw(
                        f"{name}-{number}",
                        f"Only {who} is right",
                        "True character → what the other read. The first of them.",
                        _show_samples(images, samples, wrong),
                    )
                )
        figures.append(drawn)
    return calibration, figures


def _show_samples(
    images: np.ndarray, samples: tuple[int, ...], wrong: Predictions
) -> MistakesDisplay:
    chosen = np.array(samples[:MOST_SHOWN])
    captions = tuple(
        f"{wrong.classes[wrong.labels[i]]} → {wrong.classes[wrong.predicted[i]]}" for i in chosen
    )
    return MistakesDisplay(images[chosen], captions)


def _to_json(comparison: Comparison) -> str:
    content = {
        "schema_version": SCHEMA_VERSION,
        "dataset": comparison.dataset,
        "reports": [
            {
                "name": name,
                "report": report.name,
                "created": report.created,
                "metrics": dataclasses.asdict(report.metrics),
                "calibration": bins and [dataclasses.asdict(b) for b in bins],
            }
            for name, report, bins in zip(
                comparison.names, comparison.reports, comparison.calibration, strict=True
            )
        ],
        "pairs": [dataclasses.asdict(pair) for pair in comparison.pairs],
    }
    return to_lines(content, levels=3) + "\n"
