"""Figures: axes in the order of the data, folded classes, captions that fit their images."""

import numpy as np
import pytest
from matplotlib.figure import Figure

from handwriting.alphabet import BYMERGE, CHARACTERS
from handwriting.evaluation.displays import (
    ClassAccuracyDisplay,
    ConfusionMatrixDisplay,
    MistakesDisplay,
    ReliabilityDisplay,
    RiskCoverageDisplay,
)
from handwriting.evaluation.metrics import score_classes
from handwriting.evaluation.predictions import Predictions
from handwriting.evaluation.results import ConfusionMatrix
from handwriting.evaluation.style import DARK, LIGHT, percent


def answers(true: str, predicted: str, confidence: float = 0.9) -> Predictions:
    """Predictions of all 62 classes: `true[i]` was read as `predicted[i]`."""
    labels = [CHARACTERS.index(c) for c in true]
    probabilities = np.full((len(true), 62), (1 - confidence) / 61)
    for row, character in enumerate(predicted):
        probabilities[row, CHARACTERS.index(character)] = confidence
    return Predictions.from_probabilities(tuple(CHARACTERS), labels, probabilities)


def of_two(counts) -> ConfusionMatrixDisplay:
    return ConfusionMatrixDisplay(ConfusionMatrix(("0", "1"), ("0", "1"), np.array(counts)))


def labels_by_position(axis) -> dict[float, str]:
    """Both sides of the figure have labels, and must agree."""
    labels = {}
    for position, tick in zip(axis.get_ticklocs(), axis.get_major_ticks(), strict=True):
        labels[round(position, 3)] = tick.label1.get_text()
        assert tick.label2.get_text() == tick.label1.get_text()
    return labels


def coloured_cells(ax) -> set[tuple[str, str]]:
    """What a reader takes from the figure: the row and column labels of each coloured cell."""
    rows, columns = labels_by_position(ax.yaxis), labels_by_position(ax.xaxis)
    shown = ~np.ma.getmaskarray(ax.collections[0].get_array()).reshape(len(rows), len(columns))
    return {(rows[i + 0.5], columns[j + 0.5]) for i, j in np.argwhere(shown)}


def test_axes_are_labelled_in_the_order_of_the_data():
    """Digits, upper, lower: one sample each of three pairs that other orders would mislabel."""
    ax = ConfusionMatrixDisplay.from_predictions(answers("9Aaz", "gaAZ")).plot(
        Figure().add_subplot()
    )
    assert "".join(labels_by_position(ax.xaxis).values()) == CHARACTERS
    assert "".join(labels_by_position(ax.yaxis).values()) == CHARACTERS
    assert coloured_cells(ax) == {("9", "g"), ("A", "a"), ("a", "A"), ("z", "Z")}
    assert ax.yaxis_inverted(), "the first row is drawn on top"


def test_merged_matrix_has_bymerges_classes():
    display = ConfusionMatrixDisplay.from_predictions(answers("cCa", "CcA"), BYMERGE)
    assert display.matrix.classes == BYMERGE.classes
    ax = display.plot(Figure().add_subplot())
    assert coloured_cells(ax) == {("C", "C"), ("a", "A")}


def test_colours_are_logarithmic_shares_of_the_true_class():
    ax = of_two([[90, 10], [0, 1000]]).plot(Figure().add_subplot())
    shares = ax.collections[0].get_array().reshape(2, 2)
    np.testing.assert_allclose(shares.compressed(), [0.9, 0.1, 1.0])
    norm = ax.collections[0].norm
    assert norm(0.1) - norm(0.01) == pytest.approx(norm(1.0) - norm(0.1))


def test_few_classes_show_their_counts():
    ax = of_two([[90, 10], [0, 1234]]).plot(Figure().add_subplot())
    assert {text.get_text() for text in ax.texts} == {"90", "10", "1,234"}


def test_accuracy_chart_has_a_dot_for_each_class_that_has_samples():
    predictions = answers("00Ab", "01Ab")
    ax = ClassAccuracyDisplay(score_classes(predictions), 0.75).plot(Figure().add_subplot())
    labels = labels_by_position(ax.xaxis)
    dots = {labels[round(c[0].get_xdata()[0], 3)]: c[0].get_ydata()[0] for c in ax.containers}
    assert dots == {"0": 0.5, "A": 1.0, "b": 1.0}
    assert "".join(labels.values()) == CHARACTERS


def test_reliability_is_drawn_where_there_are_samples():
    ax = ReliabilityDisplay.from_predictions(answers("0123", "0124")).plot(Figure().add_subplot())
    (dots,) = ax.containers[1][0].get_xydata()
    np.testing.assert_allclose(dots, [0.9, 0.75], atol=1e-3)
    heights = [bar.get_height() for bar in ax.patches]
    assert heights == [0] * 13 + [1, 0], "0.9 lies in the 14th of 15 bins"


def test_risk_and_coverage_are_drawn_down_to_the_first_refusal():
    sure, unsure = answers("01", "01", 0.95), answers("23", "24", 0.6)
    both = Predictions(
        sure.classes,
        np.append(sure.labels, unsure.labels),
        np.append(sure.predicted, unsure.predicted),
        np.append(sure.kept, unsure.kept, axis=0),
    )
    ax = RiskCoverageDisplay.from_predictions(both).plot(Figure().add_subplot())
    curve = ax.lines[0].get_xydata()
    np.testing.assert_allclose(np.unique(curve, axis=0), [[0.5, 1], [1, 0.75]])
    assert [text.get_text() for text in ax.texts] == ["≥ 0.50", "≥ 0.80", "≥ 0.90"]


def test_mistakes_are_ranked_and_captioned():
    sure = answers("Oz", "02", confidence=0.99)
    unsure = answers("1A", "lA", confidence=0.5)
    both = Predictions.from_probabilities(
        tuple(CHARACTERS),
        np.concatenate([unsure.labels, sure.labels]),
        np.concatenate([unsure.probabilities, sure.probabilities]),
    )
    assert list(both.mistakes) == [2, 3, 0]
    images = np.arange(4, dtype=np.uint8)[:, None, None] * np.ones((28, 28), np.uint8)
    display = MistakesDisplay.from_predictions(both, images, most=2)
    assert display.captions == ("O → 0\n99.0 %", "z → 2\n99.0 %")
    ax = display.plot(Figure().add_subplot())
    assert [image.get_array()[0, 0] for image in ax.images] == [2, 3]
    assert [text.get_text() for text in ax.texts] == ["O → 0", "99.0 %", "z → 2", "99.0 %"]


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=lambda theme: theme.name)
def test_ink_stands_out_from_the_paper_in_both_themes(theme):
    display = MistakesDisplay(np.full((1, 28, 28), 255, np.uint8), ("caption",))
    with theme.context():
        figure = Figure()
        image = display.plot(figure.add_subplot(), theme).images[0]
    ink, paper = np.mean(image.cmap(1.0)[:3]), np.mean(image.cmap(0.0)[:3])
    background = np.mean(figure.get_facecolor()[:3])
    assert abs(ink - background) > 0.8
    assert abs(paper - background) < 0.2


def test_nothing_uncertain_is_called_certain():
    assert percent(0.99952) == "> 99.9 %"
    assert percent(1.0) == "100.0 %"
    assert percent(0.1234) == "12.3 %"
