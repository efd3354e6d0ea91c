"""The 62 characters in EMNIST ByClass order, and the alphabets that select or merge them.

Class orders and merged classes: Cohen et al., "EMNIST: an extension of MNIST to handwritten
letters", 2017 (https://arxiv.org/abs/1702.05373), table I and the data set's mapping files.
"""

from __future__ import annotations

import string
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

CHARACTERS = string.digits + string.ascii_uppercase + string.ascii_lowercase
"""All 62 characters; a character's position is its ByClass label and its column everywhere."""

MERGED_LOWER = "cijklmopsuvwxyz"
"""Lower-case letters that ByMerge and Balanced count as their capitals: the shapes look alike."""


@dataclass(frozen=True)
class Alphabet:
    """An ordered list of classes, and which of them each of the 62 characters belongs to.

    Args:
        name: How messages and reports call it.
        classes: The label of each class, in column order.
        members: For each class, the characters that belong to it.
    """

    name: str
    classes: tuple[str, ...]
    members: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.classes)

    @cached_property
    def class_of(self) -> np.ndarray:
        """int64 (62,): the class index of each character, -1 for one outside the alphabet."""
        index = np.full(len(CHARACTERS), -1)
        for position, members in enumerate(self.members):
            index[[CHARACTERS.index(character) for character in members]] = position
        return index

    def open(self, labels: Iterable[str]) -> Alphabet:
        """The same alphabet with some of its classes taken apart into their characters.

        Args:
            labels: Classes of this alphabet; one of a single character stays as it is.

        Returns:
            An alphabet whose classes stand in the order of their first characters.
        """
        opened = set(labels)
        parts = []
        for label, members in zip(self.classes, self.members, strict=True):
            parts += [(c, c) for c in members] if label in opened else [(label, members)]
        parts.sort(key=lambda part: CHARACTERS.index(part[1][0]))
        classes, members = zip(*parts, strict=True)
        return Alphabet(self.name, classes, members)

    def project(self, probabilities: np.ndarray) -> np.ndarray:
        """Turn probabilities of the 62 characters into probabilities of this alphabet's classes.

        The members of a class are summed, characters outside the alphabet are left out and the
        rest is renormalised.

        Args:
            probabilities: float (n, 62), not negative.

        Returns:
            Same dtype, (n, len(self)), rows that sum to one; a row with nothing inside the
            alphabet becomes uniform.
        """
        membership = np.zeros((len(CHARACTERS), len(self)), probabilities.dtype)
        inside = self.class_of >= 0
        membership[np.flatnonzero(inside), self.class_of[inside]] = 1
        projected = probabilities @ membership
        total = projected.sum(axis=1, keepdims=True)
        empty = total <= 0
        return np.where(empty, 1 / len(self), projected / np.where(empty, 1, total)).astype(
            probabilities.dtype, copy=False
        )


def _selecting(name: str, characters: str) -> Alphabet:
    return Alphabet(name, tuple(characters), tuple(characters))


def _merging(name: str, characters: str, merged_lower: Iterable[str]) -> Alphabet:
    """The alphabet in which the capitals among `characters` take in their lower case."""
    merged = set(merged_lower)
    kept = [character for character in characters if character not in merged]
    members = [c + c.lower() if c.lower() in merged and c.isupper() else c for c in kept]
    return Alphabet(name, tuple(kept), tuple(members))


BYCLASS = _selecting("byclass", CHARACTERS)
BYMERGE = _merging("bymerge", CHARACTERS, MERGED_LOWER)
DIGITS = _selecting("digits", string.digits)
BOTH_CASES = _selecting("letters", string.ascii_uppercase + string.ascii_lowercase)
UPPER = _selecting("upper", string.ascii_uppercase)
LOWER = _selecting("lower", string.ascii_lowercase)
CASE_INSENSITIVE = _merging("case-insensitive", CHARACTERS, string.ascii_lowercase)
CASELESS_LETTERS = _merging("letters, case unknown", string.ascii_letters, string.ascii_lowercase)
KINDS = Alphabet(
    "kinds",
    ("digit", "upper", "lower"),
    (string.digits, string.ascii_uppercase, string.ascii_lowercase),
)

CHOICES = {
    "all": BYCLASS,
    "digits": DIGITS,
    "letters": BOTH_CASES,
    "upper": UPPER,
    "lower": LOWER,
    "case-insensitive": CASE_INSENSITIVE,
}
"""What a reader of a drawing may be limited to."""
