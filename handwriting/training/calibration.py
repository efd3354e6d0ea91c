"""How sure a network may be: one temperature for each head, fitted on validation samples."""

from __future__ import annotations

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.sparse.csgraph import connected_components

from handwriting.priors import adjust, temper

RANGE = (0.5, 3.0)
"""In which temperatures are looked for."""


def fit_temperature(
    probabilities: np.ndarray,
    candidates: np.ndarray,
    trained: np.ndarray | None = None,
    wanted: np.ndarray | None = None,
) -> float:
    """The temperature that makes held-out samples likeliest (Guo et al. 2017, section 4.2).

    Where class frequencies are corrected, it is the corrected outputs that have to be calibrated,
    for samples as common as they will be: each sample is weighted accordingly.

    Args:
        probabilities: float (n, k), outputs of the network.
        candidates: float (n, k), one for each class that a sample may be, else zero.
        trained: float (k,), the class frequencies in training; None for no correction.
        wanted: float (k,), the class frequencies to correct to.

    Returns:
        The temperature; above one where the network is too sure.
    """
    weights = np.ones(len(probabilities))
    if trained is not None:
        weights = weigh_samples(candidates, wanted)

    def loss(temperature: float) -> float:
        answers = temper(probabilities, temperature)
        if trained is not None:
            answers = adjust(answers, trained, wanted)
        likelihood = np.maximum((answers * candidates).sum(axis=1), 1e-12)
        return float(-np.average(np.log(likelihood), weights=weights))

    return float(minimize_scalar(loss, bounds=RANGE, method="bounded").x)


def weigh_samples(candidates: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """Weights that make samples as common as wanted.

    Classes that some sample leaves open (`O` or `o`) are weighted as one: how they divide is
    not known.

    Args:
        candidates: float (n, k), one for each class that a sample may be, else zero.
        wanted: float (k,), class frequencies in any unit.

    Returns:
        float (n,), mean one.
    """
    _, group = connected_components(candidates.T @ candidates, directed=False)
    own = group[candidates.argmax(axis=1)]
    share = np.bincount(group, weights=wanted) / np.maximum(
        np.bincount(own, minlength=1 + max(group)), 1
    )
    weights = share[own]
    return weights / weights.mean()
