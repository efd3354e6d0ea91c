"""Where the time of a full report goes: metrics, intervals, label issues, figures, pages.

    python benchmarks/full_report.py [--report reports/ink]

Writes the report of the given report's predictions anew, in a temporary folder. Inference is no
part of it; the images are, where they are on this machine. Wall-clock time is what counts on a
machine that does nothing else; processor time, of all threads, says as much on a busy one.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections import defaultdict
from pathlib import Path

from handwriting.datasets.testset import load_test_set
from handwriting.errors import InputError
from handwriting.evaluation import (
    calibration,
    figures,
    label_issues,
    metrics,
    model_card,
    page,
    predictions,
    similarity,
    trust,
)
from handwriting.evaluation.report import Report, write_report

PARTS = (
    ("metrics", metrics, "score"),
    ("metrics", metrics, "score_classes"),
    ("metrics", metrics, "score_groups"),
    ("metrics", metrics, "rank_confusions"),
    ("metrics", similarity, "order_by_similarity"),
    ("intervals", metrics, "bootstrap_intervals"),
    ("trust", trust, "measure_trust"),
    ("temperature", calibration, "scale_temperature"),
    ("label issues", label_issues, "find_label_issues"),
    ("figures", figures, "draw_figures"),
    ("pages", page, "render_page"),
    ("pages", page, "render_readme"),
    ("pages", model_card, "render_model_card"),
    ("predictions.npz", predictions.Predictions, "save"),
)
"""Which functions make up which part of a report; the intervals are called by the metrics."""


class Clock:
    """Wall-clock and processor seconds of parts of a program, each less the parts within it."""

    def __init__(self):
        self.spent = defaultdict(lambda: [0.0, 0.0])
        self._running: list[str] = []
        self._since = self._now()

    def watch(self, part: str, owner: object, name: str) -> None:
        """Count the time within a function, from now on."""
        function = getattr(owner, name)

        def timed(*args, **kwargs):
            self._switch()
            self._running.append(part)
            try:
                return function(*args, **kwargs)
            finally:
                self._switch()
                self._running.pop()

        setattr(owner, name, timed)

    def stop(self) -> None:
        """Count what has passed since the last change."""
        self._switch()

    def _switch(self) -> None:
        now = self._now()
        spent = self.spent[self._running[-1] if self._running else "the rest"]
        for i in range(2):
            spent[i] += now[i] - self._since[i]
        self._since = now

    @staticmethod
    def _now() -> tuple[float, float]:
        return time.perf_counter(), time.process_time()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--report", type=Path, default=Path("reports/ink"))
    given = Report.load(parser.parse_args().report.absolute())
    answers = predictions.Predictions.load(given.folder / "predictions.npz")
    try:
        images = load_test_set(given.dataset["name"]).images
    except InputError as error:
        print(f"without images: {error}")
        images = None

    clock = Clock()
    for part, owner, name in PARTS:
        clock.watch(part, owner, name)
    clock.stop()
    clock.spent.clear()
    with tempfile.TemporaryDirectory() as folder:
        write_report(Path(folder, "report"), answers, given.model, given.dataset, images)
    clock.stop()

    print(f"{len(answers):,} × {len(answers.classes)} probabilities")
    print(f"{'':18}{'wall s':>8}{'CPU s':>8}")
    for part, (wall, cpu) in sorted(clock.spent.items(), key=lambda item: -item[1][0]):
        print(f"{part:18}{wall:8.2f}{cpu:8.2f}")
    wall, cpu = (sum(times) for times in zip(*clock.spent.values(), strict=True))
    print(f"{'in all':18}{wall:8.2f}{cpu:8.2f}")


if __name__ == "__main__":
    main()
