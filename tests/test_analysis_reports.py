"""The Analysis tab on the committed reports: every cell, every fold, and a model of ten classes."""

from pathlib import Path

import numpy as np
import pytest
from sklearn.metrics import accuracy_score, confusion_matrix

from handwriting.alphabet import BYMERGE, CASE_INSENSITIVE
from handwriting.app.analysis import MOST_PAIRS, ReportDesk, answer
from handwriting.datasets import download
from handwriting.errors import InputError
from handwriting.evaluation.report import Report

REPORTS = Path(__file__).parent.parent / "reports"


@pytest.fixture
def desk(tmp_path, monkeypatch):
    """A desk of the committed reports on a machine without images or a network."""

    def unreachable(*_, **__):
        raise InputError("the network cannot be reached")

    monkeypatch.setenv("HANDWRITING_DATA", str(tmp_path))
    monkeypatch.setattr(download, "fetch", unreachable)
    return ReportDesk(REPORTS)


@pytest.mark.parametrize("name", ["ink", "mnist-digits"])
def test_every_cell_with_mistakes_has_as_many_tiles_as_scikit_learn_counts(desk, name):
    predictions = Report.load(REPORTS / name).predictions
    k = len(predictions.classes)
    expected = confusion_matrix(predictions.labels, predictions.predicted, labels=np.arange(k))
    np.fill_diagonal(expected, 0)
    found = np.zeros_like(expected)
    for i, j in np.argwhere(expected):
        cell = {"true": predictions.classes[i], "predicted": predictions.classes[j]}
        found[i, j] = desk.find_mistakes({"report": name, "count": 1, **cell})["total"]
    np.testing.assert_array_equal(found, expected)
    everything = desk.find_mistakes({"report": name, "count": 1})["total"]
    assert everything == found.sum() == (predictions.labels != predictions.predicted).sum()


@pytest.mark.parametrize("name", ["ink", "hand-words", "ink-pens"])
def test_folds_give_the_reports_accuracies_exactly(desk, name):
    metrics = Report.load(REPORTS / name).metrics
    predictions = Report.load(REPORTS / name).predictions
    shown = {m["name"]: m for m in desk.open_report({"report": name})["report"]["matrices"]}
    for fold, alphabet, reported in (
        ("62 classes", None, metrics.accuracy),
        ("ByMerge", BYMERGE, metrics.bymerge_accuracy),
        ("Any case", CASE_INSENSITIVE, metrics.case_insensitive_accuracy),
    ):
        counts = np.array(shown[fold]["counts"])
        assert np.trace(counts) / counts.sum() == reported
        groups = predictions.groups(alphabet) if alphabet else np.arange(62)
        own = accuracy_score(groups[predictions.labels], groups[predictions.predicted])
        assert np.trace(counts) / counts.sum() == own


def test_an_opened_class_shows_its_characters_and_leaves_the_rest_folded(desk):
    report = desk.open_report({"report": "ink"})["report"]
    whole, folded = report["matrices"][:2]
    opened = desk.open_classes({"report": "ink", "fold": "ByMerge", "apart": "CO"})["matrix"]
    assert len(opened["classes"]) == len(folded["classes"]) + 2
    place = {members: i for i, members in enumerate(opened["members"])}
    counts, exact = np.array(opened["counts"]), np.array(whole["counts"])
    c, small_c = (whole["classes"].index(character) for character in "Cc")
    assert counts[place["c"], place["C"]] == exact[small_c, c] > 0
    assert (
        counts[place["Ss"]].sum() == np.array(folded["counts"])[folded["classes"].index("S")].sum()
    )
    assert counts.sum() == exact.sum()
    for order in opened["orders"].values():
        assert sorted(order) == list(range(len(opened["classes"])))
    look_alikes = [opened["classes"][i] for i in opened["orders"]["similarity"]]
    assert abs(look_alikes.index("C") - look_alikes.index("c")) == 1


def test_every_class_opened_is_the_whole_matrix(desk):
    whole = desk.open_report({"report": "ink"})["report"]["matrices"][0]
    opened = desk.open_classes({"report": "ink", "fold": "Kinds", "apart": "0Aa"})["matrix"]
    assert opened["classes"] == whole["classes"]
    assert opened["counts"] == whole["counts"]


@pytest.mark.parametrize("odd", [{"fold": "62 classes"}, {"fold": "x"}, {"fold": 3}, {"apart": []}])
def test_odd_folds_get_a_sentence(desk, odd):
    question = {"report": "ink", "fold": "ByMerge", "apart": "C"} | odd
    assert set(answer(desk.open_classes, question)) == {"error"}


def test_the_costliest_pairs_cost_what_their_cells_count(desk):
    report = desk.open_report({"report": "ink"})["report"]
    pairs = report["pairs"]["shown"]
    assert len(pairs) == MOST_PAIRS < report["pairs"]["total"]
    costs = [pair["cost"] for pair in pairs]
    assert costs == sorted(costs, reverse=True)
    for pair in pairs[:3]:
        both = pair["first"] + pair["second"]
        cell = {"report": "ink", "true": both, "predicted": both}
        total = desk.find_mistakes(cell)["total"]
        assert total == pair["first_as_second"] + pair["second_as_first"]
        assert pair["cost"] == total / report["samples"]
        assert pair["merged_accuracy"] == pytest.approx(report["accuracy"] + pair["cost"])


def test_earlier_figures_stand_only_beside_reports_on_the_same_test(desk):
    shown = {name: desk.open_report({"report": name})["report"]["earlier"] for name in
             ("ink", "mnist-digits", "ink-pens")}  # fmt: skip
    assert shown["ink"]["accuracy"] == "87.18 %"
    assert shown["mnist-digits"]["accuracy"] == "84.06 %"
    assert shown["ink-pens"] is None


def test_a_model_of_ten_classes_is_shown_as_well(desk):
    report = desk.open_report({"report": "mnist-digits"})["report"]
    assert [score["character"] for score in report["classes"]] == list("0123456789")
    (matrix,) = report["matrices"]
    assert np.trace(matrix["counts"]) / report["samples"] == report["accuracy"]
    assert report["pairs"]["total"] == len(report["pairs"]["shown"]) <= 45


def test_a_sample_that_is_not_there_gets_a_sentence(desk):
    for sample in (10_000, -1):
        found = answer(desk.show_sample, {"report": "mnist-digits", "sample": sample})
        assert found["error"].endswith(f"has no sample {sample:,}, only 0 to 9,999")


@pytest.mark.parametrize(("name", "explained"), [("ink", True), ("mnist-digits", False)])
def test_maps_are_offered_where_the_model_is_at_hand(desk, name, explained):
    assert desk.show_sample({"report": name, "sample": 0})["explained"] == explained


def test_a_map_without_the_image_or_the_model_gets_a_sentence(desk):
    found = answer(desk.explain_sample, {"report": "ink", "sample": 0})
    assert "needs the image" in found["error"]
