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

from handwriting.alphabet import BYCLASS
from handwriting.errors import InputError
from handwriting.priors import EMNIST_COUNTS, UNIFORM
from handwriting.training.calibration import fit_temperature
from handwriting.training.losses import candidate_accuracy, candidate_crossentropy
from handwriting.training.recipes import Recipe
from handwriting.training.samples import Samples, concatenate, load_samples


def train(
    recipe: Recipe,
    out: Path,
    *,
    resume: bool = False,
    epochs: int | None = None,
    limit: int | None = None,
    seed: int | None = None,
    start: Path | None = None,
) -> Path:
    """Train a recipe and write `NAME.keras`, `NAME.json` and `history.csv`.

    After each epoch the state is saved in `out/checkpoint`, which is deleted at the end.

    Args:
        recipe: What to train.
        out: Folder to write to; made if missing.
        resume: Go on after the last finished epoch of an interrupted run in `out`.
        epochs: Instead of the recipe's.
        limit: Train and validate on that many samples of each data set only, for a trial.
        seed: Instead of the recipe's, for the initial weights and the order of the samples; the
            held-out part stays the recipe's, so that runs can be compared.
        start: The `.keras` file whose weights to begin with, which some recipes need.

    Returns:
        The path of the Keras file, in float32, without optimiser state or custom code.

    Raises:
        InputError: Data is missing or damaged, there is nothing to resume, or to start from.
    """
    checkpoint = out / "checkpoint"
    history = out / "history.csv"
    if resume and not checkpoint.exists():
        raise InputError(f"{checkpoint} does not exist: nothing to resume; leave out --resume")
    _check_start(recipe, start)
    if not resume:
        shutil.rmtree(checkpoint, ignore_errors=True)
        history.unlink(missing_ok=True)
    out.mkdir(parents=True, exist_ok=True)
    epochs = epochs or recipe.epochs
    seed = recipe.seed if seed is None else seed

    keras.utils.set_random_seed(seed)
    training, validation = _samples(recipe, limit)
    keras.config.set_dtype_policy(recipe.precision)
    model = recipe.build()
    keras.config.set_dtype_policy("float32")
    if start:
        _take_weights(model, start)
    model.summary()
    learner = keras.Sequential([recipe.augment(), model]) if recipe.augment else model
    learner.build(model.input_shape)
    steps = -(-len(training) // recipe.batch_size) * epochs
    learner.compile(
        recipe.optimizer(steps), loss=candidate_crossentropy, metrics=[candidate_accuracy]
    )
    learner.fit(
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
    frequencies = _class_frequencies(shipped, training)
    account = {
        "schema_version": 1,
        "name": recipe.name,
        "summary": recipe.summary,
        "classes": recipe.alphabet.classes,
        "parameters": shipped.count_params(),
        "trained_on": recipe.heads,
        "started_from": recipe.starts_from,
        "training_samples": len(training),
        "validation_samples": len(validation),
        "epochs": epochs,
        "batch_size": recipe.batch_size,
        "seed": seed,
        "precision": recipe.precision,
        "validation": _validation_figures(recipe, shipped, validation),
        "class_frequencies": frequencies.round(8).tolist(),
        "temperatures": _temperatures(recipe, shipped, validation, frequencies),
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


def _check_start(recipe: Recipe, start: Path | None) -> None:
    if recipe.starts_from and not start:
        raise InputError(
            f"{recipe.name} starts from {recipe.starts_from}: train that first, then give its "
            f".keras file with --start"
        )
    if start and not start.is_file():
        raise InputError(f"{start} is no file: give the .keras file to start from")


def _take_weights(model: keras.Model, start: Path) -> None:
    try:
        model.set_weights(keras.saving.load_model(start, compile=False).get_weights())
    except (OSError, ValueError) as error:
        reason = str(error).strip().splitlines()[0]
        raise InputError(f"{start} cannot be started from: {reason}") from None


def _samples(recipe: Recipe, limit: int | None) -> tuple[Samples, Samples]:
    """All samples to train on and all to validate on."""
    training, validation = [], []
    for head, names in enumerate(recipe.heads.values()):
        for name in names:
            parts = load_samples(name, recipe.alphabet, recipe.validation, recipe.seed, limit)
            if len(recipe.heads) > 1:
                parts = [part.for_head(head, len(recipe.heads)) for part in parts]
            training.append(parts[0])
            validation.append(parts[1])
    return concatenate(training), concatenate(validation)


def _validation_figures(
    recipe: Recipe, model: keras.Model, validation: Samples
) -> dict[str, dict[str, float]]:
    """For each head, loss and accuracy on the held-out samples whose label is exact."""
    exact = validation[validation.exact]
    outputs = _predict(model, exact)
    shape = len(exact), len(recipe.heads), len(recipe.alphabet)
    outputs, candidates = outputs.reshape(shape), exact.candidates.reshape(shape)
    figures = {}
    for head, name in enumerate(recipe.heads):
        own = candidates[:, head].any(axis=1)
        answer = candidates[own, head], outputs[own, head]
        figures[name] = {
            "samples": int(own.sum()),
            "accuracy": float(np.mean(candidate_accuracy(*answer))),
            "log_loss": float(np.mean(candidate_crossentropy(*answer))),
        }
    return figures


def _temperatures(
    recipe: Recipe, model: keras.Model, validation: Samples, frequencies: np.ndarray
) -> dict[str, float]:
    """For each head, the temperature that calibrates it, see `fit_temperature`."""
    shape = len(validation), len(recipe.heads), len(recipe.alphabet)
    outputs = _predict(model, validation).reshape(shape)
    candidates = validation.candidates.reshape(shape)
    temperatures = {}
    for head, name in enumerate(recipe.heads):
        own = candidates[:, head].any(axis=1)
        priors = ()
        if recipe.alphabet is BYCLASS:
            wanted = EMNIST_COUNTS if name == "scan" else UNIFORM
            priors = frequencies.reshape(shape[1:])[head], wanted
        temperatures[name] = round(
            fit_temperature(outputs[own, head], candidates[own, head], *priors), 3
        )
    return temperatures


def _class_frequencies(model: keras.Model, training: Samples) -> np.ndarray:
    """float64, (k,) or (heads, k): the share of each class among the samples of its head.

    A sample with several candidates counts for each by the model's own probabilities (one step
    of expectation-maximisation). Every class counts one sample more, so that none has none.
    """
    shares = (_predict(model, training).astype(np.float64) + 1e-12) * training.candidates
    shares /= shares.reshape(len(training), -1).sum(axis=1).reshape(-1, *[1] * (shares.ndim - 1))
    total = shares.sum(axis=0) + 1
    return total / total.sum(axis=-1, keepdims=True)


def _predict(model: keras.Model, samples: Samples) -> np.ndarray:
    return model.predict(samples.images[..., None], batch_size=1024, verbose=0)


def _read_history(path: Path) -> list[dict[str, float]]:
    with path.open(newline="") as file:
        return [{name: float(value) for name, value in row.items()} for row in csv.DictReader(file)]


def _replace(path: Path, write) -> None:
    """Write a file beside its place and move it in."""
    temporary = path.with_name(f"partial-{path.name}")
    write(temporary)
    os.replace(temporary, path)
