import json

import keras
import numpy as np
import pytest

from handwriting import Recognizer
from handwriting.alphabet import CHARACTERS
from handwriting.errors import InputError
from handwriting.ink import render
from handwriting.priors import EMNIST_COUNTS, UNIFORM
from handwriting.recognizer import LARGE

DRAWINGS = {
    "A": [[[10, 90], [50, 10], [90, 90]], [[28, 60], [72, 60]]],
    "E": [[[80, 10], [20, 10], [20, 90], [80, 90]], [[20, 50], [70, 50]]],
    "H": [[[20, 10], [20, 90]], [[80, 10], [80, 90]], [[20, 50], [80, 50]]],
    "T": [[[10, 10], [90, 10]], [[50, 10], [50, 90]]],
    "4": [[[60, 10], [15, 60], [85, 60]], [[62, 30], [62, 95]]],
    "7": [[[15, 10], [85, 10], [40, 95]]],
}


@pytest.fixture(scope="module")
def recognizer():
    return Recognizer.load()


@pytest.fixture
def save(tmp_path):
    """Saves an untrained model of the given shapes and returns its path."""

    def save(inputs, outputs):
        model = keras.Sequential(
            [
                keras.Input(inputs),
                keras.layers.Flatten(),
                keras.layers.Dense(int(np.prod(outputs)), activation="softmax"),
                keras.layers.Reshape(outputs),
            ]
        )
        model.save(tmp_path / "model.keras")
        return tmp_path / "model.keras"

    return save


@pytest.mark.parametrize("character", DRAWINGS)
def test_plain_drawings_are_read(recognizer, character):
    drawing = [np.array(stroke) for stroke in DRAWINGS[character]]
    assert recognizer.guess(drawing)[0].character.upper() == character


def test_guesses_are_ranked_and_limited(recognizer):
    guesses = recognizer.guess(DRAWINGS["A"], top=3)
    assert len(guesses) == 3
    assert [guess.probability for guess in guesses] == sorted(
        (guess.probability for guess in guesses), reverse=True
    )


def test_an_alphabet_renormalises(recognizer):
    guesses = recognizer.guess(DRAWINGS["T"], alphabet="digits", top=10)
    assert {guess.character for guess in guesses} == set("0123456789")
    assert sum(guess.probability for guess in guesses) == pytest.approx(1)


def test_an_empty_drawing_has_no_guess(recognizer):
    assert recognizer.guess([]) == []
    assert recognizer.guess([np.empty((0, 2))]) == []


def test_an_unknown_alphabet_is_refused(recognizer):
    with pytest.raises(InputError, match="case-insensitive"):
        recognizer.guess(DRAWINGS["A"], alphabet="greek")


def test_many_images_are_read_as_single_ones_are(recognizer):
    images = np.random.default_rng(0).integers(0, 256, (LARGE + 3, 28, 28), np.uint8)
    many = recognizer.predict(images)
    assert many.shape == (LARGE + 3, 62)
    assert many.dtype == np.float32
    np.testing.assert_allclose(many.sum(axis=1), 1, atol=1e-5)
    np.testing.assert_allclose(many[-3:], recognizer.predict(images[-3:]), atol=1e-5)
    assert recognizer.predict(images[:0]).shape == (0, 62)


def test_the_prior_decides_between_look_alikes(recognizer):
    circle = [50 + 40 * np.column_stack([np.cos(t), np.sin(t)]) for t in [np.linspace(0, 6.28, 40)]]
    images = np.array([render(circle)])
    zero, letter = CHARACTERS.index("0"), CHARACTERS.index("o")
    emnist, pad = (recognizer.predict(images, prior)[0] for prior in (EMNIST_COUNTS, UNIFORM))
    assert emnist[zero] / emnist[letter] > 5 * pad[zero] / pad[letter]


@pytest.mark.parametrize(
    "images",
    [np.zeros((28, 28), np.uint8), np.zeros((1, 28, 28)), np.zeros((1, 32, 32), np.uint8)],
)
def test_other_images_are_refused(recognizer, images):
    with pytest.raises(InputError, match="uint8"):
        recognizer.predict(images)


def test_a_model_of_digits_says_nothing_of_letters(save):
    probabilities = Recognizer.load(save((28, 28, 1), (10,))).predict(
        np.zeros((2, 28, 28), np.uint8)
    )
    assert probabilities.shape == (2, 62)
    np.testing.assert_allclose(probabilities[:, :10].sum(axis=1), 1, atol=1e-5)
    assert not probabilities[:, 10:].any()


def test_pens_and_scans_have_heads_of_their_own(save):
    path = save((28, 28, 1), (2, 62))
    frequencies = np.full((2, 62), 1 / 62).tolist()
    path.with_suffix(".json").write_text(json.dumps({"class_frequencies": frequencies}))
    recognizer = Recognizer.load(path)
    image = np.full((1, 28, 28), 9, np.uint8)
    outputs = keras.saving.load_model(path)(image[..., None]).numpy()[0]
    outputs /= outputs.sum(axis=1, keepdims=True)

    for head, wanted in zip(("scan", "pen"), outputs, strict=True):
        given = recognizer.predict(image, UNIFORM, head)[0]
        np.testing.assert_allclose(given, wanted, atol=1e-5)


@pytest.mark.parametrize(
    ("inputs", "outputs"), [((32, 32, 1), (62,)), ((28, 28, 3), (62,)), ((28, 28, 1), (26,))]
)
def test_models_of_other_shapes_are_refused(save, inputs, outputs):
    with pytest.raises(InputError, match="it must turn"):
        Recognizer.load(save(inputs, outputs))


def test_missing_and_broken_models_are_refused(tmp_path):
    with pytest.raises(InputError, match="hand-words"):
        Recognizer.load(tmp_path / "none.keras")
    broken = tmp_path / "broken.keras"
    broken.write_bytes(b"PK\3\4 not a model")
    with pytest.raises(InputError, match=r"broken\.keras cannot be loaded"):
        Recognizer.load(broken)
