"""The page: its look, and its tabs."""

from __future__ import annotations

from pathlib import Path

import gradio as gr
from gradio.themes.utils.colors import Color
from gradio.themes.utils.fonts import LocalFont

from handwriting.app.analysis import ReportDesk, add_analysis_tab
from handwriting.app.evaluate import add_evaluate_tab
from handwriting.app.feedback import Feedback
from handwriting.app.service import add_service
from handwriting.app.upload import MAX_BYTES
from handwriting.app.write import Reader, add_write_tab

TITLE = "Handwriting"

INK = Color(
    "#f3f6fe", "#e9eefc", "#d3ddf9", "#b4c4f4", "#93abff", "#5f7fe6",
    "#3053c8", "#2746ac", "#223b8d", "#1f3371", "#182650", name="ink",
)  # fmt: skip
"""The page's one colour, from light to dark: the blue of a fountain pen."""

THEME = gr.themes.Base(
    primary_hue=INK,
    secondary_hue=INK,
    neutral_hue="slate",
    radius_size="lg",
    # Gradio serves these itself, so that the page needs no network; their 600 is incomplete.
    font=(LocalFont("IBM Plex Sans", (400, 700)), "system-ui", "sans-serif"),
    font_mono=(LocalFont("IBM Plex Mono", (400, 700)), "ui-monospace", "monospace"),
).set(
    body_background_fill="#f8f7f4",
    body_background_fill_dark="#10131a",
    body_text_color="#23262f",
    body_text_color_dark="#e9ebf1",
    body_text_color_subdued="#6b6f7b",
    body_text_color_subdued_dark="#969cab",
    color_accent="*primary_600",
    block_background_fill="#fffefb",
    block_background_fill_dark="#191d27",
    block_border_color="#e3e1da",
    block_border_color_dark="#2b303c",
)

CACHE = (600, 3000)
"""Gradio looks every so many seconds for uploads and downloads that are so many seconds old, and
deletes them."""

QUEUE = 20
"""How many visitors may wait for their evaluation; who comes then is told to come again."""

LAUNCH = {
    "theme": THEME,
    "css_paths": [Path(__file__).with_name("page.css")],
    "show_error": True,
    # Nothing on the page is worth a second, rendering server.
    "ssr_mode": False,
    "max_file_size": MAX_BYTES,
    # What programs may ask, assistants may ask as well.
    "mcp_server": True,
}
"""What `build_page(…).launch` needs to look as it should."""


def build_page(reader: Reader, reports: Path, feedback: Feedback | None = None) -> gr.Blocks:
    """Build the app.

    Args:
        reader: Reads the drawings, a `handwriting.Recognizer` or what behaves like one.
        reports: The folder of evaluation reports.
        feedback: Keeps what visitors say about readings; without it they are not asked.

    Returns:
        A page to be launched with `LAUNCH`.
    """
    desk = ReportDesk(reports)
    with gr.Blocks(title=TITLE, analytics_enabled=False, delete_cache=CACHE) as page:
        gr.HTML(
            f"<h1>{TITLE}</h1><p>Reads letters and digits while you write them.</p>",
            elem_id="masthead",
        )
        with gr.Tab("Write"):
            add_write_tab(reader, feedback)
        with gr.Tab("Analysis"):
            add_analysis_tab(desk)
        with gr.Tab("Evaluate"):
            add_evaluate_tab(desk.shelf)
        add_service(desk)
    return page.queue(max_size=QUEUE)
