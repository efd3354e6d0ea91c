"""Models of other runtimes, and what is refused with which words."""

import json
import sys

import numpy as np
import pytest

from handwriting.errors import InputError
from handwriting.evaluator import evaluate
from handwriting.quiet import import_keras
from handwriting.recognizer import Recognizer
from handwriting.runners import load_model, to_probabilities

IMAGES = np.random.default_rng(0).integers(0, 256, (70, 28, 28), dtype=np.uint8)


@pytest.fixture(scope="module")
def keras():
    return import_keras()


@pytest.fixture(scope="module")
def network(keras):
    """A small network of digits with weights of its own."""
    keras.utils.set_random_seed(0)
    layers = keras.layers
    return keras.Sequential(
        [
            layers.Input((28, 28, 1)),
            layers.Rescaling(1 / 255),
            layers.Conv2D(4, 5, strides=3, activation="relu"),
            layers.Flatten(),
            layers.Dense(10, activation="softmax"),
        ]
    )


@pytest.fixture(scope="module")
def keras_file(network, tmp_path_factory):
    path = tmp_path_factory.mktemp("models") / "small.keras"
    network.save(path)
    return path


@pytest.fixture(scope="module")
def litert_file(network, tmp_path_factory):
    pytest.importorskip("ai_edge_litert")
    path = tmp_path_factory.mktemp("models") / "small.tflite"
    network.export(path, format="litert", verbose=False)
    return path


def onnx_file(folder, image_shape=(28, 28, 1), batch="n", softmax=True):
    """A linear classifier of digits, written with onnx alone, and its weights."""
    onnx = pytest.importorskip("onnx")
    pytest.importorskip("onnxruntime")
    helper, types = onnx.helper, onnx.TensorProto
    weights = np.random.default_rng(0).normal(0, 0.001, (784, 10)).astype(np.float32)
    nodes = [
        helper.make_node("Reshape", ["image", "shape"], ["flat"]),
        helper.make_node("MatMul", ["flat", "weights"], ["logits"]),
    ]
    if softmax:
        nodes.append(helper.make_node("Softmax", ["logits"], ["probabilities"]))
    output = "probabilities" if softmax else "logits"
    graph = helper.make_graph(
        nodes,
        "linear",
        [helper.make_tensor_value_info("image", types.FLOAT, [batch, *image_shape])],
        [helper.make_tensor_value_info(output, types.FLOAT, [batch, 10])],
        [
            onnx.numpy_helper.from_array(weights, "weights"),
            onnx.numpy_helper.from_array(np.array([-1, 784]), "shape"),
        ],
    )
    path = folder / "linear.onnx"
    opset = [helper.make_opsetid("", 17)]
    onnx.save(helper.make_model(graph, opset_imports=opset, ir_version=9), path)
    return path, weights


def expected(weights):
    logits = IMAGES.reshape(-1, 784).astype(np.float32) @ weights
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


@pytest.mark.parametrize("image_shape", [(28, 28, 1), (1, 28, 28), (28, 28), (784,)])
@pytest.mark.parametrize("batch", ["n", 1, 32])
def test_onnx_models_take_images_as_they_like(tmp_path, image_shape, batch):
    path, weights = onnx_file(tmp_path, image_shape, batch)
    recognizer, described = load_model(str(path))
    found = recognizer.predict(IMAGES)[:, :10]
    np.testing.assert_allclose(found, expected(weights), atol=1e-5)
    assert described["framework"] == "ONNX"
    assert described["file_bytes"] == path.stat().st_size
    assert "parameters" not in described


def test_logits_of_a_model_become_probabilities(tmp_path):
    path, weights = onnx_file(tmp_path, softmax=False)
    found = load_model(str(path))[0].predict(IMAGES)[:, :10]
    np.testing.assert_allclose(found, expected(weights), atol=1e-5)


def test_rounded_probabilities_are_no_logits():
    rounded = np.array([[0.5, 0.498], [1.0, 0.0]])
    assert to_probabilities(rounded)[0] == pytest.approx([0.501, 0.499], abs=1e-3)


