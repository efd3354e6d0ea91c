"""The report folder: what `write_report` writes and `Report.load` reads.

report.json       the source of truth, see `Report`
predictions.npz   what it was computed from, see `Predictions`
figures/          each as NAME-light.png, NAME-dark.png and the same as .svg
index.html        everything on one page, without a network
README.md         the headlines, as a repository shows them
model-card.md     the same with the metadata of a Hugging Face model repository
"""

from __future__ import annotations

import dataclasses
import json
import platform
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache, cached_property
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import TypeAdapter, ValidationError

from handwriting.errors import InputError
from handwriting.evaluation.predictions import Predictions
from handwriting.evaluation.results import (
    FOLDS,
    ClassScore,
    Confusion,
    ConfusionMatrix,
    GroupScore,
    LabelIssues,
    Metrics,
    Robustness,
    TemperatureScaling,
    Trust,
)

SCHEMA_VERSION = 1
CONTENT = {
    "report.json", "predictions.npz", "figures", "index.html", "README.md", "model-card.md",
}  # fmt: skip
PACKAGES = ("numpy", "scikit-learn", "scipy", "cleanlab", "seaborn", "matplotlib")
"""Whose versions a report names, besides those of a framework that has run."""
FRAMEWORKS = {"keras": "keras", "tensorflow": "tensorflow-cpu", "jax": "jax", "torch": "torch"}
"""Module → package; the module is imported only where it made the predictions."""

FACTS = {
    "recipe": "Recipe",
    "parameters": "Parameters",
    "trainable_parameters": "Trainable parameters",
    "trained_on": "Trained on",
    "training_samples": "Training samples",
    "epochs": "Epochs",
    "file_bytes": "Size on disk, bytes",
    "images_per_second": "Images per second on that machine",
    "sha256": "SHA-256",
}
"""Keys of `Report.model` that pages show, and under which name."""


@dataclass(frozen=True)
class Report:
    """One evaluation, as `report.json` tells it; figures and predictions lie beside it.

    Args:
        folder: Where it lies; its name is the report's name.
        created: When, ISO 8601 in UTC.
        model: What was evaluated: `name`, and where known `recipe`, `parameters`,
            `trainable_parameters`, `trained_on`, `epochs`, `file`, `file_bytes`, `sha256`,
            `images_per_second`.
        dataset: What on: `name` (a key of `datasets.splits.SPLITS`), `part`, `samples`.
        metrics: The headline figures.
        classes: One score a class, in column order.
        confusions: The pairs that were confused, most frequent first.
        notes: What a reader must know to judge the figures, a sentence each.
        environment: Versions of Python and the packages that took part.
        similarity: By the name of an alphabet, its classes as one text in an order in which
            look-alikes stand together; empty in reports from before there was one.
        trust: How far confidence can be trusted; None where no probabilities are known, and in
            reports from before there was any.
        label_issues: Samples whose label may be wrong; None in the same cases.
        groups: A score for digits, upper and lower case, as far as there are any; empty in
            reports from before there was one.
        temperature_scaling: What it would do for the calibration; None as for trust.
        robustness: What corrupted images leave of the accuracy; None where it was not asked for.
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
    similarity: dict[str, str] = field(default_factory=dict)
    trust: Trust | None = None
    label_issues: LabelIssues | None = None
    groups: tuple[GroupScore, ...] = ()
    temperature_scaling: TemperatureScaling | None = None
    robustness: Robustness | None = None

    @classmethod
    def load(cls, folder: Path) -> Report:
        """Read `report.json`; figures and predictions are left for when they are asked for.

        Raises:
            InputError: It is missing, damaged, foreign, or of a newer schema.
        """
        path = folder / "report.json"
        remedy = "evaluate the model again or remove the folder"
        try:
            content = json.loads(path.read_text(encoding="utf-8"), parse_constant=_refuse_constant)
        except (FileNotFoundError, NotADirectoryError):
            raise InputError(f"{folder} is no report, it has no report.json: {remedy}") from None
        except (OSError, ValueError, RecursionError) as error:
            raise InputError(f"{path} cannot be read ({error}): {remedy}") from None
        found = content.get("schema_version") if isinstance(content, dict) else None
        if type(found) is not int or found < 1:
            raise InputError(f"{path} is no evaluation report, it names no schema: {remedy}")
        if found > SCHEMA_VERSION:
            raise InputError(
                f"{path} has schema {found}, this version reads up to {SCHEMA_VERSION}: "
                "update handwriting to read it"
            )
        try:
            report = _adapter().validate_python({**content, "folder": folder})
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            place = ".".join(str(part) for part in first["loc"])
            raise InputError(f"{path}: {place}: {first['msg']}: {remedy}") from None
        problem = report._inconsistency()
        if problem:
            raise InputError(f"{path}: {problem}: {remedy}")
        return report

    def _inconsistency(self) -> str | None:
        characters = {score.character for score in self.classes}
        names = self.model.get("name"), self.dataset.get("name"), self.dataset.get("part")
        if not all(isinstance(name, str) for name in names):
            return "model and dataset need a name, dataset a part"
        if len(characters) < len(self.classes):
            return "a class occurs twice"
        if sum(score.support for score in self.classes) != self.dataset.get("samples"):
            return "the classes' supports do not sum to dataset.samples"
        if not {c.true for c in self.confusions} | {c.predicted for c in self.confusions} <= (
            characters
        ):
            return "confusions name classes that are not in classes"
        if (self.confusion_matrix.counts < 0).any():
            return "a class has more confusions than samples"
        for alphabet in FOLDS:
            classes = self.confusion_matrix.fold(alphabet).classes
            order = self.similarity.get(alphabet.name)
            if order is not None and sorted(order) != sorted(classes):
                return f"the similarity of {alphabet.name} has other classes"
        samples, mistakes = self.dataset["samples"], sum(pair.count for pair in self.confusions)
        return (self.trust and self.trust.inconsistency(samples, samples - mistakes)) or (
            self.label_issues
            and self.label_issues.inconsistency(samples, mistakes, self.confusion_matrix.classes)
        )

    @property
    def name(self) -> str:
        """The folder's name."""
        return self.folder.name

    @property
    def title(self) -> str:
        """What a reader tells it by: the model and the data set."""
        return f"{self.model['name']} on {self.dataset['name']}"

    @property
    def facts(self) -> list[tuple[str, str]]:
        """What is known of the model, as titles and texts."""
        return [
            (title, _tell(self.model[key])) for key, title in FACTS.items() if self.model.get(key)
        ]

    @cached_property
    def predictions(self) -> Predictions:
        """What the report was computed from.

        Raises:
            InputError: `predictions.npz` is missing, damaged, or another report's.
        """
        path = self.folder / "predictions.npz"
        predictions = Predictions.load(path)
        if len(predictions) != self.dataset["samples"]:
            raise InputError(f"{path} is not this report's: evaluate the model again")
        return predictions

    @cached_property
    def confusion_matrix(self) -> ConfusionMatrix:
        """Counts of all classes; `fold` it for a coarser alphabet."""
        classes = tuple(score.character for score in self.classes)
        counts = np.diag(np.array([score.support for score in self.classes], np.int64))
        for pair in self.confusions:
            true, predicted = classes.index(pair.true), classes.index(pair.predicted)
            counts[true, predicted] += pair.count
            counts[true, true] -= pair.count
        return ConfusionMatrix(classes, classes, counts)

    def figure(self, name: str, theme: str) -> Path | None:
        """Where a figure's PNG lies, None where the report has none of that name and theme."""
        path = self.folder / "figures" / f"{name}-{theme}.png"
        return path if path.is_file() else None


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is no number")


