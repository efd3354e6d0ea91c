"""Test sets of one's own: folders of images and files of strokes."""

import json

import numpy as np
import pytest
from PIL import Image

from handwriting.datasets.own import find_test_set, load_folder, load_strokes
from handwriting.errors import InputError
from handwriting.evaluation.report import Report
from handwriting.evaluator import evaluate
from handwriting.ink import render

STROKES = {
    "A": [[[0, 100], [30, 0], [60, 100]], [[15, 60], [45, 60]]],
    "7": [[[0, 0], [60, 0], [20, 100]]],
    "l": [[[0, 0], [0, 100]]],
}


def picture(character, size=28, dark_on_light=False):
    """The character as EMNIST would show it, larger and on paper if wanted."""
    image = Image.fromarray(render([np.array(s, float) for s in STROKES[character]]))
    image = image.resize((size, size), Image.Resampling.BICUBIC)
    return Image.eval(image, lambda value: 255 - value) if dark_on_light else image


@pytest.fixture
def folder(tmp_path):
    for name, image in (
        ("A/one.png", picture("A")),
        ("A/two.png", picture("A", 200, dark_on_light=True)),
        ("7-1.png", picture("7", dark_on_light=True)),
        ("l.png", picture("l")),
        (".hidden.png", picture("l")),
    ):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        image.save(tmp_path / name)
    (tmp_path / "notes.txt").write_text("not an image")
    return tmp_path


def test_images_are_those_of_emnist_however_they_come(folder):
    test = load_folder(folder)
    assert [test.alphabet.classes[i] for i in test.labels] == ["7", "A", "A", "l"]
    for image, character in zip(test.images, "7AAl", strict=True):
        expected = np.asarray(picture(character), float)
        assert np.abs(image - expected).mean() < 12
    np.testing.assert_array_equal(test.images[1], np.asarray(picture("A")))
    np.testing.assert_array_equal(test.images[0], np.asarray(picture("7")))
    assert test.ink == "scan"


@pytest.mark.parametrize("prefix", ["", "folder:"])
def test_a_folder_is_evaluated_by_its_path(folder, tmp_path_factory, prefix):
    out = tmp_path_factory.mktemp("out") / "report"
    evaluate("hand-words", f"{prefix}{folder}", out)
    report = Report.load(out)
    assert report.dataset == {"name": f"folder {folder.name}", "part": "whole", "samples": 4}
    assert len(report.classes) == 62
    assert report.metrics.case_insensitive_accuracy >= 0.5


def test_digits_alone_are_a_test_of_digits(tmp_path):
    picture("7").save(tmp_path / "7.png")
    assert load_folder(tmp_path).alphabet.name == "digits"


@pytest.mark.parametrize(
    ("name", "reason"),
    [("Anna.png", "Anna.png names no class"), ("no/ink.png", "ink.png names no class")],
)
def test_an_image_without_a_class_is_named(tmp_path, name, reason):
    (tmp_path / name).parent.mkdir(exist_ok=True)
    picture("A").save(tmp_path / name)
    with pytest.raises(InputError, match=reason):
        load_folder(tmp_path)


def test_blank_damaged_and_missing_images_say_so(tmp_path):
    with pytest.raises(InputError, match="has no PNG or JPEG images"):
        load_folder(tmp_path)
    with pytest.raises(InputError, match="is no folder"):
        find_test_set(f"folder:{tmp_path / 'nowhere'}")
    Image.new("L", (200, 200), 255).save(tmp_path / "A.png")
    with pytest.raises(InputError, match=r"A\.png has no ink"):
        load_folder(tmp_path)
    (tmp_path / "A.png").write_bytes(b"no image")
    with pytest.raises(InputError, match="no readable PNG"):
        load_folder(tmp_path)


def write_strokes(path, lines):
    path.write_text(
        "\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines)
    )
    return path


def test_strokes_are_rendered_as_a_pen_would(tmp_path):
    lines = [{"label": c, "strokes": strokes, "guess": "x"} for c, strokes in STROKES.items()]
    test = find_test_set(str(write_strokes(tmp_path / "mine.jsonl", [*lines, ""])))
    assert [test.alphabet.classes[i] for i in test.labels] == list(STROKES)
    np.testing.assert_array_equal(test.images[0], np.asarray(picture("A")))
    assert (test.name, test.ink) == ("strokes mine", "pen")
    np.testing.assert_array_equal(test.drawings[0][0], STROKES["A"][0])


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("{", "line 2 is not JSON"),
        ("[" * 100_000, "line 2 is not JSON"),
        ([], "line 2 has no label"),
        ({"label": "AB", "strokes": []}, "line 2 has no label"),
        ({"label": [], "strokes": []}, "line 2 has no label"),
        ({"label": "A"}, "line 2: a drawing is"),
        ({"label": "A", "strokes": []}, "line 2 has no ink"),
        ({"label": "A", "strokes": [[[0, "x"]]]}, "line 2: a coordinate is a number"),
    ],
)
def test_a_faulty_line_is_named(tmp_path, line, reason):
    good = {"label": "A", "strokes": STROKES["A"]}
    with pytest.raises(InputError, match=reason):
        load_strokes(write_strokes(tmp_path / "mine.jsonl", [good, line]))


def test_a_missing_or_empty_stroke_file_says_so(tmp_path):
    with pytest.raises(InputError, match="cannot be read: No such file"):
        find_test_set(str(tmp_path / "mine.jsonl"))
    with pytest.raises(InputError, match="has no drawings"):
        load_strokes(write_strokes(tmp_path / "mine.jsonl", [""]))
