"""What holds of every network that was trained, whatever its recipe."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from handwriting import Recognizer
from handwriting.errors import InputError
from handwriting.training.recipes import Recipe


def check_run(recipe: Recipe, path: Path) -> None:
    """The account tells of the data, the folder has nothing else, and the network can be used."""
    account = json.loads(path.with_suffix(".json").read_text())
    frequencies = np.array(account["class_frequencies"])
    np.testing.assert_allclose(frequencies.sum(axis=-1), 1, atol=1e-6)
    assert account["validation"].keys() == recipe.heads.keys()
    assert sorted(file.name for file in path.parent.iterdir()) == sorted(
        [path.name, f"{recipe.name}.json", "history.csv"]
    )
    if recipe.kind == "trajectory":
        with pytest.raises(InputError, match=r"it must turn \(n, 28, 28, 1\)"):
            Recognizer.load(path)
    else:
        probabilities = Recognizer.load(path).predict(np.zeros((3, 28, 28), np.uint8))
        assert probabilities.shape == (3, 62)
        np.testing.assert_allclose(probabilities.sum(axis=1), 1, atol=1e-5)