def _tell(fact: object) -> str:
    """A value of `Report.model` as text: `{"scan": ["byclass-part"]}` is `byclass-part`."""
    match fact:
        case bool() | str():
            return str(fact)
        case int():
            return f"{fact:,}"
        case dict():
            return _tell(list(fact.values()))
        case list() | tuple():
            return ", ".join(_tell(part) for part in fact)
    return str(fact)


@cache
def _adapter() -> TypeAdapter[Report]:
    return TypeAdapter(Report)


def list_reports(folder: Path) -> tuple[list[Report], dict[str, str]]:
    """The reports of a folder, and what is wrong with the rest.

    Those of the largest test set come first, because it tells most, and of one test set the newest.

    Returns:
        The good ones, and for each other folder's name one line that says why it cannot be shown.
    """
    reports, problems = [], {}
    for place in sorted(folder.iterdir()) if folder.is_dir() else ():
        if not place.is_dir() or place.name.startswith((".", "_")):
            continue
        try:
            reports.append(Report.load(place))
        except InputError as error:
            problems[place.name] = str(error)

    def rank(report: Report) -> tuple[int, str]:
        return report.dataset["samples"], report.created

    return sorted(reports, key=rank, reverse=True), problems


def write_report(
    folder: Path,
    predictions: Predictions,
    model: dict[str, Any],
    dataset: dict[str, Any],
    images: np.ndarray | None = None,
    notes: Sequence[str] = (),
    robustness: Robustness | None = None,
) -> Report:
    """Compute everything and write the report folder, replacing the report that is there.

    It is written beside its place and moved in at the end, so a killed run leaves the previous
    report whole.

    Args:
        folder: The report's place, e.g. `reports/hand-words`.
        predictions: What is evaluated.
        model: What made them; `name` is required, see `Report`.
        dataset: What they are about: `name` and `part` are required.
        images: uint8 (n, 28, 28), the samples in the same order, for the pictures of
            mistakes; without them there are none.
        notes: What a reader must know to judge the figures, a sentence each.
        robustness: What was found on corrupted images, if that was looked into.

    Raises:
        InputError: The images do not fit, the folder holds something else than a report, or it
            cannot be written.
    """
    # These take seconds to import, and reading a report needs none of them.
    from handwriting.evaluation.calibration import scale_temperature
    from handwriting.evaluation.label_issues import find_label_issues
    from handwriting.evaluation.metrics import rank_confusions, score, score_classes, score_groups
    from handwriting.evaluation.similarity import order_by_similarity
    from handwriting.evaluation.trust import measure_trust

    folder = folder.absolute()
    refuse_other_content(folder, CONTENT)
    if images is not None and images.shape != (len(predictions), 28, 28):
        raise InputError(f"images are {images.shape}: need {(len(predictions), 28, 28)}")
    report = Report(
        folder=folder,
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        model=dict(model),
        dataset={**dataset, "samples": len(predictions)},
        metrics=score(predictions),
        classes=score_classes(predictions),
        confusions=rank_confusions(predictions),
        notes=tuple(notes),
        environment=_environment(),
        similarity=order_by_similarity(predictions),
        trust=measure_trust(predictions),
        label_issues=find_label_issues(predictions),
        groups=score_groups(predictions),
        temperature_scaling=scale_temperature(predictions),
        robustness=robustness,
    )
    replace_folder(folder, CONTENT, lambda new: _write_files(new, report, predictions, images))
    return report


