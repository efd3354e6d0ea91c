import struct
import zlib

import numpy as np
import pytest
from PIL import Image, ImageDraw

from handwriting import Recognizer, scan
from handwriting.cli import UNUSABLE_INPUT, main
from handwriting.errors import InputError
from handwriting.ink import render
from handwriting.scan import find_components, has_several_lines, load_grey
from handwriting.segmentation import Part

LETTERS = {
    "H": [[[20, 10], [20, 90]], [[70, 10], [70, 90]], [[20, 50], [70, 50]]],
    "A": [[[10, 90], [45, 10], [80, 90]], [[25, 60], [65, 60]]],
    "T": [[[10, 10], [80, 10]], [[45, 10], [45, 90]]],
    "i": [[[50, 45], [50, 90]], [[50, 15], [50, 20]]],
}


def page(text, scale=1.0, pen=9, margin=40):
    """Ink as 1 and paper as 0, letters 110 apart."""
    size = [round(scale * side) + 2 * margin for side in (110 * len(text), 100)]
    image = Image.new("L", [4 * side for side in size])
    draw = ImageDraw.Draw(image)
    for position, letter in enumerate(text):
        for stroke in LETTERS.get(letter, []):
            points = [
                (4 * (scale * (x + 110 * position) + margin), 4 * (scale * y + margin))
                for x, y in stroke
            ]
            draw.line(points, fill=255, width=round(4 * pen))
            for x, y in points:
                reach = 2 * pen
                draw.ellipse((x - reach, y - reach, x + reach, y + reach), fill=255)
    return np.asarray(image.resize(size, Image.Resampling.BOX)) / 255


def photograph(ink, seed=0):
    """Grey paper in light that fades to one side, dark ink, grain."""
    light = np.linspace(230, 110, ink.shape[1])
    grain = np.random.default_rng(seed).normal(0, 4, ink.shape)
    return np.clip(light * (1 - 0.7 * ink) + grain, 0, 255).astype(np.uint8)


def grey(values):
    return np.rint(values).astype(np.uint8)


LOOKS = {
    "scan": lambda ink: grey(255 * (1 - ink)),
    "blackboard": lambda ink: grey(25 + 210 * ink),
    "pencil": lambda ink: grey(250 - 90 * ink),
    "photograph": photograph,
}


@pytest.fixture(scope="module")
def recognizer():
    return Recognizer.load()


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("text", ["H", "HAT", "TAT HAT"])
def test_lines_are_read_whatever_the_light(recognizer, look, text):
    assert recognizer.read_image(LOOKS[look](page(text)), alphabet="upper").text == text


@pytest.mark.parametrize(("scale", "pen"), [(0.35, 3), (1, 4), (1, 16), (9, 60)])
def test_lines_are_read_at_any_size_and_with_any_pen(recognizer, scale, pen):
    pixels = LOOKS["scan"](page("HAT", scale, pen))
    assert recognizer.read_image(pixels, alphabet="upper").text == "HAT"


@pytest.mark.parametrize("look", LOOKS)
def test_components_are_found_where_they_are(look):
    components = find_components(LOOKS[look](page("HT")))
    boxes = np.array([part.box for part in components.parts])
    np.testing.assert_allclose(boxes, [[60, 50, 110, 130], [160, 50, 230, 130]], atol=4)


def test_a_dot_is_a_component_and_dust_is_not():
    ink = page("i", pen=9)
    ink[5:7, 5:7] = 1
    assert len(find_components(LOOKS["scan"](ink)).parts) == 2


def test_the_edge_of_the_picture_is_not_ink():
    ink = page("H", margin=60)
    ink[-12:] = 1
    assert len(find_components(LOOKS["scan"](ink)).parts) == 1


@pytest.mark.parametrize("letter", LETTERS)
def test_an_image_is_converted_as_strokes_are(letter):
    # A pen of the width that `render` has by itself.
    components = find_components(LOOKS["scan"](page(letter, scale=3, pen=240 * 6.5 / 44)))
    (image,) = components.render([range(len(components.parts))])
    wanted = render(LETTERS[letter])
    assert image.max() == 255
    assert np.abs(image.astype(float) - wanted).mean() < 12


@pytest.mark.parametrize("pen", [2, 20])
def test_thin_and_thick_pens_are_evened_out(pen):
    components = find_components(LOOKS["scan"](page("T", scale=3, pen=3 * pen)))
    (image,) = components.render([range(len(components.parts))])
    inked = (image > 127).sum() / (render(LETTERS["T"]) > 127).sum()
    assert 0.5 < inked < 2


@pytest.mark.parametrize("value", [0, 128, 255])
def test_blank_paper_has_no_ink(recognizer, value):
    pixels = np.full((200, 300), value, np.uint8)
    assert find_components(pixels).parts == []
    assert recognizer.read_image(pixels).text == ""


def test_grain_is_no_ink():
    assert find_components(photograph(np.zeros((200, 300)))).parts == []


@pytest.mark.parametrize("shape", [(1, 1), (1, 500), (3, 2)])
def test_tiny_images_are_answered(recognizer, shape):
    pixels = np.full(shape, 255, np.uint8)
    pixels[0, 0] = 0
    assert isinstance(recognizer.read_image(pixels).text, str)


