"""What other networks know, for one to learn from as well as from the labels.

Hinton, Vinyals, Dean 2015, "Distilling the knowledge in a neural network", at temperature one: on
look-alikes and doubtful labels the mean answer of several networks says more than the label.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

import keras
import numpy as np
from keras import ops

from handwriting.errors import InputError
from handwriting.training.augmentation import Partly
from handwriting.training.losses import sum_sample
from handwriting.training.samples import Samples

TRUST = 0.6
"""How much of a target is the teachers' answer; the rest is the label."""

VIEWS = 4
"""How often a teacher is asked about a sample: as it is, and changed at random.

What the teachers know by heart is the sample as it is, label and all.
"""

BATCH = 1024


def load_teachers(files: Sequence[Path], student: keras.Model) -> list[keras.Model]:
    """The networks in `.keras` files, which must read and answer what the student does.

    Raises:
        InputError: A file is no Keras model, or one of another task.
    """
    teachers = []
    for file in files:
        try:
            teacher = keras.saving.load_model(file, compile=False, safe_mode=True)
        except (OSError, TypeError, ValueError) as error:
            reason = str(error).strip().splitlines()[0]
            raise InputError(f"{file} cannot be loaded as a teacher: {reason}") from None
        shapes = teacher.input_shape, teacher.output_shape
        if shapes != (student.input_shape, student.output_shape):
            raise InputError(
                f"{file} cannot teach {student.name}: it turns {shapes[0]} into {shapes[1]}, "
                f"not {student.input_shape} into {student.output_shape}"
            )
        teachers.append(teacher)
    return teachers


def describe_teachers(files: Sequence[Path]) -> list[dict[str, str]]:
    """Each teacher's file, and its checksum: names change hands from version to version."""
    return [
        {"file": file.name, "sha256": hashlib.sha256(file.read_bytes()).hexdigest()}
        for file in files
    ]


def ask(
    teachers: Sequence[keras.Model], samples: Samples, augment: Partly | None, views: int = VIEWS
) -> np.ndarray:
    """The mean of the teachers' answers about samples, each seen several times.

    Args:
        teachers: Networks as `load_teachers` gives them.
        samples: What to ask about.
        augment: What changes the samples; without it they are seen once, as they are.
        views: How often a sample is seen, the first time as it is.

    Returns:
        float32, as `samples.candidates`: probabilities.
    """
    answers = np.zeros_like(samples.candidates)
    for start in range(0, len(samples), BATCH):
        part = slice(start, start + BATCH)
        seen = [ops.cast(samples.inputs[part], "float32")]
        if augment:
            seen += [augment.layer(seen[0], training=True) for _ in range(views - 1)]
        for teacher in teachers:
            for view in seen:
                answers[part] += teacher.predict_on_batch(view)
        answers[part] /= len(teachers) * len(seen)
    return answers


def soften(candidates: np.ndarray, answers: np.ndarray, trust: float = TRUST) -> np.ndarray:
    """Targets between the labels and the teachers' answers.

    Where a sample has several candidates, the label's part is divided between them as the
    answers have it (the expectation step of learning from partial labels).

    Args:
        candidates: float32 (n, heads, k) or (n, k), one for a candidate, else zero.
        answers: float32 of the same shape, the teachers' mean probabilities.
        trust: From zero, for the labels alone, to one, for the answers alone.

    Returns:
        float32 of the same shape; a sample's targets sum to one, all at the head of its
        candidates.
    """
    own = candidates.any(axis=-1, keepdims=True)
    labels = candidates * np.maximum(answers, 1e-9)
    labels /= labels.reshape(len(labels), -1).sum(axis=1).reshape(-1, *[1] * (labels.ndim - 1))
    return (trust * answers * own + (1 - trust) * labels).astype(np.float32)


def soft_crossentropy(targets, probabilities):
    """Cross-entropy with targets that are probabilities themselves: float (n,).

    Args:
        targets: float (n, k) or (n, heads, k), of which a sample's sum to one.
        probabilities: float of the same shape; the last axis sums to one.
    """
    return -sum_sample(targets * ops.log(ops.clip(probabilities, 1e-7, 1.0)))
