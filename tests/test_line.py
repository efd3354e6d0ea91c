import numpy as np
import pytest

from handwriting.alphabet import CHARACTERS
from handwriting.errors import InputError
from handwriting.line import Line, load_size_model, parse_line, weigh


def index(character):
    return CHARACTERS.index(character)


def coin_toss(*pairs):
    """A row per string: the image says it is one of its characters, and not which."""
    rows = np.full((len(pairs), len(CHARACTERS)), 1e-6)
    for row, pair in zip(rows, pairs, strict=True):
        row[[index(character) for character in pair]] = 1
    return rows / rows.sum(axis=1, keepdims=True)


def standing(*heights):
    """Boxes of those heights side by side on y = 100."""
    return np.array([[50 * i, 100 - h, 50 * i + 30, 100] for i, h in enumerate(heights)], float)


def best(probabilities):
    return "".join(CHARACTERS[i] for i in probabilities.argmax(axis=1))


def test_neighbours_heights_decide_about_case():
    image = coin_toss("cC", "h", "oO", "k")
    assert best(weigh(image, standing(40, 74, 36, 72))[0]) == "chok"
    assert best(weigh(image, standing(70, 74, 68, 72))[0]) == "ChOk"


def test_the_fitted_line_is_where_the_characters_stand():
    _, line = weigh(coin_toss("a", "h", "e", "n", "d"), standing(40, 74, 38, 40, 72))
    assert line.baseline == pytest.approx(100, abs=6)
    assert line.x_height == pytest.approx(40, abs=6)


def test_what_hangs_below_the_line_is_small():
    image = coin_toss("h", "pP", "a")
    hanging, standing_up = standing(74, 74, 40), standing(74, 74, 40)
    hanging[1, [1, 3]] += 34
    assert best(weigh(image, hanging)[0]) == "hpa"
    assert best(weigh(image, standing_up)[0]) == "hPa"


def test_a_ruled_line_decides_about_a_single_character():
    image = coin_toss("sS")
    ruled = Line(baseline=100, x_height=40)
    assert best(weigh(image, standing(40), line=ruled)[0]) == "s"
    assert best(weigh(image, standing(68), line=ruled)[0]) == "S"


def test_a_single_character_without_a_line_stays_as_its_image_has_it():
    image = coin_toss("sS")
    weighed, line = weigh(image, standing(68))
    np.testing.assert_array_equal(weighed, image)
    assert line is None


@pytest.mark.parametrize("height", [1e-9, 4, 4000])
def test_ink_of_absurd_size_cannot_overrule_its_image(height):
    image = coin_toss("s")
    weighed, _ = weigh(image, standing(height), line=Line(baseline=100, x_height=40))
    assert best(weighed) == "s"
    assert np.isfinite(weighed).all()


def test_a_word_of_letters_has_no_zero_in_it():
    image = coin_toss("h", "0o", "k", "0o", "7")
    size = standing(74, 50, 74, 50, 64)
    letters_then_digits = weigh(image, size, words=[0, 0, 0, 1, 1])[0]
    assert best(letters_then_digits) == "hok07"


def test_size_and_unit_of_the_drawing_make_no_difference():
    image = coin_toss("cC", "h", "oO", "k")
    small, large = (weigh(image, standing(40, 74, 36, 72) * scale)[0] for scale in (0.01, 30))
    np.testing.assert_allclose(small, large, atol=1e-6)


def test_rows_sum_to_one():
    random = np.random.default_rng(0)
    image = random.dirichlet(np.ones(62), 6)
    weighed, _ = weigh(image, standing(*random.uniform(20, 90, 6)), words=[0, 0, 0, 1, 1, 1])
    np.testing.assert_allclose(weighed.sum(axis=1), 1)


def test_capitals_are_taller_and_only_some_letters_hang():
    model = load_size_model()
    for small in "cosvwxzu":
        assert model.heights[index(small.upper())] > 1.2 * model.heights[index(small)]
    assert {CHARACTERS[i] for i in np.flatnonzero(model.depths)} == set("gjpqy")
    np.testing.assert_allclose(model.strokes.sum(axis=1), 1, atol=1e-3)


def test_a_drawing_may_carry_its_line():
    assert parse_line({"strokes": [], "baseline": 280, "x_height": 90.5}) == Line(280, 90.5)
    assert parse_line({"strokes": []}) is None
    assert parse_line([[[0, 0]]]) is None


@pytest.mark.parametrize(
    "value",
    [
        {"baseline": 280},
        {"x_height": 90},
        {"baseline": "low", "x_height": 90},
        {"baseline": True, "x_height": 90},
        {"baseline": float("nan"), "x_height": 90},
        {"baseline": 280, "x_height": float("inf")},
        {"baseline": 280, "x_height": 0},
        {"baseline": 280, "x_height": -90},
    ],
)
def test_other_lines_are_refused(value):
    with pytest.raises(InputError, match="line"):
        parse_line(value)
