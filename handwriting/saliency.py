"""Which pixels of an image spoke for a reading, and which against it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from handwriting.alphabet import CHARACTERS
from handwriting.ink import SIDE
from handwriting.priors import EMNIST_COUNTS
from handwriting.recognizer import Head, Recognizer

STEPS = 32
"""Points of the path at which gradients are taken: fewer leave more of the sum unexplained."""

NEVER = -1e9
"""The logarithm of no probability, to a sum of exponentials."""


class Explainer:
    """Integrated gradients of a recognizer's log-probabilities.

    The image is faded in from a blank one, and each pixel is credited with what its own share of
    the way adds to the logarithm of a reading's probability. So the credits of all pixels sum to
    what the whole image adds, within the error of a sum of `STEPS` terms, and a pixel without
    ink has none (Sundararajan, Taly, Yan, "Axiomatic attribution for deep networks", 2017;
    Gauss–Legendre nodes along the path).

    Args:
        recognizer: The model; may be in use elsewhere at the same time.
        prior: As for `Recognizer.predict`.
        head: As for `Recognizer.predict`.

    Example:
        >>> explainer = Explainer(Recognizer.load())
        >>> for_s, for_5 = explainer.explain(image, ["S", "5"])
    """

    def __init__(
        self,
        recognizer: Recognizer,
        prior: np.ndarray | None = EMNIST_COUNTS,
        head: Head = "scan",
    ):
        # Here already, with the recognizer's model.
        import tensorflow as tf
        from keras import ops

        self.recognizer = recognizer
        self._characters = recognizer.alphabet.classes

        @tf.function(autograph=False)
        def gradients(inputs, wanted, among):
            with tf.GradientTape(persistent=True) as tape:
                tape.watch(inputs)
                logs = recognizer.log_probabilities(inputs, prior, head)
                whole = ops.logsumexp(logs + among, axis=1)
                scores = [ops.logsumexp(logs + mask, axis=1) - whole for mask in wanted]
            return tf.stack([tape.gradient(score, inputs) for score in scores])

        self._gradients = gradients

    def explain(
        self, image: np.ndarray, readings: Sequence[str], among: str = CHARACTERS
    ) -> np.ndarray:
        """Credit the pixels of an image.

        Args:
            image: uint8 (28, 28), upright, bright ink on black.
            readings: What is to be explained: each the characters that count as that reading.
            among: Which characters the image may be; the probabilities are renormalised over
                them.

        Returns:
            float32 (len(readings), 28, 28), nats: positive where the ink spoke for the reading,
            negative where it spoke against it.
        """
        nodes, weights = np.polynomial.legendre.leggauss(STEPS)
        way, weights = (nodes + 1) / 2, weights / 2  # from -1 … 1 to 0 … 1
        ink = image.astype(np.float32).reshape(1, SIDE, SIDE, 1)
        path = way.astype(np.float32)[:, None, None, None] * ink
        gradients = self._gradients(
            path, tuple(self._mask(reading) for reading in readings), self._mask(among)
        )
        mean = np.tensordot(np.asarray(gradients), weights, axes=(1, 0))
        return (mean * ink).reshape(-1, SIDE, SIDE).astype(np.float32)

    def _mask(self, characters: str) -> np.ndarray:
        """What to add to the log-probabilities so that only these characters' count."""
        return np.where([c in characters for c in self._characters], 0, NEVER).astype(np.float32)
