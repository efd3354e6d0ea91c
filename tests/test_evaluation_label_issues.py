"""Label issues: planted errors are found, and look-alikes are told from them."""

import dataclasses
import subprocess
import sys

import numpy as np
import pytest
from cleanlab.filter import find_label_issues as find_with_cleanlab
from cleanlab.rank import get_label_quality_scores

from handwriting.alphabet import CHARACTERS
from handwriting.evaluation.label_issues import find_label_issues, find_lookalikes
from handwriting.evaluation.predictions import Predictions

EACH = 20


def read(
    labels: np.ndarray,
    shown: np.ndarray,
    classes: str = "0123456789",
    sure: np.ndarray | None = None,
) -> Predictions:
    """A classifier that sees what each sample shows, surest where the label is another."""
    k, n = len(classes), len(labels)
    if sure is None:
        least = np.where(labels == shown, 0.86, 0.96)
        most = np.where(labels == shown, 0.96, 0.99)
        sure = np.random.default_rng(0).uniform(least, most)
    probabilities = np.repeat((1 - sure)[:, None] / (k - 1), k, axis=1)
    probabilities[np.arange(n), shown] = sure
    return Predictions.from_probabilities(tuple(classes), labels, probabilities)


def mislabel(classes: str, wrong: dict[int, str]) -> Predictions:
    """`EACH` samples of every class, of which some bear another class's label."""
    shown = np.repeat(np.arange(len(classes)), EACH)
    labels = shown.copy()
    for sample, label in wrong.items():
        labels[sample] = classes.index(label)
    return read(labels, shown, classes)


def test_planted_label_errors_are_found_and_nothing_else():
    planted = {3: "7", 25: "0", 61: "5", 110: "4", 199: "1"}
    issues = find_label_issues(mislabel("0123456789", planted))
    assert set(issues.suspects) == set(planted)


