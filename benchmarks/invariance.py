"""Whether the same drawing gets the same guess, however large, where and how densely it is drawn.

    python benchmarks/invariance.py [--model MODEL] [--drawings 2000]

Drawings of contributors that no network was trained on are put on the pad at 400 px, in whole
pixels and as densely as a pointer reports them; that is what the variants are compared with. The
width of the brush is no variant: it changes how ink looks, and is never sent.
"""

from __future__ import annotations

import argparse

import numpy as np
from skimage.measure import approximate_polygon

from handwriting import Recognizer
from handwriting.datasets.strokes import load_unipen
from handwriting.ink import Drawing, space_evenly

SEED = 6

STEP = 3.0
"""Distance of a pointer's reports, pixels."""


def fit(drawing: Drawing, length: float, place: tuple[float, float]) -> list[np.ndarray]:
    """The drawing with its longer side that long and its upper left corner at a place, pixels."""
    points = np.concatenate(drawing)
    low = points.min(axis=0)
    scale = length / max(np.ptp(points, axis=0).max(), 1e-9)
    return [(stroke - low) * scale + place for stroke in drawing]


def on_pad(drawing: Drawing, length: float, place: tuple[float, float]) -> list[np.ndarray]:
    """As a pointer of whole pixels reports it."""
    return [space_evenly(stroke, STEP).round() for stroke in fit(drawing, length, place)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", help=".keras file or shipped model; default: the shipped one")
    parser.add_argument("--drawings", type=int, default=2000)
    options = parser.parse_args()

    recognizer = Recognizer.load(options.model)
    characters = load_unipen("test")
    random = np.random.default_rng(SEED)
    chosen = random.permutation(len(characters))[: options.drawings]
    drawings = [on_pad(characters.drawings[i], 400, (0, 0)) for i in chosen]
    places = random.uniform(-2000, 2000, (len(drawings), 2)).round()

    def guess(variant: list[list[np.ndarray]]) -> np.ndarray:
        return recognizer.predict_drawings(variant).argmax(axis=1)

    pairs = list(zip(drawings, places, strict=True))
    variants = {
        "30 px": [fit(d, 30, (0, 0)) for d in drawings],
        "30 px, whole pixels": [
            [stroke.round() for stroke in fit(d, 30, (0, 0))] for d in drawings
        ],
        "800 px": [on_pad(d, 800, (0, 0)) for d in drawings],
        "anywhere": [fit(d, 400, place) for d, place in pairs],
        "densely sampled": [[space_evenly(stroke, 0.5) for stroke in d] for d in drawings],
        "polyline": [[approximate_polygon(stroke, 1.5) for stroke in d] for d in drawings],
    }
    expected = guess(drawings)
    print(f"same guess of {len(drawings):,} drawings as at 400 px ({recognizer.name})")
    for name, variant in variants.items():
        print(f"  {name:20} {np.mean(guess(variant) == expected):7.2%}")


if __name__ == "__main__":
    main()
