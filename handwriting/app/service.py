"""What programs and assistants may ask about the reports: endpoints, and the same as MCP tools.

Gradio takes the documentation of both from the docstrings of the functions that are offered.
"""

from __future__ import annotations

import base64
import dataclasses
import io
from typing import Literal

import gradio as gr
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from handwriting.app.analysis import MOST_TILES, ReportDesk
from handwriting.app.endpoint import told
from handwriting.errors import InputError
from handwriting.evaluation.report import Report

Order = Literal["confidence", "disagreement", "random"]

MOST_CONFUSIONS = 500
"""The most pairs that one answer lists."""

ACROSS = 8
"""Samples in a row of the picture."""

PATIENCE = 10.0
"""How long an answer waits for images that are being loaded from disk, seconds."""

TILE = 84
CAPTION = 18
"""Side of a sample's picture and height of the line under it, pixels."""


def add_service(desk: ReportDesk) -> None:
    """Give the page its endpoints about reports: `/reports`, `/metrics` and so on.

    Args:
        desk: Looks the answers up.
    """
    service = ReportService(desk)
    for question in (
        service.reports,
        service.metrics,
        service.confusions,
        service.compare,
    ):
        gr.api(told(question), api_name=question.__name__)
    # A picture needs a component; only endpoints use these, so that the page has none of them.
    with gr.Row(visible=False):
        report, true, predicted = (
            gr.Textbox("", label=name) for name in ("Report", "True", "Read as")
        )
        count = gr.Number(24, label="Count", precision=0)
        order = gr.Textbox("confidence", label="Order")
        picture = gr.Image(label="Samples", format="png", type="pil")
        details = gr.JSON(label="Details")
        gr.Button().click(
            told(service.misread),
            [report, true, predicted, count, order],
            [picture, details],
            api_name="misread",
        )


class ReportService:
    """Answers about the reports of a desk; the docstrings are written for who asks.

    Args:
        desk: Finds reports and their images.
    """

    def __init__(self, desk: ReportDesk):
        self.desk = desk

    def reports(self) -> list[dict]:
        """List the evaluation reports: what was evaluated, on what, how accurate.

        Those of the largest test set come first, and of one test set the newest.

        Returns:
            Objects with name (for the other tools), model, dataset, samples, accuracy, created.
        """
        return [
            {
                "name": report.name,
                "model": report.model["name"],
                "dataset": f"{report.dataset['name']} {report.dataset['part']}",
                "samples": report.dataset["samples"],
                "accuracy": report.metrics.accuracy,
                "created": report.created,
            }
            for report in self.desk.shelf.list()[0]
        ]

    def metrics(self, report: str) -> dict:
        """Tell the figures of one report with their 95 % intervals, overall and by character.

        Args:
            report: Its name, as listed by reports.

        Returns:
            The model, the data set, the metrics, a score for each class, and notes on them.
        """
        found = self._find(report)
        return {
            "model": found.model,
            "dataset": found.dataset,
            "metrics": dataclasses.asdict(found.metrics),
            "classes": [dataclasses.asdict(score) for score in found.classes],
            "notes": list(found.notes),
        }

    def confusions(
        self, report: str, true: str = "", predicted: str = "", count: int = 20
    ) -> list[dict]:
        """List the characters that were confused, most frequent first.

        Args:
            report: Its name, as listed by reports.
            true: Only samples of these characters, for example lI1; empty for all.
            predicted: Only what was read as one of these characters; empty for all.
            count: How many pairs at most.

        Returns:
            Objects with true, predicted and count.
        """
        found = self._find(report)
        wanted = [_characters(found, side) for side in (true, predicted)]
        pairs = [
            dataclasses.asdict(pair)
            for pair in found.confusions
            if pair.true in wanted[0] and pair.predicted in wanted[1]
        ]
        return pairs[: _limit(count, MOST_CONFUSIONS)]

    def compare(self, first: str, second: str) -> dict:
        """Compare two reports of the same data, sample by sample.

        Args:
            first: Name of the report to compare with.
            second: Name of the other one; differences are the second less the first.

        Returns:
            Differences with 95 % intervals, McNemar's test, and what changed in each class.
        """
        # Takes a second, and most pages compare nothing.
        from handwriting.evaluation.compare import compare

        (pair,) = compare([self._find(first), self._find(second)]).pairs
        answer = dataclasses.asdict(pair)
        # Thousands of indices, which McNemar's counts sum up.
        del answer["only_first"], answer["only_second"]
        return answer

    def misread(
        self,
        report: str,
        true: str = "",
        predicted: str = "",
        count: int = 24,
        order: Order = "confidence",
    ) -> tuple[Image.Image | None, dict]:
        """Show misread samples of a report as one picture.

        Args:
            report: Its name, as listed by reports.
            true: Only samples of these characters; empty for all.
            predicted: Only what was read as one of these characters; empty for all.
            count: How many at most, up to 100.
            order: confidence (surest first), disagreement (least probable label first) or random.

        Returns:
            The picture, and details: total; samples by index; problem, why there is no picture.
        """
        known = self._find(report)
        if order not in Order.__args__:
            raise InputError(f"order is {order!r}: choose one of {', '.join(Order.__args__)}")
        question = {
            "report": report,
            "true": _characters(known, true),
            "predicted": _characters(known, predicted),
            "count": _limit(count, MOST_TILES),
            "sort": order,
        }
        self.desk.images.wait(known.dataset["name"], PATIENCE)
        found = self.desk.find_mistakes(question)
        state, problem = found["images"]["state"], found["images"]["problem"]
        if not found["total"]:
            problem = "no misread sample is of that kind"
        elif state in ("loading", "fetching"):
            problem = f"the images are still {state}: ask again in a while"
        details = {"total": found["total"], "samples": found["tiles"], "problem": problem}
        if found["sheet"] is None:
            return None, details
        return _draw_tiles(found["tiles"], found["sheet"]), details

    def _find(self, name: object) -> Report:
        if not isinstance(name, str) or not name:
            raise InputError("report is the name of a report, as listed by reports")
        return self.desk.shelf.find(name)


