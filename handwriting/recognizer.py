"""A trained network as an object: images or drawings in, characters out."""

from __future__ import annotations

import json
import math
import re
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Literal, get_args

import numpy as np

from handwriting import ink
from handwriting.alphabet import BYCLASS, CHARACTERS, DIGITS, Alphabet
from handwriting.errors import InputError
from handwriting.ink import Drawing
from handwriting.line import Line, weigh
from handwriting.magnification import Magnification
from handwriting.priors import EMNIST_COUNTS, UNIFORM, adjust, pool_pen, temper
from handwriting.quiet import import_keras
from handwriting.reading import Guess, Reading, find_choice, rank, read_parts
from handwriting.segmentation import Part, box_of
from handwriting.trajectory import follow

MODELS = Path(__file__).parent / "models"
"""Where the package keeps the weights that it ships."""

SHIPPED = "ink"
"""The model that `Recognizer.load()` takes."""

Head = Literal["scan", "pen"]
HEADS = get_args(Head)
"""The order of the heads of a network that has one for each kind of ink."""

LARGE = 1024
"""Images per step where there are many."""


class Recognizer:
    """Reads single characters with a trained network.

    Args:
        model: A Keras model: float (n, 28, 28, 1) images of 0 to 255 in, probabilities out.
        account: What the trainer wrote down about the model, empty if unknown.
        path_model: A Keras model that reads drawings as well: trajectories (n, 1, points,
            channels) in, probabilities of the 62 characters out. What it learned and how much it
            counts, the account says under `path`.

    Attributes:
        magnification: Tells the case of scanned look-alikes; None if the account has none.

    Example:
        >>> from handwriting import Recognizer
        >>> recognizer = Recognizer.load()
        >>> stroke = [[10, 90], [50, 10], [90, 90]], [[30, 60], [70, 60]]
        >>> recognizer.guess(stroke, top=1)[0].character
        'A'
    """

    def __init__(self, model, account: dict | None = None, path_model=None):
        self.account = account or {}
        self.alphabet, self._heads = _outputs_of(model)
        self._model = model
        self._path_model = path_model
        # In one call both take little longer than one of them.
        self._pen_model = path_model and _join(model, path_model)
        frequencies = self.account.get("class_frequencies")
        # Only for all 62 classes is it known how common they are elsewhere.
        self._trained = (
            np.reshape(frequencies, (self._heads, -1))
            if frequencies and self.alphabet is BYCLASS
            else None
        )
        self._temperatures = self.account.get("temperatures", {})
        told = self.account.get("magnification")
        self.magnification = told and Magnification(**told)

    @classmethod
    def load(cls, path: str | Path | None = None) -> Recognizer:
        """Load a model.

        Args:
            path: A `.keras` file, with the trainer's `.json` of the same name beside it if there
                is one; or the name of a shipped model. Default: the shipped model.

        Raises:
            InputError: There is no such model, or it is not one of images to characters.
        """
        name = str(path or SHIPPED)
        shipped = MODELS / f"{name}.keras"
        file = shipped if shipped.exists() else Path(name)
        if not file.is_file():
            names = ", ".join(list_shipped())
            raise InputError(f"no model {name}: give a .keras file or one of {names}")

        model, account = load_keras(file), load_account(file)
        path_file = find_path_model(file, account)
        return cls(model, account, load_keras(path_file) if path_file else None)

    @property
    def name(self) -> str:
        """What the recipe called the model."""
        return self.account.get("name", self._model.name)

    @property
    def description(self) -> dict:
        """What a report says about the model: name, size, and what it was trained on."""
        told = ("trained_on", "training_samples", "validation_samples", "epochs", "seed", "created")
        networks = [self._model] + ([self._path_model] if self.follows_pen else [])
        return {
            "name": self.name,
            "parameters": sum(network.count_params() for network in networks),
            "trainable_parameters": sum(
                math.prod(weight.shape)
                for network in networks
                for weight in network.trainable_weights
            ),
            "framework": "Keras",
        } | {key: self.account[key] for key in told if key in self.account}

    @property
    def follows_pen(self) -> bool:
        """Whether drawings are read by the path of the pen, too, not by their image alone."""
        return self._path_model is not None

    @property
    def is_calibrated(self) -> bool:
        """Whether temperatures were fitted on held-out samples."""
        return bool(self._temperatures)

    @property
    def corrects_for_frequencies(self) -> bool:
        """Whether `prior` has an effect: the frequencies that the model learned are known."""
        return self._trained is not None

    def predict(
        self,
        images: np.ndarray,
        prior: np.ndarray | None = EMNIST_COUNTS,
        head: Head = "scan",
        magnified: bool = True,
    ) -> np.ndarray:
        """Probabilities of the 62 characters.

        Args:
            images: uint8 (n, 28, 28), upright, bright ink on black.
            prior: float (62,), how common each character is where the images come from, in any
                unit; the default is ByClass's train labels. None leaves the network's outputs
                as they are, without the temperature that calibrates them.
            head: Whether the images were scanned from paper or drawn from pen strokes; a model
                that learned both has a head for each.
            magnified: Whether scans are EMNIST's, so that how much each was magnified tells its
                case, see `handwriting.magnification`; in other images the same would mislead.

        Returns:
            float32 (n, 62) in the order of `CHARACTERS`, rows that sum to one; characters that
            the model does not know have probability zero.

        Raises:
            InputError: The images have another shape or type.
        """
        images = np.asarray(images)
        if images.ndim != 3 or images.shape[1:] != (ink.SIDE, ink.SIDE) or images.dtype != np.uint8:
            raise InputError(f"images are uint8 (n, 28, 28), not {images.dtype} {images.shape}")
        if not len(images):
            return np.zeros((0, len(CHARACTERS)), np.float32)
        outputs = _run(self._model, images[..., None].astype(np.float32))
        probabilities = self._correct(outputs, prior, head)
        if prior is None or head != "scan" or not (magnified and self.magnification):
            return probabilities
        return self.magnification.weigh(probabilities, images, prior)

    def _correct(self, outputs: np.ndarray, prior: np.ndarray | None, head: Head) -> np.ndarray:
        """What `predict` makes of the network's outputs."""
        column = self._column(head)
        probabilities = np.zeros((len(outputs), len(CHARACTERS)), np.float32)
        probabilities[:, self.alphabet.class_of >= 0] = outputs.reshape(
            len(outputs), self._heads, -1
        )[:, column]
        if prior is None:
            return probabilities
        probabilities = temper(probabilities, self._temperatures.get(head, 1.0))
        if self._trained is None:
            return probabilities
        return adjust(probabilities, self._trained[column], prior)

    def log_probabilities(
        self,
        inputs,
        prior: np.ndarray | None = EMNIST_COUNTS,
        head: Head = "scan",
    ):
        """What the network says, corrected as by `predict`, as a tensor to take gradients of.

        How much a scan was magnified is left out: that is no matter of single pixels.

        Args:
            inputs: float tensor (n, 28, 28, 1), images of 0 to 255.
            prior: As for `predict`.
            head: As for `predict`.

        Returns:
            float tensor (n, k): logarithms of the probabilities of `alphabet`'s classes.
        """
        from keras import ops  # Here already, with the model.

        column = self._column(head)
        outputs = ops.reshape(
            self._model(inputs, training=False), (-1, self._heads, len(self.alphabet))
        )
        logs = ops.log(ops.maximum(outputs[:, column], np.finfo(np.float32).tiny))
        if prior is not None:
            logs /= self._temperatures.get(head, 1.0)
        if prior is not None and self._trained is not None:
            logs += np.log(prior / self._trained[column]).astype(np.float32)
        return logs - ops.logsumexp(logs, axis=1, keepdims=True)

    def _column(self, head: Head) -> int:
        return HEADS.index(head) if self._heads > 1 else 0

    def predict_drawings(
        self, drawings: Sequence[Drawing], prior: np.ndarray | None = UNIFORM
    ) -> np.ndarray:
        """Probabilities of the 62 characters for pen drawings.

        Args:
            drawings: n drawings, each a list of (k, 2) strokes, y down, any unit.
            prior: As for `predict`; by default every character is as likely as any other,
                because a pad is no census form. None is answered by the image alone.

        Returns:
            float32 (n, 62), rows that sum to one; an empty drawing's row says nothing that ink
            said.
        """
        if prior is None or not self.follows_pen:
            return self.predict(_render(drawings), prior, head="pen")
        told = self.account["path"]
        answers = self.answer_apart(drawings)
        return pool_pen(answers, told["weights"], told.get("small", 1), prior)

    def answer_apart(self, drawings: Sequence[Drawing]) -> tuple[np.ndarray, np.ndarray]:
        """What the image and what the path of the pen say about drawings, each by itself.

        For a model that follows the pen; `predict_drawings` pools the two.

        Args:
            drawings: As for `predict_drawings`.

        Returns:
            Twice float32 (n, 62), rows that sum to one, every character as likely as any other.
        """
        told = self.account["path"]
        if not len(drawings):
            return (np.zeros((0, len(CHARACTERS)), np.float32),) * 2
        images = _render(drawings)[..., None].astype(np.float32)
        trajectories = np.array([follow(drawing) for drawing in drawings])[:, None]
        by_image, by_path = _run(self._pen_model, images, trajectories)
        by_path = temper(by_path, told["temperatures"]["pen"])
        return (
            self._correct(by_image, UNIFORM, "pen"),
            adjust(by_path, np.array(told["class_frequencies"]), UNIFORM),
        )

    def guess(
        self,
        drawing: Drawing,
        alphabet: str = "all",
        top: int = 5,
        line: Line | None = None,
    ) -> list[Guess]:
        """The likeliest readings of one drawing.

        Args:
            drawing: A list of (k, 2) strokes, y down, any unit.
            alphabet: What it may be: a key of `handwriting.alphabet.CHOICES`.
            top: How many guesses at most.
            line: The ruled line that it was written on: its size and place then say more about
                case. Without one they make no difference.

        Returns:
            Guesses, the likeliest first; their probabilities are renormalised over the
            alphabet. None for an empty drawing.

        Raises:
            InputError: There is no such alphabet.
        """
        choice = find_choice(alphabet)
        strokes = [np.asarray(stroke, np.float64) for stroke in drawing if len(stroke)]
        if not strokes:
            return []
        probabilities = self.predict_drawings([strokes])
        if line:
            probabilities, _ = weigh(probabilities, box_of(strokes)[None], line=line)
        return rank(probabilities[0], choice, top)

    def read(self, drawing: Drawing, alphabet: str = "all", line: Line | None = None) -> Reading:
        """Read a line of characters, written side by side.

        Args:
            drawing: A list of (k, 2) strokes, y down, any unit, in any order.
            alphabet: What the characters may be: a key of `handwriting.alphabet.CHOICES`.
            line: The ruled line that it was written on, in the drawing's units; without one it
                is inferred from the ink.

        Returns:
            The text, and each character with its box, strokes and guesses; "" and none of them
            for an empty drawing.

        Raises:
            InputError: There is no such alphabet.
        """
        inked = [index for index, stroke in enumerate(drawing) if len(stroke)]
        strokes = [np.asarray(drawing[index], np.float64) for index in inked]

        def recognize(runs: list[list[int]]) -> np.ndarray:
            return self.predict_drawings([[strokes[i] for i in run] for run in runs])

        parts = [Part.from_stroke(stroke) for stroke in strokes]
        return read_parts(parts, recognize, "pen", alphabet, line).with_strokes(inked)

    def read_image(self, pixels: np.ndarray, alphabet: str = "all") -> Reading:
        """Read an image of one character, or of one line of them.

        Args:
            pixels: uint8 (height, width), grey: dark ink on light paper or the reverse.
            alphabet: What the characters may be: a key of `handwriting.alphabet.CHOICES`.

        Returns:
            As for `read`; boxes are in pixels, and `strokes` count the connected components.

        Raises:
            InputError: There is no such alphabet, or more in the image than one line.
        """
        # Takes a second, and most read no images.
        from handwriting.scan import find_components, has_several_lines

        components = find_components(pixels)
        if has_several_lines(components.parts):
            raise InputError("the image has more than one line: crop it to one")

        def recognize(runs: list[list[int]]) -> np.ndarray:
            return self.predict(components.render(runs), UNIFORM, magnified=False)

        return read_parts(components.parts, recognize, "image", alphabet)


