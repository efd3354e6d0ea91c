"""What a report's page carries for its script: the matrix, and a picture of misread samples."""

import base64
import io
import json
import re

import numpy as np
import pytest
from PIL import Image
from sklearn.metrics import confusion_matrix

from handwriting.evaluation import figures, misread
from handwriting.evaluation.misread import COLUMNS, choose_misread, draw_sheet
from handwriting.evaluation.predictions import Predictions
from handwriting.evaluation.report import write_report

CLASSES = tuple("0O1l")
LABELS = np.array([0] * 8 + [1] * 4 + [2] * 2 + [3] * 2)
ANSWERS = np.array([1, 1, 0, 1, 1, 1, 1, 0, 0, 1, 1, 1, 2, 2, 3, 2])
CONFIDENCE = np.array(
    [0.5, 0.9, 1, 0.6, 0.8, 0.7, 0.99999, 1, 0.95, 1, 1, 1, 1, 1, 1, 0.75], np.float64
)
"""Of six `0` that were read as `O`, samples 6, 1, 4 and 5 are the surest, in this order."""


@pytest.fixture
def predictions():
    probabilities = np.repeat((1 - CONFIDENCE)[:, None] / 3, 4, axis=1)
    probabilities[np.arange(16), ANSWERS] = CONFIDENCE
    return Predictions.from_probabilities(CLASSES, LABELS, probabilities)


@pytest.fixture
def images():
    return np.random.default_rng(0).integers(0, 256, (16, 28, 28), dtype=np.uint8)


@pytest.fixture
def written_page(tmp_path, monkeypatch):
    """Writes a report without figures; gives its page and the data in it."""
    monkeypatch.setattr(figures, "draw_figures", lambda *_: [])

    def write(predictions, images=None, name="net"):
        dataset = {"name": "mnist", "part": "test"}
        report = write_report(tmp_path / "report", predictions, {"name": name}, dataset, images)
        page = (report.folder / "index.html").read_text()
        (data,) = re.findall(r'<script type="application/json"[^>]*>(.*?)</script>', page)
        return page, json.loads(data)

    return write


def cut(data):
    """uint8 (m, 28, 28): the samples of the picture, cut as the script cuts them."""
    kind, _, content = data["sheet"].partition(",")
    assert kind == "data:image/png;base64"
    sheet = np.asarray(Image.open(io.BytesIO(base64.b64decode(content))))
    return np.array(
        [
            sheet[28 * row : 28 * (row + 1), 28 * column : 28 * (column + 1)]
            for row, column in (divmod(i, data["columns"]) for i in range(len(data["samples"])))
        ]
    )


def test_the_page_holds_the_confusion_matrix(written_page, predictions):
    _, data = written_page(predictions)
    np.testing.assert_array_equal(data["counts"], confusion_matrix(LABELS, ANSWERS))
    assert data["classes"] == "0O1l"


def test_the_picture_holds_the_surest_mistakes_of_every_pair(written_page, predictions, images):
    _, data = written_page(predictions, images)
    samples = [sample for _, _, sample, _ in data["samples"]]
    assert samples == [6, 8, 15, 1, 4, 5], "every pair's first, then the rest of 0 as O"
    np.testing.assert_array_equal(cut(data), images[samples])
    for true, predicted, sample, confidence in data["samples"]:
        assert (true, predicted) == (LABELS[sample], ANSWERS[sample])
        assert confidence == pytest.approx(CONFIDENCE[sample], abs=5e-4)
        assert confidence < 1, "no mistake is rounded to a certainty"
    assert data["surest"]


def test_a_picture_of_several_rows_is_cut_right():
    many = np.random.default_rng(0).integers(0, 256, (130, 28, 28), dtype=np.uint8)
    data = {"sheet": draw_sheet(many), "columns": COLUMNS, "samples": many}
    np.testing.assert_array_equal(cut(data), many)


def test_where_room_is_scarce_every_pair_keeps_its_first(predictions, monkeypatch):
    monkeypatch.setattr(misread, "MOST", 4)
    assert choose_misread(predictions).tolist() == [6, 8, 15, 1]


def test_labels_alone_give_the_first_mistakes_and_no_confidence(written_page, images):
    labels_only = Predictions.from_labels(CLASSES, LABELS, ANSWERS)
    _, data = written_page(labels_only, images)
    assert [s[2] for s in data["samples"]] == [0, 8, 15, 1, 3, 4]
    assert {s[3] for s in data["samples"]} == {None}
    assert not data["surest"]


def test_without_images_or_mistakes_there_is_no_picture(written_page, predictions, images):
    page, data = written_page(predictions)
    assert data["sheet"] is None
    assert data["samples"] == []
    assert "for its samples" not in page
    perfect = Predictions.from_labels(CLASSES, LABELS, LABELS)
    assert written_page(perfect, images)[1]["sheet"] is None


def test_the_page_runs_its_own_scripts_alone(written_page, predictions):
    page, _ = written_page(predictions, name="</script><script>alert(1)</script>")
    assert re.findall(r"<script[^>]*>", page) == [
        '<script type="application/json" id="matrix-data">',
        "<script>",
    ]
    assert page.count("</script>") == 2


def test_a_full_sheet_of_noise_fits_a_page():
    rng = np.random.default_rng(0)
    noise = rng.integers(0, 256, (misread.MOST, 28, 28), dtype=np.uint8)
    assert len(draw_sheet(noise)) < 3.3e6, "the worst that there is: nothing compresses"
