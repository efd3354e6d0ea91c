"""The app, or part of it, answering on a port while a test runs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import gradio as gr


@contextmanager
def serve(page: gr.Blocks, **options) -> Iterator[str]:
    """Its address; options are those of `launch`."""
    _, url, _ = page.launch(prevent_thread_lock=True, quiet=True, **options)
    try:
        yield url
    finally:
        page.close(verbose=False)
