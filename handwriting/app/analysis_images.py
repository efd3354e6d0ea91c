"""The test images behind a report: loaded or fetched in the background, asked for at any time."""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from handwriting.datasets.splits import SPLITS
from handwriting.datasets.strokes import UNIPEN, unipen_path
from handwriting.datasets.testset import TestSet, load_test_set
from handwriting.errors import InputError

log = logging.getLogger(__name__)


@dataclass
class TestImages:
    """The images of one test set, in its order.

    Args:
        state: `loading` from disk, `fetching` from the official source, `ready`, or `missing`.
        images: uint8 (n, 28, 28), upright, bright ink on black, once ready.
        labels: int64 (n,), once ready.
        test: The whole test set, once ready.
        problem: Why they are missing, a sentence.
        settled: Set once they are ready or missing.
    """

    state: Literal["loading", "fetching", "ready", "missing"] = "loading"
    images: np.ndarray | None = None
    labels: np.ndarray | None = None
    test: TestSet | None = None
    problem: str = ""
    settled: threading.Event = field(default_factory=threading.Event)

    __test__ = False  # pytest: this is no test.


@dataclass
class ImageStore:
    """Every test set that a report of this process was about."""

    _sets: dict[str, TestImages] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def prepare(self, name: str) -> None:
        """Start loading a test set, but only from this machine."""
        if _is_here(name):
            self.get(name)

    def get(self, name: str, *, again: bool = False) -> TestImages:
        """What there is by now; the first call starts the work, in a thread of its own.

        Args:
            name: As `load_test_set` knows it.
            again: Whether to try once more where it has failed before.
        """
        with self._lock:
            found = self._sets.get(name)
            if found is None or (again and found.state == "missing"):
                found = self._sets[name] = TestImages()
                threading.Thread(target=_provide, args=(found, name), daemon=True).start()
        return found

    def wait(self, name: str, seconds: float) -> None:
        """Give a test set a while to be loaded; one that is being fetched would take longer."""
        if _is_here(name):
            self.get(name).settled.wait(seconds)


def _is_here(name: str) -> bool:
    if name == UNIPEN:
        return unipen_path().exists()
    return name in SPLITS and all(path.exists() for path in SPLITS[name].paths("test"))


def _provide(found: TestImages, name: str) -> None:
    try:
        here = _is_here(name)
        if name == UNIPEN and not here:
            raise InputError("UNIPEN's drawings are not on this machine and cannot be fetched")
        if name in SPLITS and not here:
            # Only here, so that showing a report needs no HTTP client.
            from handwriting.datasets.download import fetch

            found.state = "fetching"
            fetch([name], part="test", progress=False, report=log.info)
            found.state = "loading"
        found.test = load_test_set(name)
        found.images, found.labels = found.test.images, found.test.labels
        found.state = "ready"
    except InputError as error:
        found.problem = str(error)
    except Exception:
        log.exception("the test images of %s cannot be had", name)
        found.problem = "an unforeseen error, which is in the server's log"
    finally:
        if found.state != "ready":
            found.state = "missing"
        found.settled.set()
