"""A trained model, or predictions made elsewhere, on a test set → the report."""

from __future__ import annotations

import hashlib
import time
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from tqdm import tqdm

from handwriting.alphabet import BYCLASS, Alphabet
from handwriting.corruptions import CORRUPTIONS
from handwriting.datasets.own import find_test_set
from handwriting.datasets.splits import SPLITS, find_split
from handwriting.datasets.testset import TestSet
from handwriting.errors import InputError
from handwriting.evaluation.intervals import wilson_interval
from handwriting.evaluation.predictions import Predictions
from handwriting.evaluation.report import Report, write_report
from handwriting.evaluation.results import CorruptionScore, Robustness
from handwriting.evaluation.sources import MAX_BYTES, READERS, read_predictions
from handwriting.priors import EMNIST_COUNTS
from handwriting.recognizer import LARGE, Recognizer
from handwriting.runners import load_model

ROBUSTNESS_SAMPLES = 1000
"""Taken from a test set for each strength of each corruption: an interval of ±2 to 3 points."""

ROBUSTNESS_SEED = 0


def evaluate(
    source: str,
    data: str,
    out: Path,
    name: str | None = None,
    labels_of: Path | None = None,
    robustness: bool = False,
) -> Report:
    """Evaluate whatever it is: a file's extension tells predictions from models.

    Args:
        source: A file of predictions (`evaluation/sources.py`), a model file (`runners.py`), or
            the name of a shipped model.
        data: A data set with a test part, `unipen`, or a test set of one's own (`datasets/own.py`).
        out: The report's folder, replaced if there is one.
        name: What the report calls it, instead of its own name.
        labels_of: As for `evaluate_predictions`.
        robustness: Whether a model reads corrupted images as well.

    Raises:
        InputError: The source or the data cannot be used, or do not fit each other.
    """
    if Path(source).suffix.lower() in READERS:
        if robustness:
            raise InputError("robustness needs a model to run, these are predictions: leave it out")
        return evaluate_predictions(Path(source), data, out, name, labels_of=labels_of)
    if labels_of:
        raise InputError("a model reads the images of the data set: labels alone will not do")
    return evaluate_model(source, data, out, name, robustness)


def evaluate_predictions(
    path: Path,
    data: str,
    out: Path,
    name: str | None = None,
    max_bytes: int = MAX_BYTES,
    labels_of: Path | None = None,
) -> Report:
    """Evaluate predictions that were made elsewhere; needs no TensorFlow.

    Args:
        path: An `.npz`, `.csv` or `.parquet` file as `evaluation/sources.py` describes them.
        data: The data set that they are of.
        out: The report's folder, replaced if there is one.
        name: What made them; by default the file's name, or that of its folder where the file is
            called `predictions`.
        max_bytes: The largest file that is read.
        labels_of: A report of the same data to take the labels from, where the data set's files
            are not at hand; the new report then has no pictures of samples.

    Raises:
        InputError: The file or the data cannot be used, or do not fit each other.
    """
    test = _take_labels(Report.load(labels_of), data) if labels_of else find_test_set(data)
    source = read_predictions(path, test.alphabet, test.labels, max_bytes)
    stem = path.absolute().parent.name if path.stem == "predictions" else path.stem
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return write_report(
        out,
        source.predictions,
        model={
            "name": name or stem,
            "framework": "predictions made elsewhere",
            "file": path.name,
            "sha256": digest,
        },
        dataset={"name": test.name, "part": test.part, "samples": len(test.labels)},
        images=test.images,
        notes=("Evaluated from predictions that were made elsewhere.", *source.notes),
    )


@dataclass(frozen=True)
class _Labels:
    """What evaluating predictions needs of a `TestSet`."""

    name: str
    part: str
    alphabet: Alphabet
    labels: np.ndarray
    images: None = None


def _take_labels(report: Report, data: str) -> _Labels:
    name = report.dataset["name"]
    if name != data:
        raise InputError(f"{report.name} is a report of {name}, not of {data}: choose another")
    alphabet = find_split(name).alphabet if name in SPLITS else BYCLASS
    predictions = report.predictions
    if predictions.classes != alphabet.classes:
        raise InputError(f"{report.name} has not the classes of {data}: choose another")
    return _Labels(name, report.dataset["part"], alphabet, predictions.labels)


