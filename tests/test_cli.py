import json
import subprocess
import sys

import numpy as np
import pytest
from sklearn.metrics import accuracy_score

from handwriting import cli
from handwriting.app.analysis import ReportDesk
from handwriting.evaluation.report import Report


def run(capsys, *arguments):
    """Runs a command in this process: its exit code and what it printed to each stream."""
    code = 0
    try:
        cli.main(list(arguments))
    except SystemExit as exit_:
        code = exit_.code
    return code, *capsys.readouterr()


@pytest.mark.parametrize("command", ["data", "train", "evaluate", "compare", "publish"])
def test_every_command_explains_itself(capsys, command):
    code, out, _ = run(capsys, command, "--help")
    assert code == 0
    assert "usage: python -m handwriting " + command in out


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["data", "mnits"], "no data set is called 'mnits'"),
        (["data", "--check", "mnits"], "no data set is called 'mnits'"),
        (["train", "hand"], "no recipe is called 'hand'"),
        (["train", "hand-words", "--resume", "--out", "nowhere"], "nothing to resume"),
        (["evaluate", "nothing.keras", "--data", "mnist", "--out", "x"], "no model nothing.keras"),
        (["evaluate", "hand-words", "--data", "byclass-part", "--out", "x"], "no test part"),
        (
            ["evaluate", "hand-words", "--data", "bycalss", "--out", "x"],
            "no data set, folder or .jsonl file is called 'bycalss': choose one of byclass, ",
        ),
    ],
)
def test_unusable_input_is_one_line_and_exit_code_2(capsys, small_data, arguments, reason):
    code, out, err = run(capsys, *arguments)
    assert code == 2
    assert reason in err
    assert err.count("\n") == 1
    assert out == ""


@pytest.mark.parametrize("count", ["0", "-1", "many"])
def test_counts_are_positive(capsys, count):
    code, _, err = run(capsys, "train", "hand-words", "--epochs", count)
    assert code == 2
    assert f"argument --epochs: {count!r} is no whole number from 1 on" in err


def test_help_needs_no_tensorflow():
    code = "import sys; sys.modules['tensorflow'] = sys.modules['keras'] = None; "
    code += "from handwriting.cli import main; main(['evaluate', '--help'])"
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)


def test_evaluating_writes_a_report_whose_accuracy_is_that_of_its_predictions(
    capsys, small_data, tmp_path
):
    code, out, _ = run(
        capsys, "evaluate", "hand-words", "--data", "byclass", "--out", str(tmp_path / "report")
    )
    assert code == 0
    assert "samples right" in out
    report = json.loads((tmp_path / "report" / "report.json").read_text())
    with np.load(tmp_path / "report" / "predictions.npz", allow_pickle=False) as file:
        accuracy = accuracy_score(file["labels"], file["predicted"])
    assert report["metrics"]["accuracy"] == accuracy
    assert report["model"]["name"] == "hand-words"
    assert report["model"]["parameters"] == 229_630
    assert report["dataset"] == {"name": "byclass", "part": "test", "samples": 310}


def test_a_model_of_digits_is_not_evaluated_on_letters(capsys, small_data, tmp_path):
    run(capsys, "train", "mnist-digits", "--epochs", "1", "--limit", "40", "--out", str(tmp_path))
    model = str(tmp_path / "mnist-digits.keras")
    code, _, err = run(capsys, "evaluate", model, "--data", "byclass", "--out", "x")
    assert code == 2
    assert "tells 10 characters apart, not the 62 classes of byclass" in err
    code, out, _ = run(
        capsys, "evaluate", model, "--data", "mnist", "--out", str(tmp_path / "report")
    )
    assert code == 0
    assert "of 50 samples" in out


def write_predictions(path, labels, classes):
    """Probabilities that are right in all but every fifth sample."""
    probabilities = np.full((len(labels), classes), 0.5 / (classes - 1))
    answers = np.where(np.arange(len(labels)) % 5 == 0, (labels + 1) % classes, labels)
    probabilities[np.arange(len(labels)), answers] = 0.5
    np.savez(path, probabilities=probabilities)
    return path


WITHOUT_TENSORFLOW = """
import sys
sys.modules["tensorflow"] = sys.modules["keras"] = None
from handwriting.cli import main
main(sys.argv[1:])
"""


def test_predictions_made_elsewhere_need_no_tensorflow(small_data, tmp_path):
    path = write_predictions(tmp_path / "forest.npz", np.tile(np.arange(62), 5), 62)
    out = tmp_path / "report"
    arguments = ["evaluate", str(path), "--data", "byclass", "--out", str(out)]
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_TENSORFLOW, *arguments], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("80.00% of 310 samples right")
    report = json.loads((out / "report.json").read_text())
    assert report["model"]["name"] == "forest"
    assert report["metrics"]["accuracy"] == 0.8
    assert (out / "index.html").exists()
    assert (out / "figures" / "mistakes-dark.svg").exists()
    assert "tensorflow-cpu" not in report["environment"]


def test_answers_alone_give_a_report_that_says_what_is_absent(capsys, small_data, tmp_path):
    lines = ["predicted", *("0123456789" * 4), *("1123456789")]
    (tmp_path / "people.csv").write_text("\n".join(lines))
    arguments = "evaluate", str(tmp_path / "people.csv"), "--data", "mnist", "--name", "people"
    code, out, _ = run(capsys, *arguments, "--out", str(tmp_path / "report"))
    assert code == 0
    assert out.startswith("98.00% of 50 samples right")
    report = Report.load(tmp_path / "report")
    assert report.metrics.accuracy == 0.98
    assert report.metrics.log_loss is None
    assert report.metrics.top3_accuracy_ci95 is None
    assert report.metrics.balanced_accuracy_ci95 is not None
    assert not report.predictions.has_probabilities
    page = (report.folder / "index.html").read_text()
    assert page.count('"interval">needs probabilities<') == 3
    assert "Only the predicted labels are known" in page
    desk = ReportDesk(tmp_path)
    found = desk.find_mistakes({"report": "report", "least": 90, "count": 10})
    assert found["total"] == 1
    assert found["tiles"][0]["confidence"] is None
    assert desk.show_sample({"report": "report", "sample": 40})["guesses"] == []
    assert json.dumps(desk.open_report({"report": "report"}), allow_nan=False)
