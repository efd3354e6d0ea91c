"""Two reports of the same data: what changed, and whether it could be chance."""

import json
from types import SimpleNamespace

import numpy as np
import pytest
from statsmodels.stats.contingency_tables import mcnemar as statsmodels_mcnemar

from handwriting import cli
from handwriting.errors import InputError
from handwriting.evaluation import compare_page
from handwriting.evaluation.compare import compare, mcnemar_test, paired_interval
from handwriting.evaluation.compare_page import render_table, signed, tell_p, write_comparison
from handwriting.evaluation.metrics import score
from handwriting.evaluation.predictions import Predictions
from handwriting.evaluation.report import Report, write_report

DIGITS = tuple("0123456789")
LABELS = np.arange(300) % 10


def predict(seed, skill, labels=LABELS):
    """Predictions that are right more often the greater the skill."""
    probabilities = np.random.default_rng(seed).dirichlet(np.full(10, 0.3), len(labels))
    probabilities[np.arange(len(labels)), labels] += skill
    return Predictions.from_probabilities(DIGITS, labels, probabilities / (1 + skill))


def report(name, predictions, dataset=("mnist", "test")):
    """A report in memory, with the parts that a comparison looks at."""
    return SimpleNamespace(
        name=name,
        model={"name": name},
        dataset={"name": dataset[0], "part": dataset[1], "samples": len(predictions)},
        predictions=predictions,
        metrics=score(predictions),
        classes=predictions.classes,
        created="2026-11-22",
    )


@pytest.fixture(scope="module")
def weak():
    return report("weak", predict(0, 0.3))


@pytest.fixture(scope="module")
def strong():
    return report("strong $net$ <b>", predict(1, 0.8))


@pytest.fixture(scope="module")
def comparison(weak, strong):
    return compare([weak, strong])


@pytest.mark.parametrize(("lost", "won"), [(0, 0), (1, 9), (5, 5), (40, 3), (300, 250), (480, 520)])
def test_mcnemar_is_that_of_statsmodels_exact_for_few(lost, won):
    found = mcnemar_test(lost, won)
    assert found.method == "exact binomial"
    expected = statsmodels_mcnemar([[7, lost], [won, 9]], exact=True).pvalue if lost + won else 1.0
    assert found.p_value == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize(("lost", "won"), [(501, 500), (1000, 1100), (7940, 9321), (0, 5000)])
def test_mcnemar_is_that_of_statsmodels_with_continuity_for_many(lost, won):
    found = mcnemar_test(lost, won)
    assert found.method == "chi-squared with continuity correction"
    expected = statsmodels_mcnemar([[7, lost], [won, 9]], exact=False, correction=True).pvalue
    assert found.p_value == pytest.approx(expected, rel=1e-9)


def test_both_methods_agree_where_one_gives_way_to_the_other():
    exact = statsmodels_mcnemar([[0, 460], [541, 0]], exact=True).pvalue
    assert mcnemar_test(460, 541).p_value == pytest.approx(exact, rel=0.02)


def test_the_interval_of_a_difference_covers_it_as_often_as_it_says():
    """4,000 draws of 500 samples of which 8 % are won and 5 % lost."""
    draws = np.random.default_rng(0).multinomial(500, [0.05, 0.08, 0.87], 4000)
    intervals = [paired_interval(lost, won, 500) for lost, won, _ in draws]
    covered = np.mean([low <= 0.03 <= high for low, high in intervals])
    assert covered == pytest.approx(0.95, abs=0.012)


def test_the_interval_of_one_sample_is_no_more_than_can_be():
    low, high = paired_interval(0, 1, 1)
    assert -1 <= low < high <= 1


def test_counts_are_those_of_the_samples(weak, strong, comparison):
    (pair,) = comparison.pairs
    a, b = weak.predictions.correct, strong.predictions.correct
    assert pair.only_first == tuple(np.flatnonzero(a & ~b))
    assert pair.only_second == tuple(np.flatnonzero(b & ~a))
    assert (pair.mcnemar.only_first, pair.mcnemar.only_second) == (
        len(pair.only_first),
        len(pair.only_second),
    )
    assert pair.both_wrong == (~a & ~b).sum()
    alike = weak.predictions.predicted == strong.predictions.predicted
    assert pair.both_wrong_alike == (~a & ~b & alike).sum()
    assert sum(change.count for change in pair.corrections) == len(pair.only_second)
    assert sum(change.count for change in pair.new_errors) == len(pair.only_first)
    assert sum(change.corrected for change in pair.classes) == len(pair.only_second)
    first = pair.corrections[0]
    chosen = b & ~a & (weak.predictions.labels == int(first.true))
    assert first.count == (weak.predictions.predicted[chosen] == int(first.misread)).sum()


