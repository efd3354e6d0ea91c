"""The Evaluate tab: anybody's predictions → a report, and a comparison with one of ours."""

from __future__ import annotations

import html
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import gradio as gr

from handwriting.app.shelf import ReportShelf
from handwriting.app.upload import STEPS, Finished, check_name, check_upload, run
from handwriting.errors import InputError
from handwriting.evaluation.results import HEADLINES

INTRODUCTION = """\
## How good is your classifier?

Upload what it says about the EMNIST test split that a report here is about, in the split's
official order, and get the same report. Your model stays with you: only its predictions are sent,
nothing of them is executed, and they are deleted within the hour.
"""

HOW = """\
An `.npz` with `probabilities` or `logits`, an array of samples × classes, or with `predicted`, the
classes alone:

```python
import numpy as np

probabilities = model.predict(images)           # (116323, 62) for ByClass
np.savez_compressed("predictions.npz", probabilities=probabilities)
```

ByClass's classes are `0`–`9`, `A`–`Z`, `a`–`z`; where your columns have another order, add it as
`classes`, for example `classes=list("ABC…")`. A `.csv` or `.parquet` has a column a class, named by
its character, or one column `predicted`.
"""

ASK_THEME = 'files => [files, document.body.classList.contains("dark")]'
"""The app's theme may be another than the system's: a Space follows the visitor's account."""

WORKERS = 1
"""How many evaluations run at once; the rest wait in the queue."""


def add_evaluate_tab(shelf: ReportShelf) -> None:
    """Fill the open tab, and give the page its endpoint `/evaluate`.

    Args:
        shelf: The reports that predictions can be compared with.
    """

    def evaluate(
        file: str | None,
        name: str = "",
        against: str | None = None,
        progress: gr.Progress = gr.Progress(),  # noqa: B008 — how Gradio finds it.
    ) -> Iterator[tuple[str, list[str]]]:
        """Evaluate the predictions of a classifier and compare them with a report.

        Args:
            file: Probabilities, logits or classes, in the test set's order: .npz, .csv, .parquet.
            name: What the new report calls the classifier; by default the file's name.
            against: Name of the report to compare with; its data set is the one evaluated on.

        Returns:
            What was found, in words, and the pages of report and comparison, and both as a zip.
        """
        folder = Path(tempfile.mkdtemp(prefix="handwriting-"))
        try:
            upload = check_upload(file)
            report = shelf.find(against or "")
            for state in run(upload, check_name(name, upload), report, folder):
                if isinstance(state, Finished):
                    yield describe(state), _files(state, folder)
                else:
                    doing = f"{state.doing}, {state.seconds:.0f} s"
                    progress(state.step / STEPS, desc=doing)
        except InputError as error:
            # It stays until it is closed: whoever looks back after a minute has to find it.
            raise gr.Error(str(error), duration=None, print_exception=False) from None
        finally:
            # Also when the visitor has cancelled, or gone. Gradio keeps the upload, and a copy of
            # what was given out, for as long as `delete_cache` says.
            shutil.rmtree(folder, ignore_errors=True)

    listed = [(report.title, report.name) for report in shelf.list()[0]]
    gr.Markdown(INTRODUCTION)
    with gr.Row():
        with gr.Column(scale=2):
            file = gr.File(label="Predictions (.npz, .csv, .parquet)", height=160)
            with gr.Row():
                name = gr.Textbox(
                    "", label="Name", placeholder="of your classifier", max_length=40, min_width=220
                )
                against = gr.Dropdown(
                    listed,
                    value=listed[0][1] if listed else None,
                    label="Compare with",
                    min_width=220,
                )
            with gr.Row():
                start = gr.Button("Evaluate", variant="primary")
                cancel = gr.Button("Cancel", interactive=False)
        with gr.Column(scale=3):
            gr.Markdown(HOW)
    told = gr.Markdown(elem_id="told", label="What was found", min_height=140)
    files = gr.File(
        elem_id="made",
        label="The report and the comparison",
        visible=False,
        interactive=False,
        file_count="multiple",
    )
    pages = gr.HTML(elem_id="pages")
    dark = gr.Checkbox(visible=False)

    working = start.click(
        lambda: (
            gr.update(interactive=False),
            gr.update(interactive=True),
            "",
            gr.update(value=None, visible=False),
            "",
        ),
        None,
        [start, cancel, told, files, pages],
        api_visibility="private",
        queue=False,
    )
    running = working.then(
        evaluate,
        [file, name, against],
        [told, files],
        api_name="evaluate",
        concurrency_limit=WORKERS,
        show_progress="full",
        show_progress_on=told,
    )
    running.success(
        show_pages,
        [files, dark],
        [files, pages],
        js=ASK_THEME,
        api_visibility="private",
        queue=False,
    )
    idle = {
        "fn": lambda: (gr.update(interactive=True), gr.update(interactive=False)),
        "inputs": None,
        "outputs": [start, cancel],
        "api_visibility": "private",
        "queue": False,
    }
    # `then` does not run after an error.
    running.success(**idle)
    running.failure(**idle)
    cancel.click(**idle, cancels=[running])


def describe(finished: Finished) -> str:
    """What was found, as Markdown: the headline, then the comparison."""
    report = finished.report
    headline = HEADLINES[0]
    return (
        f"### {report.title}: {headline.show(report.metrics.accuracy)} right\n\n"
        f"95 % interval {headline.show_interval(report.metrics.accuracy_ci95)}.\n\n"
        f"```text\n{finished.told}\n```"
    )


def show_pages(files: list[str] | None, dark: bool) -> tuple[dict, str]:
    """The pages among the files, each in a frame that may do nothing but show it.

    By themselves, pages follow the system's theme; in a frame, that of the page around it.
    """
    frames = []
    for path in map(Path, files or ()):
        if path.suffix == ".html":
            page = path.read_text(encoding="utf-8")
            page = page.replace("(prefers-color-scheme: dark)", "all" if dark else "not all")
            page = page.replace('content="light dark"', f'content="{"dark" if dark else "light"}"')
            frames.append(
                f'<iframe title="{html.escape(path.stem)}" sandbox="allow-scripts" '
                f'srcdoc="{html.escape(page)}"></iframe>'
            )
    return gr.update(visible=True), "\n".join(frames)


def _files(finished: Finished, folder: Path) -> list[str]:
    """What is given out, under names that say what each is."""
    page = finished.page.rename(folder / "report.html")
    comparison = finished.comparison.rename(folder / "comparison.html")
    return [str(path) for path in (page, comparison, finished.archive)]
