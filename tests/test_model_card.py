"""The card of a model repository: its metadata are the report's figures, as the hub reads them."""

import numpy as np
from huggingface_hub import ModelCard

from handwriting.evaluation import figures
from handwriting.evaluation.predictions import Predictions
from handwriting.evaluation.report import write_report

LABELS = np.arange(100) % 10
DATASET = {"name": "mnist", "part": "test"}


def write(folder, predictions, monkeypatch):
    monkeypatch.setattr(figures, "draw_figures", lambda *_: [])
    report = write_report(folder, predictions, {"name": "a: 'net' #1"}, DATASET)
    return report, ModelCard.load(folder / "model-card.md")


def test_the_card_holds_every_figure(tmp_path, monkeypatch):
    probabilities = np.random.default_rng(0).dirichlet(np.full(10, 0.3), 100)
    predictions = Predictions.from_probabilities(tuple("0123456789"), LABELS, probabilities)
    report, card = write(tmp_path / "net", predictions, monkeypatch)
    assert card.data.model_name == "a: 'net' #1"
    found = {result.metric_name: result for result in card.data.eval_results}
    assert len(found) == 8
    assert found["Accuracy"].metric_value == report.metrics.accuracy
    assert tuple(found["Accuracy"].metric_args["ci95"]) == report.metrics.accuracy_ci95
    assert found["Macro F1"].metric_type == "f1"
    assert found["Log loss"].dataset_split == "test"
    assert card.text.strip() == (tmp_path / "net" / "README.md").read_text().strip()


def test_what_is_not_known_is_not_on_the_card(tmp_path, monkeypatch):
    predictions = Predictions.from_labels(tuple("0123456789"), LABELS, LABELS)
    _, card = write(tmp_path / "net", predictions, monkeypatch)
    assert {result.metric_name for result in card.data.eval_results} == {
        "Accuracy", "ByMerge", "Any case", "Balanced", "Macro F1",
    }  # fmt: skip
