"""How well whole lines are read: 300 lines composed from held-out writers' characters.

    python benchmarks/read_lines.py [--model MODEL] [--part validation]

Each line is by one writer of contributors that no network and no weight was trained on. Lines
have 3 to 8 characters, with or without a space, on one baseline (`handwriting.datasets.lines`).
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence

import numpy as np

from handwriting import Recognizer
from handwriting.datasets.lines import KINDS, ComposedLine, compose_lines
from handwriting.datasets.strokes import HELD_OUT, load_unipen
from handwriting.line import load_size_model
from handwriting.reading import Reading

LINES = 300
SEED = 4


def count_edits(wanted: str, got: str) -> int:
    """Characters to insert, delete or replace (Levenshtein distance)."""
    row = list(range(len(got) + 1))
    for i, a in enumerate(wanted, 1):
        last, row[0] = row[0], i
        for j, b in enumerate(got, 1):
            last, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, last + (a != b))
    return row[-1]


def summarize(lines: Sequence[ComposedLine], readings: Sequence[Reading]) -> dict[str, float]:
    """The figures of some lines.

    Returns:
        `characters`, `lines`: shares of both that were cut right, stroke for stroke; `spaces`:
        lines with right words among those; `cer`, `cer_caseless`: edits per character written,
        spaces included; `case`: wrong case among the letters that were read right but for it;
        `digits`: letters read as digits and the reverse, among characters cut right.
    """
    found = total = whole = spaced = edits = caseless = written = 0
    letters = wrong_case = other_kind = 0
    for line, reading in zip(lines, readings, strict=True):
        truth = dict(zip(map(tuple, line.groups), line.text.replace(" ", ""), strict=True))
        cut = {c.strokes: c.guesses[0].character for c in reading.characters}
        right = truth.keys() & cut.keys()
        found, total = found + len(right), total + len(truth)
        if right == truth.keys() == cut.keys():
            whole += 1
            words = [len(word) for word in reading.text.split()]
            spaced += words == [len(word) for word in line.text.split()]
        for strokes in right:
            a, b = truth[strokes], cut[strokes]
            other_kind += a.isdigit() != b.isdigit()
            if a.isalpha() and a.lower() == b.lower():
                letters += 1
                wrong_case += a != b
        written += len(line.text)
        edits += count_edits(line.text, reading.text)
        caseless += count_edits(line.text.lower(), reading.text.lower())
    return {
        "characters": found / total,
        "lines": whole / len(lines),
        "spaces": spaced / max(1, whole),
        "cer": edits / written,
        "cer_caseless": caseless / written,
        "case": wrong_case / max(1, letters),
        "digits": other_kind / max(1, found),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", help=".keras file or shipped model; default: the shipped one")
    parser.add_argument("--part", default="test", choices=list(HELD_OUT), help="contributors")
    options = parser.parse_args()

    recognizer = Recognizer.load(options.model)
    lines = compose_lines(load_unipen(options.part), load_size_model(), LINES, SEED)
    for line in lines[:3]:
        recognizer.read(line.drawing)  # The first calls compile.
    readings, seconds = [], []
    for line in lines:
        start = time.perf_counter()
        readings.append(recognizer.read(line.drawing))
        seconds.append(time.perf_counter() - start)

    print(f"{LINES} lines of {options.part} contributors, read by {recognizer.name}\n")
    print(f"{'':12} {'lines':>5} {'cut right:':>10} {'lines':>7} {'spaces':>7} {'CER':>7}", end="")
    print(f" {'caseless':>8} {'wrong case':>10} {'digit/letter':>12}")
    for kind in (*KINDS, "all"):
        chosen = [i for i, line in enumerate(lines) if kind in (line.kind, "all")]
        figures = summarize([lines[i] for i in chosen], [readings[i] for i in chosen])
        print(
            f"{kind:12} {len(chosen):5} {figures['characters']:10.1%} {figures['lines']:7.1%} "
            f"{figures['spaces']:7.1%} {figures['cer']:7.1%} {figures['cer_caseless']:8.1%} "
            f"{figures['case']:10.1%} {figures['digits']:12.1%}"
        )
    milliseconds = 1000 * np.array(seconds)
    print(
        f"\n{np.median(milliseconds):.0f} ms a line at the median, "
        f"{np.quantile(milliseconds, 0.95):.0f} ms at the 95th percentile"
    )


if __name__ == "__main__":
    main()