def _characters(report: Report, text: object) -> str:
    """The characters that a question names, all of the report's where it names none."""
    known = "".join(score.character for score in report.classes)
    if not isinstance(text, str):
        raise InputError("characters are given as text, for example lI1")
    unknown = sorted(set(text) - set(known))
    if unknown:
        raise InputError(f"{unknown[0]!r} is no class of this report: it has {known}")
    return text or known


def _limit(count: object, most: int) -> int:
    if isinstance(count, bool) or not isinstance(count, int | float) or not 1 <= count <= 1e9:
        raise InputError(f"count is {count!r}: give a whole number from 1 to {most}")
    return min(int(count), most)


def _draw_tiles(tiles: list[dict], sheet: str) -> Image.Image:
    """The samples of a sheet side by side, each over what it is and what it was read as."""
    images = np.asarray(_decode(sheet)).reshape(len(tiles), 28, 28)
    across = min(ACROSS, len(tiles))
    down = -(-len(tiles) // across)
    picture = Image.new("L", (across * (TILE + 4), down * (TILE + CAPTION + 4)), 255)
    pen, font = ImageDraw.Draw(picture), ImageFont.load_default(13)
    for i, (tile, image) in enumerate(zip(tiles, images, strict=True)):
        x, y = i % across * (TILE + 4) + 2, i // across * (TILE + CAPTION + 4) + 2
        large = Image.fromarray(255 - image).resize((TILE, TILE), Image.Resampling.NEAREST)
        picture.paste(large, (x, y))
        pen.rectangle((x, y, x + TILE - 1, y + TILE - 1), outline=200)
        words = f"{tile['true']} > {tile['predicted']}"
        if tile["confidence"] is not None:
            words += f"  {tile['confidence']:.0%}"
        pen.text((x + 2, y + TILE + 1), words, fill=0, font=font)
    return picture


def _decode(uri: str) -> Image.Image:
    return Image.open(io.BytesIO(base64.b64decode(uri.partition(",")[2])))