def evaluate_model(
    model: str, data: str, out: Path, name: str | None = None, robustness: bool = False
) -> Report:
    """Read every image or drawing of a test set and write the report folder.

    Args:
        model: A model file or the name of a shipped model, see `runners.load_model`.
        data: A data set with a test part, `unipen`, or a test set of one's own (`datasets/own.py`).
        out: The report's folder, replaced if there is one.
        name: What the report calls the model, instead of its own name.
        robustness: Whether it reads corrupted images as well.

    Raises:
        InputError: The model or the data cannot be used, or do not fit each other.
    """
    test = find_test_set(data)
    recognizer, described = load_model(model)
    known = set(recognizer.alphabet.classes)
    if not all(known & set(members) for members in test.alphabet.members):
        raise InputError(
            f"{recognizer.name} tells {len(known)} characters apart, not the "
            f"{len(test.alphabet)} classes of {data}: choose other data or another model"
        )
    started = time.perf_counter()
    read = _read(recognizer, test)
    speed = len(test.images) / (time.perf_counter() - started)
    probabilities = test.alphabet.project(read)
    return write_report(
        out,
        Predictions.from_probabilities(test.alphabet.classes, test.labels, probabilities),
        model=described | {"images_per_second": round(speed)} | ({"name": name} if name else {}),
        dataset={"name": test.name, "part": test.part, "samples": len(test.labels)},
        images=test.images,
        notes=_notes(recognizer, test, robustness),
        robustness=measure_robustness(recognizer, test) if robustness else None,
    )


def measure_robustness(recognizer: Recognizer, test: TestSet) -> Robustness:
    """Read some images of a test set again after each corruption, in each strength.

    Drawings are read by their image alone: the path of the pen is not corrupted.
    """
    random = np.random.default_rng(ROBUSTNESS_SEED)
    n = min(ROBUSTNESS_SAMPLES, len(test.images))
    chosen = np.sort(random.choice(len(test.images), n, replace=False))
    some = replace(test, images=test.images[chosen], labels=test.labels[chosen], drawings=None)

    def count_right(images: np.ndarray) -> int:
        read = recognizer.predict(images, some.prior, some.ink)
        return int((some.alphabet.project(read).argmax(axis=1) == some.labels).sum())

    scores = []
    for corruption in tqdm(CORRUPTIONS, "corrupting", disable=None, unit="corruption"):
        right = [
            count_right(corruption.apply(some.images, strength, ROBUSTNESS_SEED))
            for strength in corruption.strengths
        ]
        scores.append(
            CorruptionScore(
                corruption.name,
                corruption.unit,
                corruption.strengths,
                tuple(right),
                tuple(wilson_interval(count, n) for count in right),
            )
        )
    return Robustness(n, ROBUSTNESS_SEED, count_right(some.images), tuple(scores))


def _read(recognizer: Recognizer, test: TestSet) -> np.ndarray:
    """float32 (n, 62): the probabilities of all samples, with a progress bar on a terminal."""
    steps = tqdm(range(0, len(test.images), LARGE), "reading", disable=None, unit="batch")
    batches = (slice(start, start + LARGE) for start in steps)
    if test.drawings is not None:
        read = [recognizer.predict_drawings(test.drawings[i], test.prior) for i in batches]
    else:
        read = [recognizer.predict(test.images[i], test.prior, test.ink) for i in batches]
    return np.concatenate(read)


def _notes(recognizer: Recognizer, test: TestSet, robustness: bool) -> list[str]:
    notes = []
    account = recognizer.account
    if "trained_on" in account:
        sets = " and ".join(name for names in account["trained_on"].values() for name in names)
        notes.append(
            f"Trained on {account['training_samples']:,} samples of {sets}; "
            f"{account['validation_samples']:,} more were held out for validation."
        )
    if recognizer.corrects_for_frequencies:
        census = test.prior is EMNIST_COUNTS
        notes.append(
            "Outputs are corrected from the class frequencies of the training samples to "
            + ("those of ByClass's official train labels." if census else "equal frequencies.")
        )
    if recognizer.is_calibrated:
        notes.append("Their temperature was fitted on the validation samples.")
    if recognizer.magnification and test.ink == "scan":
        notes.append("Where both cases look alike, how much the scan was magnified counts as well.")
    if recognizer.follows_pen and test.drawings is not None:
        notes.append("Each drawing was read by its image and by the path of the pen.")
        if robustness:
            notes.append("Robustness is that of the images alone.")
    return notes
