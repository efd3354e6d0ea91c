"""Models of other runtimes: a LiteRT (`.tflite`) or ONNX file as what `Recognizer` runs.

Neither format holds code, so a file from anywhere can be run. Both runtimes are optional.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from importlib import import_module
from pathlib import Path

import numpy as np
from scipy.special import softmax

from handwriting.errors import InputError
from handwriting.ink import SIDE
from handwriting.recognizer import LARGE, MODELS, Recognizer, load_account

SUM_TOLERANCE = 1e-2
"""How far a row of a quantised model's probabilities may sum from one."""


def load_model(source: str) -> tuple[Recognizer, dict]:
    """Load a model file of any kind, or a shipped model.

    Args:
        source: A `.keras`, `.tflite` or `.onnx` file, with the trainer's `.json` of the same name
            beside it if there is one; or the name of a shipped model. LiteRT and ONNX models take
            images of 0 to 255, as those that are trained here do.

    Returns:
        The recognizer, and what a report says about the model.

    Raises:
        InputError: There is no such model, it cannot be run, or its runtime is not installed.
    """
    shipped = MODELS / f"{source}.keras"
    path = shipped if shipped.exists() else Path(source)
    kind = path.suffix.lower()
    if path.is_file() and kind not in (".keras", *GRAPHS):
        raise InputError(
            f"{path} is no model that can be run safely: give .keras, {', '.join(GRAPHS)}, or "
            "predictions"
        )
    if kind not in GRAPHS:
        recognizer = Recognizer.load(source)
        described = recognizer.description
    else:
        if not path.is_file():
            raise InputError(f"no model {path}: give a file that exists")
        graph = GRAPHS[kind](path)
        recognizer = Recognizer(graph, load_account(path))
        described = recognizer.description | {"framework": graph.framework}
        # Which of its constants were trained, such a file does not tell.
        del described["parameters"], described["trainable_parameters"]
    return recognizer, described | {"file": path.name, "file_bytes": path.stat().st_size}


class Graph(ABC):
    """A frozen network with the parts of a Keras model that `Recognizer` uses.

    Args:
        path: The file.

    Raises:
        InputError: Its runtime is missing, or the file cannot be loaded.
    """

    framework: str
    package: str
    module: str
    trainable_weights = ()

    def __init__(self, path: Path):
        try:
            runtime = import_module(self.module)
        except ImportError:
            raise InputError(
                f"{path.suffix} models need {self.package}: pip install {self.package}"
            ) from None
        try:
            shape, output_shape = self._load(runtime, path)
        except InputError:
            raise
        except Exception as error:  # Runtimes have errors of their own for what they cannot read.
            reason = (str(error).strip().splitlines() or [type(error).__name__])[0][:200]
            raise InputError(f"{path} cannot be loaded as {self.framework}: {reason}") from None
        self.name = path.stem
        self._batch = shape[0] if isinstance(shape[0], int) and shape[0] > 0 else None
        self._image_shape = tuple(shape[1:])
        if self._image_shape not in LAYOUTS:
            raise InputError(
                f"{path} takes {self._image_shape} for an image: it must be one of "
                f"{', '.join(map(str, LAYOUTS))}"
            )
        self.input_shape = (None, SIDE, SIDE, 1)
        self.output_shape = (None, *output_shape[1:])

    @abstractmethod
    def _load(self, runtime, path: Path) -> tuple[tuple, tuple]:
        """Load the file; the shapes of its input and of its output."""

    @abstractmethod
    def _run(self, batch: np.ndarray) -> np.ndarray:
        """Outputs for one batch of float32 images in the model's own shape."""

    def count_params(self) -> int:
        """Not told by the file."""
        return 0

    def predict(self, inputs: np.ndarray, batch_size: int = LARGE, verbose: int = 0) -> np.ndarray:
        """Probabilities of float32 (n, 28, 28, 1) images."""
        images = inputs.reshape(-1, *self._image_shape)
        size = self._batch or batch_size
        outputs = []
        for start in range(0, len(images), size):
            batch = images[start : start + size]
            missing = size - len(batch) if self._batch else 0
            padded = np.concatenate([batch, np.zeros((missing, *batch.shape[1:]), batch.dtype)])
            outputs.append(self._run(padded)[: len(batch)])
        return to_probabilities(np.concatenate(outputs))

    def predict_on_batch(self, inputs: np.ndarray) -> np.ndarray:
        """As `predict`."""
        return self.predict(inputs)


