"""Saliency: credits that sum to what the image adds, and that fall where the evidence is."""

import base64
import dataclasses
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from handwriting.alphabet import BYCLASS, CHARACTERS
from handwriting.app.analysis_saliency import Explanations
from handwriting.datasets.testset import TestSet
from handwriting.errors import InputError
from handwriting.evaluation.report import Report
from handwriting.priors import EMNIST_COUNTS, UNIFORM
from handwriting.quiet import import_keras
from handwriting.recognizer import Recognizer
from handwriting.saliency import Explainer

import_keras()


def build_model(scale: float):
    """Bright pixels of the left half speak for `A`, those of the right half for `B`."""
    import keras

    model = keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            keras.layers.Flatten(),
            keras.layers.Dense(62, activation="softmax"),
        ]
    )
    weights = np.zeros((28, 28, 62), np.float32)
    weights[:, :14, CHARACTERS.index("A")] = scale
    weights[:, 14:, CHARACTERS.index("B")] = scale
    model.layers[1].set_weights([weights.reshape(784, 62), np.zeros(62, np.float32)])
    return model


@pytest.fixture(scope="module")
def recognizer():
    return Recognizer(build_model(1e-4))


@pytest.fixture
def image():
    """A bar on the left and a thinner one on the right."""
    pixels = np.zeros((28, 28), np.uint8)
    pixels[4:24, 4:8] = 255
    pixels[4:24, 20:22] = 200
    return pixels


def test_the_credits_sum_to_what_the_image_adds(recognizer, image):
    maps = Explainer(recognizer).explain(image, ["A", "B", "x"])
    blank, read = np.log(recognizer.predict(np.stack([0 * image, image])))
    added = (read - blank)[[CHARACTERS.index(c) for c in "ABx"]]
    np.testing.assert_allclose(maps.sum(axis=(1, 2)), added, rtol=1e-4)


def test_ink_speaks_for_its_own_reading_and_against_the_other(recognizer, image):
    for_a, for_b = Explainer(recognizer).explain(image, ["A", "B"])
    left, right = image[:, :14] > 0, image[:, 14:] > 0
    assert (for_a[:, :14][left] > 0).all()
    assert (for_a[:, 14:][right] < 0).all()
    assert (for_b[:, :14][left] < 0).all()
    assert (for_b[:, 14:][right] > 0).all()
    assert not for_a[image == 0].any()
    assert (for_a.shape, for_a.dtype) == ((28, 28), np.float32)


def test_merged_characters_count_as_one_reading(recognizer, image):
    """Where only these two may be, nothing is left to be said for both together."""
    both, one = Explainer(recognizer).explain(image, ["AB", "A"], among="AB")
    np.testing.assert_allclose(both, 0, atol=1e-6)
    shares = recognizer.predict(np.stack([0 * image, image]))[:, [10, 11]]
    added = np.diff(np.log(shares[:, 0] / shares.sum(axis=1)))
    np.testing.assert_allclose(one.sum(), added[0], rtol=1e-4)


def test_log_probabilities_are_those_of_predict(image):
    """With the prior that a report was made with, and calibrated."""
    account = {
        "class_frequencies": np.linspace(1, 3, 62).tolist(),
        "temperatures": {"scan": 1.3},
    }
    recognizer = Recognizer(build_model(1e-4), account)
    assert recognizer.alphabet is BYCLASS
    inputs = image.reshape(1, 28, 28, 1).astype(np.float32)
    for prior in (None, EMNIST_COUNTS, UNIFORM):
        logs = np.asarray(recognizer.log_probabilities(inputs, prior))
        np.testing.assert_allclose(np.exp(logs), recognizer.predict(image[None], prior), rtol=1e-4)


@pytest.mark.parametrize("head", ["scan", "pen"])
def test_the_shipped_model_is_explained_by_the_head_that_read(head):
    """Its sum is computed with few steps, so it is near what the image adds, not exact."""
    recognizer = Recognizer.load()
    pixels = np.zeros((28, 28), np.uint8)
    pixels[4:24, 12:16] = 255
    pixels[4:8, 6:22] = 255
    (credits,) = Explainer(recognizer, UNIFORM, head).explain(pixels, ["T"])
    blank, read = np.log(recognizer.predict(np.stack([0 * pixels, pixels]), UNIFORM, head))
    added = (read - blank)[CHARACTERS.index("T")]
    assert added > 1
    assert credits.sum() == pytest.approx(added, rel=0.1)


REPORTS = Path(__file__).parent.parent / "reports"


@pytest.fixture
def bar_test_set(image):
    """A test set whose every sample is the image."""
    images = np.broadcast_to(image, (116_323, 28, 28))
    labels = np.zeros(len(images), np.int64)
    return TestSet("byclass", "test", BYCLASS, images, labels, "scan", EMNIST_COUNTS)


def test_the_page_gets_a_map_for_the_prediction_and_one_for_the_truth(bar_test_set, image):
    report = Report.load(REPORTS / "ink")
    predictions = report.predictions
    sample = int(predictions.mistakes[0])
    maps = Explanations().explain(report, bar_test_set, sample)["maps"]
    wanted = [predictions.predicted[sample], predictions.labels[sample]]
    assert [found["character"] for found in maps] == [predictions.classes[i] for i in wanted]
    pixels = [np.frombuffer(base64.b64decode(found["pixels"]), np.int8) for found in maps]
    assert max(np.abs(one).max() for one in pixels) == 127
    for one, found in zip(pixels, maps, strict=True):
        assert not one.reshape(28, 28)[image == 0].any()
        assert found["for"] >= 0
        assert found["against"] >= 0


@pytest.mark.parametrize(
    ("model", "reason"),
    [
        ({"name": "mnist-digits"}, "none of those that come with the app"),
        ({"name": "../ink"}, "none of those"),
        ({"name": "ink", "created": "2001-01-01"}, "another one than the report's"),
    ],
)
def test_a_report_of_another_model_has_no_map(bar_test_set, model, reason):
    report = dataclasses.replace(Report.load(REPORTS / "ink"), model=model)
    with pytest.raises(InputError, match=reason):
        Explanations().explain(report, bar_test_set, 0)


def test_the_app_imports_no_tensorflow_before_a_map_is_asked_for():
    code = (
        "import sys, handwriting.app.page, handwriting.app.analysis_saliency;"
        "sys.exit('tensorflow' in sys.modules or 'keras' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_maps_of_pen_drawings_say_what_they_leave_out(image):
    report = Report.load(REPORTS / "ink-pens")
    count = len(report.predictions)
    images, labels = np.broadcast_to(image, (count, 28, 28)), report.predictions.labels
    drawings = [[np.array([[0.0, 0.0], [0.0, 9.0]])]] * count
    pens = TestSet("unipen", "test", BYCLASS, images, labels, "pen", UNIFORM, drawings)
    sample = int(report.predictions.mistakes[0])
    assert "path of the pen" in Explanations().explain(report, pens, sample)["note"]


def test_maps_of_scans_say_whether_magnification_told_the_case(bar_test_set):
    report = Report.load(REPORTS / "ink")
    predictions, explanations = report.predictions, Explanations()

    def note(read: str, label: str) -> str:
        chosen = (predictions.predicted == BYCLASS.classes.index(read)) & (
            predictions.labels == BYCLASS.classes.index(label)
        )
        return explanations.explain(report, bar_test_set, int(chosen.argmax()))["note"]

    assert "how much the scan was magnified" in note("X", "x")
    assert note("1", "7") == ""
