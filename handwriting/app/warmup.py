"""A recognizer that loads while the page is already open."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from handwriting.app.write import Reader
from handwriting.ink import Drawing
from handwriting.line import Line
from handwriting.reading import Guess, Reading

WARM_UP = [np.array([[0.0, 0.0], [0.0, 1.0]])]
"""Any drawing: the first one makes TensorFlow build what the next ones only run."""


class WarmingRecognizer:
    """Starts loading at once; who asks before it is done waits.

    Args:
        load: Makes the recognizer, e.g. `Recognizer.load`.
    """

    def __init__(self, load: Callable[[], Reader]):
        def load_and_warm_up() -> Reader:
            reader = load()
            reader.guess(WARM_UP)
            return reader

        worker = ThreadPoolExecutor(1, "warm-up")
        self._reader = worker.submit(load_and_warm_up)
        worker.shutdown(wait=False)

    def guess(
        self, drawing: Drawing, alphabet: str = "all", top: int = 5, line: Line | None = None
    ) -> list[Guess]:
        """As `Recognizer.guess`; raises what loading raised."""
        return self._reader.result().guess(drawing, alphabet, top, line)

    def read(self, drawing: Drawing, alphabet: str = "all", line: Line | None = None) -> Reading:
        """As `Recognizer.read`; raises what loading raised."""
        return self._reader.result().read(drawing, alphabet, line)