def test_suspects_are_ranked_as_cleanlab_scores_their_labels():
    given = mislabel("0123456789", {i: str((i // EACH + 3) % 10) for i in range(0, 200, 7)})
    suspects = np.array(find_label_issues(given).suspects)
    scores = get_label_quality_scores(
        given.labels, given.probabilities, method="normalized_margin"
    )[suspects]
    assert len(suspects) > 20
    np.testing.assert_array_equal(scores, np.sort(scores))
    found = find_with_cleanlab(given.labels, given.probabilities, n_jobs=1)
    assert set(suspects) == set(np.flatnonzero(found))


def test_leaving_suspects_out_raises_accuracy():
    given = mislabel("0123456789", {3: "7", 25: "0"})
    assert given.correct.mean() == 198 / 200
    assert find_label_issues(given).accuracy_without_suspects == 1


def doubt(pairs: list[str], classes: str = CHARACTERS) -> Predictions:
    """A classifier that gives 0.3 of its probability to the other of a pair."""
    k = len(classes)
    shares = np.full((k, k), 1e-4)
    np.fill_diagonal(shares, 1)
    for one, other in pairs:
        i, j = classes.index(one), classes.index(other)
        shares[i, j] = shares[j, i] = 0.3
    labels = np.repeat(np.arange(k), EACH)
    return Predictions.from_probabilities(
        tuple(classes), labels, (shares / shares.sum(axis=1, keepdims=True))[labels]
    )


def test_look_alikes_are_what_the_classifier_doubts_and_what_bymerge_merges():
    alike = find_lookalikes(doubt(["0O", "g9"]))
    pairs = {CHARACTERS[i] + CHARACTERS[j] for i, j in np.argwhere(np.triu(alike))}
    merged = {"Cc", "Ii", "Jj", "Kk", "Ll", "Mm", "Oo", "Pp", "Ss", "Uu", "Vv", "Ww", "Xx", "Yy"}
    assert pairs == merged | {"Zz", "0O", "9g"}
    np.testing.assert_array_equal(alike, alike.T)


def test_a_weak_classifier_does_not_find_everything_alike():
    shown = np.random.default_rng(1).integers(0, 10, 1000)
    weak = read(np.repeat(np.arange(10), 100), shown)
    assert weak.correct.mean() < 0.2
    assert not find_lookalikes(weak).any()


def test_a_single_wrong_label_makes_no_look_alikes_of_a_strong_classifier():
    shown = np.repeat(np.arange(10), 100)
    labels = shown.copy()
    labels[3] = 7
    strong = read(labels, shown, sure=np.full(len(labels), 0.999))
    assert not find_lookalikes(strong).any()
    assert find_label_issues(strong).mislabelled == (3,)


def test_labels_that_look_like_the_answer_are_kept_apart():
    """A capital labelled as small letter is nobody's fault, an `A` labelled `5` is somebody's."""
    classes = "05ACc"
    planted = {2 * EACH: "5", **{3 * EACH + i: "c" for i in range(4)}}
    given = mislabel(classes, planted)
    issues = find_label_issues(given)
    assert issues.lookalikes == ("Cc",)
    assert issues.mislabelled == (2 * EACH,)
    assert set(issues.alike) == set(planted) - {2 * EACH}
    n = len(given)
    assert issues.accuracy_without_suspects == 1
    assert issues.accuracy_without_mislabelled == (n - 5) / (n - 1)


def test_an_answer_that_is_not_sure_accuses_nobody():
    shown = np.repeat(np.arange(10), EACH)
    labels = shown.copy()
    labels[[3, 25]] = 7, 0
    sure = np.where(shown == 1, 0.7, 0.92)
    sure[[3, 25]] += 0.05
    issues = find_label_issues(read(labels, shown, sure=sure))
    assert (issues.mislabelled, issues.unsure) == ((3,), (25,))


def test_nor_does_one_that_is_sure_too_often():
    """Of its answers that are 95 % sure, a seventh is wrong."""
    shown = np.repeat(np.arange(10), EACH)
    labels = shown.copy()
    labels[::7] = (labels[::7] + 3) % 10
    issues = find_label_issues(read(labels, shown, sure=np.full(len(labels), 0.95)))
    assert issues.mislabelled == ()
    assert len(issues.unsure) > 20


def test_a_class_of_one_sample_and_a_class_of_none_are_no_trouble(recwarn):
    shown = np.array([0] * 10 + [1] * 10 + [2])
    labels = shown.copy()
    labels[4] = 1
    assert find_label_issues(read(labels, shown)).suspects == (4,)
    assert not recwarn.list


def test_a_test_set_of_a_single_class_has_no_suspects():
    labels = np.zeros(5, int)
    issues = find_label_issues(read(labels, np.array([0, 0, 0, 0, 1])))
    assert (issues.suspects, issues.accuracy_without_suspects) == ((), 4 / 5)


@pytest.mark.parametrize("seed", range(20))
def test_whatever_a_classifier_answers_some_samples_are_left(seed):
    rng = np.random.default_rng(seed)
    k, n = rng.integers(2, 12), rng.integers(2, 60)
    probabilities = rng.dirichlet(np.full(k, 0.1), n)
    given = Predictions.from_probabilities(
        tuple(CHARACTERS[:k]), rng.integers(0, k, n), probabilities
    )
    issues = find_label_issues(given)
    assert len(issues.suspects) < n
    assert set(issues.suspects) <= set(given.mistakes.tolist())
    assert issues.inconsistency(n, len(given.mistakes), given.classes) is None


def test_answers_without_probabilities_accuse_nobody():
    labels = np.array([0, 1, 1])
    assert find_label_issues(Predictions.from_labels(("0", "1"), labels, labels)) is None


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"alike": (3,)}, "more suspects"),
        ({"mislabelled": tuple(range(3))}, "more suspects"),
        ({"mislabelled": (3, 200)}, "that there are not"),
        ({"mislabelled": (-1,)}, "that there are not"),
        ({"mislabelled": (3,)}, "accuracies of other suspects"),
        ({"lookalikes": ("0?",)}, "not in classes"),
        ({"lookalikes": ("0",)}, "not in classes"),
    ],
)
def test_contradictions_are_found(change, message):
    given = mislabel("0123456789", {3: "7", 25: "0"})
    issues = find_label_issues(given)
    known = {"samples": 200, "mistakes": 2, "classes": given.classes}
    assert issues.inconsistency(**known) is None
    assert message in dataclasses.replace(issues, **change).inconsistency(**known)


def test_reading_a_report_imports_no_cleanlab():
    script = "import sys, handwriting.evaluation.report; sys.exit('cleanlab' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0
