"""The Analysis tab: where a model errs on a test set, as its report tells it.

All figures were computed when the report was made. What is here looks them up for the browser
(`analysis_*.js`), which keeps the selection that all views share.
"""

from __future__ import annotations

import base64
import io
import reprlib
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path

import gradio as gr
import numpy as np
from PIL import Image

from handwriting.app.analysis_images import ImageStore
from handwriting.app.analysis_labels import (
    choose_suspects,
    describe_labels,
    rank_labels,
    suspicion_of,
)
from handwriting.app.analysis_matrices import describe_matrices, describe_opened
from handwriting.app.analysis_saliency import Explanations
from handwriting.app.shelf import ReportShelf
from handwriting.errors import InputError
from handwriting.evaluation.neighbours import nearest_samples
from handwriting.evaluation.pairs import rank_pairs
from handwriting.evaluation.published import PUBLISHED
from handwriting.evaluation.report import Report
from handwriting.evaluation.results import HEADLINES, count_samples

HERE = Path(__file__).parent
STYLES = ("analysis.css", "analysis_trust.css", "analysis_labels.css")
SCRIPTS = (
    "analysis_link.js",
    "analysis_matrix.js",
    "analysis_folds.js",
    "analysis_classes.js",
    "analysis_pairs.js",
    "analysis_grid.js",
    "analysis_mistakes.js",
    "analysis_sample.js",
    "analysis_trust.js",
    "analysis_labels.js",
    "analysis.js",
)

OPEN_LINKED = """() => {
    if (!new URLSearchParams(location.search).has("report")) return;
    const tabs = [...document.querySelectorAll("[role=tab]")];
    tabs.find((tab) => tab.textContent.trim() === "Analysis")?.click();
}"""
"""A link to a view of this tab opens the page on its first; this goes to the right one."""

MOST_TILES = 100
"""The most samples that one answer holds."""

GUESSES = 5
"""How many of a sample's most probable characters are told."""

NEAREST = 5
"""How many rightly read samples of each of two classes a sample is compared with."""

SEED = 0
"""Of the random order, so that a link finds the same samples on the same page."""

MOST_PAIRS = 100
"""How many of the costliest pairs of characters are listed; the rest are a few samples each."""


def add_analysis_tab(desk: ReportDesk) -> None:
    """Fill the open tab with what the reports of a folder say.

    Args:
        desk: Answers what the page asks; looks into the folder whenever a visitor opens the tab.
    """

    def open_report(question: object) -> dict:
        return answer(desk.open_report, question)

    def open_classes(question: object) -> dict:
        return answer(desk.open_classes, question)

    def find_mistakes(question: object) -> dict:
        return answer(desk.find_mistakes, question)

    def show_sample(question: object) -> dict:
        return answer(desk.show_sample, question)

    def explain_sample(question: object) -> dict:
        return answer(desk.explain_sample, question)

    def get_picture(question: object) -> dict:
        return answer(desk.get_picture, question)

    # What nobody has to wait for then.
    threading.Thread(target=desk.prepare, daemon=True).start()
    gr.HTML(
        html_template=(HERE / "analysis.html").read_text(),
        css_template="\n".join((HERE / style).read_text() for style in STYLES),
        js_on_load="\n".join(
            [*((HERE / script).read_text() for script in SCRIPTS), "new Analysis(element, server);"]
        ),
        apply_default_css=False,
        server_functions=[
            open_report,
            open_classes,
            find_mistakes,
            show_sample,
            explain_sample,
            get_picture,
        ],
        elem_id="analysis",
    )
    gr.on(fn=None, js=OPEN_LINKED)


def answer(look_up: Callable[[dict], dict], question: object) -> dict:
    """Look something up for the page; whatever cannot be becomes `{"error": a sentence}`."""
    try:
        return look_up(question if isinstance(question, dict) else {})
    except InputError as error:
        return {"error": str(error)}


