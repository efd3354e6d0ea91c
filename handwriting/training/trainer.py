"""Train a recipe: samples in, a folder with weights, history and an account of both out."""

from __future__ import annotations

import csv
import json
import os
import shutil
import sys
from datetime import UTC, datetime
from pathlib import Path

import keras
import numpy as np

from handwriting.datasets.splits import find_split
from handwriting.errors import InputError
from handwriting.training.losses import candidate_accuracy, candidate_crossentropy
from handwriting.training.recipes import Recipe
from handwriting.training.samples import Samples, concatenate, hold_out, load_samples


def train(
    recipe: Recipe,
    out: Path,
    *,
    resume: bool = False,
    epochs: int | None = None,
    limit: int | None = None,
) -> Path:
    """Train a recipe and write `NAME.keras`, `NAME.json` and `history.csv`.

    After each epoch the state is saved in `out/checkpoint`, which is deleted at the end.

    Args:
        recipe: What to train.
        out: Folder to write to; made if missing.
        resume: Go on after the last finished epoch of an interrupted run in `out`.
        epochs: Instead of the recipe's.
        limit: Train and validate on that many samples of each data set only, for a trial.

    Returns:
        The path of the Keras file, in float32, without optimiser state or custom code.

    Raises:
        InputError: Data is missing or damaged, or there is nothing to resume.
    """
    checkpoint = out / "checkpoint"
    history = out / "history.csv"
    if resume and not checkpoint.exists():
        raise InputError(f"{checkpoint} does not exist: nothing to resume; leave out --resume")
    if not resume:
        shutil.rmtree(checkpoint, ignore_errors=True)
        history.unlink(missing_ok=True)
    out.mkdir(parents=True, exist_ok=True)
    epochs = epochs or recipe.epochs

    keras.utils.set_random_seed(recipe.seed)
    training, validation = _samples(recipe, limit)
    keras.config.set_dtype_policy(recipe.precision)
    model = recipe.build()
    keras.config.set_dtype_policy("float32")
    model.summary()
    steps = -(-len(training) // recipe.batch_size) * epochs
    model.compile(
        recipe.optimizer(steps), loss=candidate_crossentropy, metrics=[candidate_accuracy]
    )
    model.fit(
        training.images[..., None],
        training.candidates,
        batch_size=recipe.batch_size,
        epochs=epochs,
        validation_data=(validation.images[..., None], validation.candidates),
        callbacks=[
            keras.callbacks.BackupAndRestore(
                checkpoint, double_checkpoint=True, delete_checkpoint=False
            ),
            keras.callbacks.CSVLogger(history, append=resume),
        ],
        verbose=1 if sys.stdout.isatty() else 2,
    )

    # The policy is part of a saved model, and bfloat16 is slow where a processor lacks it.
    shipped = recipe.build()
    shipped.set_weights(model.get_weights())
    account = {
        "schema_version": 1,
        "name": recipe.name,
        "summary": recipe.summary,
        "classes": recipe.alphabet.classes,
        "parameters": shipped.count_params(),
        "trained_on": [
            {
                "dataset": name,
                "samples": min(limit or np.inf, find_split(name).sizes["train"]),
            }
            for name in recipe.datasets
        ],
        "held_out_for_validation": len(validation),
        "epochs": epochs,
        "batch_size": recipe.batch_size,
        "seed": recipe.seed,
        "precision": recipe.precision,
        "validation": _validation_figures(shipped, validation),
        "class_frequencies": _class_frequencies(shipped, training).round(8).tolist(),
        "history": _read_history(history),
        "keras": keras.__version__,
        "backend": keras.backend.backend(),
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    path = out / f"{recipe.name}.keras"
    _replace(path, lambda temporary: shipped.save(temporary, include_optimizer=False))
    _replace(
        path.with_suffix(".json"),
        lambda temporary: temporary.write_text(json.dumps(account, indent=1) + "\n"),
    )
    shutil.rmtree(checkpoint)
    return path


def _samples(recipe: Recipe, limit: int | None) -> tuple[Samples, Samples]:
    """Train and validation samples, the latter drawn from each data set alike."""
    parts = []
    for name in recipe.datasets:
        samples = load_samples(name, recipe.alphabet)
        if limit and limit < len(samples):
            chosen = np.random.default_rng(recipe.seed).choice(len(samples), limit, replace=False)
            samples = samples[np.sort(chosen)]
        parts.append(hold_out(samples, recipe.validation, recipe.seed))
    training, validation = zip(*parts, strict=True)
    return concatenate(list(training)), concatenate(list(validation))


def _validation_figures(model: keras.Model, validation: Samples) -> dict[str, float]:
    """Loss and accuracy on the held-out samples whose label is exact."""
    exact = validation[validation.exact]
    probabilities = model.predict(exact.images[..., None], batch_size=1024, verbose=0)
    return {
        "samples": len(exact),
        "accuracy": float(np.mean(candidate_accuracy(exact.candidates, probabilities))),
        "log_loss": float(np.mean(candidate_crossentropy(exact.candidates, probabilities))),
    }


def _class_frequencies(model: keras.Model, training: Samples) -> np.ndarray:
    """float64 (k,): the share of each class among the train samples.

    A sample with several candidates counts for each by the model's own probabilities (one step
    of expectation-maximisation).
    """
    shares = model.predict(training.images[..., None], batch_size=1024, verbose=0)
    shares = shares.astype(np.float64) * training.candidates + 1e-12 * training.candidates
    return (shares / shares.sum(axis=1, keepdims=True)).mean(axis=0)


def _read_history(path: Path) -> list[dict[str, float]]:
    with path.open(newline="") as file:
        return [{name: float(value) for name, value in row.items()} for row in csv.DictReader(file)]


def _replace(path: Path, write) -> None:
    """Write a file beside its place and move it in."""
    temporary = path.with_name(f"partial-{path.name}")
    write(temporary)
    os.replace(temporary, path)
