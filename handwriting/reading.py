"""A line of ink as text: parts → characters → words, each character with what else it may be."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cache
from typing import Literal

import numpy as np

from handwriting.alphabet import CHOICES, Alphabet
from handwriting.errors import InputError
from handwriting.line import MODEL, Line, load_size_model, weigh
from handwriting.segmentation import FEATURES, Part, choose, find_spaces, propose

ALTERNATIVES = 5
"""Guesses that are kept of each character."""

Medium = Literal["pen", "image"]
"""Where the ink is from: strokes, or the connected components of an image."""


@dataclass(frozen=True)
class Guess:
    """One reading of a character: a class label of the chosen alphabet, and its probability."""

    character: str
    probability: float


@dataclass(frozen=True)
class Character:
    """One character of a line.

    Args:
        box: Left, top, right and bottom of its ink, in the drawing's units or in pixels, y down.
        strokes: Indices of its strokes in the drawing, or of its connected components from left
            to right in an image; ascending.
        guesses: What it may be, the likeliest first.
        space_before: Whether a word begins with it; never for a line's first.
    """

    box: tuple[float, float, float, float]
    strokes: tuple[int, ...]
    guesses: tuple[Guess, ...]
    space_before: bool


@dataclass(frozen=True)
class Reading:
    """What a line says.

    Args:
        characters: From left to right.
        line: The baseline and x-height that fit best; None where nothing is known of them.
    """

    characters: tuple[Character, ...]
    line: Line | None

    @property
    def text(self) -> str:
        """The likeliest character of each, with spaces between words; "" for no ink."""
        return "".join(
            " " * character.space_before + character.guesses[0].character
            for character in self.characters
        )

    def to_json(self) -> dict:
        """The same as numbers, lists and text, with the text."""
        return {"text": self.text, **asdict(self)}

    def with_strokes(self, numbers: Sequence[int]) -> Reading:
        """The same reading with each stroke's index looked up in `numbers`."""
        return replace(
            self,
            characters=tuple(
                replace(character, strokes=tuple(numbers[i] for i in character.strokes))
                for character in self.characters
            ),
        )


def find_choice(name: str) -> Alphabet:
    """The alphabet that a reader may be limited to.

    Raises:
        InputError: There is none of that name.
    """
    if name not in CHOICES:
        raise InputError(f"no alphabet {name!r}: choose one of {', '.join(CHOICES)}")
    return CHOICES[name]


def rank(probabilities: np.ndarray, choice: Alphabet, top: int) -> list[Guess]:
    """The likeliest classes of an alphabet.

    Args:
        probabilities: float (62,).
        choice: What it may be; probabilities are renormalised over it.
        top: How many at most.
    """
    (projected,) = choice.project(probabilities[None])
    ranked = np.argsort(-projected, kind="stable")[:top]
    return [Guess(choice.classes[i], float(projected[i])) for i in ranked]


def read_parts(
    parts: Sequence[Part],
    recognize: Callable[[list[list[int]]], np.ndarray],
    medium: Medium,
    alphabet: str = "all",
    line: Line | None = None,
) -> Reading:
    """Read one line.

    Args:
        parts: Its strokes or components, in any order.
        recognize: Takes runs of parts, as lists of indices, and answers with float (n, 62)
            probabilities that each is one of the characters; called once.
        medium: Where the parts are from.
        alphabet: What the characters may be: a key of `handwriting.alphabet.CHOICES`.
        line: The ruled line that it was written on, if there was one.

    Raises:
        InputError: There is no such alphabet.
    """
    choice = find_choice(alphabet)
    if not parts:
        return Reading((), line)
    proposal = propose(parts)
    runs = [proposal.members(span) for span in proposal.spans]
    probabilities = recognize(runs)
    features = proposal.features(probabilities, load_size_model())
    chosen = choose(proposal, features @ _load_weights(medium))
    runs = [runs[index] for index in chosen]
    boxes = np.array([proposal.box(proposal.spans[index]) for index in chosen])

    # Which gaps are spaces depends on the x-height, which the words then help to find.
    allowed = _limit(probabilities[chosen], choice)
    _, fitted = weigh(allowed, boxes, line=line)
    starts = find_spaces(boxes, fitted.x_height if fitted else proposal.unit)
    weighed, fitted = weigh(allowed, boxes, np.cumsum(starts), line)
    return Reading(
        tuple(
            Character(
                tuple(box.tolist()),
                tuple(run),
                tuple(rank(row, choice, ALTERNATIVES)),
                bool(start),
            )
            for box, run, row, start in zip(boxes, runs, weighed, starts, strict=True)
        ),
        fitted,
    )


def _limit(probabilities: np.ndarray, choice: Alphabet) -> np.ndarray:
    """The probabilities of the characters that a choice allows, renormalised."""
    inside = np.where(choice.class_of >= 0, np.maximum(probabilities, 1e-9), 0)
    return inside / inside.sum(axis=1, keepdims=True)


@cache
def _load_weights(medium: Medium) -> np.ndarray:
    """float (len(FEATURES),): what each feature of a run counts for."""
    table = json.loads(MODEL.read_text(encoding="utf-8"))["segmentation"]
    return np.array([table[name][medium] for name in FEATURES])
