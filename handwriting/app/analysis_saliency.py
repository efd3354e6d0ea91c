"""The saliency maps of single samples, by the models that the package ships."""

from __future__ import annotations

import base64
import reprlib
import threading
from typing import TYPE_CHECKING

import numpy as np

from handwriting.datasets.testset import TestSet
from handwriting.errors import InputError
from handwriting.evaluation.report import Report
from handwriting.recognizer import Recognizer, list_shipped

if TYPE_CHECKING:
    from handwriting.saliency import Explainer

LEVELS = 127
"""How finely the page is told how much a pixel counts, to either side."""

PATH_NOTE = "The path of the pen counted as well; the maps show what the image alone said."

SCAN_NOTE = "Case was told by how much the scan was magnified, too; the maps leave that out."


class Explanations:
    """Loads a model when the first sample of a report of it is asked about, and keeps it."""

    def __init__(self):
        self._explainers: dict[tuple[str, str], Explainer] = {}
        self._lock = threading.Lock()

    def explain(self, report: Report, test: TestSet, sample: int) -> dict:
        """Which pixels of a sample spoke for what it was read as, and which for the truth.

        Args:
            report: What the sample was misread in.
            test: Its test set.
            sample: The index.

        Returns:
            `maps`, one a reading: `character`, `pixels`, 784 bytes, base64, each from -127,
            against it, to 127, for it, on one scale for all maps; and `for` and `against`, the
            sums of the positive and of the negative pixels, nats. `note`, what the maps leave
            out, "" if nothing.

        Raises:
            InputError: The report's model is not at hand.
        """
        predictions = report.predictions
        chosen = dict.fromkeys((predictions.predicted[sample], predictions.labels[sample]))
        members = test.alphabet.members
        with self._lock:
            explainer = self._get(report, test)
            maps = explainer.explain(
                test.images[sample], [members[i] for i in chosen], "".join(members)
            )
        scale = LEVELS / max(np.abs(maps).max(), np.finfo(np.float32).tiny)
        return {
            "maps": [
                {
                    "character": predictions.classes[i],
                    "pixels": base64.b64encode((scale * pixels).round().astype(np.int8)).decode(),
                    "for": float(pixels[pixels > 0].sum()),
                    "against": float(-pixels[pixels < 0].sum()),
                }
                for i, pixels in zip(chosen, maps, strict=True)
            ],
            "note": _note(explainer.recognizer, test, "".join(members[index] for index in chosen)),
        }

    def knows(self, report: Report) -> bool:
        """Whether the model of a report comes with the app."""
        return str(report.model["name"]) in list_shipped()

    def _get(self, report: Report, test: TestSet) -> Explainer:
        name = str(report.model["name"])
        if not self.knows(report):
            raise InputError(
                f"a map needs the model, and {reprlib.repr(name)} is none of those that come "
                f"with the app: {', '.join(list_shipped())}"
            )
        key = name, test.name
        if key not in self._explainers:
            from handwriting.saliency import Explainer

            recognizer = Recognizer.load(name)
            if recognizer.account.get("created") != report.model.get("created"):
                raise InputError(
                    f"the {name} that comes with the app is another one than the report's: "
                    "evaluate it again"
                )
            self._explainers[key] = Explainer(recognizer, test.prior, test.ink)
        return self._explainers[key]


def _note(recognizer: Recognizer, test: TestSet, characters: str) -> str:
    """What maps of those characters leave out."""
    if recognizer.follows_pen and test.drawings:
        return PATH_NOTE
    told = recognizer.magnification if test.ink == "scan" else None
    return SCAN_NOTE if told and set(characters.lower()) & set(told.letters) else ""
