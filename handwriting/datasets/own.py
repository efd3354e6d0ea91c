"""Test sets of one's own: a folder of images named by class, or a file of strokes.

folder            `A/anything.png`, in folders named by one character, or `A.png`, `A-1.png`,
                  `A_1.png`: names that begin with the character alone. Images of 28×28 pixels
                  are taken as they are, whichever of ink and paper is the brighter; others are
                  converted as EMNIST's makers did.
strokes.jsonl     an object a line: `{"label": "A", "strokes": [[[x, y], …], …]}`, as the app
                  keeps feedback
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from tqdm import tqdm

from handwriting.alphabet import BYCLASS, CHARACTERS, DIGITS
from handwriting.datasets.splits import SIDE, SPLITS
from handwriting.datasets.strokes import UNIPEN
from handwriting.datasets.testset import Ink, TestSet, load_test_set
from handwriting.errors import InputError
from handwriting.ink import Drawing, parse_drawing, render
from handwriting.priors import UNIFORM

PREFIX = "folder:"
STROKES = ".jsonl"
SUFFIXES = (".png", ".jpg", ".jpeg")
MAX_LINE = 5_000_000
"""Bytes of a line of a stroke file."""

ALONE = re.compile(r"([0-9A-Za-z])(?![0-9A-Za-z])")
"""A file name that begins with a single character."""


def find_test_set(data: str) -> TestSet:
    """The test set that a name, a folder or a file stands for.

    Args:
        data: `folder:PATH` or the path of a folder; the path of a `.jsonl` file of strokes; or
            what `load_test_set` takes.

    Raises:
        InputError: There is none, or it cannot be used.
    """
    if data.startswith(PREFIX):
        return load_folder(Path(data.removeprefix(PREFIX)))
    if Path(data).suffix.lower() == STROKES:
        return load_strokes(Path(data))
    if Path(data).is_dir():
        return load_folder(Path(data))
    if data not in (*SPLITS, UNIPEN):
        known = [name for name, split in SPLITS.items() if "test" in split.sizes]
        raise InputError(
            f"no data set, folder or {STROKES} file is called {data!r}: choose one of "
            f"{', '.join([*known, UNIPEN])}, or give your own"
        )
    return load_test_set(data)


def load_folder(folder: Path) -> TestSet:
    """The images of a folder, in the order of their paths.

    Raises:
        InputError: There are none, or one has no class, is damaged or blank.
    """
    if not folder.is_dir():
        raise InputError(f"{folder} is no folder: give one with images named by class")
    paths = sorted(
        path
        for pattern in ("*", "*/*")
        for path in folder.glob(pattern)
        if path.suffix.lower() in SUFFIXES and not path.name.startswith(".")
    )
    if not paths:
        raise InputError(f"{folder} has no PNG or JPEG images: name them A/1.png or A-1.png")
    labels = [_class_of(path, folder) for path in paths]
    images = [_load_image(path) for path in tqdm(paths, "images", disable=None)]
    return _test_set(f"folder {folder.absolute().name}", labels, images, "scan")


def _class_of(path: Path, folder: Path) -> str:
    parent = path.parent.name if path.parent != folder else ""
    if parent in tuple(CHARACTERS):
        return parent
    found = ALONE.match(path.name)
    if not found:
        raise InputError(
            f"{path.relative_to(folder)} names no class: call it A/{path.name} or A-{path.name}"
        )
    return found[1]


def _load_image(path: Path) -> np.ndarray:
    """uint8 (28, 28), upright, bright ink on black."""
    from handwriting.scan import find_components, load_grey  # Takes a second to import.

    pixels = load_grey(path)
    if pixels.shape == (SIDE, SIDE):
        border = np.concatenate([pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]])
        return 255 - pixels if np.median(border) > 127 else pixels
    components = find_components(pixels)
    if not components.parts:
        raise InputError(f"{path} has no ink that stands out: leave it out")
    return components.render([range(len(components.parts))])[0]


def load_strokes(path: Path) -> TestSet:
    """The drawings of a stroke file, in its order.

    Raises:
        InputError: It cannot be read, is empty, or has a line that is no labelled drawing.
    """
    labels, drawings = [], []
    try:
        with path.open("rb") as file:
            for number, line in enumerate(iter(lambda: file.readline(MAX_LINE + 1), b""), start=1):
                if line.strip():
                    label, drawing = _parse_line(line, f"{path}, line {number}")
                    labels.append(label)
                    drawings.append(drawing)
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}") from None
    if not labels:
        raise InputError(f"{path} has no drawings: write one a line")
    images = [render(drawing) for drawing in drawings]
    return _test_set(f"strokes {path.stem}", labels, images, "pen", drawings)


def _parse_line(line: bytes, place: str) -> tuple[str, list[np.ndarray]]:
    form = '{"label": "A", "strokes": [[[x, y], …], …]}'
    if len(line) > MAX_LINE:
        raise InputError(f"{place} is longer than {MAX_LINE // 1_000_000} MB: thin it out")
    try:
        entry = json.loads(line)
    except (ValueError, RecursionError):
        raise InputError(f"{place} is not JSON: a line is {form}") from None
    if not isinstance(entry, dict) or entry.get("label") not in tuple(CHARACTERS):
        raise InputError(f"{place} has no label of one letter or digit: a line is {form}")
    try:
        drawing = parse_drawing(entry)
    except InputError as error:
        raise InputError(f"{place}: {error}") from None
    if not drawing:
        raise InputError(f"{place} has no ink: leave it out")
    return entry["label"], drawing


def _test_set(
    name: str,
    labels: Sequence[str],
    images: Sequence[np.ndarray],
    ink: Ink,
    drawings: Sequence[Drawing] | None = None,
) -> TestSet:
    """Of digits alone, or else of all 62 characters, all as common as each other."""
    alphabet = DIGITS if set(labels) <= set(DIGITS.classes) else BYCLASS
    indices = np.array([alphabet.classes.index(label) for label in labels])
    return TestSet(name, "whole", alphabet, np.array(images), indices, ink, UNIFORM, drawings)
