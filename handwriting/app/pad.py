"""The writing pad: a Gradio component whose value is ink, a list of strokes.

Everything a stroke needs happens in the browser (`pad.js`, `reader.js`, `write.js`); what the
ink says is asked from the server by one small request at a time.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import gradio as gr

HERE = Path(__file__).parent

SIDE = 400
"""Width and height of the pad, units: what a drawing's coordinates and the brush count in."""

CAPITAL_LINE, X_HEIGHT_LINE, BASELINE = 70, 178, 292
"""Where the sheet is ruled, units from its top."""

LINE_HEIGHT = 320
LINE_WIDTHS = {"narrow": 520, "wide": 1200}
"""Height of the sheet for a whole line, units, and its widths on a phone and on a desk."""

LINE_CAPITAL_LINE, LINE_X_HEIGHT_LINE, LINE_BASELINE = 60, 136, 216
"""Where the sheet for a line is ruled, units from its top."""

LINE_BRUSH = 0.5
"""How much thinner the brush is on a line."""

MODES = {
    "single": ("Single", "one character, with all that it may be", "Write a letter or a digit"),
    "sequence": (
        "One after another",
        "each character is appended to a text after a pause",
        "Write one letter after another",
    ),
    "line": ("Line", "words, written side by side", "Write a word or two"),
}
"""What is written on the pad: the page's name of each mode, what it explains of it, and how an
empty pad invites to it."""

PAUSES = (200, 2000)
DEFAULT_PAUSES = {"mouse": 800, "touch": 400}
"""How long the pointer rests before a character counts as finished, milliseconds."""

BRUSH_WIDTHS = (5, 100)
DEFAULT_BRUSH_WIDTH = 30
"""Widths of the brush, units. They change how the ink looks and never what is recognised."""

ALPHABET_NAMES = {
    "all": ("All 62", "digits, capitals and small letters"),
    "digits": ("Digits", "0 to 9"),
    "letters": ("Letters", "capitals and small letters"),
    "upper": ("Capitals", "A to Z"),
    "lower": ("Small", "a to z"),
    "case-insensitive": ("Any case", "digits and letters, whatever their case"),
}
"""How the page calls each of `handwriting.alphabet.CHOICES`, and what it explains of it."""

ROWS = 5
"""How many guesses are ranked beside the pad."""

SCRIPTS = (
    "pad.js",
    "reader.js",
    "answer.js",
    "letters.js",
    "line.js",
    "feedback.js",
    "show.js",
    "keep.js",
    "compare.js",
    "write.js",
)
"""What runs in the browser, each file after those that it builds on."""

EXAMPLES = json.loads((HERE / "examples.json").read_text("utf-8"))
"""What "Show me" draws, written by hand for this project.

Each stroke is a few points on its path, units; the browser runs a smooth curve through them.
"""


WORD = "Ray 8"
"""What "Show me" writes on a line, put together from the examples."""


def pad(
    answer: Callable[[object], dict],
    read_line: Callable[[object], dict],
    keep_feedback: Callable[[object], dict] | None = None,
) -> gr.HTML:
    """A ruled pad to write on, with what was read beside it.

    Its value is the drawing, `{"width": 400, "height": 400, "strokes": [[[x, y], …], …]}`, with
    the `baseline` and `x_height` of its ruling: events of the page may take it, and setting it
    replaces the ink.

    Args:
        answer: What to ask while the pen moves: from `{"drawing": …, "alphabet": …}` to what
            `handwriting.app.write.answer` returns.
        read_line: The same for a whole line, as `handwriting.app.write.answer_line`.
        keep_feedback: What is told whether a reading was right, as
            `handwriting.app.write.answer_feedback`; without it nobody is asked.
    """

    def ask(question: object) -> dict:
        return answer(question)

    def read(question: object) -> dict:
        return read_line(question)

    def tell(remark: object) -> dict:
        return keep_feedback(remark)

    html, css, *scripts = (
        (HERE / name).read_text("utf-8") for name in ("pad.html", "pad.css", *SCRIPTS)
    )
    return gr.HTML(
        {"width": SIDE, "height": SIDE, "strokes": []},
        label="Writing pad",
        html_template=html,
        css_template=css,
        js_on_load="\n".join([*scripts, "write(element, props, server, watch);"]),
        apply_default_css=False,
        server_functions=[ask, read, *([tell] if keep_feedback else [])],
        elem_id="writing-pad",
        side=SIDE,
        sheets={
            "character": _sheet(SIDE, SIDE, CAPITAL_LINE, X_HEIGHT_LINE, BASELINE, 1),
            **{
                name: _sheet(
                    width,
                    LINE_HEIGHT,
                    LINE_CAPITAL_LINE,
                    LINE_X_HEIGHT_LINE,
                    LINE_BASELINE,
                    LINE_BRUSH,
                )
                for name, width in LINE_WIDTHS.items()
            },
        },
        modes=[
            {"key": key, "name": name, "meaning": meaning, "invitation": invitation}
            | {"first": key == "single"}
            for key, (name, meaning, invitation) in MODES.items()
        ],
        pause={"shortest": PAUSES[0], "longest": PAUSES[1], "defaults": DEFAULT_PAUSES},
        brush={
            "narrowest": BRUSH_WIDTHS[0],
            "widest": BRUSH_WIDTHS[1],
            "width": DEFAULT_BRUSH_WIDTH,
        },
        alphabets=[
            {"key": key, "name": name, "meaning": meaning, "first": key == "all"}
            for key, (name, meaning) in ALPHABET_NAMES.items()
        ],
        rows=list(range(ROWS)),
        feedback=keep_feedback is not None,
        examples=EXAMPLES,
        word={"strokes": compose(WORD)},
    )


def compose(word: str) -> list[list[list[float]]]:
    """Write a word of the examples' characters on the sheet for a line.

    Args:
        word: Characters of `EXAMPLES`, and spaces.

    Returns:
        Strokes as `EXAMPLES` has them, units of that sheet.
    """
    drawn = {example["character"]: example["strokes"] for example in EXAMPLES}
    scale = (LINE_BASELINE - LINE_X_HEIGHT_LINE) / (BASELINE - X_HEIGHT_LINE)
    gap, space, left = 16, 92, 20
    strokes = []
    for character in word:
        if character == " ":
            left += space - gap
            continue
        xs = [x for stroke in drawn[character] for x, _ in stroke]
        strokes += [
            [
                [left + scale * (x - min(xs)), LINE_BASELINE + scale * (y - BASELINE)]
                for x, y in stroke
            ]
            for stroke in drawn[character]
        ]
        left += scale * (max(xs) - min(xs)) + gap
    return strokes


def _sheet(
    width: int, height: int, capital: int, x_height: int, base: int, brush: float
) -> dict[str, float]:
    """A sheet as the browser knows it: size and ruling, units, and how thick the brush is."""
    return {
        "width": width,
        "height": height,
        "capital": capital,
        "xHeight": x_height,
        "base": base,
        "brush": brush,
    }
