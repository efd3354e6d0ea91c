import json
import subprocess
import sys

import numpy as np
import pytest
from sklearn.metrics import accuracy_score

from handwriting import cli


def run(capsys, *arguments):
    """Runs a command in this process: its exit code and what it printed to each stream."""
    code = 0
    try:
        cli.main(list(arguments))
    except SystemExit as exit_:
        code = exit_.code
    return code, *capsys.readouterr()


@pytest.mark.parametrize("command", ["data", "train", "evaluate"])
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
    assert "--epochs" in err


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
