"""Learn what reading a line needs beyond the network, and write `models/line.json`.

    python -m handwriting.training.reading [--model MODEL]

Heights, their spread and stroke counts come from the contributors that networks are trained on.
The weights of the segmentation use a network's answers, which on its own training samples are
surer than they should be, so they are learned from lines of the validation contributor.
"""

from __future__ import annotations

import argparse
import json
import math
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
from scipy.optimize import minimize

from handwriting.alphabet import CHARACTERS
from handwriting.datasets.lines import ComposedLine, compose_lines
from handwriting.datasets.strokes import Characters, load_unipen
from handwriting.line import MODEL, SizeModel
from handwriting.recognizer import Recognizer
from handwriting.segmentation import FEATURES, MAX_PARTS, Part, Proposal, join_touching, propose

SMALL = "acemnorsuvwxz"
"""Their median height is one x-height."""

LINES = 600
SEED = 20

PENALTY = 0.001
"""On the squared weights of the segmentation, per line."""


def fit_sizes(characters: Characters) -> SizeModel:
    """Learn each character's height and stroke count from writers of different sizes.

    The logarithm of a height is the writer's size plus the character's plus noise; medians by
    turns find both, because some labels have the wrong case and some ink is broken.
    """
    heights = np.array([np.ptp(np.concatenate(d)[:, 1]) for d in characters.drawings])
    tall = heights > 0
    logs, labels = np.log(heights[tall]), characters.labels[tall]
    names, writers = np.unique(characters.writers[tall], return_inverse=True)
    size, typical = np.zeros(len(names)), np.zeros(len(CHARACTERS))
    small = [CHARACTERS.index(character) for character in SMALL]
    for _ in range(10):
        for label in range(len(typical)):
            typical[label] = _middle((logs - size[writers])[labels == label])
        typical -= np.median(typical[small])
        for writer in range(len(size)):
            own = writers == writer
            size[writer] = np.median((logs - typical[labels])[own])
    errors = np.abs(logs - size[writers] - typical[labels])
    spreads = [1.4826 * _middle(errors[labels == label]) for label in range(len(typical))]

    counts = np.array([len(drawing) for drawing in characters.drawings])
    strokes = np.ones((len(CHARACTERS), MAX_PARTS))
    np.add.at(strokes, (characters.labels, np.minimum(counts, MAX_PARTS) - 1), 1)
    strokes /= strokes.sum(axis=1, keepdims=True)
    return SizeModel(np.exp(typical), np.maximum(spreads, 0.1), strokes)


def _middle(values: np.ndarray) -> float:
    return float(np.median(values)) if len(values) else 0.0


@dataclass(frozen=True)
class Example:
    """A line to learn to cut: its runs, their features, and which of them are characters."""

    proposal: Proposal
    features: np.ndarray
    true: np.ndarray


def find_true_runs(line: ComposedLine, proposal: Proposal, owners: list[int]) -> np.ndarray | None:
    """bool (m,): the runs that are characters; None if some character is no run.

    Args:
        line: What was composed.
        proposal: Its runs.
        owners: The character of each part, in the order given to `propose`.
    """
    ordered = np.array(owners)[proposal.order]
    changes = np.flatnonzero(np.diff(ordered)) + 1
    if len(changes) + 1 != len(line.groups):
        return None
    edges = [0, *changes.tolist(), len(ordered)]
    runs = set(pairwise(edges))
    true = np.array([tuple(span) in runs for span in proposal.spans.tolist()])
    return true if true.sum() == len(line.groups) else None