def to_probabilities(outputs: np.ndarray) -> np.ndarray:
    """Float32 rows that sum to one: outputs that do so already, or else softmax of them."""
    outputs = outputs.astype(np.float32)
    sums = outputs.sum(axis=-1, keepdims=True)
    if (outputs >= 0).all() and (np.abs(sums - 1) < SUM_TOLERANCE).all():
        return outputs / sums
    return softmax(outputs, axis=-1)


class LiteRtGraph(Graph):
    """A `.tflite` file; quantised inputs and outputs are converted."""

    framework = "LiteRT"
    package = "ai-edge-litert"
    module = "ai_edge_litert.interpreter"

    def _load(self, runtime, path: Path) -> tuple[tuple, tuple]:
        self._interpreter = runtime.Interpreter(model_path=str(path))
        (self._input,) = self._interpreter.get_input_details()
        (self._output,) = self._interpreter.get_output_details()
        self._allocated = None
        shape = tuple(self._input["shape_signature"].tolist())
        return shape, tuple(self._output["shape_signature"].tolist())

    def _run(self, batch: np.ndarray) -> np.ndarray:
        place = self._input["index"]
        if self._allocated != batch.shape:
            self._interpreter.resize_tensor_input(place, batch.shape)
            self._interpreter.allocate_tensors()
            self._allocated = batch.shape
        self._interpreter.set_tensor(place, _quantise(batch, self._input))
        self._interpreter.invoke()
        outputs = self._interpreter.get_tensor(self._output["index"])
        scale, zero = self._output["quantization"]
        return (outputs.astype(np.float32) - zero) * scale if scale else outputs


def _quantise(batch: np.ndarray, tensor: dict) -> np.ndarray:
    scale, zero = tensor["quantization"]
    dtype = tensor["dtype"]
    if not np.issubdtype(dtype, np.integer):
        return batch.astype(dtype)
    limits = np.iinfo(dtype)
    levels = np.rint(batch / scale + zero) if scale else batch
    return np.clip(levels, limits.min, limits.max).astype(dtype)


class OnnxGraph(Graph):
    """An `.onnx` file."""

    framework = "ONNX"
    package = "onnxruntime"
    module = "onnxruntime"

    def _load(self, runtime, path: Path) -> tuple[tuple, tuple]:
        options = runtime.SessionOptions()
        options.log_severity_level = 3
        self._session = runtime.InferenceSession(
            str(path), options, providers=["CPUExecutionProvider"]
        )
        (entry,), output = self._session.get_inputs(), self._session.get_outputs()[0]
        self._names = entry.name, output.name
        types = {"tensor(float)": np.float32, "tensor(uint8)": np.uint8}
        if entry.type not in types:
            raise InputError(f"{path} takes {entry.type}: it must take float32 or uint8 images")
        self._dtype = types[entry.type]
        return tuple(entry.shape), tuple(output.shape)

    def _run(self, batch: np.ndarray) -> np.ndarray:
        entry, output = self._names
        return self._session.run([output], {entry: batch.astype(self._dtype)})[0]


LAYOUTS = ((SIDE, SIDE, 1), (1, SIDE, SIDE), (SIDE, SIDE), (SIDE * SIDE,))
"""Shapes of one image that models of other frameworks take: the same numbers in the same order."""

GRAPHS = {".tflite": LiteRtGraph, ".onnx": OnnxGraph}
"""By a file's extension."""
