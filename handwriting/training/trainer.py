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
from handwriting.training.losses import candidate_accuracy, candidate_crossentropy
from handwriting.training.parts import load_parts
from handwriting.training.recipes import Recipe
from handwriting.training.samples import Samples, concatenate, load_samples
from handwriting.training.teaching import Taught, taught_accuracy, taught_crossentropy
from handwriting.training.weights import save_weights, shorten


def train(
    recipe: Recipe,
    out: Path,
    parts: Sequence[Path] = (),
    *,
    resume: bool = False,
    epochs: int | None = None,
    limit: int | None = None,
    seed: int | None = None,
) -> Path:
    """Train a recipe and write `NAME.keras`, `NAME.json` and `history.csv`.

    After each epoch the state is saved in `out/checkpoint`, which is deleted at the end.

    Args:
        recipe: What to train.
        out: Folder to write to; made if missing.
        parts: A `.keras` file for each of `recipe.parts`, with its `.json` beside it.
        resume: Go on after the last finished epoch of an interrupted run in `out`.
        epochs: Instead of the recipe's.
        limit: Train and validate on that many samples of each data set only, for a trial.
        seed: Instead of the recipe's, for the initial weights and the order of the samples; the
            held-out part stays the recipe's, so that runs can be compared.

    Returns:
        The path of the Keras file, in float32, without optimiser state or custom code.

    Raises:
        InputError: Data is missing or damaged, a part is missing or is another network, or there
            is nothing to resume.
    """
    checkpoint = out / "checkpoint"
    history = out / "history.csv"
    if resume and not checkpoint.exists():
        raise InputError(f"{checkpoint} does not exist: nothing to resume; leave out --resume")
    teachers, accounts = load_parts(recipe, parts)
    if not resume:
        shutil.rmtree(checkpoint, ignore_errors=True)
        history.unlink(missing_ok=True)
    out.mkdir(parents=True, exist_ok=True)
    epochs = epochs or recipe.epochs
    seed = recipe.seed if seed is None else seed

    keras.utils.set_random_seed(seed)
    training, validation = load_all_samples(recipe, limit)
    model = recipe.build()
    model.summary()
    copy, take_back = working_copy(model, recipe)
    loss, accuracy = candidate_crossentropy, candidate_accuracy
    if teachers:
        pairs = zip(teachers, recipe.parts, strict=True)
        copy = Taught(copy, [working_copy(network, part)[0] for network, part in pairs])
        loss, accuracy = taught_crossentropy, taught_accuracy
    augment = recipe.augment() if recipe.augment else None
    learner = keras.Sequential([keras.Input(model.input_shape[1:])])
    for layer in filter(None, (augment, copy)):
        learner.add(layer)
    steps = -(-len(training) // recipe.batch_size) * epochs
    learner.compile(recipe.optimizer(steps), loss=loss, metrics=[accuracy])
    learner.fit(
        training.inputs,
        training.candidates,
        batch_size=recipe.batch_size,
        epochs=epochs,
        validation_data=(validation.inputs, validation.candidates),
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
    account = describe(model, recipe, training, validation) | {
        "name": recipe.name,
        "summary": recipe.summary,
        "epochs": epochs,
        "batch_size": recipe.batch_size,
        "seed": seed,
        "precision": recipe.precision,
        "history": _read_history(history),
    }
    if teachers:
        account["teachers"] = [_shorten_account(each) for each in accounts]
    path = save(model, account, out)
    shutil.rmtree(checkpoint)
    return path


def _shorten_account(account: dict[str, object]) -> dict[str, object]:
    """What the account of a pupil says about a teacher."""
    left_out = {"schema_version", "summary", "classes", "class_frequencies", "history"}
    return {key: value for key, value in account.items() if key not in left_out}


def describe(
    model: keras.Model, recipe: Recipe, training: Samples, validation: Samples
) -> dict[str, object]:
    """What an account says about a network, once it is trained.

    Its weights become what a file keeps of them first, see `weights.shorten`.
    """
    shorten(model)
    frequencies = _class_frequencies(model, training)
    outputs = _predict(model, validation)
    return {
        "schema_version": 1,
        "classes": recipe.alphabet.classes,
        "parameters": model.count_params(),
        "trained_on": recipe.heads,
        "training_samples": len(training),
        "validation_samples": len(validation),
        "validation": _validation_figures(recipe, outputs, validation),
        "class_frequencies": frequencies.round(8).tolist(),
        "temperatures": _temperatures(recipe, outputs, validation, frequencies),
        "keras": keras.__version__,
        "backend": keras.backend.backend(),
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
    }


def save(model: keras.Model, account: dict[str, object], out: Path) -> Path:
    """Write `NAME.keras` and `NAME.json` into a folder; the path of the former."""
    path = out / f"{account['name']}.keras"
    save_weights(model, path)
    partial = out / f"partial-{path.stem}.json"
    partial.write_text(json.dumps(account, indent=1) + "\n")
    os.replace(partial, path.with_suffix(".json"))
    return path


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
    """From some epoch on, the samples are left as they are.

    What the network learns last, and its normalisation's running means, are then of images as
    sharp as those that it will read.
    """

    def __init__(self, augment: Partly, first: int):
        super().__init__()
        self.augment, self.first = augment, first

    def on_epoch_begin(self, epoch, logs=None):
        if epoch >= self.first:
            self.augment.share.assign(0)


def load_all_samples(recipe: Recipe, limit: int | None = None) -> tuple[Samples, Samples]:
    """All samples to train on and all to validate on."""
    training, validation = [], []
    for head, names in enumerate(recipe.heads.values()):
        for name in names:
            parts = load_samples(
                name, recipe.alphabet, recipe.validation, recipe.seed, limit, recipe.kind
            )
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
    return model.predict(samples.inputs, batch_size=1024, verbose=0)


def _read_history(path: Path) -> list[dict[str, float]]:
    with path.open(newline="") as file:
        return [{name: float(value) for name, value in row.items()} for row in csv.DictReader(file)]
