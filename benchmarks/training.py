"""How fast a column of `ink` learns: Keras on TensorFlow, on PyTorch, and its twin in PyTorch.

    python benchmarks/training.py [--repeats 5] [--steps 20]

Each way in a process of its own, one after the other in every repeat; images are noise, changed as
the recipe says. Prints images a second, the median of the repeats, and the ratio to the slowest.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import time

WAYS = {"tensorflow": "tensorflow", "keras on torch": "torch", "torch twin": "torch"}
"""By name, the Keras backend."""


def measure(way: str, steps: int) -> float:
    """Images a second, in this process, whose Keras backend is that of the way."""
    import keras
    import numpy as np

    from handwriting.training.losses import candidate_crossentropy
    from handwriting.training.recipes import find_recipe
    from handwriting.training.trainer import working_copy

    recipe = find_recipe("ink-column")
    if way == "keras on torch":
        keras.config.set_dtype_policy(recipe.precision)
        network = recipe.build()
        keras.config.set_dtype_policy("float32")
    else:
        network, _ = working_copy(recipe.build(), recipe)
    learner = keras.Sequential([keras.Input((28, 28, 1)), recipe.augment(), network])
    learner.compile(recipe.optimizer(1000), loss=candidate_crossentropy)
    random = np.random.default_rng(0)
    count = steps * recipe.batch_size
    images = random.integers(0, 256, (count, 28, 28, 1), np.uint8)
    candidates = np.zeros((count, 2, 62), np.float32)
    candidates[np.arange(count), 0, random.integers(0, 62, count)] = 1
    learner.fit(images, candidates, batch_size=recipe.batch_size, verbose=0)
    began = time.perf_counter()
    learner.fit(images, candidates, batch_size=recipe.batch_size, verbose=0)
    return count / (time.perf_counter() - began)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--steps", type=int, default=20, help="batches that are timed")
    parser.add_argument("--way", choices=WAYS, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.way:
        print(measure(options.way, options.steps))
        return

    command = [sys.executable, __file__, "--steps", str(options.steps), "--way"]
    rates = {way: [] for way in WAYS}
    for _ in range(options.repeats):
        for way, backend in WAYS.items():
            told = subprocess.run(
                [*command, way],
                env=os.environ | {"KERAS_BACKEND": backend},
                stdout=subprocess.PIPE,
                text=True,
                check=True,
            ).stdout
            rates[way].append(float(told.split()[-1]))
    medians = {way: statistics.median(measured) for way, measured in rates.items()}
    for way, rate in medians.items():
        print(f"{way:15} {rate:6.0f} images/s  {rate / min(medians.values()):.2f}")


if __name__ == "__main__":
    main()
