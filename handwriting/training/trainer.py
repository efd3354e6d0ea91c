"""Train a recipe: samples in, a folder with weights, history and an account of both out."""

from __future__ import annotations

import csv
import json
import os
import shutil
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import keras
import numpy as np
from keras import ops

from handwriting.alphabet import BYCLASS
from handwriting.errors import InputError
from handwriting.priors import EMNIST_COUNTS, UNIFORM
from handwriting.training.augmentation import Partly
from handwriting.training.calibration import fit_temperature
from handwriting.training.distillation import soft_crossentropy, soften
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
    teachers: Sequence[Path] = (),
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
        teachers: The `.keras` files of the recipe's teachers, in its order.

    Returns:
        The path of the Keras file, in float32, without optimiser state or custom code.

    Raises:
        InputError: Data is missing or damaged, there is nothing to resume, or a
            teacher is missing.
    """
    checkpoint = out / "checkpoint"
    history = out / "history.csv"
    if resume and not checkpoint.exists():
        raise InputError(f"{checkpoint} does not exist: nothing to resume; leave out --resume")
    _check_teachers(recipe, teachers)
    if not resume:
        shutil.rmtree(checkpoint, ignore_errors=True)
        history.unlink(missing_ok=True)
    out.mkdir(parents=True, exist_ok=True)
    epochs = epochs or recipe.epochs
    seed = recipe.seed if seed is None else seed

    keras.utils.set_random_seed(seed)
    training, validation = _samples(recipe, limit)
    model = recipe.build()
    model.summary()
    targets, loss = (training.candidates, validation.candidates), candidate_crossentropy
    if teachers:
        targets = _teach(model, teachers, recipe, training, validation)
        loss = soft_crossentropy
    copy, take_back = working_copy(model, recipe)
    augment = recipe.augment() if recipe.augment else None
    learner = keras.Sequential([keras.Input(model.input_shape[1:])])
    for layer in filter(None, (augment, copy)):
        learner.add(layer)
    steps = -(-len(training) // recipe.batch_size) * epochs
    learner.compile(recipe.optimizer(steps), loss=loss, metrics=[candidate_accuracy])
    learner.fit(
        training.images[..., None],
        targets[0],
        batch_size=recipe.batch_size,
        epochs=epochs,
        validation_data=(validation.images[..., None], targets[1]),
        callbacks=[
            keras.callbacks.BackupAndRestore(
                checkpoint, double_checkpoint=True, delete_checkpoint=False
            ),
            keras.callbacks.CSVLogger(history, append=resume),
            *([_SharpEnd(augment, round(epochs * (1 - recipe.sharp_end)))] if augment else []),
        ],
        verbose=1 if sys.stdout.isatty() else 2,
    )

    take_back()
    frequencies = _class_frequencies(model, training)
    outputs = _predict(model, validation)
    account = {
        "schema_version": 1,
        "name": recipe.name,
        "summary": recipe.summary,
        "classes": recipe.alphabet.classes,
        "parameters": model.count_params(),
        "trained_on": recipe.heads,
        "teachers": recipe.teachers,
        "training_samples": len(training),
        "validation_samples": len(validation),
        "epochs": epochs,
        "batch_size": recipe.batch_size,
        "seed": seed,
        "precision": recipe.precision,
        "validation": _validation_figures(recipe, outputs, validation),
        "class_frequencies": frequencies.round(8).tolist(),
        "temperatures": _temperatures(recipe, outputs, validation, frequencies),
        "history": _read_history(history),
        "keras": keras.__version__,
        "backend": keras.backend.backend(),
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    path = out / f"{recipe.name}.keras"
    _replace(path, lambda temporary: model.save(temporary, include_optimizer=False))
    _replace(
        path.with_suffix(".json"),
        lambda temporary: temporary.write_text(json.dumps(account, indent=1) + "\n"),
    )
    shutil.rmtree(checkpoint)
    return path


def _check_teachers(recipe: Recipe, teachers: Sequence[Path]) -> None:
    if len(teachers) != len(recipe.teachers):
        wanted = " and ".join(recipe.teachers) or "no other network"
        raise InputError(
            f"{recipe.name} learns from {wanted}: give --teachers FILE for each, in this order"
        )
    for path in teachers:
        if not path.is_file():
            raise InputError(f"{path} is no file: give the .keras file of a teacher")


def _load_teacher(path: Path, student: keras.Model) -> keras.Model:
    try:
        network = keras.saving.load_model(path, compile=False)
        student.set_weights(network.get_weights())
    except (OSError, ValueError) as error:
        reason = str(error).strip().splitlines()[0]
        raise InputError(f"{path} cannot be a teacher of {student.name}: {reason}") from None
    return network


def _teach(
    student: keras.Model,
    teachers: Sequence[Path],
    recipe: Recipe,
    training: Samples,
    validation: Samples,
) -> tuple[np.ndarray, np.ndarray]:
    """What to learn from the teachers, and to validate on; the student becomes the first of them.

    To validate on are the labels alone.
    """
    networks = [_load_teacher(path, student) for path in teachers]
    student.set_weights(networks[0].get_weights())
    fast = [
        keras.Sequential([keras.Input(network.input_shape[1:]), working_copy(network, recipe)[0]])
        for network in networks
    ]
    taught, known = (
        np.mean([_predict(network, part) for network in fast], axis=0)
        for part in (training, validation)
    )
    return soften(training.candidates, taught), soften(validation.candidates, known, trust=0)


def working_copy(
    model: keras.Model, recipe: Recipe
) -> tuple[keras.layers.Layer, Callable[[], None]]:
    """A copy of the network to train, in the recipe's precision, and what takes its weights back.

    What is saved stays in float32: the precision is part of a saved model, and bfloat16 is slow
    where a processor lacks it.
    """
    if keras.backend.backend() == "torch":
        from handwriting.training.torch_twin import TorchTwin

        twin = TorchTwin(model, recipe.precision)
        copy = keras.layers.TorchModuleWrapper(twin, output_shape=model.output_shape)
        return copy, twin.give_back
    keras.config.set_dtype_policy(recipe.precision)
    copy = recipe.build()
    keras.config.set_dtype_policy("float32")
    copy.set_weights(model.get_weights())
    return copy, lambda: model.set_weights(copy.get_weights())


class _SharpEnd(keras.callbacks.Callback):
    """From some epoch on, the images are left as they are.

    What the network learns last, and its normalisation's running means, are then of images as
    sharp as those that it will read.
    """

    def __init__(self, augment: Partly, first: int):
        super().__init__()
        self.augment, self.first = augment, first

    def on_epoch_begin(self, epoch, logs=None):
        if epoch >= self.first:
            self.augment.share.assign(0)


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
    recipe: Recipe, outputs: np.ndarray, validation: Samples
) -> dict[str, dict[str, float]]:
    """For each head, loss and accuracy on the held-out samples whose label is exact."""
    shape = -1, len(recipe.heads), len(recipe.alphabet)
    outputs = outputs[validation.exact].reshape(shape)
    candidates = validation.candidates[validation.exact].reshape(shape)
    figures = {}
    for head, name in enumerate(recipe.heads):
        own = candidates[:, head].any(axis=1)
        answer = [ops.convert_to_tensor(each[own, head]) for each in (candidates, outputs)]
        figures[name] = {
            "samples": int(own.sum()),
            "accuracy": float(ops.mean(candidate_accuracy(*answer))),
            "log_loss": float(ops.mean(candidate_crossentropy(*answer))),
        }
    return figures


def _temperatures(
    recipe: Recipe, outputs: np.ndarray, validation: Samples, frequencies: np.ndarray
) -> dict[str, float]:
    """For each head, the temperature that calibrates it, see `fit_temperature`."""
    shape = len(validation), len(recipe.heads), len(recipe.alphabet)
    outputs = outputs.reshape(shape)
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
