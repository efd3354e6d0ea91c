"""Characters that no reader can tell apart by their shape alone."""

from __future__ import annotations

from collections.abc import Sequence

from handwriting.recognizer import Guess

GROUPS = (
    *("0Oo", "1Il", "2Zz", "5Ss", "9gq"),
    *("Cc", "Jj", "Kk", "Mm", "Pp", "Uu", "Vv", "Ww", "Xx", "Yy"),
)
"""Characters whose handwritten shapes differ in size or place only, if at all."""

RIVAL = 0.05
"""The smallest share of the best guess's probability that makes a look-alike worth naming."""


def describe_rivals(guesses: Sequence[Guess]) -> str:
    """Say that look-alikes share the lead.

    Args:
        guesses: Ranked, most probable first.

    Returns:
        One sentence, e.g. `0, O and o look the same without context`; empty where the best two
        guesses do not look alike or the second has no real share.
    """
    if len(guesses) < 2:
        return ""
    best, second = guesses[:2]
    group = next((g for g in GROUPS if best.character in g and second.character in g), "")
    threshold = RIVAL * best.probability
    sharing = [
        guess.character
        for guess in guesses
        if guess.character in group and guess.probability >= threshold
    ]
    if len(sharing) < 2:
        return ""
    *firsts, last = sorted(sharing, key=group.index)
    return f"{', '.join(firsts)} and {last} look the same without context"