def replace_folder(folder: Path, content: set[str], write: Callable[[Path], None]) -> None:
    """Write a folder beside its place and move it in, so that a killed run leaves the old one.

    Args:
        folder: Its place.
        content: Names of what such a folder holds; one that holds anything else is left alone.
        write: Fills the folder that it is given.

    Raises:
        InputError: The place is taken by something else, or cannot be written.
    """
    folder = folder.absolute()
    refuse_other_content(folder, content)
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=f".{folder.name}-", dir=folder.parent) as beside:
            new, old = Path(beside, "new"), Path(beside, "old")
            new.mkdir()
            write(new)
            if folder.exists():
                folder.rename(old)
            new.rename(folder)
    except OSError as error:
        raise InputError(f"{folder} cannot be written ({error.strerror}): choose another") from None


def refuse_other_content(folder: Path, content: set[str]) -> None:
    """A report's place is replaced as a whole, so it may hold nothing but a report.

    Raises:
        InputError: It is a file, or holds something else than `content`.
    """
    if folder.exists() and not folder.is_dir():
        raise InputError(f"{folder} is a file: choose another place for the report")
    other = sorted({entry.name for entry in folder.glob("*")} - content)
    if other:
        raise InputError(
            f"{folder} holds {other[0]}, which is not of a report: move it or choose another place"
        )


def _environment() -> dict[str, str]:
    packages = list(PACKAGES)
    packages += [package for module, package in FRAMEWORKS.items() if sys.modules.get(module)]
    versions = {
        "python": platform.python_version(),
        "platform": f"{platform.system()} {platform.machine()}",
    }
    for package in packages:
        try:
            versions[package] = version(package)
        except PackageNotFoundError:
            continue
    return versions


def _write_files(
    folder: Path, report: Report, predictions: Predictions, images: np.ndarray | None
) -> None:
    from handwriting.evaluation.figures import draw_figures
    from handwriting.evaluation.model_card import render_model_card
    from handwriting.evaluation.page import render_page, render_readme

    (folder / "figures").mkdir()
    predictions.save(folder / "predictions.npz")
    figures = draw_figures(
        folder / "figures", predictions, report.classes, images, report.robustness
    )
    (folder / "report.json").write_text(_to_json(report), encoding="utf-8")
    page = render_page(report, figures, predictions, images)
    (folder / "index.html").write_text(page, encoding="utf-8")
    readme = render_readme(report, figures)
    (folder / "README.md").write_text(readme, encoding="utf-8")
    (folder / "model-card.md").write_text(render_model_card(report, readme), encoding="utf-8")


def _to_json(report: Report) -> str:
    """Two levels of lines: readable, and a diff shows which figure or class has changed."""
    content = {"schema_version": SCHEMA_VERSION, **dataclasses.asdict(report)}
    del content["folder"]
    return to_lines(content, levels=2) + "\n"


def to_lines(value: Any, levels: int, indent: str = "") -> str:
    """JSON of which the outer levels have a line for each entry."""
    inner = indent + "  "
    if levels and value and isinstance(value, dict):
        opening, closing = "{}"
        rows = [f"{json.dumps(key)}: {to_lines(v, levels - 1, inner)}" for key, v in value.items()]
    elif levels and value and isinstance(value, list | tuple):
        opening, closing = "[]"
        rows = [to_lines(v, levels - 1, inner) for v in value]
    else:
        return json.dumps(value, ensure_ascii=False, allow_nan=False)
    return f"{opening}\n" + ",\n".join(inner + row for row in rows) + f"\n{indent}{closing}"
