"""The confusion matrix as the page shows it: whole, folded, and folded but for some classes."""

from __future__ import annotations

import reprlib

from handwriting.alphabet import BYCLASS, BYMERGE, CASE_INSENSITIVE, KINDS, Alphabet
from handwriting.errors import InputError
from handwriting.evaluation.report import Report
from handwriting.evaluation.results import ConfusionMatrix

FOLDS = {"ByMerge": BYMERGE, "Any case": CASE_INSENSITIVE, "Kinds": KINDS}
"""What the matrix can be folded to, by how the page calls it."""

KIND_NAMES = {"digit": "0–9", "upper": "A–Z", "lower": "a–z"}


def describe_matrices(report: Report) -> list[dict]:
    """The matrix of all classes, and each fold of it that merges some and leaves some apart.

    Returns:
        For each its `name`, `classes`, `members`, the characters in each class, `counts`, rows of
        true classes, and `orders`, lists of class indices by name.
    """
    matrix = report.confusion_matrix
    order = report.similarity.get(BYCLASS.name, "")
    matrices = [_describe(f"{len(matrix.classes)} classes", matrix, order)]
    for name, alphabet in FOLDS.items():
        folded = matrix.fold(alphabet)
        if 1 < len(folded.classes) < len(matrix.classes):
            order = report.similarity.get(alphabet.name, "")
            matrices.append(_describe(name, folded, order))
    return matrices


def describe_opened(report: Report, fold: str, apart: str) -> dict:
    """A folded matrix in which some classes are taken apart, as `describe_matrices` has them.

    Args:
        report: The report.
        fold: A key of `FOLDS`.
        apart: The first character of each class to take apart; others are passed over.

    Raises:
        InputError: There is no such fold.
    """
    if fold not in FOLDS:
        raise InputError(f"{reprlib.repr(fold)} is no fold: choose one of {', '.join(FOLDS)}")
    alphabet = FOLDS[fold]
    opened = [
        label
        for label, members in zip(alphabet.classes, alphabet.members, strict=True)
        if members[0] in apart
    ]
    order = _opened_order(report, alphabet, opened)
    return _describe(fold, report.confusion_matrix.fold(alphabet.open(opened)), order)


def _opened_order(report: Report, alphabet: Alphabet, opened: list[str]) -> str:
    """The fold's order of look-alikes: who is taken apart stays in its place, side by side."""
    every = report.similarity.get(BYCLASS.name) or "".join(report.confusion_matrix.classes)
    members = dict(zip(alphabet.classes, alphabet.members, strict=True))
    return "".join(
        "".join(c for c in every if c in members[label]) if label in opened else label
        for label in report.similarity.get(alphabet.name, "")
    )


def _describe(name: str, matrix: ConfusionMatrix, similarity: str) -> dict:
    orders = {"mistakes": matrix.order_by_mistakes().tolist()}
    if similarity:
        orders["similarity"] = [matrix.classes.index(character) for character in similarity]
    return {
        "name": name,
        "classes": [KIND_NAMES.get(label, label) for label in matrix.classes],
        "members": matrix.members,
        "counts": matrix.counts.tolist(),
        "orders": orders,
    }
