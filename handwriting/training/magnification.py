"""Learn what the magnification of a scan says about case, see `handwriting.magnification`."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from scipy.optimize import minimize_scalar
from sklearn.linear_model import LogisticRegression

from handwriting.alphabet import MERGED_LOWER
from handwriting.magnification import Magnification, compare, find_cases, measure
from handwriting.priors import EMNIST_COUNTS
from handwriting.training.calibration import weigh_samples
from handwriting.training.samples import Samples

LETTERS = MERGED_LOWER.replace("l", "")
"""The cases of `l` have different shapes, by which the network tells them surely."""

STRENGTH = 0.5
"""Inverse of the penalty on what all letters share."""

OWN = 0.55
"""Scale of what a letter has of its own: the smaller, the more it is like the others."""

FREE = 3.0
"""Scale of a letter's offset, which is hardly penalised."""


def fit_magnification(samples: Samples) -> Magnification:
    """What the measures say about each letter's case; the network counts fully.

    A logistic regression whose weights are, letter by letter, the sum of shared ones and of the
    letter's own, both penalised: some letters have few samples, and magnification looks much
    alike in all of them. Both cases of a letter count equally, so that it learns how likely the
    images are and not how common the cases.

    Args:
        samples: Scans; those with an exact label are learned from, of letters whose cases look
            alike.
    """
    letter, small, images = _take_apart(samples[_find(samples)])
    measures = measure(images)
    count = len(LETTERS)
    if len(set(small)) < 2:
        nothing = np.zeros((count, measures.shape[1]))
        return Magnification(LETTERS, nothing.tolist(), nothing[:, 0].tolist(), network=1.0)
    middle, spread = measures.mean(axis=0), np.maximum(measures.std(axis=0), 1e-9)
    own = np.eye(count)[letter]
    standard = (measures - middle) / spread
    inputs = np.column_stack(
        [
            standard,
            OWN * (own[:, :, None] * standard[:, None]).reshape(len(own), -1),
            FREE * own,
        ]
    )
    regression = LogisticRegression(C=STRENGTH, fit_intercept=False, max_iter=1000)
    found = regression.fit(inputs, small, _balance(letter, small)).coef_[0]
    shared, apart, offsets = np.split(found, [len(middle), -count])
    weights = (shared + OWN * apart.reshape(count, -1)) / spread
    return Magnification(
        LETTERS,
        weights.round(4).tolist(),
        (FREE * offsets - weights @ middle).round(4).tolist(),
        network=1.0,
    )


def fit_network(
    magnification: Magnification, probabilities: np.ndarray, samples: Samples
) -> Magnification:
    """How much the network's own view of a letter's case should count, by held-out samples.

    Args:
        magnification: As fitted.
        probabilities: float (n, 62), the network's for these samples, calibrated, with the class
            frequencies of EMNIST.
        samples: Scans that the network has not learned from.
    """
    chosen = _find(samples)
    letter, small, images = _take_apart(samples[chosen])
    if not len(letter):
        return magnification
    capitals, smalls = magnification.cases
    rows = np.arange(len(letter))
    commoner = np.log(EMNIST_COUNTS[smalls] / EMNIST_COUNTS[capitals])[letter]
    by_network = compare(probabilities[chosen], capitals, smalls)[rows, letter] - commoner
    rest = magnification.compare_cases(images)[rows, letter] + commoner
    common = weigh_samples(samples.candidates[chosen], EMNIST_COUNTS)

    def loss(network: float) -> float:
        odds = network * by_network + rest
        return float(common @ np.logaddexp(0, np.where(small, -odds, odds)))

    found = minimize_scalar(loss, bounds=(0, 1.5), method="bounded").x
    return replace(magnification, network=round(float(found), 3))


def _find(samples: Samples) -> np.ndarray:
    """bool (n,): which samples are, for certain, of a letter whose cases look alike."""
    wanted = np.concatenate(find_cases(LETTERS))
    return samples.exact & samples.candidates[:, wanted].any(axis=1)


def _take_apart(samples: Samples) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """For each such sample: its letter, whether it is small, its image."""
    capitals, smalls = find_cases(LETTERS)
    small = samples.candidates[:, smalls]
    letter = (samples.candidates[:, capitals] + small).argmax(axis=1)
    return letter, small.any(axis=1), samples.inputs[..., 0]


def _balance(letter: np.ndarray, small: np.ndarray) -> np.ndarray:
    """float (n,): weights by which both cases of a letter count equally."""
    group = 2 * letter + small
    sizes = np.bincount(group)
    return np.bincount(letter)[letter] / 2 / sizes[group]
