"""Which of a report's samples are probably mislabelled, for the Analysis tab."""

from __future__ import annotations

import numpy as np

from handwriting.evaluation.report import Report

KINDS = ("mislabelled", "unsure", "alike")
"""Of suspects, as `LabelIssues` calls them."""


def describe_labels(report: Report) -> dict | None:
    """How many labels are suspect and what that means for accuracy; None where it is unknown."""
    issues = report.label_issues
    if issues is None:
        return None
    return {
        "totals": {kind: len(getattr(issues, kind)) for kind in KINDS},
        "lookalikes": issues.lookalikes,
        "accuracy_without_mislabelled": issues.accuracy_without_mislabelled,
        "accuracy_without_suspects": issues.accuracy_without_suspects,
    }


def choose_suspects(report: Report, kind: str) -> np.ndarray:
    """bool (n,): which samples are suspects of a kind, of any kind where it is none of `KINDS`."""
    chosen = np.zeros(report.dataset["samples"], bool)
    issues = report.label_issues
    if issues is not None:
        chosen[list(getattr(issues, kind) if kind in KINDS else issues.suspects)] = True
    return chosen


def rank_labels(report: Report, samples: np.ndarray) -> np.ndarray:
    """Sort misread samples by how suspect their label is.

    The suspects come first in the order of `KINDS`, then those that nobody suspects; among these
    by the margin of the label, which is cleanlab's score of its quality.
    """
    predictions, issues = report.predictions, report.label_issues
    rank = np.full(len(predictions), len(predictions))
    if issues is not None:
        rank[list(issues.suspects)] = np.arange(len(issues.suspects))
    margin = predictions.label_probability - predictions.confidence
    return samples[np.lexsort((margin[samples], rank[samples]))]


def suspicion_of(report: Report, sample: int) -> str:
    """Which of `KINDS` a sample is, empty where nobody suspects its label."""
    issues = report.label_issues
    return "" if issues is None else next((k for k in KINDS if sample in getattr(issues, k)), "")
