"""A report as the card of a Hugging Face model repository."""

from __future__ import annotations

from typing import TYPE_CHECKING

from handwriting.evaluation.results import HEADLINES

if TYPE_CHECKING:
    from handwriting.evaluation.report import Report

TYPES = {"macro_f1": "f1"}
"""What the hub calls a figure, where that is not its own name."""


def render_model_card(report: Report, body: str) -> str:
    """Metadata with each headline figure as an `EvalResult`, then a text.

    Args:
        report: Whose model and figures.
        body: Markdown, the report's README.
    """
    from huggingface_hub import EvalResult, ModelCardData  # Takes a second.

    dataset = report.dataset
    results = [
        EvalResult(
            task_type="image-classification",
            dataset_type=dataset["name"],
            dataset_name=dataset["name"],
            dataset_split=dataset["part"],
            metric_type=TYPES.get(headline.name, headline.name),
            metric_name=headline.title,
            metric_value=getattr(report.metrics, headline.name),
            metric_args={"ci95": list(getattr(report.metrics, f"{headline.name}_ci95"))},
        )
        for headline in HEADLINES
        if getattr(report.metrics, headline.name) is not None
    ]
    data = ModelCardData(
        model_name=str(report.model["name"]),
        eval_results=results,
        pipeline_tag="image-classification",
        tags=["handwriting", "emnist"],
        metrics=sorted({result.metric_type for result in results}),
        **({"library_name": "keras"} if report.model.get("framework") == "Keras" else {}),
    )
    return f"---\n{data.to_yaml(line_break=chr(10)).strip()}\n---\n\n{body}"