class ReportDesk:
    """Answers what the page asks. Questions come from outside and are checked here.

    Args:
        folder: The folder of reports.
    """

    def __init__(self, folder: Path):
        self.shelf = ReportShelf(folder)
        self.images = ImageStore()
        self.explanations = Explanations()

    def prepare(self) -> None:
        """Read what the first visitor will ask for: the first report, and its test images where
        they are on this machine."""
        with suppress(InputError):  # Who asks is told.
            for report in self.shelf.list()[0][:1]:
                self.images.prepare(report.dataset["name"])
                _describe(report)
                _sorted(report.predictions.mistakes, report, "")

    def open_report(self, question: dict) -> dict:
        """One report and the list of all.

        Args:
            question: `report`, a name; without it the first of all is opened.
        """
        reports, problems = self.shelf.list()
        listed = {
            "reports": [{"name": r.name, "title": r.title} for r in reports],
            "problems": list(problems.values()),
            "folder": str(self.shelf.folder),
        }
        if not reports and "report" not in question:
            return listed
        report = self._find(question) if "report" in question else reports[0]
        return listed | {"report": _describe(report)}

    def open_classes(self, question: dict) -> dict:
        """A folded matrix with some of its classes taken apart.

        Args:
            question: `report`; `fold`, the name of one of the report's matrices; `apart`, the
                first character of each class to take apart.

        Returns:
            `matrix`, as those of the report.
        """
        fold, apart = _text(question, "fold"), _text(question, "apart")
        return {"matrix": describe_opened(self._find(question), fold, apart)}

    def find_mistakes(self, question: dict) -> dict:
        """One page of misread samples.

        Args:
            question: `report`; `true` and `predicted`, the characters to choose, any where empty;
                `least` and `most`, between which percentages the confidence lies; `suspects`,
                one of `KINDS` or `all` for none but those whose label is suspect; `sort`, see
                `_sorted`; `start` and `count`, which of the matching ones; `retry`, true to try
                once more to get the images.

        Returns:
            `total`, how many match; `sure`, whether their confidence is known, without which
            filter and order by it have no effect; `tiles` of these `count`; `sheet`, their images
            below each other in one PNG as a data URI, or None and in `images` what is the matter.
        """
        report = self._find(question)
        predictions = report.predictions
        mistakes = predictions.mistakes
        chosen = np.ones(len(mistakes), bool)
        for side, indices in (("true", predictions.labels), ("predicted", predictions.predicted)):
            characters = _text(question, side)
            if characters:
                wanted = np.array([c in characters for c in predictions.classes])
                chosen &= wanted[indices[mistakes]]
        sure = predictions.has_probabilities
        least = _number(question, "least", 0, 100) / 100
        most = _number(question, "most", 0, 100, otherwise=100) / 100
        if sure:
            confidence = predictions.confidence[mistakes]
            chosen &= (confidence >= least) & (confidence <= most)
        suspects = _text(question, "suspects")
        if suspects:
            chosen &= choose_suspects(report, suspects)[mistakes]
        matching = _sorted(mistakes[chosen], report, _text(question, "sort"))
        start = _number(question, "start", 0, len(mistakes))
        count = _number(question, "count", 1, MOST_TILES)
        shown = matching[start : start + count]
        images, state, problem = self._images(report, again=question.get("retry") is True)
        return {
            "total": len(matching),
            "sure": sure,
            "tiles": [
                {
                    "sample": int(i),
                    "true": predictions.classes[predictions.labels[i]],
                    "predicted": predictions.classes[predictions.predicted[i]],
                    "confidence": float(predictions.confidence[i]) if sure else None,
                }
                for i in shown
            ],
            "sheet": _sheet(images[shown]) if images is not None and len(shown) else None,
            "images": {"state": state, "problem": problem},
        }

    def show_sample(self, question: dict) -> dict:
        """One sample, what it was read as, and what it looks like.

        Args:
            question: `report`, and `sample`, its index in the test set.

        Returns:
            `guesses`, the most probable characters; `suspicion`, see `suspicion_of`; `nearest`,
            for the true and for the predicted character its rightly read samples that look most
            like this one; `explained`, whether `explain_sample` has the model; `sheet`, the images
            of the sample and of these below each other, None where there are none; `images`, how
            far they are, see `TestImages`.
        """
        report = self._find(question)
        predictions = report.predictions
        sample = _sample(question, report)
        true, predicted = predictions.labels[sample], predictions.predicted[sample]
        # Where only the answers are known, these are all that can be told.
        probabilities = predictions.probabilities[sample] if predictions.has_probabilities else None
        images, state, _ = self._images(report)
        nearest, shown = [], [sample]
        for index in dict.fromkeys((true, predicted)) if images is not None else ():
            right = np.flatnonzero(predictions.correct & (predictions.labels == index))
            right = right[right != sample]
            found = right[nearest_samples(images[sample], images[right], NEAREST)]
            nearest.append({"character": predictions.classes[index], "count": len(found)})
            shown += found.tolist()
        return {
            "sample": sample,
            "true": predictions.classes[true],
            "predicted": predictions.classes[predicted],
            "guesses": []
            if probabilities is None
            else [
                {"character": predictions.classes[i], "probability": float(probabilities[i])}
                for i in np.argsort(-probabilities, kind="stable")[:GUESSES]
            ],
            "suspicion": suspicion_of(report, sample),
            "true_probability": None if probabilities is None else float(probabilities[true]),
            "nearest": nearest,
            "explained": self.explanations.knows(report),
            "sheet": _sheet(images[shown]) if images is not None else None,
            "images": state,
        }

    def explain_sample(self, question: dict) -> dict:
        """Which pixels of a sample spoke for what it was read as, and which for the truth.

        Args:
            question: `report`, and `sample`, its index in the test set.

        Returns:
            As `Explanations.explain`.
        """
        report = self._find(question)
        sample = _sample(question, report)
        images, _, problem = self._images(report)
        if images is None:
            raise InputError(f"a map needs the image, which is not here ({problem or 'yet'})")
        test = self.images.get(report.dataset["name"]).test
        return self.explanations.explain(report, test, sample)

    def get_picture(self, question: dict) -> dict:
        """A figure of the report as a data URI, None where it has none of that name.

        Args:
            question: `report`, and `theme`, `light` or `dark`.
        """
        theme = "dark" if question.get("theme") == "dark" else "light"
        path = self._find(question).figure("mistakes", theme)
        return {"picture": _data_uri(path.read_bytes()) if path else None}

    def _images(self, report: Report, *, again: bool = False) -> tuple[np.ndarray | None, str, str]:
        """The report's images, None if they are not there; how far they are, and the problem."""
        found = self.images.get(report.dataset["name"], again=again)
        if found.state != "ready":
            return None, found.state, found.problem
        if not np.array_equal(found.labels, report.predictions.labels):
            return None, "missing", "the test set on this machine is not the report's"
        return found.images, found.state, ""

    def _find(self, question: dict) -> Report:
        return self.shelf.find(_text(question, "report"))