def test_a_page_full_of_pieces_is_refused():
    pixels = np.full((600, 600), 255, np.uint8)
    for row in range(10, 590, 30):
        for column in range(10, 590, 30):
            pixels[row : row + 12, column : column + 12] = 0
    with pytest.raises(InputError, match="crop it to the line"):
        find_components(pixels)


@pytest.mark.parametrize("look", LOOKS)
def test_two_lines_are_refused(recognizer, look):
    lines = np.concatenate([page("HT"), page("TH")])
    with pytest.raises(InputError, match="more than one line: crop it to one"):
        recognizer.read_image(LOOKS[look](lines))


@pytest.mark.parametrize("text", ["", "H", "HTT"])
def test_one_line_is_no_more_than_one(text):
    assert not has_several_lines(find_components(LOOKS["scan"](page(text))).parts)


def moved(part, x=0, y=0):
    return Part(np.add(part.points, (x, y)), np.add(part.box, (x, y, x, y)))


def test_a_line_that_slants_is_one():
    parts = find_components(LOOKS["scan"](page("HTHT"))).parts
    assert not has_several_lines([moved(part, y=300 * i) for i, part in enumerate(parts)])


def test_characters_in_pieces_are_no_lines():
    bar, dot, stem = (
        Part(np.zeros((1, 2)), np.array([0, 0, *sides])) for sides in ((60, 10), (9, 9), (9, 90))
    )
    for below in (bar, dot, stem):
        assert not has_several_lines([bar, moved(below, y=30)])
    letters = [moved(part, x, y) for x in (0, 90) for part, y in ((dot, 0), (stem, 30))]
    assert not has_several_lines(letters)


@pytest.mark.parametrize("pixels", [np.zeros((5, 5)), np.zeros((5, 5, 3), np.uint8)])
def test_other_arrays_are_refused(pixels):
    with pytest.raises(InputError, match="uint8"):
        find_components(pixels)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
def test_images_of_any_mode_are_decoded(tmp_path, mode):
    values = LOOKS["scan"](page("H"))
    if mode == "I;16":
        image = Image.fromarray(values.astype(np.uint16) * 257)
    else:
        image = Image.fromarray(values).convert(mode)
    image.save(tmp_path / "h.png")
    decoded = load_grey(tmp_path / "h.png")
    assert decoded.dtype == np.uint8
    assert np.abs(decoded.astype(float) - values).mean() < 8


@pytest.mark.parametrize("colour", [0, 255])
def test_what_is_transparent_is_paper(tmp_path, colour):
    ink = page("H")
    values = np.dstack([np.full(ink.shape, colour), 255 * ink])
    Image.fromarray(values.astype(np.uint8), "LA").save(tmp_path / "h.png")
    decoded = load_grey(tmp_path / "h.png").astype(float)
    assert np.abs(decoded[ink == 1] - colour).max() < 1
    assert np.abs(decoded[ink == 0] - (255 - colour)).max() < 1


def test_a_camera_held_upright_is_believed(tmp_path):
    image = Image.fromarray(LOOKS["scan"](page("HA")))
    exif = Image.Exif()
    exif[0x0112] = 6
    image.save(tmp_path / "turned.jpg", exif=exif)
    assert load_grey(tmp_path / "turned.jpg").shape == image.size


def png_of(width, height):
    """A PNG that claims to be that large, of few bytes."""

    def chunk(name, data):
        return (
            struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        )

    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(b"\0" * 1000))
        + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("text.png", b"hello", "no readable PNG or JPEG"),
        ("empty.jpg", b"", "no readable PNG or JPEG"),
        ("bomb.png", png_of(50_000, 50_000), "more than 100,000,000 pixels"),
        ("cut.png", png_of(500, 500), "cannot be read"),
    ],
)
def test_the_command_refuses_other_files(tmp_path, capsys, name, content, words):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(SystemExit) as stop:
        main(["read", str(path)])
    assert stop.value.code == UNUSABLE_INPUT
    complaint = capsys.readouterr().err
    assert words in complaint
    assert complaint.count("\n") == 1


def test_large_files_are_refused_unread(tmp_path, monkeypatch):
    monkeypatch.setattr(scan, "MAX_BYTES", 100)
    Image.fromarray(LOOKS["scan"](page("H"))).save(tmp_path / "h.png")
    with pytest.raises(InputError, match="scale it down"):
        load_grey(tmp_path / "h.png")


def test_the_command_reads_an_image(tmp_path, capsys):
    path = tmp_path / "hat.jpg"
    Image.fromarray(LOOKS["photograph"](page("HAT"))).save(path)
    main(["read", str(path), "--alphabet", "upper"])
    assert capsys.readouterr().out == "HAT\n"


def test_the_command_says_that_paper_is_blank(tmp_path, capsys):
    Image.new("L", (100, 100), 240).save(tmp_path / "blank.png")
    with pytest.raises(SystemExit):
        main(["read", str(tmp_path / "blank.png")])
    assert "nothing to read" in capsys.readouterr().err
