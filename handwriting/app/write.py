"""The Write tab: what is drawn on the pad is read while the pen moves."""

from __future__ import annotations

import base64
import reprlib
from collections.abc import Sequence
from dataclasses import asdict
from functools import partial
from typing import Literal, Protocol

import gradio as gr

from handwriting.alphabet import CHOICES
from handwriting.app.endpoint import told
from handwriting.app.feedback import Feedback
from handwriting.app.lookalikes import describe_rivals
from handwriting.app.pad import ROWS, pad
from handwriting.errors import InputError
from handwriting.ink import Drawing, parse_drawing, render
from handwriting.line import Line, parse_line
from handwriting.reading import Guess, Reading

ENDPOINT = """Read one handwritten character.

drawing: pen strokes, {"strokes": [[[x, y], …], …]}, any unit, y down. On a ruled line also
"baseline", its y, and "x_height", the height of its small letters: size and place then say more
about case. Without them they make no difference.
alphabet: what the character may be; the probabilities are renormalised over it.
top: how many guesses to return.

Returns ranked guesses, [{"character": "a", "probability": 0.93}, …]; none for an empty drawing."""
"""What the page's API documentation says of `/guess`."""

AlphabetName = Literal["all", "digits", "letters", "upper", "lower", "case-insensitive"]


LINE_ENDPOINT = """Read one line of handwriting.

drawing: pen strokes in any order, {"strokes": [[[x, y], …], …]}, any unit, y down; on a ruled line
also "baseline", its y, and "x_height", the height of its small letters.
alphabet: what the characters may be.

Returns the text, and each character with its box (left, top, right, bottom), the indices of its
strokes, ranked guesses, and whether a word begins with it."""
"""What the page's API documentation says of `/read`."""

MAX_LINE_STROKES = 200
"""Most strokes of a line: three times what fits on the widest sheet, and read in two seconds."""


class Reader(Protocol):
    """What the tab asks of a `handwriting.Recognizer`."""

    def guess(
        self, drawing: Drawing, alphabet: str = "all", top: int = 5, line: Line | None = None
    ) -> list[Guess]: ...

    def read(
        self, drawing: Drawing, alphabet: str = "all", line: Line | None = None
    ) -> Reading: ...


def answer(reader: Reader, question: object) -> dict:
    """Read a drawing for the page.

    Args:
        reader: The recognizer.
        question: Decoded JSON, `{"drawing": …, "alphabet": …}`; whatever else is refused.

    Returns:
        `guesses`, ranked `{"character", "name", "probability"}`; `image`, the 784 bytes of the
        28×28 image that the model sees, base64; `note`, a sentence about look-alikes or "".
        Or only `error`, a sentence for the visitor.
    """
    try:
        question = question if isinstance(question, dict) else {}
        alphabet = _check_alphabet(question.get("alphabet", "all"))
        drawing = parse_drawing(question.get("drawing"))
        line = parse_line(question["drawing"])
        guesses = reader.guess(drawing, alphabet, ROWS, line) if drawing else []
    except InputError as error:
        return {"error": str(error)}
    return {
        "guesses": _named(guesses, alphabet),
        "image": base64.b64encode(render(drawing).tobytes()).decode(),
        "note": describe_rivals(guesses),
    }


def answer_line(reader: Reader, question: object) -> dict:
    """Read a line for the page.

    Args:
        reader: The recognizer.
        question: Decoded JSON, `{"drawing": …, "alphabet": …}`; whatever else is refused.

    Returns:
        `characters`, from left to right: `box`, `strokes`, `space`, whether a word begins with
        it, and `guesses`, ranked `{"character", "name", "probability"}`. Or only `error`, a
        sentence for the visitor.
    """
    try:
        question = question if isinstance(question, dict) else {}
        alphabet = _check_alphabet(question.get("alphabet", "all"))
        reading = _read(reader, question.get("drawing"), alphabet)
    except InputError as error:
        return {"error": str(error)}
    return {
        "characters": [
            {
                "box": character.box,
                "strokes": character.strokes,
                "space": character.space_before,
                "guesses": _named(character.guesses, alphabet),
            }
            for character in reading.characters
        ]
    }


def _read(reader: Reader, drawing: object, alphabet: str) -> Reading:
    strokes = parse_drawing(drawing)
    if len(strokes) > MAX_LINE_STROKES:
        raise InputError(
            f"a line has at most {MAX_LINE_STROKES} strokes, this one {len(strokes)}: "
            "read it in parts"
        )
    return reader.read(strokes, alphabet, parse_line(drawing))


def answer_feedback(feedback: Feedback, remark: object) -> dict:
    """Keep what a visitor says about a reading.

    Args:
        feedback: Where it is kept.
        remark: As for `Feedback.save`.

    Returns:
        `thanks` or `error`, a sentence for the visitor.
    """
    try:
        feedback.save(remark)
    except InputError as error:
        return {"error": str(error)}
    return {"thanks": "Thank you."}


def _named(guesses: Sequence[Guess], alphabet: str) -> list[dict]:
    return [
        {
            "character": guess.character,
            "name": describe(guess.character, alphabet),
            "probability": float(guess.probability),
        }
        for guess in guesses
    ]


def describe(character: str, alphabet: str) -> str:
    """Name a character so that look-alikes differ: `digit 0`, `capital O`, `small o`."""
    if character.isdigit():
        return f"digit {character}"
    if alphabet == "case-insensitive":
        return f"letter {character}"
    return f"{'capital' if character.isupper() else 'small'} {character}"


def _check_alphabet(name: object) -> str:
    if not isinstance(name, str) or name not in CHOICES:
        raise InputError(f"no alphabet {reprlib.repr(name)}: choose one of {', '.join(CHOICES)}")
    return name


def add_write_tab(reader: Reader, feedback: Feedback | None = None) -> None:
    """Fill the open tab with the pad, and the page with the endpoints `/guess` and `/read`.

    Args:
        reader: Reads the drawings; may be asked from several threads at a time.
        feedback: Keeps what visitors say about readings; without it they are not asked.
    """

    @told
    def guess(drawing: dict, alphabet: AlphabetName = "all", top: int = ROWS) -> list[dict]:
        if isinstance(top, bool) or not isinstance(top, int) or top < 1:
            raise InputError(f"top is {reprlib.repr(top)}, but must be a whole number from 1 up")
        strokes, line = parse_drawing(drawing), parse_line(drawing)
        choice = _check_alphabet(alphabet)
        guesses = reader.guess(strokes, choice, top, line) if strokes else []
        return [
            {"character": guess.character, "probability": float(guess.probability)}
            for guess in guesses
        ]

    @told
    def read(drawing: dict, alphabet: AlphabetName = "all") -> dict:
        reading = _read(reader, drawing, _check_alphabet(alphabet))
        return {
            "text": reading.text,
            "characters": [asdict(character) for character in reading.characters],
        }

    pad(
        partial(answer, reader),
        partial(answer_line, reader),
        partial(answer_feedback, feedback) if feedback else None,
    )
    gr.api(guess, api_name="guess", api_description=ENDPOINT, queue=False)
    gr.api(read, api_name="read", api_description=LINE_ENDPOINT, queue=False)
