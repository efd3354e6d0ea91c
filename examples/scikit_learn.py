"""Evaluate a classifier of another framework, and compare it with the shipped one.

    python -m handwriting data mnist
    python examples/scikit_learn.py [--out runs/example]

A scikit-learn classifier is trained on MNIST within a minute. All that the evaluation needs of it
is one file of predictions, so any other framework would do as well. The figures, with pages to
open in a browser, are then in the folder: `pca-qda` and `ink` are reports, `comparison` tells
what one reads right and the other does not. It shows how, not which is better: the shipped
network was trained on EMNIST, whose forms are those behind MNIST, so it may have seen its writers.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from sklearn.decomposition import PCA
from sklearn.discriminant_analysis import QuadraticDiscriminantAnalysis
from sklearn.pipeline import make_pipeline

from handwriting.cli import main as handwriting
from handwriting.datasets.splits import load_images


def train(samples: int):
    """A Gaussian for each digit in the space of the first principal components."""
    images, labels = load_images("mnist", "train")
    classifier = make_pipeline(
        PCA(50, random_state=0), QuadraticDiscriminantAnalysis(solver="eigen", shrinkage=0.01)
    )
    return classifier.fit(_flatten(images[:samples]), labels[:samples])


def _flatten(images: np.ndarray) -> np.ndarray:
    return images.reshape(len(images), -1) / np.float32(255)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=Path("runs/example"))
    parser.add_argument("--samples", type=int, default=20_000, help="of the 60,000 to train on")
    options = parser.parse_args()
    out = options.out
    out.mkdir(parents=True, exist_ok=True)

    classifier = train(options.samples)
    images, labels = load_images("mnist", "test")
    np.savez_compressed(
        out / "pca-qda.npz",
        probabilities=classifier.predict_proba(_flatten(images)),
        classes=np.array(list("0123456789")),  # Which digit each column stands for.
        labels=labels,  # Not needed; with them, the order of the rows is checked.
    )

    ours, theirs = str(out / "ink"), str(out / "pca-qda")
    handwriting(["evaluate", f"{theirs}.npz", "--data", "mnist", "--out", theirs])
    handwriting(["evaluate", "ink", "--data", "mnist", "--out", ours])
    handwriting(["compare", theirs, ours, "--out", str(out / "comparison")])


if __name__ == "__main__":
    main()
