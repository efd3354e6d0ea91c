"""A visitor's predictions → report and comparison, in a process of its own.

It is the command line that does the work, so a visitor's file gets no other treatment than one's
own; and a process can be stopped at any moment, whatever it is doing.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from handwriting.errors import InputError
from handwriting.evaluation.report import Report
from handwriting.evaluation.sources import READERS

MAX_BYTES = 200_000_000
"""Largest upload: 116,323 × 62 numbers of a `.csv` with all their digits take 150 MB."""

MODELS = (".keras", ".h5", ".hdf5", ".tflite", ".onnx", ".pt", ".pth", ".pkl", ".joblib", ".bin")
"""Files of models that people have, and that are refused."""

PATIENCE = 300.0
"""After this long a run is given up, seconds."""

STEP = 0.2
"""Between two looks at the running process, seconds."""

LONGEST_NAME = 40

STEPS = 2
"""Evaluating, and comparing."""


@dataclass(frozen=True)
class Progress:
    """How far a run is.

    Args:
        step: Steps that are done, of `STEPS`.
        doing: What it does now, in words.
        seconds: Since it began.
    """

    step: int
    doing: str
    seconds: float


@dataclass(frozen=True)
class Finished:
    """What a run has made.

    Args:
        report: The new report, in the run's folder.
        page: Its page.
        comparison: The page of the comparison.
        told: What the comparison says, in plain text.
        archive: Both folders in one `.zip`.
    """

    report: Report
    page: Path
    comparison: Path
    told: str
    archive: Path


def check_upload(path: str | None) -> Path:
    """What can be said of an uploaded file before anything looks into it.

    Raises:
        InputError: There is none, it is no file of predictions, or it is too large.
    """
    if not path:
        raise InputError(f"choose a file of predictions first: {', '.join(READERS)}")
    file = Path(path)
    if file.suffix.lower() in MODELS:
        raise InputError(
            f"{file.name} is a model, and running a stranger's model is running a stranger's "
            "program: evaluate it on your own machine with python -m handwriting evaluate "
            f"{file.name} --out REPORT, or upload its predictions"
        )
    if file.suffix.lower() not in READERS:
        raise InputError(f"{file.name}: predictions are read from {', '.join(READERS)} files")
    if not file.is_file():
        raise InputError(f"{file.name} is here no more: choose the file again")
    if file.stat().st_size > MAX_BYTES:
        raise InputError(f"{file.name} is larger than {MAX_BYTES // 1_000_000} MB")
    return file


def check_name(name: str | None, file: Path) -> str:
    """What the report will be called, in one line that is not too long.

    Without the signs that Markdown or Matplotlib take for markup, and without slashes, which `v1/2`
    has for a reason.
    """
    plain = re.sub(r"(?<=\w)/(?=\w)", "-", name or file.stem)
    kept = re.sub(r"[^\w .,:;=+()@%&!?'-]", "", plain).strip()
    return kept[:LONGEST_NAME] or "yours"


def run(file: Path, name: str, against: Report, folder: Path) -> Iterator[Progress | Finished]:
    """Evaluate a file of predictions and compare them with a report of the same data.

    Closing the iterator stops the work.

    Args:
        file: The predictions.
        name: What the new report calls them.
        against: Whose data set, and which model, the predictions are compared with.
        folder: An empty folder to work in.

    Yields:
        How far it is, several times a second, and at last what it has made.

    Raises:
        InputError: The file cannot be used, or it takes too long.
    """
    report, comparison = folder / "report", folder / "comparison"
    samples = f"{against.dataset['samples']:,} samples"
    began = time.monotonic()
    evaluate = ["evaluate", str(file), f"--name={name}", "--out", str(report)]
    evaluate += ["--data", against.dataset["name"], "--labels-of", str(against.folder)]
    for _ in _command(evaluate, began):
        yield Progress(0, f"Evaluating {samples}", time.monotonic() - began)
    compare = ["compare", str(against.folder), str(report), "--out", str(comparison)]
    told = ""
    for printed in _command(compare, began):
        told = printed
        yield Progress(1, f"Comparing with {against.model['name']}", time.monotonic() - began)
    archive = folder / "report.zip"
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as packed:
        for path in sorted([*report.rglob("*"), *comparison.rglob("*")]):
            packed.write(path, path.relative_to(folder))
    yield Finished(
        Report.load(report),
        report / "index.html",
        comparison / "index.html",
        told.partition("\n\nwrote ")[0],
        archive,
    )


def _command(arguments: list[str], began: float) -> Iterator[str]:
    """Run one of our commands; yields nothing of note while it runs, then what it has printed."""
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as err:
        process = subprocess.Popen(
            [sys.executable, "-m", "handwriting", *arguments],
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=err,
            cwd=Path(__file__).parents[2],
        )
        try:
            while process.poll() is None:
                if time.monotonic() - began > PATIENCE:
                    raise InputError(f"it took more than {PATIENCE:.0f} s and was given up")
                yield ""
                time.sleep(STEP)
        finally:
            process.kill()
            process.wait()
        out.seek(0)
        err.seek(0)
        if process.returncode == 2:
            raise InputError(err.read().strip().splitlines()[-1].partition(": ")[2])
        if process.returncode:
            raise RuntimeError(f"{arguments[0]} failed: {err.read()[-2000:]}")
        yield out.read()