def test_differences_are_those_of_the_figures(weak, strong, comparison):
    figures = comparison.pairs[0].figures
    assert figures.keys() == {
        "accuracy", "balanced_accuracy", "macro_f1", "log_loss", "expected_calibration_error",
    }  # fmt: skip
    for name, found in figures.items():
        assert found.first == pytest.approx(getattr(weak.metrics, name), rel=1e-9)
        assert found.second == pytest.approx(getattr(strong.metrics, name), rel=1e-9)
        assert found.difference == pytest.approx(found.second - found.first, rel=1e-9)
        assert found.ci95[0] < found.difference < found.ci95[1]
    assert figures["accuracy"].ci95[0] > 0
    assert comparison.pairs[0].mcnemar.p_value < 1e-3


def test_the_same_twice_differs_in_nothing(weak):
    (pair,) = compare([weak, weak]).pairs
    assert pair.mcnemar.p_value == 1
    assert pair.figures["log_loss"].ci95 == (0, 0)
    low, high = pair.figures["accuracy"].ci95
    assert low < 0 < high
    assert compare([weak, weak]).names == ("weak 1", "weak 2")


def test_labels_alone_are_compared_by_what_they_tell(weak, strong):
    alone = Predictions.from_labels(DIGITS, LABELS, strong.predictions.predicted)
    found = compare([weak, report("alone", alone)])
    assert found.pairs[0].figures.keys() == {"accuracy", "balanced_accuracy", "macro_f1"}
    assert found.calibration[1] is None
    assert "Log loss" in render_table(found)


@pytest.mark.parametrize(
    ("other", "reason"),
    [
        (lambda: report("b", predict(1, 0.8), ("emnist-mnist", "test")), "one is of 300 samples"),
        (lambda: report("b", predict(1, 0.8), ("mnist", "train")), "mnist, train"),
        (lambda: report("b", predict(1, 0.8, LABELS[:200])), "the other of 200 samples"),
        (lambda: report("b", predict(1, 0.8, LABELS[::-1].copy())), "300 of their labels differ"),
        (
            lambda: report(
                "b",
                Predictions.from_labels(tuple("ABCDEFGHIJ"), LABELS, LABELS),
            ),
            "the classes of one are 0123456789, of the other A",
        ),
    ],
)
def test_reports_of_different_data_are_refused_with_the_reason(weak, other, reason):
    with pytest.raises(InputError, match=reason):
        compare([weak, other()])


def test_one_report_is_no_comparison(weak):
    with pytest.raises(InputError, match="two reports or more"):
        compare([weak])


def test_a_p_value_is_never_told_as_zero():
    assert tell_p(0.0) == "p < 1e-300"
    assert tell_p(0.0213) == "p = 0.0213"


def test_nothing_has_no_minus():
    told = [signed(value, 2) for value in (-0.0, -0.004, 0.004, -0.006, 1.0)]
    assert told == ["+0.00", "+0.00", "+0.00", "-0.01", "+1.00"]


def test_the_page_and_the_json_hold_it_all(comparison, tmp_path):
    images = np.random.default_rng(0).integers(0, 256, (300, 28, 28), dtype=np.uint8)
    write_comparison(tmp_path / "out", comparison, images)
    page = (tmp_path / "out" / "index.html").read_text()
    assert "strong $net$ &lt;b&gt; against weak" in page
    assert "<b>strong $net$ &lt;b&gt;</b> is right more often" in page
    assert page.count("data:image/svg+xml;base64,") == 8
    assert "http://" not in page
    assert "https://" not in page
    content = json.loads((tmp_path / "out" / "compare.json").read_text())
    pair = content["pairs"][0]
    assert tuple(pair["only_second"]) == comparison.pairs[0].only_second
    assert pair["mcnemar"]["p_value"] == comparison.pairs[0].mcnemar.p_value
    assert [entry["name"] for entry in content["reports"]] == ["weak", "strong $net$ <b>"]
    assert len(content["reports"][0]["calibration"]) == 15


def test_a_folder_of_a_report_is_not_replaced_by_a_comparison(comparison, tmp_path):
    (tmp_path / "report.json").write_text("{}")
    with pytest.raises(InputError, match=r"holds report\.json, which is not of a report"):
        write_comparison(tmp_path, comparison)


def test_the_command_prints_what_changed(capsys, tmp_path, monkeypatch, small_data):
    from handwriting.evaluation import figures

    monkeypatch.setattr(figures, "draw_figures", lambda *_, **__: [])
    monkeypatch.setattr(compare_page, "_draw", lambda *_: (None, [[], []]))
    for name, seed, skill in (("a", 0, 0.3), ("b", 1, 0.8), ("c", 2, 0.8)):
        dataset = {"name": "mnist", "part": "test"}
        write_report(tmp_path / name, predict(seed, skill), {"name": name}, dataset)
    folders = [str(tmp_path / name) for name in "abc"]
    cli.main(["compare", *folders, "--out", str(tmp_path / "out")])
    printed = capsys.readouterr().out
    assert "b less a, with 95 % interval" in printed
    assert "c less a, with 95 % interval" in printed
    assert "McNemar's test (exact binomial): p = " in printed
    accuracy = Report.load(tmp_path / "b").metrics.accuracy
    assert f"{100 * accuracy:.2f} %" in printed
    assert (tmp_path / "out" / "index.html").exists()
