"""What the app answers, without a browser."""

import base64
import html
import json
import math
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import get_args

import numpy as np
import pytest
from gradio_client import Client
from gradio_client.exceptions import AppError
from serving import serve

from handwriting.alphabet import CHOICES
from handwriting.app.evaluate import show_pages
from handwriting.app.lookalikes import describe_rivals
from handwriting.app.pad import (
    ALPHABET_NAMES,
    BASELINE,
    CAPITAL_LINE,
    EXAMPLES,
    LINE_HEIGHT,
    LINE_WIDTHS,
    SIDE,
    WORD,
    X_HEIGHT_LINE,
    compose,
)
from handwriting.app.page import LAUNCH, build_page
from handwriting.app.warmup import WarmingRecognizer
from handwriting.app.write import (
    MAX_LINE_STROKES,
    AlphabetName,
    answer,
    answer_line,
    describe,
)
from handwriting.errors import InputError
from handwriting.ink import MAX_STROKES, render
from handwriting.reading import Character, Guess, Reading
from handwriting.recognizer import MODELS, SHIPPED, Recognizer

ROOT = Path(__file__).parents[1]
STROKE = [[10, 10], [90, 120], [20, 200]]
DRAWING = {"width": SIDE, "height": SIDE, "strokes": [STROKE]}


class Echo:
    """Guesses the first characters of the alphabet it is given."""

    def guess(self, drawing, alphabet="all", top=5, line=None):
        classes = CHOICES[alphabet].classes[:top]
        return [Guess(character, 1 / 2**rank) for rank, character in enumerate(classes, 1)]

    def read(self, drawing, alphabet="all", line=None):
        boxes = [(*stroke.min(axis=0).tolist(), *stroke.max(axis=0).tolist()) for stroke in drawing]
        guesses = tuple(self.guess(drawing, alphabet, 2))
        characters = [Character(box, (i,), guesses, i == 1) for i, box in enumerate(boxes)]
        return Reading(tuple(characters), line)


def test_an_answer_has_guesses_the_image_and_a_note():
    reply = answer(Echo(), {"drawing": DRAWING, "alphabet": "lower"})
    assert reply["guesses"][0] == {"character": "a", "name": "small a", "probability": 0.5}
    assert len(reply["guesses"]) == 5
    image = np.frombuffer(base64.b64decode(reply["image"]), np.uint8).reshape(28, 28)
    np.testing.assert_array_equal(image, render([np.array(STROKE)]))
    assert reply["note"] == ""
    assert json.loads(json.dumps(reply)) == reply


def test_the_ruled_line_decides_about_case():
    if not (MODELS / f"{SHIPPED}.keras").exists():
        pytest.skip(f"needs the shipped model {SHIPPED}")
    recognizer = Recognizer.load()
    arc = np.array([[math.cos(a), -math.sin(a)] for a in np.linspace(0.8, 5.5, 30)])
    readings = []
    for height in (CAPITAL_LINE, X_HEIGHT_LINE):
        radius = (BASELINE - height) / 2
        stroke = (arc * radius + [200, BASELINE - radius]).tolist()
        ruling = {"baseline": BASELINE, "x_height": BASELINE - X_HEIGHT_LINE}
        reply = answer(recognizer, {"drawing": {"strokes": [stroke]} | ruling})
        readings.append(reply["guesses"][0]["character"])
    assert readings == ["C", "c"]


def test_an_empty_drawing_has_no_guesses():
    assert answer(Echo(), {"drawing": {"strokes": [[]]}})["guesses"] == []


def test_a_line_has_boxes_guesses_and_spaces():
    reply = answer_line(Echo(), {"drawing": {"strokes": [STROKE, STROKE]}, "alphabet": "upper"})
    guesses = [
        {"character": "A", "name": "capital A", "probability": 0.5},
        {"character": "B", "name": "capital B", "probability": 0.25},
    ]
    box = (10, 10, 90, 200)
    assert reply["characters"] == [
        {"box": box, "strokes": (0,), "space": False, "guesses": guesses},
        {"box": box, "strokes": (1,), "space": True, "guesses": guesses},
    ]


def test_an_empty_line_has_no_characters():
    assert answer_line(Echo(), {"drawing": {"strokes": []}}) == {"characters": []}


def test_a_line_has_fewer_strokes_than_a_drawing_may_have():
    strokes = [STROKE] * (MAX_LINE_STROKES + 1)
    reply = answer_line(Echo(), {"drawing": {"strokes": strokes}})
    assert reply == {"error": "a line has at most 200 strokes, this one 201: read it in parts"}


