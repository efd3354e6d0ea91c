import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from handwriting.alphabet import CHARACTERS
from handwriting.datasets.idx import write_idx
from handwriting.datasets.splits import SPLITS, data_directory

pytest.register_assert_rewrite("trained_run")

# Two workers that look for a free port in the same moment find the same one, so each has a range
# of its own; Gradio reads the variable when it is imported.
WORKER = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
os.environ["GRADIO_SERVER_PORT"] = str(7860 + 100 * WORKER)


@pytest.fixture
def real_data() -> Path:
    """The real data directory; skips the test where it is not at hand."""
    needed = SPLITS["byclass"].paths("test")
    if not all(path.exists() for path in needed):
        pytest.skip(f"needs the real data in HANDWRITING_DATA; {data_directory()} has none")
    return data_directory()


@pytest.fixture
def small_data(tmp_path, monkeypatch) -> Path:
    """A data directory with a few noise images of every class, in the official format."""
    directory = tmp_path / "data"
    monkeypatch.setenv("HANDWRITING_DATA", str(directory))
    _write_noise(directory)
    return directory


@pytest.fixture
def quick_recipe():
    """Of ten digits, with a network that is compiled and trained in a moment."""
    import keras

    from handwriting.training.recipes import find_recipe

    def build() -> keras.Model:
        layers = keras.Input((28, 28, 1)), keras.layers.Flatten(), keras.layers.Dense(10, "softmax")
        return keras.Sequential(layers)

    return replace(find_recipe("mnist-column"), build=build, precision="float32")


@pytest.fixture(scope="module")
def lasting_small_data(tmp_path_factory):
    """The same for all tests of a module, of which none may change it."""
    directory = tmp_path_factory.mktemp("small") / "data"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HANDWRITING_DATA", str(directory))
        _write_noise(directory)
        yield directory


def _write_noise(directory: Path) -> None:
    """Into the data directory."""
    random = np.random.default_rng(0)
    for name in ("byclass", "byclass-part", "letters-part", "mnist"):
        split = SPLITS[name]
        for part in split.sizes:
            labels = np.tile(np.arange(len(split.alphabet)), 5)
            images = random.integers(0, 256, (len(labels), 28, 28))
            images_path, labels_path = split.paths(part)
            write_idx(images_path, images)
            write_idx(labels_path, labels + split.first_label)
    _write_strokes(directory / "strokes" / "unipen.npz", random)


def _write_strokes(path: Path, random: np.random.Generator) -> None:
    """Five characters of every class, each two strokes of three points, by two contributors."""
    labels = np.array(list(CHARACTERS * 5))
    strokes = 2 * len(labels)
    path.parent.mkdir(parents=True)
    np.savez(
        path,
        points=random.integers(0, 1000, (3 * strokes, 2), dtype=np.int32),
        stroke_offsets=3 * np.arange(strokes + 1),
        sample_offsets=2 * np.arange(len(labels) + 1),
        label=labels,
        writer=np.array(["w0"] * len(labels)),
        contributor=np.where(np.arange(len(labels)) < 4 * len(CHARACTERS), "kai", "tos"),
    )
