import json

import numpy as np
import pytest

from handwriting import Recognizer
from handwriting.cli import UNUSABLE_INPUT, main
from handwriting.errors import InputError
from handwriting.line import Line

LETTERS = {
    "A": [[[10, 90], [50, 10], [90, 90]], [[28, 60], [72, 60]]],
    "E": [[[70, 10], [20, 10], [20, 90], [70, 90]], [[20, 50], [60, 50]]],
    "H": [[[20, 10], [20, 90]], [[70, 10], [70, 90]], [[20, 50], [70, 50]]],
    "T": [[[15, 10], [85, 10]], [[50, 10], [50, 90]]],
    "4": [[[60, 10], [15, 60], [85, 60]], [[62, 30], [62, 90]]],
    "7": [[[15, 10], [75, 10], [40, 90]]],
    "i": [[[50, 45], [50, 90]], [[50, 22], [51, 24]]],
    "x": [[[30, 45], [70, 90]], [[70, 45], [30, 90]]],
}


def write(text, pitch=105):
    """A line of those letters, and which strokes each has."""
    drawing, groups, left = [], [], 0
    for character in text:
        if character != " ":
            groups.append(tuple(range(len(drawing), len(drawing) + len(LETTERS[character]))))
            drawing += [np.add(s, (left, 0.0)) for s in LETTERS[character]]
        left += pitch
    return drawing, groups


@pytest.fixture(scope="module")
def recognizer():
    return Recognizer.load()


@pytest.mark.parametrize("text", ["HAT", "HEAT", "TEA HAT", "747", "47 TEA"])
def test_lines_are_read(recognizer, text):
    drawing, groups = write(text)
    reading = recognizer.read(drawing)
    assert [character.strokes for character in reading.characters] == groups
    assert reading.text.upper() == text


def test_strokes_in_any_order_make_the_same_line(recognizer):
    drawing, groups = write("HEAT")
    order = np.random.default_rng(0).permutation(len(drawing))
    reading = recognizer.read([drawing[i] for i in order])
    assert reading.text.upper() == "HEAT"
    original = [tuple(sorted(order[list(c.strokes)])) for c in reading.characters]
    assert original == groups


def test_a_dot_that_comes_late_stays_with_its_letter(recognizer):
    drawing, _ = write("ixi", pitch=70)
    stems_first = [drawing[i] for i in (0, 2, 3, 4, 1, 5)]
    reading = recognizer.read(stems_first)
    assert [character.strokes for character in reading.characters] == [(0, 4), (1, 2), (3, 5)]


def test_boxes_are_those_of_the_ink(recognizer):
    drawing, _ = write("HE")
    first, second = recognizer.read(drawing).characters
    assert first.box == (20, 10, 70, 90)
    assert second.box == (125, 10, 175, 90)


def test_spaces_are_marked_and_alternatives_ranked(recognizer):
    reading = recognizer.read(write("AT HE")[0])
    assert [character.space_before for character in reading.characters] == [
        False,
        False,
        True,
        False,
    ]
    for character in reading.characters:
        probabilities = [guess.probability for guess in character.guesses]
        assert probabilities == sorted(probabilities, reverse=True)


def test_an_alphabet_limits_every_character(recognizer):
    assert recognizer.read(write("747")[0], alphabet="letters").text.isalpha()
    assert recognizer.read(write("HAT")[0], alphabet="digits").text.isdigit()
    assert recognizer.read(write("HAT")[0], alphabet="case-insensitive").text == "HAT"


def test_one_character_reads_as_it_is_guessed(recognizer):
    for drawing in LETTERS.values():
        strokes = [np.array(stroke) for stroke in drawing]
        (character,) = recognizer.read(strokes).characters
        guesses = recognizer.guess(strokes)
        assert [g.character for g in character.guesses] == [g.character for g in guesses]


def test_a_ruled_line_tells_a_small_x_from_a_capital(recognizer):
    x = [np.array(stroke) for stroke in LETTERS["x"]]

    def share_of_small(line):
        shares = {g.character: g.probability for g in recognizer.guess(x, top=62, line=line)}
        return shares["x"] / (shares["x"] + shares["X"])

    by_image = share_of_small(None)
    assert share_of_small(Line(baseline=90, x_height=45)) > by_image
    assert share_of_small(Line(baseline=90, x_height=28)) < by_image


def test_no_ink_is_no_text(recognizer):
    for empty in ([], [np.empty((0, 2))]):
        reading = recognizer.read(empty)
        assert reading.text == ""
        assert reading.characters == ()


def test_empty_strokes_are_skipped_but_counted(recognizer):
    drawing, _ = write("T")
    (character,) = recognizer.read([np.empty((0, 2)), *drawing]).characters
    assert character.strokes == (1, 2)


def test_scribbles_of_many_strokes_are_answered(recognizer):
    random = np.random.default_rng(0)
    drawing = [random.uniform(0, 400, (2, 2)) for _ in range(60)]
    reading = recognizer.read(drawing)
    used = sorted(i for character in reading.characters for i in character.strokes)
    assert used == list(range(60))


def test_an_unknown_alphabet_is_refused(recognizer):
    with pytest.raises(InputError, match="case-insensitive"):
        recognizer.read([], alphabet="greek")


def save(path, drawing, **more):
    path.write_text(json.dumps({"strokes": [stroke.tolist() for stroke in drawing], **more}))
    return str(path)


def test_the_command_reads_a_drawing(tmp_path, capsys):
    main(["read", save(tmp_path / "hat.json", write("HAT")[0]), "--alphabet", "upper"])
    assert capsys.readouterr().out == "HAT\n"


def test_the_command_tells_boxes_and_alternatives(tmp_path, capsys):
    path = save(tmp_path / "hat.json", write("HAT")[0], baseline=90, x_height=50)
    main(["read", path, "--json"])
    told = json.loads(capsys.readouterr().out)
    assert told["text"].upper() == "HAT"
    assert told["characters"][0]["box"] == [20, 10, 70, 90]
    assert told["characters"][0]["strokes"] == [0, 1, 2]
    assert len(told["characters"][0]["guesses"]) == 5


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"{", "not JSON"),
        (b"\xff\xfe", "not JSON"),
        (b"[" * 100_000, "not JSON"),
        (b'{"strokes": 3}', "a drawing is"),
        (b'{"strokes": []}', "nothing to read"),
        (b'{"strokes": [[[0, 1], [5, 9]]], "baseline": 3}', "a line has"),
        (b" " * 6_000_000, "larger than"),
    ],
)
def test_the_command_refuses_other_files(tmp_path, capsys, content, words):
    path = tmp_path / "drawing.json"
    path.write_bytes(content)
    with pytest.raises(SystemExit) as stop:
        main(["read", str(path)])
    assert stop.value.code == UNUSABLE_INPUT
    complaint = capsys.readouterr().err
    assert words in complaint
    assert complaint.count("\n") == 1


def test_the_command_refuses_an_unknown_alphabet_and_file(tmp_path, capsys):
    for arguments in (["nowhere.json"], ["nowhere.png"], ["x.json", "--alphabet", "greek"]):
        with pytest.raises(SystemExit) as stop:
            main(["read", *arguments])
        assert stop.value.code == UNUSABLE_INPUT
        assert capsys.readouterr().err.count("\n") == 1