def test_the_word_that_is_shown_lies_on_the_narrow_sheet_and_is_read():
    strokes = compose(WORD)
    points = np.concatenate([np.array(stroke) for stroke in strokes])
    assert points.min() > 0
    assert (points.max(axis=0) < (LINE_WIDTHS["narrow"], LINE_HEIGHT)).all()
    if (MODELS / f"{SHIPPED}.keras").exists():
        assert Recognizer.load().read([np.array(stroke) for stroke in strokes]).text == WORD


@pytest.mark.parametrize("reply_to", [answer, answer_line])
@pytest.mark.parametrize(
    "question",
    [
        None,
        "a",
        [],
        {},
        {"drawing": None},
        {"drawing": {"strokes": "ink"}},
        {"drawing": {"strokes": [["12", "13"]]}},
        {"drawing": {"strokes": [[["1", "2"]]]}},
        {"drawing": {"strokes": [[[math.nan, 1]]]}},
        {"drawing": {"strokes": [[[math.inf, 1]]]}},
        {"drawing": {"strokes": [[[1]]]}},
        {"drawing": {"strokes": [STROKE] * (MAX_STROKES + 1)}},
        {"drawing": {"strokes": [STROKE * 100_000]}},
        {"drawing": DRAWING | {"baseline": 292}},
        {"drawing": DRAWING | {"baseline": math.nan, "x_height": 114}},
        {"drawing": DRAWING | {"baseline": 292, "x_height": 0}},
        {"drawing": DRAWING | {"baseline": "292", "x_height": "114"}},
        {"drawing": DRAWING, "alphabet": "runes"},
        {"drawing": DRAWING, "alphabet": ["all"]},
        {"drawing": DRAWING, "alphabet": "x" * 100_000},
    ],
    ids=lambda question: repr(question)[:40],
)
def test_whatever_cannot_be_read_is_refused_in_one_line(reply_to, question):
    reply = reply_to(Echo(), question)
    assert list(reply) == ["error"]
    assert 10 < len(reply["error"]) < 200
    assert "\n" not in reply["error"]


@pytest.mark.parametrize(
    ("character", "alphabet", "name"),
    [
        ("0", "all", "digit 0"),
        ("O", "all", "capital O"),
        ("o", "letters", "small o"),
        ("O", "case-insensitive", "letter O"),
        ("0", "case-insensitive", "digit 0"),
    ],
)
def test_names_tell_look_alikes_apart(character, alphabet, name):
    assert describe(character, alphabet) == name


@pytest.mark.parametrize(
    ("shares", "note"),
    [
        ({"o": 0.5, "0": 0.3, "O": 0.2}, "0, O and o look the same without context"),
        ({"o": 0.6, "0": 0.38, "O": 0.02}, "0 and o look the same without context"),
        ({"o": 0.97, "0": 0.03}, ""),
        ({"o": 0.5, "a": 0.3, "O": 0.2}, ""),
        ({"o": 1.0}, ""),
    ],
)
def test_look_alikes_that_share_the_lead_are_named(shares, note):
    assert describe_rivals([Guess(*share) for share in shares.items()]) == note


def test_the_page_offers_every_alphabet():
    assert list(ALPHABET_NAMES) == list(get_args(AlphabetName)) == list(CHOICES)


def test_the_examples_lie_on_the_pad():
    for example in EXAMPLES:
        points = np.concatenate([np.array(stroke) for stroke in example["strokes"]])
        assert points.shape[1] == 2
        assert points.min() > 0
        assert points.max() < SIDE


def test_the_examples_are_read_as_what_they_show():
    if not (MODELS / f"{SHIPPED}.keras").exists():
        pytest.skip(f"needs the shipped model {SHIPPED}")
    recognizer = Recognizer.load()
    for example in EXAMPLES:
        ruling = {"baseline": BASELINE, "x_height": BASELINE - X_HEIGHT_LINE}
        reply = answer(recognizer, {"drawing": {"strokes": example["strokes"]} | ruling})
        assert reply["guesses"][0]["character"] == example["character"]


def test_a_warming_recognizer_lets_the_first_question_wait():
    asked = []

    def load():
        asked.append("load")
        return Echo()

    recognizer = WarmingRecognizer(load)
    assert [guess.character for guess in recognizer.guess([np.zeros((1, 2))], "upper", 2)] == [
        "A",
        "B",
    ]
    recognizer.guess([np.zeros((1, 2))])
    assert asked == ["load"]


def test_what_goes_wrong_while_loading_is_said_to_who_asks():
    def load():
        raise InputError("no model: train one")

    recognizer = WarmingRecognizer(load)
    reply = answer(recognizer, {"drawing": DRAWING})
    assert reply == {"error": "no model: train one"}


