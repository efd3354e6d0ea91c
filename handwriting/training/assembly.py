"""Put a model together from networks that were trained apart."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from scipy.optimize import minimize

from handwriting.alphabet import BYCLASS
from handwriting.datasets.strokes import load_unipen
from handwriting.priors import EMNIST_COUNTS, pool_pen
from handwriting.recognizer import HEADS, Recognizer
from handwriting.training.architectures import stand_side_by_side
from handwriting.training.magnification import fit_magnification, fit_network
from handwriting.training.parts import load_parts
from handwriting.training.recipes import Assembly
from handwriting.training.samples import Samples
from handwriting.training.trainer import describe, load_all_samples, save
from handwriting.training.weights import save_weights


def assemble(
    assembly: Assembly, parts: Sequence[Path], out: Path, limit: int | None = None
) -> Path:
    """Put a model together, calibrate it on the validation samples, and write it.

    Writes `NAME.keras` and `NAME.json`, and beside them a copy of the network that follows the
    pen, if the model has one.

    Args:
        assembly: What to make.
        parts: A `.keras` file for each of `assembly.parts`, with its `.json` beside it.
        out: Folder to write to; made if missing.
        limit: Use that many samples of each data set only, for a trial.

    Returns:
        The path of the Keras file.

    Raises:
        InputError: A part is missing or is another network, or data is missing or damaged.
    """
    networks, accounts = load_parts(assembly, parts)
    count, kind = len(assembly.columns), assembly.columns[0]
    columns = networks[:count]
    for number, column in enumerate(columns, start=1):
        column.name = f"column-{number}"
    model = stand_side_by_side(columns, assembly.name)
    out.mkdir(parents=True, exist_ok=True)
    training, validation = load_all_samples(kind, limit)
    account = describe(model, kind, training, validation)
    account |= {"name": assembly.name, "summary": assembly.summary}
    account["columns"] = accounts[:count]
    if kind.alphabet is BYCLASS:
        account["magnification"] = _tell_case(Recognizer(model, account), training, validation)
    if not assembly.path:
        return save(model, account, out)
    path = out / f"{assembly.path.name}.keras"
    save_weights(networks[-1], path)
    account["path"] = accounts[-1] | {"file": path.name}
    account["path"] |= _weigh(Recognizer(model, account, networks[-1]), limit)
    return save(model, account, out)


def _tell_case(recognizer: Recognizer, training: Samples, validation: Samples) -> dict[str, object]:
    """What the magnification of scans says about case, learned beside that network."""
    training, validation = (_take_scans(samples) for samples in (training, validation))
    probabilities = recognizer.predict(validation.inputs[..., 0], EMNIST_COUNTS)
    return fit_network(fit_magnification(training), probabilities, validation).to_json()


def _take_scans(samples: Samples) -> Samples:
    """Those of the first head."""
    own = samples.candidates[:, HEADS.index("scan")]
    return Samples(samples.inputs, own)[own.any(axis=1)]


def _weigh(recognizer: Recognizer, limit: int | None) -> dict[str, object]:
    """How image and path of the pen are pooled, see `priors.pool_pen`.

    What makes the drawings of the contributors held out for validation likeliest: how much each
    counts, and how much likelier small letters are than both say. UNIPEN has more than twice as
    many small letters as capitals, and some labels of the wrong case: where class frequencies are
    evened out, small letters that were taken for capitals count for too much.
    """
    characters = load_unipen("validation")
    # The gradient is taken by small differences, for which float32 is too coarse.
    answers = np.float64(recognizer.answer_apart(characters.drawings[:limit]))
    labels = characters.labels[:limit]

    def loss(found: np.ndarray) -> float:
        *weights, small = found
        likelihood = pool_pen(answers, weights, small)[np.arange(len(labels)), labels]
        return float(-np.log(np.maximum(likelihood, 1e-12)).mean())

    bounds = [(0, 2), (0, 2), (0.5, 2)]
    found = minimize(loss, [0.7, 0.4, 1.0], method="L-BFGS-B", bounds=bounds)
    *weights, small = (round(float(value), 3) for value in found.x)
    return {"weights": weights, "small": small}
