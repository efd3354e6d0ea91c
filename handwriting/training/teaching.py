"""Learn from the answers of other networks as well as from labels."""

from __future__ import annotations

from collections.abc import Sequence

import keras
from keras import ops

from handwriting.training.losses import candidate_accuracy, sum_sample

TRUST = 0.8
"""Share of what is learned that the teachers say; the rest is what they say of the candidates."""


class Taught(keras.layers.Layer):
    """A network in training, whose answers come with its teachers' about the same samples.

    The teachers see each sample as it was changed for the network, so that what they say stays true
    of it, in however many ways it is shown (Beyer, Zhai, Royer, Markeeva, Anil, Kolesnikov 2022,
    "Knowledge distillation: a good teacher is patient and consistent").

    Args:
        network: What learns.
        teachers: With the same inputs and outputs; they do not change.
    """

    def __init__(self, network: keras.layers.Layer, teachers: Sequence[keras.layers.Layer]):
        super().__init__(dtype="float32")
        self.network = network
        self.teachers = list(teachers)
        for teacher in self.teachers:
            teacher.trainable = False

    def call(self, samples, training=False):
        """float (n, …) samples to (n, 2, …): the network's answers, then the teachers' mean."""
        answers = self.network(samples, training=training)
        told = sum(teacher(samples, training=False) for teacher in self.teachers)
        return ops.stack([answers, ops.stop_gradient(told / len(self.teachers))], axis=1)

    def compute_output_shape(self, input_shape):
        count, *rest = self.network.compute_output_shape(input_shape)
        return count, 2, *rest


def taught_crossentropy(candidates, answers):
    """Cross-entropy with what the teachers say, in part restricted to the candidates.

    Args:
        candidates: float (n, k) or (n, heads, k), as for `losses.candidate_crossentropy`.
        answers: float (n, 2, k) or (n, 2, heads, k), of `Taught`.

    Returns:
        float (n,), at least zero.
    """
    answer, told = answers[:, 0], answers[:, 1]
    heard = told * ops.max(candidates, axis=-1, keepdims=True)
    known = told * candidates
    axes = tuple(range(1, len(known.shape)))
    known /= ops.maximum(ops.sum(known, axis=axes, keepdims=True), keras.config.epsilon())
    target = TRUST * heard + (1 - TRUST) * known
    return -sum_sample(target * ops.log(ops.clip(answer, keras.config.epsilon(), 1.0)))


def taught_accuracy(candidates, answers):
    """`losses.candidate_accuracy` of the network that learns: float (n,)."""
    return candidate_accuracy(candidates, answers[:, 0])
