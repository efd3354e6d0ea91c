"""Publishing: which files go up, under which names, and what a refusal says."""

import httpx2
import huggingface_hub
import numpy as np
import pytest
from huggingface_hub.errors import HFValidationError, LocalTokenNotFoundError

from handwriting import cli
from handwriting.evaluation import figures
from handwriting.evaluation.predictions import Predictions
from handwriting.evaluation.report import write_report

LABELS = np.arange(50) % 10


@pytest.fixture
def report(tmp_path, monkeypatch):
    monkeypatch.setattr(figures, "draw_figures", lambda *_: [])
    predictions = Predictions.from_labels(tuple("0123456789"), LABELS, LABELS)
    dataset = {"name": "mnist", "part": "test"}
    report = write_report(tmp_path / "net", predictions, {"name": "net"}, dataset)
    (report.folder / "figures" / "confusion-light.png").write_bytes(b"picture")
    return report


class Hub:
    """Stands for the Hub: keeps what it is given, or refuses it."""

    def __init__(self, error=None):
        self.error, self.files, self.private = error, {}, None

    def create_repo(self, repository, private, exist_ok):
        if self.error:
            raise self.error
        self.private = private
        return huggingface_hub.RepoUrl(f"https://huggingface.co/{repository}")

    def create_commit(self, repository, operations, commit_message):
        self.repository, self.message = repository, commit_message
        self.files = {o.path_in_repo: o.path_or_fileobj for o in operations}


def run(monkeypatch, hub, *arguments):
    monkeypatch.setattr(huggingface_hub, "HfApi", lambda: hub)
    cli.main(["publish", *map(str, arguments)])


def test_the_report_and_its_model_go_up_in_one_commit(report, capsys, monkeypatch):
    hub = Hub()
    run(monkeypatch, hub, report.folder, "me/net", "--model", "ink", "--private")
    assert hub.repository == "me/net"
    assert hub.private
    assert hub.files.keys() == {
        "README.md", "report.json", "predictions.npz", "index.html",
        "figures/confusion-light.png", "ink.keras", "ink.json", "ink-path.keras",
    }  # fmt: skip
    assert hub.files["README.md"] == str(report.folder / "model-card.md")
    assert "wrote https://huggingface.co/me/net" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (LocalTokenNotFoundError("no token"), "run `hf auth login`"),
        (HFValidationError("Repo id must be …"), "me/net is no name of a repository"),
        (httpx2.ConnectError("no network"), "the Hub cannot be reached: no network"),
    ],
)
def test_a_refusal_is_one_line(report, capsys, monkeypatch, error, reason):
    with pytest.raises(SystemExit, match="2"):
        run(monkeypatch, Hub(error), report.folder, "me/net")
    printed = capsys.readouterr().err
    assert reason in printed
    assert printed.count("\n") == 1


def test_what_is_missing_is_named(report, capsys, monkeypatch):
    with pytest.raises(SystemExit):
        run(monkeypatch, Hub(), report.folder, "me/net", "--model", "nothing.keras")
    assert "no model nothing.keras" in capsys.readouterr().err
    (report.folder / "model-card.md").unlink()
    with pytest.raises(SystemExit):
        run(monkeypatch, Hub(), report.folder, "me/net")
    assert "has no model-card.md" in capsys.readouterr().err
