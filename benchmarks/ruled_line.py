"""What a ruled line tells about single characters: UNIPEN's held-out contributors.

    python benchmarks/ruled_line.py [--model MODEL] [--part validation]

Each character is read from its image alone, then on a line of its writer's x-height. UNIPEN has
no baselines, so each character stands where it belongs; size and place of the line stray at
random as far as writers are assumed to stray from a ruled pad's (`handwriting.line`).
"""

from __future__ import annotations

import argparse

import numpy as np

from handwriting import Recognizer
from handwriting.alphabet import CASE_INSENSITIVE, CHARACTERS
from handwriting.datasets.lines import find_x_heights
from handwriting.datasets.strokes import HELD_OUT, load_unipen
from handwriting.line import RULED_PLACE, RULED_SIZE, Line, load_size_model, weigh
from handwriting.segmentation import box_of

TWINS = "cosvwxzu"
"""Letters whose two cases have one shape."""

SEED = 4


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", help=".keras file or shipped model; default: the shipped one")
    parser.add_argument("--part", default="test", choices=list(HELD_OUT), help="contributors")
    options = parser.parse_args()

    recognizer, sizes = Recognizer.load(options.model), load_size_model()
    characters = load_unipen(options.part)
    labels = characters.labels
    by_image = recognizer.predict_drawings(characters.drawings)
    boxes = np.array([box_of(drawing) for drawing in characters.drawings])
    x_heights = find_x_heights(characters, sizes)

    random = np.random.default_rng(SEED)
    depths = (sizes.depths / sizes.heights)[labels] * (boxes[:, 3] - boxes[:, 1])
    ruled = x_heights * np.exp(RULED_SIZE * random.standard_normal(len(labels)))
    baselines = boxes[:, 3] - depths + RULED_PLACE * ruled * random.standard_normal(len(labels))
    with_line = np.concatenate(
        [
            weigh(by_image[i : i + 1], boxes[i : i + 1], line=Line(baselines[i], ruled[i]))[0]
            for i in range(len(labels))
        ]
    )

    twins = np.isin(labels, [CHARACTERS.index(c) for c in TWINS + TWINS.upper()])
    print(f"{len(labels):,} characters of {options.part} contributors, read by {recognizer.name}\n")
    print(f"{'':12} {'exact':>7} {'caseless':>9} {'case of ' + TWINS:>17} {'log loss':>9}")
    for name, probabilities in (("no line", by_image), ("ruled line", with_line)):
        guesses = probabilities.argmax(axis=1)
        classes = CASE_INSENSITIVE.class_of[labels]
        caseless = CASE_INSENSITIVE.project(probabilities).argmax(axis=1) == classes
        shape_right = twins & (CASE_INSENSITIVE.class_of[guesses] == classes)
        loss = -np.log(np.maximum(probabilities[np.arange(len(labels)), labels], 1e-9)).mean()
        print(
            f"{name:12} {(guesses == labels).mean():7.1%} {caseless.mean():9.1%} "
            f"{(guesses == labels)[shape_right].mean():17.1%} {loss:9.3f}"
        )


if __name__ == "__main__":
    main()