def collect_examples(
    lines: list[ComposedLine], recognizer: Recognizer, sizes: SizeModel, touching: bool
) -> list[Example]:
    """Examples of all lines that can be cut right at all.

    Args:
        lines: To learn from.
        recognizer: Reads the runs.
        sizes: For the features.
        touching: Whether strokes that touch are one part, as in an image.
    """
    examples = []
    for line in lines:
        owners = np.zeros(len(line.drawing), int)
        for character, group in enumerate(line.groups):
            owners[group] = character
        members = [[i] for i in range(len(line.drawing))]
        parts = [Part.from_stroke(stroke) for stroke in line.drawing]
        if touching:
            parts, members = join_touching(parts, 0.12 * line.line.x_height)
            if any(len({owners[i] for i in group}) > 1 for group in members):
                continue
        proposal = propose(parts)
        true = find_true_runs(line, proposal, [int(owners[group[0]]) for group in members])
        if true is None:
            continue
        drawings = [
            [line.drawing[i] for part in proposal.members(span) for i in members[part]]
            for span in proposal.spans
        ]
        probabilities = recognizer.predict_drawings(drawings)
        examples.append(Example(proposal, proposal.features(probabilities, sizes), true))
    return examples


def fit_weights(examples: list[Example]) -> np.ndarray:
    """The weights that make the true cuts likeliest, float (len(FEATURES),)."""

    def loss(weights: np.ndarray) -> tuple[float, np.ndarray]:
        total = len(examples) * PENALTY * (weights @ weights) / 2
        slope = len(examples) * PENALTY * weights
        for example in examples:
            partition, share = _expect(example.proposal, example.features @ weights)
            total += partition - (example.features[example.true] @ weights).sum()
            slope = slope + share @ example.features - example.features[example.true].sum(axis=0)
        return total, slope

    return minimize(loss, np.zeros(len(FEATURES)), jac=True, method="L-BFGS-B").x


def _expect(proposal: Proposal, scores: np.ndarray) -> tuple[float, np.ndarray]:
    """Logarithm of the sum over all cuts, and each run's probability (forward-backward)."""
    spans, values, count = proposal.spans.tolist(), scores.tolist(), len(proposal.parts)
    # Plain numbers: a line has too few runs for arrays to pay.
    forward, backward = [0.0] + [-math.inf] * count, [-math.inf] * count + [0.0]
    for (start, stop), value in zip(spans, values, strict=True):
        forward[stop] = _add_logs(forward[stop], forward[start] + value)
    for (start, stop), value in zip(reversed(spans), reversed(values), strict=True):
        backward[start] = _add_logs(backward[start], backward[stop] + value)
    shares = [
        math.exp(forward[start] + value + backward[stop] - forward[-1])
        for (start, stop), value in zip(spans, values, strict=True)
    ]
    return forward[-1], np.array(shares)


def _add_logs(a: float, b: float) -> float:
    """log(exp(a) + exp(b))"""
    high, low = max(a, b), min(a, b)
    return high + math.log1p(math.exp(low - high)) if high > -math.inf else high


def write_model(path: Path, sizes: SizeModel, pen: np.ndarray, image: np.ndarray) -> None:
    """Write `line.json`, replacing it whole."""
    content = {
        "schema_version": 1,
        "source": "UNIPEN train_r01_v07, doi 10.5281/zenodo.1195803, CC BY 4.0; made by "
        "python -m handwriting.training.reading",
        "segmentation": {
            name: {"pen": round(float(a), 4), "image": round(float(b), 4)}
            for name, a, b in zip(FEATURES, pen, image, strict=True)
        },
        "characters": {
            character: {
                "height": round(float(height), 4),
                "spread": round(float(spread), 4),
                "strokes": [round(float(share), 5) for share in strokes],
            }
            for character, height, spread, strokes in zip(
                CHARACTERS, sizes.heights, sizes.spreads, sizes.strokes, strict=True
            )
        },
    }
    temporary = path.with_suffix(".json.part")
    temporary.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    temporary.replace(path)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", help=".keras file or shipped model; default: the shipped one")
    parser.add_argument("--out", type=Path, default=MODEL)
    options = parser.parse_args()

    sizes = fit_sizes(load_unipen("train"))
    recognizer = Recognizer.load(options.model)
    lines = compose_lines(load_unipen("validation"), sizes, LINES, SEED)
    weights = []
    for touching in (False, True):
        examples = collect_examples(lines, recognizer, sizes, touching)
        weights.append(fit_weights(examples))
        print(f"{len(examples)} of {LINES} lines learned from, touching strokes joined: {touching}")
    write_model(options.out, sizes, *weights)
    print(f"wrote {options.out}")


if __name__ == "__main__":
    main()