def list_shipped() -> list[str]:
    """The names of the models that the package ships; parts of them have no account."""
    return sorted(
        file.stem for file in MODELS.glob("*.keras") if file.with_suffix(".json").exists()
    )


def load_account(file: Path) -> dict:
    """What the trainer wrote down about a model: the `.json` beside its file, empty without one."""
    account = file.with_suffix(".json")
    return json.loads(account.read_text()) if account.exists() else {}


def find_path_model(file: Path, account: dict) -> Path | None:
    """The file, beside a model's own, of the network that follows the pen; None if it has none.

    Raises:
        InputError: The account names one that is not there.
    """
    if "path" not in account:
        return None
    found = file.with_name(Path(account["path"]["file"]).name)
    if not found.is_file():
        raise InputError(f"{found} is missing, which {file.name} needs: put it back beside it")
    return found


def load_keras(file: Path):
    """The Keras model in a `.keras` file; none of its code is run.

    Raises:
        InputError: There is none, it is damaged, or it has code of its own.
    """
    keras = import_keras()
    if not zipfile.is_zipfile(file):  # Keras would look for older formats, and tell of those.
        reason = "it is damaged or no .keras file" if file.exists() else "it does not exist"
        raise InputError(f"{file} cannot be loaded as a Keras model: {reason}")
    try:
        return keras.saving.load_model(file, compile=False, safe_mode=True)
    except (OSError, TypeError, ValueError) as error:
        reason = _reason(str(error))
        raise InputError(f"{file} cannot be loaded as a Keras model: {reason}") from None


