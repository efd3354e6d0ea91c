import numpy as np
import pytest

from handwriting.alphabet import (
    BYCLASS,
    BYMERGE,
    CASE_INSENSITIVE,
    CASELESS_LETTERS,
    CHARACTERS,
    CHOICES,
    KINDS,
)


def test_order_is_digits_then_upper_then_lower():
    assert (CHARACTERS[0], CHARACTERS[10], CHARACTERS[36], CHARACTERS[61]) == ("0", "A", "a", "z")
    assert len(BYCLASS) == 62


def test_bymerge_keeps_the_eleven_lower_case_letters_with_shapes_of_their_own():
    assert "".join(BYMERGE.classes[36:]) == "abdefghnqrt"
    assert len(BYMERGE) == 47


@pytest.mark.parametrize(
    ("alphabet", "character", "label"),
    [
        (BYMERGE, "c", "C"),
        (BYMERGE, "a", "a"),
        (CASE_INSENSITIVE, "a", "A"),
        (CASELESS_LETTERS, "z", "Z"),
        (KINDS, "z", "lower"),
    ],
)
def test_every_character_belongs_to_one_class(alphabet, character, label):
    assert alphabet.classes[alphabet.class_of[CHARACTERS.index(character)]] == label


def test_projecting_sums_the_members_of_a_class():
    probabilities = np.zeros((1, 62), np.float32)
    probabilities[0, [CHARACTERS.index("c"), CHARACTERS.index("C")]] = 0.25, 0.5
    probabilities[0, CHARACTERS.index("0")] = 0.25

    projected = CASE_INSENSITIVE.project(probabilities)

    assert projected[0, CASE_INSENSITIVE.classes.index("C")] == 0.75
    assert projected.dtype == np.float32


def test_projecting_onto_some_characters_renormalises():
    probabilities = np.full((1, 62), 0.9 / 61)
    probabilities[0, CHARACTERS.index("0")] = 0.1

    digits = CHOICES["digits"].project(probabilities)

    assert digits.shape == (1, 10)
    assert digits.sum() == pytest.approx(1)
    assert digits.argmax() == 0


def test_a_row_without_anything_inside_becomes_uniform():
    row = np.zeros((1, 62))
    row[0, CHARACTERS.index("A")] = 1
    np.testing.assert_allclose(CHOICES["digits"].project(row), 0.1)


def test_some_classes_of_a_merging_alphabet_are_taken_apart():
    opened = BYMERGE.open(["C", "0"])
    assert len(opened) == len(BYMERGE) + 1
    members = dict(zip(opened.classes, opened.members, strict=True))
    assert (members["C"], members["c"], members["O"]) == ("C", "c", "Oo")
    assert list(opened.classes) == sorted(opened.classes)
    assert sorted("".join(opened.members)) == sorted(CHARACTERS)
    everything = BYMERGE.open(BYMERGE.classes)
    assert everything.classes == everything.members == tuple(CHARACTERS)
