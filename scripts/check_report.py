"""Compute every figure of a report anew, with scikit-learn and scipy and none of this project.

    python scripts/check_report.py reports/ink reports/ink-pens reports/mnist-digits

Only `predictions.npz` and `report.json` are read. Values are scikit-learn's own; the intervals
are Wilson's and the basic bootstrap's of scipy, with 1,000 resamples and seed 0, whose statistics
are first checked against scikit-learn's on two resamples. Exits with 1 if anything differs by more
than 1e-9.
"""

from __future__ import annotations

import argparse
import json
import string
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from scipy import stats
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax
from sklearn import metrics

TOLERANCE = 1e-9
BINS = 15
MERGED = "cijklmopsuvwxyz"
"""The lower case that EMNIST ByMerge counts as capitals (Cohen et al. 2017, section II)."""

GROUPS = {
    "digit": string.digits,
    "upper": string.ascii_uppercase,
    "lower": string.ascii_lowercase,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("reports", nargs="+", type=Path, metavar="REPORT")
    worst = 0.0
    for folder in parser.parse_args().reports:
        checked, largest, where = 0, 0.0, "none"
        for place, told, found in compare(folder):
            difference = distance(told, found)
            checked += 1
            if not difference <= TOLERANCE:
                print(f"{folder}: {place} is {told}, but {found} here")
            if difference > largest:
                largest, where = difference, place
        print(f"{folder}: {checked:,} figures, largest difference {largest:.1e} ({where})")
        worst = max(worst, largest)
    sys.exit(int(worst > TOLERANCE))


def distance(told: object, found: object) -> float:
    """How far two values lie apart: 0 for equals, infinity for what is no number."""
    if isinstance(told, list):
        if len(told) != len(found):
            return np.inf
        return max((distance(a, b) for a, b in zip(told, found, strict=True)), default=0.0)
    if isinstance(told, int | float) and isinstance(found, int | float | np.number):
        return abs(told - found)
    return 0.0 if told == found else np.inf


def compare(folder: Path) -> Iterator[tuple[str, object, object]]:
    """Each figure of a report by its place: as told, and as found here."""
    report = json.loads((folder / "report.json").read_text())
    with np.load(folder / "predictions.npz", allow_pickle=False) as file:
        classes = [str(c) for c in file["classes"]]
        y, answer = file["labels"].astype(int), file["predicted"].astype(int)
        p = file["probabilities"].astype(float) if "probabilities" in file.files else None
    if p is not None:
        p /= p.sum(axis=1, keepdims=True)
    found = figures(classes, y, answer, p)
    for name, value in report["metrics"].items():
        yield f"metrics.{name}", value, found.get(name)
    yield "dataset.samples", report["dataset"]["samples"], len(y)
    yield from compare_classes(report["classes"], classes, y, answer)
    pairs = Counter(zip(y[y != answer].tolist(), answer[y != answer].tolist(), strict=True))
    told = {(c["true"], c["predicted"]): c["count"] for c in report["confusions"]}
    yield "confusions", told, {(classes[i], classes[j]): n for (i, j), n in pairs.items()}
    counts = [c["count"] for c in report["confusions"]]
    yield "confusions, ranked", counts, sorted(counts, reverse=True)
    yield from compare_groups(report.get("groups", []), classes, y, answer)
    right = y == answer
    issues = report.get("label_issues")
    if issues:
        kinds = [issues[key] for key in ("mislabelled", "unsure", "alike") if key in issues]
        for name, left_out in (
            ("accuracy_without_mislabelled", issues["mislabelled"]),
            ("accuracy_without_suspects", [i for kind in kinds for i in kind]),
        ):
            rest = np.ones(len(y), bool)
            rest[left_out] = False
            yield (
                f"label_issues.{name}",
                issues[name],
                metrics.accuracy_score(y[rest], answer[rest]),
            )
    if p is not None:
        confidence = p[np.arange(len(y)), answer]
        if report.get("trust"):
            yield from compare_trust(report["trust"], confidence, right)
        if report.get("temperature_scaling"):
            yield from compare_scaling(report["temperature_scaling"], y, answer, p)


def figures(classes: list[str], y: np.ndarray, answer: np.ndarray, p: np.ndarray | None) -> dict:
    """The headline figures and their intervals."""
    n, k = len(y), len(classes)
    every = np.arange(k)
    merge = fold(classes, MERGED)
    caseless = fold(classes, string.ascii_lowercase)
    found = {
        "accuracy": metrics.accuracy_score(y, answer),
        "bymerge_accuracy": metrics.accuracy_score(merge[y], merge[answer]),
        "case_insensitive_accuracy": metrics.accuracy_score(caseless[y], caseless[answer]),
        "balanced_accuracy": metrics.recall_score(y, answer, labels=np.unique(y), average="macro"),
        "macro_f1": metrics.f1_score(y, answer, average="macro"),
    }
    if p is not None:
        found["top3_accuracy"] = metrics.top_k_accuracy_score(y, p, k=3, labels=every)
        found["log_loss"] = metrics.log_loss(y, p, labels=every)
        found["expected_calibration_error"] = calibration_error(
            p[np.arange(n), answer], y == answer
        )
    for name in ("accuracy", "top3_accuracy", "bymerge_accuracy", "case_insensitive_accuracy"):
        if name in found:
            found[f"{name}_ci95"] = wilson(round(found[name] * n), n)
    found |= bootstrap(y, answer, p, k)
    return found


def fold(classes: list[str], lower: str) -> np.ndarray:
    """For each class the one that it counts as when some lower case counts as capitals."""
    return np.array([c.upper() if c in lower else c for c in classes])


def calibration_error(confidence: np.ndarray, right: np.ndarray) -> float:
    edges = np.digitize(confidence, np.linspace(0, 1, BINS + 1)[1:-1], right=True)
    gaps = [
        (edges == b).mean() * abs(confidence[edges == b].mean() - right[edges == b].mean())
        for b in np.unique(edges)
    ]
    return float(sum(gaps))


def wilson(successes: int, trials: int) -> list[float]:
    z = stats.norm.ppf(0.975)
    share = successes / trials
    middle = (share + z**2 / (2 * trials)) / (1 + z**2 / trials)
    reach = z / (1 + z**2 / trials) * np.sqrt(share * (1 - share) / trials + z**2 / (4 * trials**2))
    low = 0.0 if successes == 0 else middle - reach
    high = 1.0 if successes == trials else middle + reach
    return [low, high]


def bootstrap(y: np.ndarray, answer: np.ndarray, p: np.ndarray | None, k: int) -> dict:
    """The intervals of the figures that are no proportions."""
    n, every = len(y), np.arange(k)
    if p is not None:
        loss = -np.log(p[np.arange(n), y])
        confidence = p[np.arange(n), answer]
        edges = np.digitize(confidence, np.linspace(0, 1, BINS + 1)[1:-1], right=True)

    def by_hand(chosen: np.ndarray) -> np.ndarray:
        true = np.bincount(y[chosen], minlength=k)
        told = np.bincount(answer[chosen], minlength=k)
        hits = np.bincount(y[chosen][y[chosen] == answer[chosen]], minlength=k)
        found = [
            (hits[true > 0] / true[true > 0]).mean(),
            (2 * hits / np.maximum(true + told, 1))[true + told > 0].mean(),
        ]
        if p is not None:
            gap = np.bincount(edges[chosen], confidence[chosen] - (y == answer)[chosen])
            found += [loss[chosen].mean(), np.abs(gap).sum() / n]
        return np.array(found)

    def by_sklearn(chosen: np.ndarray) -> np.ndarray:
        t, a = y[chosen], answer[chosen]
        found = [
            metrics.recall_score(t, a, labels=np.unique(t), average="macro"),
            metrics.f1_score(t, a, average="macro"),
        ]
        if p is not None:
            q = p[chosen]
            found += [
                metrics.log_loss(t, q, labels=every),
                calibration_error(q[np.arange(n), a], t == a),
            ]
        return np.array(found)

    random = np.random.default_rng(1)
    for _ in range(2):
        chosen = random.integers(n, size=n)
        np.testing.assert_allclose(by_hand(chosen), by_sklearn(chosen), rtol=0, atol=1e-11)
    interval = stats.bootstrap(
        (np.arange(n),), by_hand, n_resamples=1000, batch=1, vectorized=False,
        confidence_level=0.95, method="basic", rng=0,
    ).confidence_interval  # fmt: skip
    estimate = by_hand(np.arange(n))
    low = np.minimum(np.maximum(interval.low, 0), estimate)
    high = np.maximum(interval.high, estimate)
    names = ["balanced_accuracy", "macro_f1", "log_loss", "expected_calibration_error"]
    return {f"{name}_ci95": [a, b] for name, a, b in zip(names, low, high, strict=False)}


def compare_classes(told: list[dict], classes: list[str], y: np.ndarray, answer: np.ndarray):
    precision, recall, f1, support = metrics.precision_recall_fscore_support(
        y, answer, labels=np.arange(len(classes)), zero_division=np.nan
    )
    matrix = metrics.confusion_matrix(y, answer, labels=np.arange(len(classes)))
    for i, entry in enumerate(told):
        errors = matrix[i].copy()
        errors[i] = 0
        found = {
            "character": classes[i],
            "support": support[i],
            "accuracy": known(recall[i]),
            "accuracy_ci95": wilson(matrix[i, i], support[i]) if support[i] else None,
            "precision": known(precision[i]),
            "recall": known(recall[i]),
            "f1": known(f1[i]),
            "most_confused_with": classes[errors.argmax()] if errors.any() else None,
        }
        for key, value in entry.items():
            yield f"classes.{classes[i]}.{key}", value, found[key]


def known(value: float) -> float | None:
    return None if np.isnan(value) else float(value)


def compare_groups(told: list[dict], classes: list[str], y: np.ndarray, answer: np.ndarray):
    for entry in told:
        own = np.array([c in GROUPS[entry["group"]] for c in classes])
        chosen = own[y]
        right = int((y == answer)[chosen].sum())
        kind = int(own[answer[chosen]].sum())
        n = int(chosen.sum())
        found = {
            "group": entry["group"],
            "support": n,
            "accuracy": metrics.accuracy_score(y[chosen], answer[chosen]),
            "accuracy_ci95": wilson(right, n),
            "kind_accuracy": kind / n,
            "kind_accuracy_ci95": wilson(kind, n),
        }
        for key, value in entry.items():
            yield f"groups.{entry['group']}.{key}", value, found[key]


def compare_trust(told: dict, confidence: np.ndarray, right: np.ndarray):
    edges = np.digitize(confidence, np.linspace(0, 1, BINS + 1)[1:-1], right=True)
    for b, entry in enumerate(told["bins"]):
        inside = edges == b
        n = int(inside.sum())
        found = {
            "samples": n,
            "right": int(right[inside].sum()),
            "confidence": confidence[inside].mean() if n else None,
            "accuracy_ci95": wilson(int(right[inside].sum()), n) if n else None,
        }
        for key, value in entry.items():
            yield f"trust.bins.{b}.{key}", value, found[key]
    for i, threshold in enumerate(told["thresholds"]):
        sure = confidence >= threshold
        yield f"trust.answered.{threshold}", told["answered"][i], int(sure.sum())
        yield f"trust.right.{threshold}", told["right"][i], int(right[sure].sum())
    _, start = np.unique(-confidence, return_inverse=True)
    upto = np.bincount(start).cumsum()
    wrong = np.bincount(start, ~right).cumsum()
    area = (wrong / upto)[start].mean()
    yield "trust.area_under_risk_coverage", told["area_under_risk_coverage"], area


def compare_scaling(told: dict, y: np.ndarray, answer: np.ndarray, p: np.ndarray):
    order = np.random.default_rng(0).permutation(len(y))
    halves = order[: len(y) // 2], order[len(y) // 2 :]
    logits = np.log(p)

    def fit(half: np.ndarray) -> float:
        def loss(t: float) -> float:
            scaled = np.exp(log_softmax(logits[half] / np.exp(t), axis=1))
            return -np.log(scaled[np.arange(len(half)), y[half]]).mean()

        return np.exp(minimize_scalar(loss, bounds=np.log((0.05, 20)), options={"xatol": 1e-3}).x)

    # Where the search stops depends on the last digits; how good a temperature is does not.
    found = [fit(half) for half in halves]
    yield (
        "temperature_scaling.temperatures",
        [round(t, 2) for t in told["temperatures"]],
        [round(float(t), 2) for t in found],
    )
    q = np.empty_like(p)
    for half, temperature in zip(halves, told["temperatures"][::-1], strict=True):
        q[half] = np.exp(log_softmax(logits[half] / temperature, axis=1))
    loss = metrics.log_loss(y, q, labels=np.arange(p.shape[1]))
    yield "temperature_scaling.log_loss", told["log_loss"], loss
    error = calibration_error(q[np.arange(len(y)), answer], y == answer)
    yield "temperature_scaling.ece", told["expected_calibration_error"], error


if __name__ == "__main__":
    main()
