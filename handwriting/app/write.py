"""The Write tab: what is drawn on the pad is read while the pen moves."""

from __future__ import annotations

import base64
import reprlib
from functools import partial
from typing import Literal, Protocol

import gradio as gr

from handwriting.alphabet import CHOICES
from handwriting.app.lookalikes import describe_rivals
from handwriting.app.pad import ROWS, pad
from handwriting.errors import InputError
from handwriting.ink import Drawing, parse_drawing, render
from handwriting.line import Line, parse_line
from handwriting.recognizer import Guess

ENDPOINT = """Read one handwritten character.

drawing: pen strokes, {"strokes": [[[x, y], …], …]}, any unit, y down. On a ruled line also
"baseline", its y, and "x_height", the height of its small letters: size and place then say more
about case. Without them they make no difference.
alphabet: what the character may be; the probabilities are renormalised over it.
top: how many guesses to return.

Returns ranked guesses, [{"character": "a", "probability": 0.93}, …]; none for an empty drawing."""
"""What the page's API documentation says of `/guess`."""

AlphabetName = Literal["all", "digits", "letters", "upper", "lower", "case-insensitive"]


class Reader(Protocol):
    """What the tab asks of a `handwriting.Recognizer`."""

    def guess(
        self, drawing: Drawing, alphabet: str = "all", top: int = 5, line: Line | None = None
    ) -> list[Guess]: ...


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
        "guesses": [
            {
                "character": guess.character,
                "name": describe(guess.character, alphabet),
                "probability": float(guess.probability),
            }
            for guess in guesses
        ],
        "image": base64.b64encode(render(drawing).tobytes()).decode(),
        "note": describe_rivals(guesses),
    }


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


def add_write_tab(reader: Reader) -> None:
    """Fill the open tab with the pad, and the page with the endpoint `/guess`.

    Args:
        reader: Reads the drawings; may be asked from several threads at a time.
    """

    def guess(drawing: dict, alphabet: AlphabetName = "all", top: int = ROWS) -> list[dict]:
        try:
            if isinstance(top, bool) or not isinstance(top, int) or top < 1:
                raise InputError(
                    f"top is {reprlib.repr(top)}, but must be a whole number from 1 up"
                )
            strokes, line = parse_drawing(drawing), parse_line(drawing)
            choice = _check_alphabet(alphabet)
            guesses = reader.guess(strokes, choice, top, line) if strokes else []
        except InputError as error:
            raise gr.Error(str(error), print_exception=False) from None
        return [
            {"character": guess.character, "probability": float(guess.probability)}
            for guess in guesses
        ]

    pad(partial(answer, reader))
    gr.api(guess, api_name="guess", api_description=ENDPOINT, queue=False)