def _join(*models):
    """One Keras model with the inputs and outputs of several."""
    keras = import_keras()
    inputs = [keras.Input(model.input_shape[1:]) for model in models]
    outputs = [model(given) for model, given in zip(models, inputs, strict=True)]
    return keras.Model(inputs, outputs)


def _run(model, *inputs: np.ndarray):
    """The outputs of a Keras model for any number of samples."""
    given = list(inputs) if len(inputs) > 1 else inputs[0]
    if len(inputs[0]) <= LARGE:
        return model.predict_on_batch(given)
    return model.predict(given, batch_size=LARGE, verbose=0)


def _render(drawings: Sequence[Drawing]) -> np.ndarray:
    """uint8 (n, 28, 28)."""
    images = [ink.render(drawing) for drawing in drawings]
    return np.array(images, np.uint8).reshape(-1, ink.SIDE, ink.SIDE)


def _reason(message: str) -> str:
    """Keras's reason for not loading a file, in one line."""
    unknown = re.search(r"Could not locate (?:class|function) '(\w+)'", message)
    own = "its Lambda layer" if "`Lambda`" in message else unknown and f"its {unknown[1]}"
    if own:
        return f"{own} is code of its own, which is not run; evaluate the model's predictions"
    return message.strip().splitlines()[0]


def _outputs_of(model) -> tuple[Alphabet, int]:
    """Which characters a model tells apart, and how many heads do so.

    Raises:
        InputError: It takes no 28×28 images, or answers with neither 62 nor 10 classes.
    """
    known = {len(alphabet): alphabet for alphabet in (BYCLASS, DIGITS)}
    match model.input_shape, model.output_shape:
        case (_, ink.SIDE, ink.SIDE, 1), (_, classes) if classes in known:
            return known[classes], 1
        case (_, ink.SIDE, ink.SIDE, 1), (_, heads, classes) if classes in known:
            if heads == len(HEADS):
                return known[classes], heads
    raise InputError(
        f"the model turns {model.input_shape} into {model.output_shape}: it must turn "
        "(n, 28, 28, 1) into (n, 62), (n, 10) or (n, 2, 62)"
    )
