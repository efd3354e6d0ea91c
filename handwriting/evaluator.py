"""A trained model on an official test split → its report."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from tqdm import tqdm

from handwriting.datasets.splits import find_split, load_images
from handwriting.errors import InputError
from handwriting.evaluation.predictions import Predictions
from handwriting.evaluation.report import Report, write_report
from handwriting.priors import EMNIST_COUNTS, UNIFORM
from handwriting.recognizer import LARGE, Recognizer

CENSUS_SPLITS = ("byclass", "bymerge")
"""The splits that keep EMNIST's natural class frequencies; the others are balanced."""


def evaluate_model(model: str, data: str, out: Path) -> Report:
    """Read every image of a test split and write the report folder.

    Args:
        model: A `.keras` file or the name of a shipped model.
        data: A data set with a test part.
        out: The report's folder, replaced if there is one.

    Raises:
        InputError: The model or the data cannot be used, or do not fit each other.
    """
    split = find_split(data)
    images, labels = load_images(data, "test")
    recognizer = Recognizer.load(model)
    known = recognizer.alphabet.classes
    if not all(set(members) & set(known) for members in split.alphabet.members):
        raise InputError(
            f"{recognizer.name} tells {len(known)} characters apart, not the "
            f"{len(split.alphabet)} classes of {data}: choose other data or another model"
        )
    census = data in CENSUS_SPLITS
    probabilities = _read(recognizer, images, EMNIST_COUNTS if census else UNIFORM)
    notes = []
    if recognizer.corrects_for_frequencies:
        frequencies = "ByClass's official train labels" if census else "equally common characters"
        notes.append(
            "The network's outputs are corrected from the class frequencies of its own training "
            f"samples to those of {frequencies}."
        )
    account = recognizer.account
    if "trained_on" in account:
        sets = " and ".join(name for names in account["trained_on"].values() for name in names)
        notes.append(
            f"Trained on {account['training_samples']:,} samples of {sets}; "
            f"{account['validation_samples']:,} more were held out for validation."
        )
    return write_report(
        out,
        Predictions.from_probabilities(
            split.alphabet.classes, labels, split.alphabet.project(probabilities)
        ),
        model=recognizer.description,
        dataset={"name": data, "part": "test", "samples": len(labels)},
        images=images,
        notes=notes,
    )


def _read(recognizer: Recognizer, images: np.ndarray, prior: np.ndarray) -> np.ndarray:
    steps = range(0, len(images), LARGE)
    bar = tqdm(steps, desc="reading", unit=f" x {LARGE} images", disable=None)
    return np.concatenate([recognizer.predict(images[i : i + LARGE], prior) for i in bar])
