"""Training in PyTorch: the same network, the same file at the end."""

import json
import os
import subprocess
import sys

import keras
import numpy as np
import pytest
import torch

from handwriting import Recognizer
from handwriting.errors import InputError
from handwriting.training import architectures
from handwriting.training.torch_twin import TorchTwin


def make_inputs(model: keras.Model) -> np.ndarray:
    """Nine images of 0 to 255, or nine trajectories of -1 to 1."""
    shape = 9, *model.input_shape[1:]
    values = np.random.default_rng(0).uniform(0, 1, shape)
    return (255 * values if shape[1] > 1 else 2 * values - 1).astype(np.float32)


@pytest.fixture
def on_torch() -> dict[str, str]:
    """The environment of a process whose Keras computes with PyTorch."""
    return os.environ | {"KERAS_BACKEND": "torch"}


@pytest.fixture(params=["hand_words", "ink_column", "ink_path", "mnist_column", "mnist_digits"])
def model(request):
    model = getattr(architectures, request.param)()
    random = np.random.default_rng(0)
    # Not the moments that an untrained normalisation has, which hide mistakes.
    for layer in model.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.set_weights([random.uniform(0.5, 1.5, w.shape) for w in layer.get_weights()])
    return model


def test_the_twin_answers_as_the_network_does(model):
    inputs = make_inputs(model)
    with torch.no_grad():
        answers = TorchTwin(model).eval()(torch.from_numpy(inputs)).numpy()
    np.testing.assert_allclose(answers, model.predict(inputs, verbose=0), atol=1e-5)


def test_what_the_twin_learned_comes_back(model):
    twin, inputs = TorchTwin(model), make_inputs(model)
    optimizer = torch.optim.SGD(twin.parameters(), 0.1)
    for _ in range(3):
        optimizer.zero_grad()
        (-twin(torch.from_numpy(inputs))[..., 3].log().mean()).backward()
        optimizer.step()
    untrained = model.predict(inputs, verbose=0)
    twin.give_back()
    trained = model.predict(inputs, verbose=0)
    assert np.abs(trained - untrained).max() > 1e-3
    with torch.no_grad():
        answers = twin.eval()(torch.from_numpy(inputs)).numpy()
    np.testing.assert_allclose(trained, answers, atol=1e-5)


def test_mixed_precision_answers_nearly_the_same(model):
    inputs = make_inputs(model)
    with torch.no_grad():
        answers = TorchTwin(model, "mixed_bfloat16").eval()(torch.from_numpy(inputs)).numpy()
    assert answers.dtype == np.float32
    np.testing.assert_allclose(answers, model.predict(inputs, verbose=0), atol=0.05)


def test_an_unknown_layer_is_refused():
    model = keras.Sequential([keras.Input((28, 28, 1)), keras.layers.LayerNormalization()])
    with pytest.raises(InputError, match="a LayerNormalization cannot be trained in PyTorch"):
        TorchTwin(model)


def test_a_run_in_pytorch_stops_resumes_and_loads_in_tensorflow(small_data, tmp_path, on_torch):
    out = tmp_path / "run"
    command = [sys.executable, "-m", "handwriting", "train", "ink-column", "--out", str(out)]
    command += ["--limit", "40", "--epochs", "2"]
    stop = "import keras, sys; from handwriting.cli import main; "
    stop += "keras.callbacks.CSVLogger.on_epoch_end = lambda *_: sys.exit(9); "
    stop += f"main({command[3:]!r})"
    assert subprocess.run([sys.executable, "-c", stop], env=on_torch).returncode == 9

    subprocess.run([*command, "--resume"], check=True, env=on_torch)

    account = json.loads((out / "ink-column.json").read_text())
    assert account["backend"] == "torch"
    probabilities = Recognizer.load(out / "ink-column.keras").predict(
        np.zeros((3, 28, 28), np.uint8)
    )
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, atol=1e-5)


def test_images_change_in_pytorch_as_they_do_elsewhere(on_torch):
    """Its own kernel takes the samples there, so the tests of the changes run there as well."""
    command = [sys.executable, "-m", "pytest", "-q", "-n0", "tests/test_training.py"]
    command += ["-k", "augmentation or bending or thickness or stay_as_they_are"]
    subprocess.run(command, check=True, env=on_torch)
