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

MODES = {
    "single": ("Single", "one character, with all that it may be"),
    "sequence": ("One after another", "each character is appended to a text after a pause"),
}
"""What is written on the pad: the page's name of each mode, and what it explains of it."""

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

SCRIPTS = ("pad.js", "reader.js", "answer.js", "letters.js", "show.js", "keep.js", "write.js")
"""What runs in the browser, each file after those that it builds on."""

EXAMPLES = json.loads((HERE / "examples.json").read_text("utf-8"))
"""What "Show me" draws, written by hand for this project.

Each stroke is a few points on its path, units; the browser runs a smooth curve through them.
"""


def pad(answer: Callable[[object], dict]) -> gr.HTML:
    """A ruled pad to write on, with what was read beside it.

    Its value is the drawing, `{"width": 400, "height": 400, "strokes": [[[x, y], …], …]}`, with
    the `baseline` and `x_height` of its ruling: events of the page may take it, and setting it
    replaces the ink.

    Args:
        answer: What to ask while the pen moves: from `{"drawing": …, "alphabet": …}` to what
            `handwriting.app.write.answer` returns.
    """

    def ask(question: object) -> dict:
        return answer(question)

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
        server_functions=[ask],
        elem_id="writing-pad",
        sheet={
            "width": SIDE,
            "height": SIDE,
            "capital": CAPITAL_LINE,
            "xHeight": X_HEIGHT_LINE,
            "base": BASELINE,
        },
        modes=[
            {"key": key, "name": name, "meaning": meaning, "first": key == "single"}
            for key, (name, meaning) in MODES.items()
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
        examples=EXAMPLES,
    )
