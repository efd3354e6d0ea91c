"""Two or more reports of the same data → what changed, and whether it could be chance.

Every later report is compared with the first, sample by sample: the samples are the same, so what
both read alike says nothing, and only those that one of them alone reads right count.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from handwriting.errors import InputError
from handwriting.evaluation.intervals import CONFIDENCE, bootstrap_differences
from handwriting.evaluation.metrics import resampled_statistics
from handwriting.evaluation.predictions import Predictions
from handwriting.evaluation.report import Report
from handwriting.evaluation.results import CalibrationBin, Interval, count_samples
from handwriting.evaluation.trust import measure_trust

MOST_EXACT = 1000
"""Up to so many discordant samples McNemar's test is exact; above, the chi-squared distribution
with continuity correction tells the same to several digits."""


@dataclass(frozen=True)
class McNemar:
    """McNemar's test of whether two classifiers err equally often (McNemar 1947).

    Args:
        only_first: Samples that only the first one reads right.
        only_second: Samples that only the second one reads right.
        p_value: Of the two-sided test.
        method: `exact binomial`, or `chi-squared with continuity correction` (Edwards 1948).
    """

    only_first: int
    only_second: int
    p_value: float
    method: str


@dataclass(frozen=True)
class Difference:
    """A figure of both, the second less the first, and the 95 % interval of that."""

    first: float
    second: float
    difference: float
    ci95: Interval


@dataclass(frozen=True)
class ClassChange:
    """How one class fares in both.

    Args:
        character: The class.
        support: Number of samples whose true class it is, at least 1.
        accuracy: Share of them that were read right.
        corrected: Samples that only the second one reads right.
        broken: Samples that only the first one reads right.
    """

    character: str
    support: int
    accuracy: Difference
    corrected: int
    broken: int


@dataclass(frozen=True)
class Change:
    """Samples of class `true` that one reads right and the other as class `misread`."""

    true: str
    misread: str
    count: int


@dataclass(frozen=True)
class Pair:
    """A report compared with the first one.

    Args:
        name: The report's.
        mcnemar: Whether the two accuracies differ by more than chance.
        figures: By the name of a field of `Metrics`, those that are computed from both samples;
            without those that need probabilities where one has none.
        classes: The classes that have samples, in column order.
        corrections: What the first misread and this one reads right, most frequent first.
        new_errors: What the first reads right and this one misreads, likewise.
        only_first: Indices of the samples that only the first one reads right.
        only_second: Indices of those that only this one reads right.
        both_wrong: Number of samples that both misread, and how many of them alike.
        both_wrong_alike: Number of those that both misread as the same class.
    """

    name: str
    mcnemar: McNemar
    figures: dict[str, Difference]
    classes: tuple[ClassChange, ...]
    corrections: tuple[Change, ...]
    new_errors: tuple[Change, ...]
    only_first: tuple[int, ...]
    only_second: tuple[int, ...]
    both_wrong: int
    both_wrong_alike: int


@dataclass(frozen=True)
class Comparison:
    """Reports of the same data.

    Args:
        dataset: What all of them are about.
        reports: The reports, the first of them the one that the others are compared with.
        names: What each is called here, all different.
        pairs: One for each report but the first.
        calibration: For each report its bins of confidence, None where it has no probabilities.
    """

    dataset: dict
    reports: tuple[Report, ...]
    names: tuple[str, ...]
    pairs: tuple[Pair, ...]
    calibration: tuple[tuple[CalibrationBin, ...] | None, ...]


def compare(reports: Sequence[Report]) -> Comparison:
    """Compare reports with the first of them.

    Raises:
        InputError: There are fewer than two, they are not of the same samples, or a report's
            predictions cannot be read.
    """
    if len(reports) < 2:
        raise InputError("a comparison needs two reports or more")
    first, *others = reports
    names = _names(reports)
    for name, other in zip(names[1:], others, strict=True):
        _check_same_data(first, other, names[0], name)
    trusts = [measure_trust(report.predictions) for report in reports]
    return Comparison(
        dataset=first.dataset,
        reports=tuple(reports),
        names=names,
        pairs=tuple(
            _compare_pair(name, first.predictions, other.predictions)
            for name, other in zip(names[1:], others, strict=True)
        ),
        calibration=tuple(trust.bins if trust else None for trust in trusts),
    )


def _names(reports: Sequence[Report]) -> tuple[str, ...]:
    """The models' names where these differ, else the folders', else both with a number."""
    for names in (
        [str(report.model["name"]) for report in reports],
        [report.name for report in reports],
    ):
        if len(set(names)) == len(names):
            return tuple(names)
    return tuple(f"{name} {i + 1}" for i, name in enumerate(names))


def _check_same_data(first: Report, other: Report, name: str, other_name: str) -> None:
    """Raises InputError with the reason where two reports cannot be compared."""
    both = f"{name} and {other_name} cannot be compared: "
    for key in ("name", "part", "samples"):
        if first.dataset[key] != other.dataset[key]:
            one, another = (count_samples(report.dataset) for report in (first, other))
            raise InputError(f"{both}one is of {one}, the other of {another}")
    classes, other_classes = first.predictions.classes, other.predictions.classes
    if classes != other_classes:
        raise InputError(
            f"{both}the classes of one are {''.join(classes)}, of the other "
            f"{''.join(other_classes)}"
        )
    differing = np.flatnonzero(first.predictions.labels != other.predictions.labels)
    if len(differing):
        raise InputError(
            f"{both}{len(differing):,} of their labels differ, the first is that of sample "
            f"{differing[0]}: they are of other samples, or in another order"
        )


def _compare_pair(name: str, first: Predictions, second: Predictions) -> Pair:
    only_first = np.flatnonzero(first.correct & ~second.correct)
    only_second = np.flatnonzero(second.correct & ~first.correct)
    wrong = ~first.correct & ~second.correct
    return Pair(
        name=name,
        mcnemar=mcnemar_test(len(only_first), len(only_second)),
        figures=_differences(first, second),
        classes=tuple(_class_changes(first, second)),
        corrections=_count_changes(first, only_second),
        new_errors=_count_changes(second, only_first),
        only_first=tuple(only_first.tolist()),
        only_second=tuple(only_second.tolist()),
        both_wrong=int(wrong.sum()),
        both_wrong_alike=int((wrong & (first.predicted == second.predicted)).sum()),
    )


def mcnemar_test(only_first: int, only_second: int) -> McNemar:
    """Test whether as many samples are read right by one alone as by the other alone.

    Args:
        only_first: Samples that only the first one reads right.
        only_second: Samples that only the second one reads right.

    Example:
        >>> mcnemar_test(1, 9).p_value
        0.021484375
    """
    discordant = only_first + only_second
    if discordant <= MOST_EXACT:
        p = stats.binomtest(only_first, discordant).pvalue if discordant else 1.0
        return McNemar(only_first, only_second, float(p), "exact binomial")
    excess = max(abs(only_first - only_second) - 1, 0)
    p = stats.chi2.sf(excess**2 / discordant, df=1)
    method = "chi-squared with continuity correction"
    return McNemar(only_first, only_second, float(p), method)


def paired_interval(only_first: int, only_second: int, samples: int) -> Interval:
    """The 95 % interval of a difference of two accuracies over the same samples.

    Wald's interval after half a sample is added to each of the four cells (Agresti and Min,
    "Simple improved confidence intervals for comparing matched proportions", 2005).

    Args:
        only_first: Samples that only the first one reads right.
        only_second: Samples that only the second one reads right.
        samples: All of them, at least 1.
    """
    n, lost, won = samples + 2, only_first + 0.5, only_second + 0.5
    difference = (won - lost) / n
    quantile = float(stats.norm.ppf((1 + CONFIDENCE) / 2))
    reach = quantile * math.sqrt(((won + lost) / n - difference**2) / n)
    return max(difference - reach, -1.0), min(difference + reach, 1.0)


def _differences(first: Predictions, second: Predictions) -> dict[str, Difference]:
    n = len(first)
    lost = int((first.correct & ~second.correct).sum())
    won = int((second.correct & ~first.correct).sum())
    accuracies = float(first.correct.mean()), float(second.correct.mean())
    found = {
        "accuracy": Difference(*accuracies, (won - lost) / n, paired_interval(lost, won, n)),
    }
    names, measure_first = resampled_statistics(first)
    other_names, measure_second = resampled_statistics(second)
    common = min(len(names), len(other_names))  # Those that need probabilities come last.

    def measure(indices: np.ndarray) -> np.ndarray:
        return np.array([measure_first(indices)[:common], measure_second(indices)[:common]])

    intervals = bootstrap_differences(measure, n)
    for name, a, b, interval in zip(names, *measure(np.arange(n)), intervals, strict=False):
        found[name] = Difference(float(a), float(b), float(b - a), interval)
    return found


def _class_changes(first: Predictions, second: Predictions):
    for index, character in enumerate(first.classes):
        chosen = first.labels == index
        support = int(chosen.sum())
        if not support:
            continue
        a, b = first.correct[chosen], second.correct[chosen]
        broken, corrected = int((a & ~b).sum()), int((b & ~a).sum())
        accuracy = Difference(
            float(a.mean()),
            float(b.mean()),
            (corrected - broken) / support,
            paired_interval(broken, corrected, support),
        )
        yield ClassChange(character, support, accuracy, corrected, broken)


def _count_changes(wrong: Predictions, samples: np.ndarray) -> tuple[Change, ...]:
    """What the one that misreads these samples takes them for."""
    counts = Counter(
        zip(wrong.labels[samples].tolist(), wrong.predicted[samples].tolist(), strict=True)
    )
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return tuple(
        Change(wrong.classes[true], wrong.classes[misread], count)
        for (true, misread), count in ranked
    )