def _text(question: dict, key: str) -> str:
    value = question.get(key, "")
    if not isinstance(value, str):
        raise InputError(f"{key} is {reprlib.repr(value)}, but must be text")
    return value


def _number(question: dict, key: str, least: int, most: int, otherwise: int | None = None) -> int:
    return min(max(_whole(question, key, least if otherwise is None else otherwise), least), most)


def _whole(question: dict, key: str, otherwise: int) -> int:
    value = question.get(key, otherwise)
    if isinstance(value, bool) or not isinstance(value, int):
        raise InputError(f"{key} is {reprlib.repr(value)}, but must be a whole number")
    return value


def _sample(question: dict, report: Report) -> int:
    """A sample's index, which a link may have from another report."""
    sample, last = _whole(question, "sample", 0), len(report.predictions) - 1
    if not 0 <= sample <= last:
        raise InputError(f"{report.title} has no sample {sample:,}, only 0 to {last:,}")
    return sample


def _sorted(mistakes: np.ndarray, report: Report, order: str) -> np.ndarray:
    """Mistakes, surest first, in an order: `disagreement` begins where the model gives the label
    the least probability, `label` where the label is most suspect, `random` is the same at every
    call, and any other leaves them."""
    predictions = report.predictions
    match order:
        case "label" if predictions.has_probabilities:
            return rank_labels(report, mistakes)
        case "disagreement" if predictions.has_probabilities:
            return mistakes[np.argsort(predictions.label_probability[mistakes], kind="stable")]
        case "random":
            place = np.random.default_rng(SEED).permutation(len(predictions))
            return mistakes[np.argsort(place[mistakes])]
    return mistakes


def _describe(report: Report) -> dict:
    """A report as the page shows it."""
    pairs = rank_pairs(report.confusion_matrix)
    return {
        "name": report.name,
        "about": count_samples(report.dataset),
        "created": report.created[:10],
        "samples": report.dataset["samples"],
        "mistakes": sum(pair.count for pair in report.confusions),
        "facts": report.facts,
        "notes": report.notes,
        "headlines": [
            {
                "title": headline.title,
                "meaning": headline.meaning,
                "value": headline.show(getattr(report.metrics, headline.name)),
                "interval": headline.show_interval(
                    getattr(report.metrics, f"{headline.name}_ci95")
                ),
            }
            for headline in HEADLINES
        ],
        "accuracy": report.metrics.accuracy,
        "sure": report.metrics.log_loss is not None,
        "trust": asdict(report.trust) if report.trust else None,
        "labels": describe_labels(report),
        "classes": [asdict(score) for score in report.classes],
        "earlier": _describe_earlier(report),
        "pairs": {
            "total": len(pairs),
            "shown": [asdict(pair) for pair in pairs[:MOST_PAIRS]],
        },
        "matrices": describe_matrices(report),
    }


def _describe_earlier(report: Report) -> dict | None:
    """What an earlier system's authors gave for the same test, None where none did."""
    found = PUBLISHED.get((report.dataset["name"], report.dataset["part"]))
    if found is None:
        return None
    return {
        "system": found.system,
        "accuracy": f"{100 * found.accuracy:.2f} %",
        "source": found.source,
    }


def _sheet(images: np.ndarray) -> str:
    """Images below each other in one PNG: one request and one decoding for a whole page."""
    file = io.BytesIO()
    Image.fromarray(images.reshape(-1, images.shape[-1])).save(file, "PNG")
    return _data_uri(file.getvalue())


def _data_uri(png: bytes) -> str:
    return f"data:image/png;base64,{base64.b64encode(png).decode()}"