@pytest.fixture(scope="module")
def client():
    with serve(build_page(Echo(), ROOT / "reports"), **LAUNCH) as url:
        yield Client(url, verbose=False)


def test_the_endpoint_is_documented(client):
    endpoint = client.view_api(return_format="dict")["named_endpoints"]["/guess"]
    names = [parameter["parameter_name"] for parameter in endpoint["parameters"]]
    assert names == ["drawing", "alphabet", "top"]
    assert "strokes" in endpoint["description"]


def test_the_endpoint_reads_lines(client):
    reading = client.predict({"strokes": [STROKE, STROKE]}, "digits", api_name="/read")
    assert reading["text"] == "0 0"
    assert reading["characters"][1] == {
        "box": [10, 10, 90, 200],
        "strokes": [1],
        "guesses": [
            {"character": "0", "probability": 0.5},
            {"character": "1", "probability": 0.25},
        ],
        "space_before": True,
    }
    with pytest.raises(AppError, match="no alphabet 'runes'"):
        client.predict(DRAWING, "runes", api_name="/read")


def test_the_endpoint_guesses(client):
    guesses = client.predict(DRAWING, "upper", 2, api_name="/guess")
    assert guesses == [
        {"character": "A", "probability": 0.5},
        {"character": "B", "probability": 0.25},
    ]
    assert len(client.predict(DRAWING, api_name="/guess")) == 5
    assert client.predict({"strokes": []}, api_name="/guess") == []


@pytest.mark.parametrize(
    ("inputs", "complaint"),
    [
        (({"strokes": "ink"},), "a drawing is"),
        ((DRAWING, "runes"), "no alphabet 'runes'"),
        ((DRAWING, "all", 0), "top is 0"),
        ((DRAWING, "all", "many"), "top is 'many'"),
    ],
)
def test_the_endpoint_says_what_is_wrong(client, inputs, complaint):
    with pytest.raises(AppError, match=complaint):
        client.predict(*inputs, api_name="/guess")


@pytest.mark.parametrize(
    ("path", "body", "complaint"),
    [
        ("run/guess", b"ink", "JSON decode error"),
        ("component_server/", b"ink", "Invalid JSON body"),
        ("run/guess", b'{"data": [{"strokes": [[[NaN, 1]]]}, "all", 5]}', "a coordinate is finite"),
        ("run/read", b'{"data": [{"strokes": [[[NaN, 1]]]}, "all"]}', "a coordinate is finite"),
        ("run/read", b'{"data": ["ink", "all"]}', "a drawing is"),
        ("run/guess", b'{"data": [{"strokes": [[[1e999, 1]]]}, "all", 5]}', "is finite"),
    ],
)
def test_whatever_is_posted_is_turned_away_with_a_message(client, path, body, complaint):
    request = urllib.request.Request(
        f"{client.src}gradio_api/{path}", body, {"Content-Type": "application/json"}
    )
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(request)
    assert complaint in refused.value.read().decode()


def test_the_app_starts_as_on_a_space():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    environment = os.environ | {"GRADIO_SERVER_PORT": port, "GRADIO_ANALYTICS_ENABLED": "False"}
    app = subprocess.Popen([sys.executable, "app.py"], cwd=ROOT, env=environment)
    try:
        page = _fetch_when_up(app, f"http://127.0.0.1:{port}/")
        assert 'property="og:title" content="Handwriting"' in page
        assert "writing-pad" in page
    finally:
        app.terminate()
        app.wait()


def _fetch_when_up(app: subprocess.Popen, url: str) -> str:
    while app.poll() is None:
        try:
            with urllib.request.urlopen(url) as response:
                return response.read().decode()
        except urllib.error.URLError:
            time.sleep(0.2)
    raise AssertionError(f"app.py ended with {app.returncode}")


@pytest.mark.parametrize(
    ("dark", "media", "scheme"), [(True, "all", "dark"), (False, "not all", "light")]
)
def test_a_page_in_a_frame_has_the_theme_of_the_page_around_it(tmp_path, dark, media, scheme):
    templates = ROOT / "handwriting" / "evaluation" / "templates"
    path = tmp_path / "report.html"
    path.write_text("".join(each.read_text() for each in sorted(templates.iterdir())))
    _, frames = show_pages([str(path), "report.zip"], dark)
    assert frames.count("<iframe") == 1
    assert "prefers-color-scheme" not in frames
    assert f"@media {media} {{" in frames
    assert html.escape(f'matchMedia("{media}")') in frames
    assert html.escape(f'<meta name="color-scheme" content="{scheme}">') in frames
