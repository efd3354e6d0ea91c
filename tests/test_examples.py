"""The examples run as they stand."""

import runpy
import sys
from pathlib import Path

from handwriting.evaluation.report import Report

EXAMPLE = Path(__file__).parent.parent / "examples" / "scikit_learn.py"


def test_a_scikit_learn_classifier_is_evaluated_and_compared(small_data, tmp_path, monkeypatch):
    """With five images of noise for each digit, which both read by chance."""
    monkeypatch.setattr(sys, "argv", [str(EXAMPLE), "--out", str(tmp_path)])
    runpy.run_path(str(EXAMPLE), run_name="__main__")
    report = Report.load(tmp_path / "pca-qda")
    assert report.dataset["samples"] == 50
    assert any("labels in the file are those of the test set" in note for note in report.notes)
    assert (tmp_path / "comparison" / "index.html").exists()
