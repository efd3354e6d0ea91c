"""What the size and the place of characters on their line say about which characters they are.

EMNIST's conversion throws both away, so a `c` and a `C` give the same image. Here they come back
as evidence of their own: `P(class | image)` is multiplied by how likely that class is as tall and
as deep as this drawing is, against the line's baseline and x-height.

The line is either known (the ruled pad) or unknown (anything else); in both cases it is summed
over on a grid, each place weighted by how well all characters of the line fit it. So the
neighbours' heights decide about case, an unsure line says little, and one character without a
line is left as its image has it.

Heights, their spread and how many strokes a character takes are learned from UNIPEN's writers
(`python -m handwriting.training.reading`) and kept in `models/line.json`. UNIPEN's isolated
characters have lost their baseline: what is below it follows from the heights (`depths`).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

import numpy as np

from handwriting.alphabet import CHARACTERS, KINDS
from handwriting.errors import InputError
from handwriting.ink import MAX_COORDINATE

MODEL = Path(__file__).parent / "models" / "line.json"

HANGING = "gpqy"
"""Characters whose body stands on the baseline with the rest below it."""

UNUSUAL = 0.05
"""Share of characters that are of any size and anywhere: bounds what one of them can say."""

UNUSUAL_SPAN = 4.0
"""Range of an unusual character's height, natural logarithm, and of its place, x-heights."""

WANDER = 0.2
"""Standard deviation of a character's foot about the baseline, x-heights."""

RULED_SIZE = 0.25
RULED_PLACE = 0.3
"""How far writers stray from a ruled line: standard deviations of the logarithm of their own
x-height and, in x-heights, of their own baseline."""

SIZE_STEP = 0.1
PLACE_STEP = 0.15
"""Grid of lines: steps of the x-height's logarithm, and of the baseline in x-heights."""

PATTERNS = {"lower": 0.35, "capitalised": 0.13, "upper": 0.09, "digits": 0.13, "any": 0.3}
"""How often a word is in lower case, with a capital first, in capitals, a number, or mixed."""

_KIND = {kind: row for row, kind in enumerate(KINDS.classes)} | {"any": len(KINDS)}


@dataclass(frozen=True)
class Line:
    """The line that something was written on, in the drawing's own units.

    Args:
        baseline: y of the line that letters stand on, y down.
        x_height: Height of a small letter without ascender, as `x`.
    """

    baseline: float
    x_height: float


def parse_line(value: object) -> Line | None:
    """The line of a drawing from outside.

    Args:
        value: Decoded JSON; a drawing on a ruled pad has `"baseline"` and `"x_height"`.

    Returns:
        None if it has neither.

    Raises:
        InputError: It has one without the other, or they are no finite numbers, or the x-height
            is not positive.
    """
    if not isinstance(value, dict) or not {"baseline", "x_height"} & value.keys():
        return None
    numbers = value.get("baseline"), value.get("x_height")
    for number in numbers:
        if isinstance(number, bool) or not isinstance(number, int | float):
            raise InputError("a line has a baseline and an x_height, both numbers")
        if not abs(number) <= MAX_COORDINATE:
            raise InputError(f"a line's numbers are finite and within ±{MAX_COORDINATE:,.0f}")
    baseline, x_height = map(float, numbers)
    if x_height <= 0:
        raise InputError("a line's x_height is above zero")
    return Line(baseline, x_height)


@dataclass(frozen=True)
class SizeModel:
    """How tall each character is, and how many strokes it takes.

    Args:
        heights: float (62,), median height in x-heights.
        spreads: float (62,), standard deviation of the logarithm of the height.
        strokes: float (62, k), probability of 1 to k strokes.
    """

    heights: np.ndarray
    spreads: np.ndarray
    strokes: np.ndarray

    @cached_property
    def depths(self) -> np.ndarray:
        """float (62,): how far each character reaches below the baseline, x-heights.

        Zero but for `g p q y`, whose body is one x-height, and `j`, which is as tall as `i` above
        the baseline.
        """
        depths = np.zeros(len(CHARACTERS))
        for character in HANGING:
            depths[CHARACTERS.index(character)] = self.heights[CHARACTERS.index(character)] - 1
        i, j = CHARACTERS.index("i"), CHARACTERS.index("j")
        depths[j] = self.heights[j] - self.heights[i]
        return depths

    def height_likelihoods(self, heights: np.ndarray) -> np.ndarray:
        """Densities of the logarithms of heights, float (…) in x-heights, as float (…, 62)."""
        logs = np.log(heights)[..., None]
        return _likelihoods(logs, np.log(self.heights), self.spreads)

    def foot_likelihoods(self, feet: np.ndarray) -> np.ndarray:
        """Densities of feet, float (…) in x-heights below the baseline, as float (…, 62)."""
        return _likelihoods(feet[..., None], self.depths, WANDER)


@cache
def load_size_model() -> SizeModel:
    """The table that the package ships."""
    table = json.loads(MODEL.read_text(encoding="utf-8"))["characters"]
    return SizeModel(
        *(np.array([table[c][key] for c in CHARACTERS]) for key in ("height", "spread", "strokes"))
    )


