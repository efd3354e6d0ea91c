"""The test images behind a report: loaded or fetched in the background, asked for at any time."""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from handwriting.datasets.splits import find_split, load_images
from handwriting.errors import InputError

log = logging.getLogger(__name__)


@dataclass
class TestImages:
    """The images of one data set's part, in the order of the files.

    Args:
        state: `loading` from disk, `fetching` from the official source, `ready`, or `missing`.
        images: uint8 (n, 28, 28), upright, bright ink on black, once ready.
        labels: int64 (n,), once ready.
        problem: Why they are missing, a sentence.
    """

    state: Literal["loading", "fetching", "ready", "missing"] = "loading"
    images: np.ndarray | None = None
    labels: np.ndarray | None = None
    problem: str = ""


@dataclass
class ImageStore:
    """Every test set that a report of this process was about."""

    _sets: dict[tuple[str, str], TestImages] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def get(self, name: str, part: str, *, again: bool = False) -> TestImages:
        """What there is by now; the first call starts the work, in a thread of its own.

        Args:
            name: A key of `datasets.splits.SPLITS`.
            part: `train` or `test`.
            again: Whether to try once more where it has failed before.
        """
        with self._lock:
            found = self._sets.get((name, part))
            if found is None or (again and found.state == "missing"):
                found = self._sets[name, part] = TestImages()
                threading.Thread(target=_provide, args=(found, name, part), daemon=True).start()
        return found


def _provide(found: TestImages, name: str, part: str) -> None:
    try:
        if not all(path.exists() for path in find_split(name).paths(part)):
            # Only here, so that showing a report needs no HTTP client.
            from handwriting.datasets.download import fetch

            found.state = "fetching"
            fetch([name], part=part, progress=False, report=log.info)
            found.state = "loading"
        found.images, found.labels = load_images(name, part)
        found.state = "ready"
    except InputError as error:
        found.problem = str(error)
    except Exception:
        log.exception("the test images of %s cannot be had", name)
        found.problem = "an unforeseen error, which is in the server's log"
    finally:
        if found.state != "ready":
            found.state = "missing"
