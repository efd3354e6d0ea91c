"""What visitors say about a reading: strokes, label and guess, kept for the next training.

Off on a shared Space unless `HANDWRITING_FEEDBACK` is `1`, on elsewhere unless it is `0`. Nothing
about the visitor is kept: no address, no session, no time.
"""

from __future__ import annotations

import json
import os
import threading
import uuid
from collections.abc import Mapping
from contextlib import nullcontext
from pathlib import Path

import platformdirs
from huggingface_hub import CommitScheduler

from handwriting.alphabet import CHARACTERS
from handwriting.errors import InputError
from handwriting.ink import parse_drawing
from handwriting.line import parse_line

SWITCH = "HANDWRITING_FEEDBACK"
"""Environment variable: `1` collects feedback, `0` does not."""

REPOSITORY = "HANDWRITING_FEEDBACK_REPO"
"""Environment variable: the dataset repository, `owner/name`, that feedback is committed to."""

FOLDER = Path(platformdirs.user_data_dir("handwriting", appauthor=False)) / "feedback"
"""Where feedback is kept."""

MAX_POINTS = 2_000
"""Most points of a drawing that is kept; a character written by hand has a tenth."""

MAX_BYTES = 64 * 2**20
"""Most bytes of feedback in the folder; after that no more is taken."""

MINUTES = 10
"""Between two commits to the repository."""


class Feedback:
    """Appends to a file of this process's own, one JSON object a line.

    Args:
        folder: Where to; made when the first line comes.
        repository: The dataset repository that the folder is committed to every `MINUTES`.
    """

    def __init__(self, folder: Path, repository: str | None = None):
        self._file = folder / f"feedback-{uuid.uuid4()}.jsonl"
        self._lock = threading.Lock()
        self._scheduler = (
            CommitScheduler(
                repo_id=repository,
                repo_type="dataset",
                folder_path=folder,
                path_in_repo="feedback",
                allow_patterns="*.jsonl",
                every=MINUTES,
            )
            if repository
            else None
        )

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Feedback | None:
        """What the environment asks for; None where no feedback is wanted."""
        default = "0" if environment.get("SPACE_ID") else "1"
        if environment.get(SWITCH, default) != "1":
            return None
        return cls(FOLDER, environment.get(REPOSITORY) or None)

    def save(self, remark: object) -> None:
        """Keep a remark.

        Args:
            remark: Decoded JSON: `drawing`; `label`, what the visitor meant; `guess`, what was
                read. Anything else in it is left out.

        Raises:
            InputError: It is not of that form or too large, or there is no more room.
        """
        line = json.dumps(_parse_remark(remark), separators=(",", ":")) + "\n"
        with self._lock, self._scheduler.lock if self._scheduler else nullcontext():
            folder = self._file.parent
            folder.mkdir(parents=True, exist_ok=True)
            used = sum(path.stat().st_size for path in folder.glob("*.jsonl"))
            if used + len(line) > MAX_BYTES:
                raise InputError("there is no more room for feedback; thank you all the same")
            with self._file.open("a", encoding="utf-8") as file:
                file.write(line)


def _parse_remark(remark: object) -> dict:
    remark = remark if isinstance(remark, dict) else {}
    strokes, line = parse_drawing(remark.get("drawing")), parse_line(remark["drawing"])
    if not strokes:
        raise InputError("there is no ink to keep")
    if sum(map(len, strokes)) > MAX_POINTS:
        raise InputError(f"feedback is kept of drawings of up to {MAX_POINTS:,} points")
    for key in ("label", "guess"):
        # Longer strings than one character are found in the alphabet, too.
        if remark.get(key) not in tuple(CHARACTERS):
            raise InputError(f"the {key} is one letter from a to z, in either case, or one digit")
    return {
        "strokes": [stroke.tolist() for stroke in strokes],
        **({"baseline": line.baseline, "x_height": line.x_height} if line else {}),
        "label": remark["label"],
        "guess": remark["guess"],
    }
