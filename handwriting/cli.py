"""The command line: `python -m handwriting {data,train,evaluate,compare,publish,read} …`."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

import numpy as np

from handwriting.alphabet import CHOICES
from handwriting.datasets.splits import SPLITS, data_directory
from handwriting.errors import InputError
from handwriting.ink import parse_drawing
from handwriting.line import Line, parse_line
from handwriting.reading import find_choice

UNUSABLE_INPUT = 2
INTERRUPTED = 130
"""Exit codes; the latter is what shells use for a command that Ctrl-C ended."""

PREDICTIONS = (".npz", ".csv", ".parquet")
"""Files that `evaluate` takes for predictions; `evaluation.sources` knows more, but is slow to
import."""

MAX_DRAWING_BYTES = 5_000_000
"""Limit of a drawing's file: far above the points that a drawing may have."""


def main(arguments: list[str] | None = None) -> None:
    """Run one command and exit: 0 on success, 2 for unusable input, told in one line."""
    options = _parser().parse_args(arguments)
    try:
        options.run(options)
    except InputError as error:
        print(f"handwriting {options.command}: {error}", file=sys.stderr)
        sys.exit(UNUSABLE_INPUT)
    except KeyboardInterrupt:
        print(f"handwriting {options.command}: interrupted", file=sys.stderr)
        sys.exit(INTERRUPTED)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("python -m handwriting", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    published = [name for name, split in SPLITS.items() if split.published]

    data = commands.add_parser(
        "data",
        help="fetch or check the data sets",
        description="Fetch what is missing of the data sets into $HANDWRITING_DATA (default: the "
        "user's cache directory), verified.",
    )
    data.add_argument("splits", nargs="*", metavar="SPLIT", help=f"{', '.join(published)}, all")
    data.add_argument("--check", action="store_true", help="fetch nothing, verify what is there")
    data.set_defaults(run=_data)

    train = commands.add_parser(
        "train",
        help="train a recipe",
        description="Train a recipe and write its weights, history and account.",
    )
    train.add_argument(
        "recipe",
        metavar="RECIPE",
        help="hand-words, ink, mnist, mnist-digits or mnist-digits-mended; or a part of them: "
        "ink-column, ink-pupil (its teachers are ink-brisk, ink-wide, ink-wide-held and "
        "ink-gentle), ink-path, mnist-column",
    )
    train.add_argument("--out", type=Path, help="folder to write to (default: runs/RECIPE)")
    train.add_argument("--resume", action="store_true", help="go on after the last whole epoch")
    train.add_argument("--epochs", type=_positive, help="instead of the recipe's")
    train.add_argument("--limit", type=_positive, help="samples of each data set, for a trial")
    train.add_argument("--seed", type=int, help="of weights and order, instead of the recipe's")
    train.add_argument(
        "--parts",
        type=Path,
        nargs="+",
        default=[],
        metavar="FILE",
        help=".keras files that ink or mnist is put together from, instead of being trained, or of "
        "ink-pupil's teachers",
    )
    train.set_defaults(run=_train)

    evaluate = commands.add_parser(
        "evaluate",
        help="evaluate a model, or predictions made elsewhere, on a test split",
        description="Write the report folder of a model or of predictions made elsewhere. "
        "Predictions are an .npz with probabilities or logits (n × classes, in the test split's "
        "order) or predicted, and classes where the columns' order is another than the data "
        "set's; or a .csv or .parquet with a column a class, named by its character, or "
        "predicted.",
    )
    evaluate.add_argument(
        "source",
        metavar="SOURCE",
        help="model file (.keras, .tflite, .onnx), the name of a shipped model, or a file of "
        "predictions: " + ", ".join(PREDICTIONS),
    )
    evaluate.add_argument(
        "--data",
        default="byclass",
        metavar="SPLIT",
        help=f"{', '.join(published)} or unipen; a folder of images named by class (A/1.png or "
        'A-1.png), also as folder:PATH; or a .jsonl file, {"label": "A", "strokes": …} a line',
    )
    evaluate.add_argument("--out", type=Path, required=True, help="folder of the report")
    evaluate.add_argument("--name", help="what the report calls it (default: its own name)")
    evaluate.add_argument(
        "--labels-of",
        type=Path,
        metavar="REPORT",
        help="a report of the data set to take its labels from, where its files are not at hand",
    )
    evaluate.add_argument(
        "--robustness", action="store_true", help="also read 1,000 images corrupted in 8 ways"
    )
    evaluate.set_defaults(run=_evaluate)

    compare = commands.add_parser(
        "compare",
        help="compare reports of the same data",
        description="Compare reports of the same data with the first of them: differences with "
        "intervals, McNemar's test, and which samples, classes and confusions changed.",
    )
    compare.add_argument("reports", type=Path, nargs="+", metavar="REPORT", help="report folders")
    compare.add_argument("--out", type=Path, help="folder for a page and compare.json")
    compare.set_defaults(run=_compare)

    publish = commands.add_parser(
        "publish",
        help="upload a report and its model to the Hugging Face Hub",
        description="Upload a report, its model card as the README, and the model to a model "
        "repository on the Hugging Face Hub, in one commit, with the login of `hf auth login`.",
    )
    publish.add_argument("report", type=Path, metavar="REPORT", help="report folder")
    publish.add_argument("repository", metavar="OWNER/NAME", help="made where there is none")
    publish.add_argument("--model", help="model file, or the name of a shipped model")
    publish.add_argument("--private", action="store_true", help="for a repository that is new")
    publish.set_defaults(run=_publish)

    read = commands.add_parser(
        "read",
        help="read a drawing or an image",
        description="Read one character or one line of them and print it.",
    )
    read.add_argument(
        "file", type=Path, metavar="FILE", help="drawing as JSON, or a PNG or JPEG image"
    )
    read.add_argument("--model", help=".keras file, or the name of a shipped model")
    read.add_argument("--alphabet", default="all", help=", ".join(CHOICES))
    read.add_argument("--json", action="store_true", help="print boxes and alternatives as well")
    read.set_defaults(run=_read)
    return parser


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number from 1 on")
    return int(text)


def _data(options: argparse.Namespace) -> None:
    from handwriting.datasets import download

    if not options.check:
        fetched = download.fetch(options.splits or ["all"], report=print)
        print(f"fetched {len(fetched)} files" if fetched else "nothing is missing")
        return
    findings = download.check(options.splits or ["all"])
    if not options.splits:
        # Nobody needs all the data sets, so what is not there is no fault unless asked for.
        findings = [finding for finding in findings if not finding.missing]
    for finding in findings:
        print(finding)
    if not findings:
        print(f"nothing to check in {data_directory()}")
    faults = sum(bool(finding.fault) for finding in findings)
    if faults:
        raise InputError(f"{faults} of {len(findings)} files are missing or damaged, see above")


def _train(options: argparse.Namespace) -> None:
    from handwriting.quiet import import_keras

    import_keras()
    from handwriting.training.assembly import assemble
    from handwriting.training.recipes import Assembly, find_recipe
    from handwriting.training.trainer import train

    recipe = find_recipe(options.recipe)
    out = options.out or Path("runs") / recipe.name
    if isinstance(recipe, Assembly):
        if options.resume or options.epochs or options.seed is not None:
            raise InputError(f"{recipe.name} is put together, not trained: give --parts alone")
        path = assemble(recipe, options.parts, out, options.limit)
    else:
        path = train(
            recipe,
            out,
            options.parts,
            resume=options.resume,
            epochs=options.epochs,
            limit=options.limit,
            seed=options.seed,
        )
    print(f"wrote {path}")


def _evaluate(options: argparse.Namespace) -> None:
    from handwriting.evaluator import evaluate

    report = evaluate(
        options.source,
        options.data,
        options.out,
        options.name,
        options.labels_of,
        options.robustness,
    )
    low, high = report.metrics.accuracy_ci95
    print(
        f"{report.metrics.accuracy:.2%} of {report.dataset['samples']:,} samples right "
        f"(95 % interval {low:.2%} to {high:.2%}); wrote {options.out}"
    )


def _compare(options: argparse.Namespace) -> None:
    from handwriting.evaluation.report import Report

    reports = [Report.load(folder.absolute()) for folder in options.reports]
    from handwriting.evaluation.compare import compare
    from handwriting.evaluation.compare_page import render_table, write_comparison

    comparison = compare(reports)
    print(render_table(comparison))
    if options.out:
        write_comparison(options.out, comparison, _find_images(reports[0]))
        print(f"\nwrote {options.out}")


def _find_images(report) -> np.ndarray | None:
    """The images that a report is about, None where they are not on this machine."""
    from handwriting.datasets.testset import load_test_set

    try:
        test = load_test_set(report.dataset["name"])
    except InputError as error:
        print(f"without pictures of the samples: {error}", file=sys.stderr)
        return None
    same = np.array_equal(test.labels, report.predictions.labels)
    return test.images if same else None


def _publish(options: argparse.Namespace) -> None:
    from handwriting.evaluation.report import Report
    from handwriting.publish import publish

    report = Report.load(options.report.absolute())
    print(f"wrote {publish(report, options.repository, options.model, options.private)}")


def _read(options: argparse.Namespace) -> None:
    find_choice(options.alphabet)
    is_drawing = options.file.suffix.lower() == ".json"
    if is_drawing:
        drawing, line = _load_drawing(options.file)
    else:
        from handwriting.scan import load_grey

        pixels = load_grey(options.file)

    from handwriting.recognizer import Recognizer

    recognizer = Recognizer.load(options.model)
    if is_drawing:
        reading = recognizer.read(drawing, options.alphabet, line)
    else:
        reading = recognizer.read_image(pixels, options.alphabet)
    if not reading.characters:
        ink = "no strokes" if is_drawing else "no ink that stands out"
        raise InputError(f"{options.file} has {ink}: nothing to read")
    print(json.dumps(reading.to_json()) if options.json else reading.text)


def _load_drawing(path: Path) -> tuple[list, Line | None]:
    """The strokes of a JSON file, and the line that they were written on.

    Raises:
        InputError: It cannot be read, or is no drawing.
    """
    try:
        with path.open("rb") as file:
            content = file.read(MAX_DRAWING_BYTES + 1)
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}") from None
    if len(content) > MAX_DRAWING_BYTES:
        raise InputError(f"{path} is larger than {MAX_DRAWING_BYTES // 1_000_000} MB: thin it out")
    try:
        value = json.loads(content)
    except (ValueError, RecursionError):  # The latter where brackets are nested without end.
        form = '{"strokes": [[[x, y], …], …]}'
        raise InputError(f"{path} is not JSON: a drawing is {form}") from None
    return parse_drawing(value), parse_line(value)
