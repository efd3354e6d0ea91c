"""How long it takes to draw a pen's strokes as EMNIST would show them, against Pillow's own lines.

    python benchmarks/rendering.py [--drawings 500] [--repeats 5]

Pillow draws lines with round joints as well, on four times the pixels so that edges are smooth, but
joint by joint in Python. UNIPEN's held-out drawings, medians of interleaved repeats.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable

import numpy as np
from PIL import Image, ImageDraw

from handwriting import ink
from handwriting.datasets.strokes import load_unipen
from handwriting.ink import Drawing

OVERSAMPLING = 4
"""Pixels per scan pixel that Pillow draws."""

SEED = 0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--drawings", type=int, default=500)
    parser.add_argument("--repeats", type=int, default=5)
    options = parser.parse_args()

    everything = load_unipen("test").drawings
    chosen = np.random.default_rng(SEED).permutation(len(everything))[: options.drawings]
    drawings = [everything[index] for index in chosen]
    ways = {"Pillow": render_by_pillow, "ours": ink.render}
    seconds = {name: [] for name in ways}
    for _ in range(options.repeats):
        for name, render in ways.items():
            seconds[name].append(measure(render, drawings))
    pillow, ours = (1000 * float(np.median(taken)) / len(drawings) for taken in seconds.values())
    images, others = (
        np.array([render(drawing) for drawing in drawings], float) for render in ways.values()
    )
    print(f"Pillow {pillow:.2f} ms a drawing, ours {ours:.2f} ms: {pillow / ours:.1f} times")
    print(f"mean difference of a pixel: {np.abs(images - others).mean():.1f} of 255")


def measure(render: Callable[[Drawing], np.ndarray], drawings: list[Drawing]) -> float:
    """Seconds of the processor for all of them, whatever else runs on it."""
    started = time.process_time()
    for drawing in drawings:
        render(drawing)
    return time.process_time() - started


def render_by_pillow(drawing: Drawing) -> np.ndarray:
    """As `ink.render`, drawn with Pillow's lines and ellipses."""
    paths, extent, side = ink.lay_on_scan(drawing)
    scan = Image.new("L", (side * OVERSAMPLING,) * 2)
    pen, width = ImageDraw.Draw(scan), ink.PEN_WIDTH * OVERSAMPLING
    for path in paths:
        # Pillow would cut off the fractions.
        path = np.rint(ink.space_evenly(OVERSAMPLING * path, OVERSAMPLING))
        pen.line([tuple(point) for point in path], fill=255, width=round(width), joint="curve")
        for x, y in (path[0], path[-1]):
            pen.ellipse((x - width / 2, y - width / 2, x + width / 2, y + width / 2), fill=255)
    return ink.develop(scan.reduce(OVERSAMPLING), extent)


if __name__ == "__main__":
    main()
