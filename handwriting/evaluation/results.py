"""What an evaluation finds: headline figures, a score a class, and the confusions.

Plain data, so that showing a report needs none of the libraries that made it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from handwriting.alphabet import BYCLASS, BYMERGE, CASE_INSENSITIVE, CHARACTERS, Alphabet

Interval = tuple[float, float]
"""Low and high end."""


def count_samples(dataset: dict[str, Any]) -> str:
    """What a report is about, in words: `10,000 samples of mnist, test part`.

    Args:
        dataset: As a report has it: `name`, `part` and `samples`.
    """
    part = dataset["part"]
    part = f"{part} part" if part == "test" else part
    return f"{dataset['samples']:,} samples of {dataset['name']}, {part}"


@dataclass(frozen=True)
class Metrics:
    """The headline figures of one evaluation; every `…_ci95` is a 95 % interval (low, high).

    Intervals are Wilson's for proportions and seeded bootstraps for the rest (`intervals.py`).
    What needs probabilities is None where only the predicted labels are known.

    Args:
        accuracy: Share of samples whose predicted class is the true one.
        top3_accuracy: Share whose true class is among the three most probable.
        bymerge_accuracy: Accuracy after replacing true and predicted class by their ByMerge
            class: `c` read as `C` is then right. Labels are folded, not probabilities.
        case_insensitive_accuracy: The same with every letter's two cases as one.
        balanced_accuracy: Mean of the accuracies of the classes that have samples.
        macro_f1: Mean F1 over the classes that occur, as truth or as answer.
        log_loss: Mean of −ln of the true class's probability, nats.
        expected_calibration_error: Mean gap between confidence and accuracy over
            15 bins, weighted by their size (Guo et al. 2017).
    """

    accuracy: float
    accuracy_ci95: Interval
    top3_accuracy: float | None
    top3_accuracy_ci95: Interval | None
    bymerge_accuracy: float
    bymerge_accuracy_ci95: Interval
    case_insensitive_accuracy: float
    case_insensitive_accuracy_ci95: Interval
    balanced_accuracy: float
    balanced_accuracy_ci95: Interval
    macro_f1: float
    macro_f1_ci95: Interval
    log_loss: float | None
    log_loss_ci95: Interval | None
    expected_calibration_error: float | None
    expected_calibration_error_ci95: Interval | None


@dataclass(frozen=True)
class Headline:
    """How pages show one of the figures.

    Args:
        name: The field of `Metrics`.
        title: For a reader.
        meaning: One line for those who want to know.
        is_share: Whether it reads best in percent.
    """

    name: str
    title: str
    meaning: str
    is_share: bool = True

    def show(self, value: float | None) -> str:
        """The figure as text, e.g. `87.18 %`."""
        if value is None:
            return "—"
        return f"{100 * value:.2f} %" if self.is_share else f"{value:.4f}"

    def show_interval(self, interval: Interval | None) -> str:
        """The interval as text, e.g. `86.99 – 87.37 %`, or why there is none."""
        if interval is None:
            return "needs probabilities"
        low, high = self.show(interval[0]), self.show(interval[1])
        return f"{low.removesuffix(' %')} – {high}"


HEADLINES = (
    Headline("accuracy", "Accuracy", "Samples whose predicted class is the true one."),
    Headline("top3_accuracy", "Top 3", "The true class is among the three most probable."),
    Headline("bymerge_accuracy", "ByMerge", "Letters whose two cases look alike count as one."),
    Headline("case_insensitive_accuracy", "Any case", "Upper and lower case count as one."),
    Headline("balanced_accuracy", "Balanced", "Mean accuracy of the classes, rare or common."),
    Headline("macro_f1", "Macro F1", "Mean over the classes of F1.", is_share=False),
    Headline("log_loss", "Log loss", "Mean −ln of the true class's probability.", is_share=False),
    Headline("expected_calibration_error", "Calibration error", "Gap of confidence to accuracy."),
)
"""The figures of `Metrics` in the order that pages show them."""


@dataclass(frozen=True)
class GroupScore:
    """How digits, upper case or lower case fare.

    Args:
        group: `digit`, `upper` or `lower`: the kind of the true class.
        support: Number of samples of that kind, at least 1.
        accuracy: Share of them that were read right.
        accuracy_ci95: Wilson's 95 % interval of it.
        kind_accuracy: Share of them that were read as some class of their own kind.
        kind_accuracy_ci95: Wilson's 95 % interval of it.
    """

    group: str
    support: int
    accuracy: float
    accuracy_ci95: Interval
    kind_accuracy: float
    kind_accuracy_ci95: Interval


@dataclass(frozen=True)
class TemperatureScaling:
    """What calibration becomes when all logits are divided by one number.

    Args:
        temperatures: What was found from either half of the samples and applied to the other;
            above 1 where the classifier is surer than it should be.
        log_loss: Of all samples after scaling, nats.
        expected_calibration_error: Of all samples after scaling.
    """

    temperatures: tuple[float, float]
    log_loss: float
    expected_calibration_error: float


@dataclass(frozen=True)
class CorruptionScore:
    """How many samples are read right under one corruption, by its strength.

    Args:
        name: What is done to the images.
        unit: Of the strengths.
        strengths: From weak to strong.
        right: For each strength how many of the samples are read right.
        accuracy_ci95: For each strength Wilson's 95 % interval of their share.
    """

    name: str
    unit: str
    strengths: tuple[float, ...]
    right: tuple[int, ...]
    accuracy_ci95: tuple[Interval, ...]


@dataclass(frozen=True)
class Robustness:
    """What remains of the accuracy when images are made harder.

    Args:
        samples: How many of the test set were taken, at random.
        seed: Of the choice and of the corruptions.
        right: How many of them are read right untouched.
        corruptions: One score each.
    """

    samples: int
    seed: int
    right: int
    corruptions: tuple[CorruptionScore, ...]


@dataclass(frozen=True)
class ClassScore:
    """How one class fares. What has no samples to be computed from is None.

    Args:
        character: The class.
        support: Number of samples whose true class it is.
        accuracy: Share of them that were read right (scikit-learn calls it recall).
        accuracy_ci95: Wilson's 95 % interval of it.
        precision: Share of right answers among the answers of this class.
        recall: The same number as `accuracy`, under the name that goes with `precision`.
        f1: Harmonic mean of precision and recall.
        most_confused_with: The class that its samples were taken for most often.
    """

    character: str
    support: int
    accuracy: float | None
    accuracy_ci95: Interval | None
    precision: float | None
    recall: float | None
    f1: float | None
    most_confused_with: str | None


@dataclass(frozen=True)
class CalibrationBin:
    """The samples of one of equal-width bins of confidence, (m / k, (m + 1) / k].

    Args:
        samples: How many there are.
        right: How many of them were read right.
        confidence: Their mean confidence, None where there are none.
        accuracy_ci95: Wilson's 95 % interval of the share that was read right.
    """

    samples: int
    right: int
    confidence: float | None
    accuracy_ci95: Interval | None


@dataclass(frozen=True)
class Trust:
    """How far a classifier's confidence tells right from wrong.

    Args:
        bins: Those of the expected calibration error, the least confident first.
        thresholds: Confidences, ascending from 0, below which it may refuse to answer.
        answered: At each threshold, how many samples are at least that confident.
        right: How many of these were read right.
        area_under_risk_coverage: Share of errors among the answered, averaged over how many are
            answered; 0 is perfect.
    """

    bins: tuple[CalibrationBin, ...]
    thresholds: tuple[float, ...]
    answered: tuple[int, ...]
    right: tuple[int, ...]
    area_under_risk_coverage: float

    def inconsistency(self, samples: int, right: int) -> str | None:
        """What contradicts the counts of all samples and of those read right, if anything does."""
        lengths = {len(self.thresholds), len(self.answered), len(self.right)}
        if lengths == {0} or len(lengths) > 1 or self.thresholds[0] != 0:
            return "trust needs a count of answers for each threshold from 0 on"
        if any(np.diff(self.thresholds) <= 0) or any(np.diff(self.answered) > 0):
            return "trust answers more at a higher threshold"
        if any(not 0 <= r <= n for r, n in zip(self.right, self.answered, strict=True)):
            return "trust counts more right answers than answers"
        binned = sum(b.samples for b in self.bins), sum(b.right for b in self.bins)
        if not (self.answered[0], self.right[0]) == binned == (samples, right):
            return "trust counts other samples than classes and confusions"
        return None


@dataclass(frozen=True)
class LabelIssues:
    """Misread samples whose label may be wrong, as the classifier's answers make one suspect.

    All together they are an upper bound: a classifier that is sure and wrong makes a good label
    suspect as well.

    Args:
        mislabelled: Indices of those whose label and answer look different and whose answer is
            sure, so that the label is probably wrong; the most suspect first.
        unsure: Of those whose label and answer look different, but whose answer is not sure.
        alike: Of those whose label and answer look alike, so that the shape does not tell which
            is right.
        lookalikes: The pairs of classes that look alike, as texts of two characters.
        accuracy_without_mislabelled: Accuracy over the samples that are not `mislabelled`.
        accuracy_without_suspects: Accuracy over those that are none of the three.
    """

    mislabelled: tuple[int, ...]
    unsure: tuple[int, ...]
    alike: tuple[int, ...]
    lookalikes: tuple[str, ...]
    accuracy_without_mislabelled: float
    accuracy_without_suspects: float

    @property
    def suspects(self) -> tuple[int, ...]:
        """Indices of all of them, those that are probably mislabelled first."""
        return self.mislabelled + self.unsure + self.alike

    def inconsistency(self, samples: int, mistakes: int, classes: tuple[str, ...]) -> str | None:
        """What contradicts the counts of samples and mistakes or the classes, if anything does."""
        different = set(self.suspects)
        if len(different) < len(self.suspects) or len(different) > min(mistakes, samples - 1):
            return "label_issues has more suspects than there are misread samples"
        if different and not 0 <= min(different) <= max(different) < samples:
            return "label_issues suspects samples that there are not"
        if any(len(pair) != 2 or not set(pair) <= set(classes) for pair in self.lookalikes):
            return "label_issues pairs characters that are not in classes"
        right = samples - mistakes
        without = right / (samples - len(self.mislabelled)), right / (samples - len(different))
        told = self.accuracy_without_mislabelled, self.accuracy_without_suspects
        if not np.allclose(told, without):
            return "label_issues has accuracies of other suspects"
        return None


@dataclass(frozen=True)
class Confusion:
    """How many samples of class `true` were read as class `predicted`."""

    true: str
    predicted: str
    count: int


FOLDS = (BYCLASS, BYMERGE, CASE_INSENSITIVE)
"""The alphabets of characters that confusions are counted by, the finest first."""


@dataclass(frozen=True, eq=False)
class ConfusionMatrix:
    """How many samples of each true class were read as each class.

    Args:
        classes: The k labels, in the order of both axes.
        members: For each class, the characters that are counted in it.
        counts: int64 (k, k), true classes are rows, predicted classes columns.
    """

    classes: tuple[str, ...]
    members: tuple[str, ...]
    counts: np.ndarray

    def fold(self, alphabet: Alphabet) -> ConfusionMatrix:
        """The matrix of a coarser alphabet, less its classes that have no members here."""
        groups = alphabet.class_of[[CHARACTERS.index(character) for character in self.classes]]
        occurring, position = np.unique(groups, return_inverse=True)
        counts = np.zeros((len(occurring),) * 2, np.int64)
        np.add.at(counts, (position[:, None], position[None, :]), self.counts)
        members = [""] * len(occurring)
        for i, characters in zip(position, self.members, strict=True):
            members[i] += characters
        return ConfusionMatrix(
            tuple(alphabet.classes[group] for group in occurring), tuple(members), counts
        )

    def order_by_mistakes(self) -> np.ndarray:
        """int64 (k,): the classes that take part in the most mistakes first, on either side."""
        right = 2 * self.counts.diagonal()
        mistakes = self.counts.sum(axis=0) + self.counts.sum(axis=1) - right
        return np.argsort(-mistakes, kind="stable")