def weigh(
    probabilities: np.ndarray,
    boxes: np.ndarray,
    words: Sequence[int] | None = None,
    line: Line | None = None,
) -> tuple[np.ndarray, Line | None]:
    """Add to what the images say what sizes, places and neighbours say.

    Args:
        probabilities: float (n, 62), what each image alone says, every class as likely as any
            other beforehand.
        boxes: float (n, 4), left, top, right and bottom of each character's ink, y down.
        words: For each character the number of its word, ascending: the characters of a word
            tend to be of one kind (`PATTERNS`). Default: no such tendency.
        line: The ruled line, if there is one.

    Returns:
        float (n, 62), rows that sum to one; and the line that fits best, None if nothing is
        known of it. A single character without a line comes back as it was.
    """
    count = len(probabilities)
    if not count or (count == 1 and line is None):
        return probabilities, line
    model = load_size_model()
    tops, bottoms = boxes[:, 1], boxes[:, 3]
    heights = bottoms - tops
    # A dot or a flat dash has no height to speak of.
    heights = np.maximum(heights, 0.05 * max(heights.max(), 1e-9))

    sizes, places, log_prior = _grid(model, heights, bottoms, line)
    # (sizes, 1, n, 62) times (sizes, places, n, 62)
    fit = model.height_likelihoods(heights / np.exp(sizes)[:, None])[:, None]
    fit = fit * model.foot_likelihoods((bottoms - places[..., None]) / np.exp(sizes)[:, None, None])
    joint = fit * probabilities

    kinds = _kinds()
    # An alphabet may leave a kind without any character.
    by_kind = np.log(np.maximum(joint @ kinds.T, 1e-300))
    if words is None:
        words = np.arange(count)
        patterns = {"any": 1.0}
    else:
        patterns = PATTERNS
    log_weight = log_prior.copy()
    shares = np.zeros((*log_weight.shape, count, len(kinds)))
    for word in np.unique(words):
        members = np.flatnonzero(np.asarray(words) == word)
        log_patterns = np.stack(
            [
                np.log(share)
                + sum(
                    by_kind[..., i, _kind_in(pattern, position)]
                    for position, i in enumerate(members)
                )
                for pattern, share in patterns.items()
            ]
        )
        top = log_patterns.max(axis=0)
        total = top + np.log(np.exp(log_patterns - top).sum(axis=0))
        log_weight += total
        for pattern, log_pattern in zip(patterns, log_patterns, strict=True):
            for position, i in enumerate(members):
                shares[..., i, _kind_in(pattern, position)] += np.exp(log_pattern - total)
    weight = np.exp(log_weight - log_weight.max())
    weight /= weight.sum()

    # Given line and pattern the characters are independent: P(class) = Σ share · joint / Σ joint.
    shares *= weight[..., None, None] / np.exp(by_kind)
    posterior = np.einsum("spik,spic,kc->ic", shares, joint, kinds, optimize=True)
    posterior /= posterior.sum(axis=1, keepdims=True)
    size = (weight.sum(axis=1) * sizes).sum()
    fitted = Line(float((weight * places).sum()), float(np.exp(size)))
    return posterior.astype(probabilities.dtype), fitted


def _grid(
    model: SizeModel, heights: np.ndarray, bottoms: np.ndarray, line: Line | None
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Lines to try: logarithms of x-heights (s,), baselines (s, p), log prior (s, p)."""
    if line is None:
        logs = np.log(heights)
        low, high = np.quantile(logs, 0.1) - np.log(2.6), np.quantile(logs, 0.9) + 0.4
        center, reach = np.median(bottoms), 1.8
    else:
        middle = np.log(line.x_height)
        low, high = middle - 3 * RULED_SIZE, middle + 3 * RULED_SIZE
        center, reach = line.baseline, 3 * RULED_PLACE
    sizes = np.linspace(low, high, round((high - low) / SIZE_STEP) + 1)
    steps = np.linspace(-reach, reach, 2 * round(reach / PLACE_STEP) + 1)
    places = center + steps * np.exp(sizes)[:, None]
    log_prior = np.zeros(places.shape)
    if line is not None:
        log_prior -= ((sizes - middle) / RULED_SIZE)[:, None] ** 2 / 2
        log_prior -= (steps / RULED_PLACE) ** 2 / 2
    return sizes, places, log_prior


def _likelihoods(values: np.ndarray, means: np.ndarray, spreads: np.ndarray | float) -> np.ndarray:
    """Normal densities with a share of `UNUSUAL` values that may be anywhere."""
    normal = np.exp(-(((values - means) / spreads) ** 2) / 2) / (spreads * np.sqrt(2 * np.pi))
    return (1 - UNUSUAL) * normal + UNUSUAL / UNUSUAL_SPAN


@cache
def _kinds() -> np.ndarray:
    """float (4, 62): how likely each character is among digits, capitals, small letters, all."""
    rows = np.zeros((len(KINDS) + 1, len(CHARACTERS)))
    rows[KINDS.class_of, np.arange(len(CHARACTERS))] = 1
    rows[-1] = 1
    return rows / rows.sum(axis=1, keepdims=True)


def _kind_in(pattern: str, position: int) -> int:
    """The kind of character that a word of that pattern has at that position."""
    match pattern:
        case "capitalised":
            return _KIND["lower" if position else "upper"]
        case "digits":
            return _KIND["digit"]
    return _KIND[pattern]
