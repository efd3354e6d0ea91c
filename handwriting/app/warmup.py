"""A recognizer that loads while the page is already open."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import numpy as np

from handwriting.app.write import Reader
from handwriting.ink import Drawing
from handwriting.recognizer import Guess

WARM_UP = [np.array([[0.0, 0.0], [0.0, 1.0]])]
"""Any drawing: the first one makes TensorFlow build what the next ones only run."""

NOISE = (b"oneDNN custom operations are on", b"before absl::InitializeLog() is called")
"""What TensorFlow prints while it is imported, whatever its log level."""


class WarmingRecognizer:
    """Starts loading at once; who asks before it is done waits.

    Args:
        load: Makes the recognizer, e.g. `Recognizer.load`.
    """

    def __init__(self, load: Callable[[], Reader]):
        def load_and_warm_up() -> Reader:
            with _without_noise():
                reader = load()
            reader.guess(WARM_UP)
            return reader

        worker = ThreadPoolExecutor(1, "warm-up")
        self._reader = worker.submit(load_and_warm_up)
        worker.shutdown(wait=False)

    def guess(self, drawing: Drawing, alphabet: str = "all", top: int = 5) -> list[Guess]:
        """As `Recognizer.guess`; raises what loading raised."""
        return self._reader.result().guess(drawing, alphabet, top)


@contextmanager
def _without_noise() -> Iterator[None]:
    """Hold back what the process writes to stderr, then write it but for TensorFlow's noise."""
    # Its C++ side writes to the descriptor itself, where `contextlib.redirect_stderr` is no help.
    with tempfile.TemporaryFile() as held:
        stderr = os.dup(2)
        os.dup2(held.fileno(), 2)
        try:
            yield
        finally:
            os.dup2(stderr, 2)
            os.close(stderr)
            held.seek(0)
            for line in held:
                if not any(noise in line for noise in NOISE):
                    os.write(2, line)