def test_litert_reads_as_keras_does(keras_file, litert_file):
    expected = Recognizer.load(keras_file).predict(IMAGES)
    recognizer, described = load_model(str(litert_file))
    np.testing.assert_allclose(recognizer.predict(IMAGES), expected, atol=1e-5)
    assert described["framework"] == "LiteRT"


def test_a_report_tells_size_and_speed_of_what_was_run(small_data, keras_file, tmp_path):
    report = evaluate(str(keras_file), "mnist", tmp_path / "report", robustness=True)
    assert report.model["file_bytes"] == keras_file.stat().st_size
    assert report.model["images_per_second"] > 0
    assert report.robustness.samples == 50
    assert len(report.robustness.corruptions) == 8
    assert report.figure("robustness", "dark").exists()
    page = (tmp_path / "report" / "index.html").read_text()
    assert "Images per second" in page
    assert "Accuracy on corrupted images" in page
    stored = json.loads((tmp_path / "report" / "report.json").read_text())["robustness"]
    first = stored["corruptions"][0]
    assert len(first["strengths"]) == len(first["right"]) == len(first["accuracy_ci95"])


def test_robustness_of_predictions_is_refused(small_data, tmp_path):
    with pytest.raises(InputError, match="robustness needs a model to run"):
        evaluate("net.npz", "mnist", tmp_path / "report", robustness=True)


@pytest.mark.parametrize(
    ("suffix", "module"),
    [(".keras", "keras"), (".tflite", "ai_edge_litert"), (".onnx", "onnxruntime")],
)
def test_a_damaged_model_says_so_in_one_line(tmp_path, suffix, module):
    pytest.importorskip(module)
    path = tmp_path / f"net{suffix}"
    path.write_bytes(b"nothing of a model" * 10)
    with pytest.raises(InputError, match="cannot be loaded as") as caught:
        load_model(str(path))
    assert "\n" not in str(caught.value)
    with pytest.raises(InputError, match="no model"):
        load_model(str(tmp_path / f"other{suffix}"))


@pytest.mark.parametrize(
    ("suffix", "module", "package"),
    [
        (".tflite", "ai_edge_litert.interpreter", "ai-edge-litert"),
        (".onnx", "onnxruntime", "onnxruntime"),
    ],
)
def test_a_missing_runtime_is_named(tmp_path, monkeypatch, suffix, module, package):
    monkeypatch.setitem(sys.modules, module, None)
    path = tmp_path / f"net{suffix}"
    path.write_bytes(b"a model")
    with pytest.raises(InputError, match=f"need {package}: pip install {package}"):
        load_model(str(path))


def test_a_model_of_other_images_is_refused(tmp_path):
    path, _ = onnx_file(tmp_path, (3, 28, 28))
    with pytest.raises(InputError, match=r"takes \(3, 28, 28\) for an image"):
        load_model(str(path))


@pytest.mark.parametrize("name", ["net.h5", "net.pkl", "net.pt"])
def test_formats_that_hold_code_are_not_run(tmp_path, name):
    (tmp_path / name).write_bytes(b"anything")
    with pytest.raises(InputError, match="no model that can be run safely"):
        load_model(str(tmp_path / name))


def test_a_keras_model_with_code_of_its_own_is_refused_with_the_reason(keras, tmp_path):
    layers = keras.layers
    model = keras.Sequential(
        [layers.Input((28, 28, 1)), layers.Lambda(lambda x: x + 1), layers.Flatten()]
    )
    model.save(tmp_path / "own.keras")
    with pytest.raises(InputError, match="code of its own"):
        load_model(str(tmp_path / "own.keras"))


def test_a_keras_model_of_a_class_of_its_own_is_refused_with_the_reason(keras, tmp_path):
    class Doubling(keras.layers.Layer):
        def call(self, inputs):
            return 2 * inputs

    model = keras.Sequential([keras.layers.Input((28, 28, 1)), Doubling(), keras.layers.Flatten()])
    model.save(tmp_path / "own.keras")
    with pytest.raises(InputError, match="code of its own"):
        load_model(str(tmp_path / "own.keras"))
