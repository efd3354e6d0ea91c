"""Two hundred malformed uploads and reports: a clear line each, and nothing left behind."""

import io
import json
import os
import zipfile
from pathlib import Path

import numpy as np
import pytest

from handwriting.alphabet import BYCLASS, CHARACTERS
from handwriting.app.shelf import ReportShelf
from handwriting.app.upload import check_upload
from handwriting.errors import InputError
from handwriting.evaluation import figures
from handwriting.evaluation.predictions import Predictions
from handwriting.evaluation.report import Report, list_reports, write_report
from handwriting.evaluation.sources import read_predictions

SAMPLES = 124
LABELS = np.arange(SAMPLES) % 62
PROBABILITIES = np.full((SAMPLES, 62), 0.4 / 62)
PROBABILITIES[np.arange(SAMPLES), LABELS] += 0.6

WRONG = [None, True, -1, 0.5, "x", "", [], {}, [[]], "\u0000", 10**400, [None], {"a": 1}]


def packed(name="probabilities.npy", array=PROBABILITIES, content=None):
    if content is None:
        file = io.BytesIO()
        np.save(file, array, allow_pickle=True)
        content = file.getvalue()
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return file.getvalue()


HEADER = ",".join(CHARACTERS)


def table(array=PROBABILITIES, header=HEADER):
    rows = "\n".join(",".join(f"{value:.6f}" for value in row) for row in array)
    return f"{header}\n{rows}\n".encode()


def malformed_uploads():
    """(file name, content) of a hundred."""
    random = np.random.default_rng(0)
    npz, csv = packed(), table()
    for cut in random.integers(0, len(npz) - 1, 20):
        yield "cut.npz", npz[:cut]
    # A line less is a sample less, wherever a table is cut.
    for cut in random.integers(0, len(csv) - 600, 15):
        yield "cut.csv", csv[:cut]
    for kind in (object, "U3", "S3", complex, bool, "M8[s]", "f8,f8"):
        array = np.zeros((SAMPLES, 62)).astype(kind)
        yield "dtype.npz", packed(array=array)
    for value in (np.nan, np.inf, -np.inf, -3, 7, 1e300):
        for row in (0, 60, SAMPLES - 1):
            array = PROBABILITIES.copy()
            array[row, 5] = value
            yield "value.npz", packed(array=array)
            yield "value.csv", table(array)
    for shape in ((0, 62), (62,), (SAMPLES, 0), (SAMPLES - 1, 62), (62, SAMPLES), (SAMPLES, 62, 1)):
        yield "shape.npz", packed(array=np.full(shape, 1 / 62))
    for name in (
        "../up.npy",
        "/tmp/up.npy",
        "a/b.npy",
        "..\\up.npy",
        "probabilities.pkl",
        "a b.npy",
    ):
        yield "name.npz", packed(name)
    for header in ("0,1,2", ",".join(CHARACTERS[:-1]) + ",a", "x" * 99999, "\x00", "é"):
        yield "header.csv", table(header=header)
    for content in (b"\x80\x04\x95.", b"cos\nsystem\n(S'true'\ntR."):
        yield "pickle.npz", packed(content=content)
        yield "pickle.npz", content
    yield "bomb.npz", packed(content=bytes(30_000_000))
    yield "net.keras", npz
    yield "net.pkl", b"cos\nsystem\n(S'true'\ntR."


def malformed_reports(whole):
    """(file in the folder, content) of a hundred.

    Args:
        whole: A good report's folder.
    """
    random = np.random.default_rng(1)
    text, npz = (whole / "report.json").read_bytes(), (whole / "predictions.npz").read_bytes()
    for cut in random.integers(0, len(text) - 3, 25):
        yield "report.json", text[:cut]
    for cut in random.integers(0, len(npz) - 1, 25):
        yield "predictions.npz", npz[:cut]
    content = json.loads(text)
    for key in ("metrics", "classes", "confusions", "model", "dataset", "schema_version"):
        for value in WRONG[:6]:
            yield "report.json", json.dumps({**content, key: value}).encode()
    for key in ("accuracy", "accuracy_ci95"):
        wrong = {**content, "metrics": {**content["metrics"], key: ["x"]}}
        yield "report.json", json.dumps(wrong).encode()
    for broken in (b"", b"[]", b"nil", b"\xff\xfe", b"[" * 100_000, b'{"schema_version": 99}'):
        yield "report.json", broken
    yield "report.json", text.replace(b'"accuracy": 1.0', b'"accuracy": NaN')
    for broken in (b"", b"text", packed("../up.npy"), packed(content=b"\x80\x04."), packed()):
        yield "predictions.npz", broken


def everything(folder: Path) -> set[str]:
    return {str(path) for path in folder.rglob("*")}


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    folder = tmp_path_factory.mktemp("whole") / "net"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(figures, "draw_figures", lambda *_: [])
        predictions = Predictions.from_probabilities(tuple(CHARACTERS), LABELS, PROBABILITIES)
        write_report(folder, predictions, {"name": "net"}, {"name": "byclass", "part": "test"})
    return folder


def test_there_are_two_hundred(whole):
    assert len(list(malformed_uploads())) + len(list(malformed_reports(whole))) >= 200


def test_every_malformed_upload_gets_a_line(tmp_path, monkeypatch):
    work = tmp_path / "work"
    work.mkdir()
    monkeypatch.chdir(work)
    for name, content in malformed_uploads():
        file = work / name
        file.write_bytes(content)
        before = everything(tmp_path)
        with pytest.raises(InputError) as caught:
            read_predictions(check_upload(str(file)), BYCLASS, LABELS, 20_000_000)
        assert "\n" not in str(caught.value), (name, content[:40])
        assert everything(tmp_path) == before
        file.unlink()


def test_every_malformed_report_gets_a_line_and_harms_no_other(whole, tmp_path):
    for place, content in malformed_reports(whole):
        reports = tmp_path / "reports"
        for name in ("good", "bad"):
            (reports / name).mkdir(parents=True, exist_ok=True)
            for file in ("report.json", "predictions.npz"):
                link = reports / name / file
                link.unlink(missing_ok=True)
                os.link(whole / file, link)
        (reports / "bad" / place).unlink()
        (reports / "bad" / place).write_bytes(content)
        with pytest.raises(InputError) as caught:
            Report.load(reports / "bad").predictions  # noqa: B018 — read when asked for.
        assert "\n" not in str(caught.value), content[:60]
        good, problems = list_reports(reports)
        assert "good" in [report.name for report in good]
        assert place == "predictions.npz" or list(problems) == ["bad"]
        assert ReportShelf(reports).find("good").predictions.correct.all()
